//! Who else is in a conversation: MONITOR, JOIN, CONSULT, LEAVE.
//!
//! Invariant: guests move nothing and cost nothing; only the agent who has a conversation counts for its state and for
//! capacity. The transcript tells of each coming and going, so that nobody is there unsaid.

use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::{ParticipantChange, Phase, Role};
use crate::domain::conversation::Conversation;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::value::Value;
use crate::language::suggest::nearest;
use crate::statement::{Decision, Request};
use crate::store::Listing;

/// The agent or supervisor that the statement names, as the name was written when it was made.
pub fn person(request: &Request<'_>) -> Result<String, Error> {
    let name = request.name("name");
    if let Some(agent) = request.snapshot.agent(name)? {
        return Ok(agent.named.name.to_string());
    }
    if let Some(supervisor) = request.snapshot.supervisor(name)? {
        return Ok(supervisor.name.to_string());
    }
    let names = request.snapshot.names("person")?;
    let refusal =
        Refusal::new(Code::UnknownAgent, format!("agent or supervisor {name} does not exist")).at("name");
    Err(match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => refusal.hint(format!("did you mean {near}?")),
        None => refusal.hint("SHOW AGENTS and SHOW SUPERVISORS list them"),
    }
    .into())
}

/// Somebody comes in, in that role; nothing changes where he is in it already.
pub fn come(
    request: &Request<'_>,
    conversation: &Conversation,
    name: &str,
    role: Role,
    what: &str,
) -> Result<Decision, Error> {
    let id = conversation.id;
    if conversation.phase() == Phase::Closed {
        return Err(Refusal::new(
            Code::FinalState,
            format!("conversation {id} is {} and has no participants", conversation.state_name()),
        )
        .hint(format!("SHOW TRANSCRIPT {id} shows what was said"))
        .at("conversation")
        .into());
    }
    let parked = conversation.phase() == Phase::Parked;
    let holder = conversation.agent.as_ref().or(conversation.last_agent.as_ref().filter(|_| parked));
    let Some(holder) = holder else { return Err(nobody_there(conversation, what).into()) };
    if holder.name.eq_ignore_ascii_case(name) {
        let has = if parked { "had it last" } else { "has it" };
        return Err(Refusal::new(
            Code::NotAllowed,
            format!("{name} cannot monitor their own conversation {id}: {name} {has}"),
        )
        .hint("another agent or a supervisor can")
        .at(if request.arguments.name("name").is_some() { "name" } else { "agent" })
        .into());
    }
    let mut plan = Vec::new();
    if request.snapshot.role_in(id, name)? != Some(role) {
        let words = match role {
            Role::Monitor => format!("Monitoring by {name} has begun."),
            _ => format!("{name} has joined the conversation."),
        };
        plan.push(request.item(ChangeKind::Participant(ParticipantChange::Joined), id, name, role.name()));
        conversation.tell(words, request.now, &mut plan);
    }
    Ok(Decision::row(plan, Listing::Participants, id))
}

pub fn nobody_there(conversation: &Conversation, what: &str) -> Refusal {
    let id = conversation.id;
    Refusal::new(
        Code::NotAllowed,
        format!("conversation {id} is {} without an agent and cannot be {what}", conversation.state_name()),
    )
    .hint(format!("SHOW ACTIONS {id} shows what can be done"))
    .at("conversation")
}

/// A guest goes, and the transcript says so.
pub fn go(
    request: &Request<'_>,
    conversation: &Conversation,
    name: &str,
    role: Role,
    plan: &mut Vec<Change>,
) {
    let words = match role {
        Role::Monitor => format!("Monitoring by {name} has ended."),
        _ => format!("{name} has left the conversation."),
    };
    plan.push(request.item(
        ChangeKind::Participant(ParticipantChange::Left),
        conversation.id,
        name,
        Value::Null,
    ));
    conversation.tell(words, request.now, plan);
}

/// Whoever is dropped leaves wherever he is a guest: somebody else of that name, made later, is not.
pub fn dropped(request: &Request<'_>, name: &str) -> Result<Vec<Change>, Error> {
    let mut plan = Vec::new();
    for (id, role) in request.snapshot.guest_in(name)? {
        if let Some(conversation) = request.snapshot.conversation(id)? {
            go(request, &conversation, name, role, &mut plan);
        }
    }
    Ok(plan)
}
