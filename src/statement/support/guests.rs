//! The participants of a conversation other than its agent: MONITOR, JOIN, CONSULT, LEAVE.
//!
//! Invariant: a participant neither moves the conversation nor uses capacity; only its agent does.
//! The transcript records each arrival and departure.

use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::{ParticipantChange, Phase, Role};
use crate::domain::conversation::Conversation;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::value::Value;
use crate::language::suggest::nearest;
use crate::statement::{Decision, Request};
use crate::store::{Listing, Snapshot};

/// Returns the name of the agent or supervisor that the statement names, spelled as it was created.
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

/// Adds a participant in a role. Nothing changes if they already have it.
///
/// `what` completes the refusal of a conversation without an agent: it "cannot be" `what`.
pub fn admit(
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
    // A namesake of a dropped agent is somebody else.
    if request.snapshot.id_of_agent(name)? == Some(holder.id) {
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
    Ok(Decision::row(plan, &PARTICIPANTS, id))
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

/// Removes a participant, and records it in the transcript.
pub fn remove(
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

/// Removes a dropped person from every conversation.
///
/// Otherwise somebody who is created later under the same name would be a participant.
pub fn dropped(request: &Request<'_>, name: &str) -> Result<Vec<Change>, Error> {
    let mut plan = Vec::new();
    for (id, role) in request.snapshot.guest_in(name)? {
        if let Some(conversation) = request.snapshot.conversation(id)? {
            remove(request, &conversation, name, role, &mut plan);
        }
    }
    Ok(plan)
}

/// Adds to changes that whoever takes over a conversation is its guest no longer.
///
/// # Errors
/// Faults of the file.
pub fn with_departures(snapshot: &Snapshot<'_>, changes: Vec<Change>) -> Result<Vec<Change>, Error> {
    let mut whole = Vec::with_capacity(changes.len());
    for change in changes {
        let taken = match &change {
            Change::Transition(moved) if moved.to_agent != moved.from_agent => {
                moved.to_agent.as_ref().map(|agent| (moved.conversation, agent.name.clone(), moved.at))
            }
            _ => None,
        };
        whole.push(change);
        if let Some((id, name, at)) = taken
            && snapshot.role_in(id, &name)?.is_some()
        {
            let kind = ChangeKind::Participant(ParticipantChange::Left);
            whole.push(Change::item(kind, id, &*name, Value::Null, at));
        }
    }
    Ok(whole)
}

/// The participants of conversations, the assigned agent first.
pub static PARTICIPANTS: Listing = Listing {
    select: "SELECT conversation, name, role, since FROM participants",
    key: "conversation",
    order: "role <> 'primary', since_ms, name",
};
