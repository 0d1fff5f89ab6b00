//! Who else is in a conversation: MONITOR, JOIN, CONSULT, LEAVE.
//!
//! Invariant: guests move nothing and cost nothing; only the agent who has a conversation counts for its state and for
//! capacity. The transcript tells of each coming and going, so that nobody is there unsaid.

use super::{Chapter, Decision, Handler, Request, StatementDef};
use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::{ParticipantChange, Phase, Role};
use crate::domain::conversation::Conversation;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::value::Value;
use crate::language::suggest::{nearest, write_name};
use crate::store::Listing;

pub(super) const STATEMENTS: &[StatementDef] = &[
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "MONITOR <conversation> BY <name:person>",
        summary: "Adds a monitor to a conversation that another agent has or had last; the transcript records it. SHOW TRANSCRIPT and FOLLOW show the conversation.",
        example: "MONITOR 5 BY maria",
        right: Right::Supervise,
        handler: Handler::Write(monitor),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "JOIN <conversation> BY <name:person>",
        summary: "Adds a participant who may write in the conversation beside its agent; the transcript records it.",
        example: "JOIN 5 BY maria",
        right: Right::Supervise,
        handler: Handler::Write(join),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "CONSULT <conversation> WITH <agent>",
        summary: "Asks another agent to join a conversation and write in it; it uses no capacity, and the transcript records it.",
        example: "CONSULT 5 WITH bob",
        right: Right::Work,
        handler: Handler::Write(consult),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "LEAVE <conversation> BY <name:person>",
        summary: "Removes a monitor, participant or consultant. The assigned agent leaves by TRANSFER or RELEASE.",
        example: "LEAVE 5 BY dana",
        right: Right::Work,
        handler: Handler::Write(leave),
    },
];

/// The agent or supervisor that the statement names, as the name was written when it was made.
fn person(request: &Request<'_>) -> Result<String, Error> {
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

fn monitor(request: &Request<'_>) -> Result<Decision, Error> {
    let (conversation, name) = (request.conversation()?, person(request)?);
    let mut decision = come(request, &conversation, &name, Role::Monitor, "monitored")?;
    if !decision.changes.is_empty() {
        let id = conversation.id;
        decision.notes.push(format!(
            "monitoring of {id} has started; FOLLOW {id} shows what happens, LEAVE {id} BY {} ends it",
            write_name(&name)
        ));
    }
    Ok(decision)
}

fn join(request: &Request<'_>) -> Result<Decision, Error> {
    let (conversation, name) = (request.conversation()?, person(request)?);
    come(request, &conversation, &name, Role::Consultant, "joined")
}

fn consult(request: &Request<'_>) -> Result<Decision, Error> {
    let conversation = request.conversation()?;
    request.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
    let agent = request.agent()?;
    if conversation.agent.as_ref() == Some(&agent.named) {
        let words = format!("{} already has conversation {}", agent.named.name, conversation.id);
        return Err(Refusal::new(Code::SameAgent, words).hint("consult another agent").at("agent").into());
    }
    if !conversation.phase().holds_agent() {
        return Err(nobody_there(&conversation, "consulted about").into());
    }
    come(request, &conversation, &agent.named.name, Role::Consultant, "consulted about")
}

/// Somebody comes in, in that role; nothing changes where he is in it already.
fn come(
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

fn nobody_there(conversation: &Conversation, what: &str) -> Refusal {
    let id = conversation.id;
    Refusal::new(
        Code::NotAllowed,
        format!("conversation {id} is {} without an agent and cannot be {what}", conversation.state_name()),
    )
    .hint(format!("SHOW ACTIONS {id} shows what can be done"))
    .at("conversation")
}

fn leave(request: &Request<'_>) -> Result<Decision, Error> {
    let (conversation, name) = (request.conversation()?, person(request)?);
    let id = conversation.id;
    request.actor.must_be(&name).map_err(|refusal| refusal.at("name"))?;
    let has_it = conversation.agent.as_ref().is_some_and(|agent| agent.name.eq_ignore_ascii_case(&name));
    let is_guest = !has_it && conversation.phase() != Phase::Closed;
    let role = request.snapshot.role_in(id, &name)?.filter(|_| is_guest);
    let Some(role) = role else {
        let refusal =
            Refusal::new(Code::NotParticipant, format!("{name} is not a guest of conversation {id}"))
                .at("name");
        return Err(match has_it {
            true => refusal.hint(format!("it is assigned to {name}: use TRANSFER {id} TO … or RELEASE {id}")),
            false => refusal.hint("SELECT * FROM participants shows who is where"),
        }
        .into());
    };
    let mut plan = Vec::new();
    go(request, &conversation, &name, role, &mut plan);
    Ok(Decision::row(plan, Listing::Participants, id))
}

/// A guest goes, and the transcript says so.
fn go(request: &Request<'_>, conversation: &Conversation, name: &str, role: Role, plan: &mut Vec<Change>) {
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
pub(super) fn dropped(request: &Request<'_>, name: &str) -> Result<Vec<Change>, Error> {
    let mut plan = Vec::new();
    for (id, role) in request.snapshot.guest_in(name)? {
        if let Some(conversation) = request.snapshot.conversation(id)? {
            go(request, &conversation, name, role, &mut plan);
        }
    }
    Ok(plan)
}
