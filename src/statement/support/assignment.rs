//! Assigning a conversation to an agent, and returning it to a queue.
//!
//! Invariant: every statement that assigns a conversation goes through `take`, which checks the
//! guards before it makes the transition. This module deliberately does not know the order in which
//! conversations are served.

use crate::domain::change::{By, Change};
use crate::domain::closed_lists::{ActorKind, Event};
use crate::domain::config::Agent;
use crate::domain::conversation::{Attendance, Conversation, Move};
use crate::domain::eligibility::{self, AssignmentKind};
use crate::domain::refusal::{Code, Error, Refusal};
use crate::statement::{Decision, Request};

/// An agent to whom a conversation is about to be assigned.
pub struct Assignee<'a> {
    agent: &'a Agent,
    overridden: bool,
}

impl<'a> Assignee<'a> {
    /// Without OVERRIDE: every guard applies.
    pub fn new(agent: &'a Agent) -> Self {
        Assignee { agent, overridden: false }
    }

    pub fn from(request: &Request<'_>, agent: &'a Agent) -> Result<Self, Refusal> {
        let overridden = request.has("OVERRIDE");
        if overridden && !request.actor.supervises() {
            return Err(Refusal::new(Code::NotAllowed, "only supervisors may use OVERRIDE")
                .hint("remove OVERRIDE, or ask a supervisor")
                .at("OVERRIDE"));
        }
        Ok(Assignee { agent, overridden })
    }
}

/// Returns the agent as the author of a change.
pub fn by_agent(agent: &Agent) -> By {
    By { kind: ActorKind::Agent, name: Some(agent.named.name.clone()) }
}

/// Returns the refusal of an agent who writes in a conversation that is not assigned to them.
pub fn not_with(conversation: &Conversation, agent: &Agent) -> Refusal {
    let (id, name) = (conversation.id, &agent.named.name);
    let words = format!("conversation {id} is not assigned to {name}: it is {}", conversation.standing());
    let hint = if conversation.may(Event::Pick) {
        format!("PICK {id} BY {name} first")
    } else {
        format!("SHOW CONVERSATION {id}")
    };
    Refusal::new(Code::NotHolder, words).hint(hint).at("agent")
}

/// Checks the guards, then assigns the conversation to the agent.
///
/// # Errors
/// `no_edge`, `same_agent`; those of the guards.
pub fn take(
    request: &Request<'_>,
    conversation: &mut Conversation,
    event: Event,
    way: AssignmentKind,
    assignee: &Assignee<'_>,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    if !conversation.may(event) {
        return Err(advise(conversation, event, assignee.agent).at("conversation").into());
    }
    check(request, conversation, way, assignee)?;
    let by = match way {
        AssignmentKind::Pick | AssignmentKind::Accept | AssignmentKind::Revive => by_agent(assignee.agent),
        AssignmentKind::Assign | AssignmentKind::Transfer => request.by(),
    };
    let mut step = Move::new(event, by, request.now).with_agent(assignee.agent);
    step.overridden = assignee.overridden;
    step.acting = match way {
        AssignmentKind::Pick | AssignmentKind::Accept => true,
        AssignmentKind::Revive | AssignmentKind::Assign | AssignmentKind::Transfer => {
            request.arguments.name("agent").is_some() && way == AssignmentKind::Revive
                || request.actor.agent == Some(assignee.agent.named.id)
        }
    };
    conversation
        .advance(step, plan)
        .map_err(|refusal| offer_override(refusal, conversation, way, assignee.agent).at("agent"))?;
    Ok(())
}

pub fn check(
    request: &Request<'_>,
    conversation: &Conversation,
    way: AssignmentKind,
    assignee: &Assignee<'_>,
) -> Result<(), Error> {
    let required = way.eligibility(&conversation.workstream);
    let remembered =
        way == AssignmentKind::Revive && conversation.last_agent.as_ref() == Some(&assignee.agent.named);
    if required.member
        && !remembered
        && let Some(queue) = &conversation.queue
    {
        let member = request.snapshot.is_member(queue.id, assignee.agent.named.id)?;
        eligibility::check_member(assignee.agent, queue, member).map_err(|refusal| refusal.at("agent"))?;
    }
    if required.presence && !assignee.overridden {
        eligibility::check_presence(assignee.agent, &conversation.workstream)
            .map_err(|refusal| refusal.at("agent"))?;
    }
    Ok(())
}

pub fn offer_override(
    refusal: Refusal,
    conversation: &Conversation,
    way: AssignmentKind,
    agent: &Agent,
) -> Refusal {
    match (refusal.code, way) {
        (Code::AtCapacity, AssignmentKind::Assign) => refusal.hint(format!(
            "use ASSIGN {} TO AGENT {} OVERRIDE, or another agent",
            conversation.id, agent.named.name
        )),
        (Code::AtCapacity, AssignmentKind::Transfer) => refusal.hint(format!(
            "use TRANSFER {} TO AGENT {} OVERRIDE, or another agent",
            conversation.id, agent.named.name
        )),
        (Code::AtCapacity, _) => refusal.hint(format!(
            "use END or CLOSE on another conversation first, or ALTER AGENT {} SET capacity",
            agent.named.name
        )),
        _ => refusal,
    }
}

/// Returns the refusal of an assignment that has no edge.
///
/// The hint is the statement that would assign the conversation.
pub fn advise(conversation: &Conversation, event: Event, agent: &Agent) -> Refusal {
    let (id, name) = (conversation.id, &agent.named.name);
    if conversation.agent.as_ref() == Some(&agent.named) {
        return Refusal::new(Code::SameAgent, format!("{name} already has conversation {id}"));
    }
    let refusal = conversation.no_edge(event);
    let mut other = [
        (Event::TransferAgent, format!("TRANSFER {id} TO AGENT {name}")),
        (Event::Assign, format!("ASSIGN {id} TO AGENT {name}")),
        (Event::Revive, format!("REVIVE {id} BY {name}")),
    ];
    if event == Event::Pick {
        // An agent picks, so suggest first what agents may do themselves.
        other.reverse();
    }
    match other.into_iter().find(|(other, _)| *other != event && conversation.may(*other)) {
        Some((_, statement)) => refusal.hint(statement),
        None => crate::statement::support::moves::possible(refusal, conversation),
    }
}

/// Returns the decision of an assignment, with a note if the agent is not there.
pub fn given(request: &Request<'_>, agent: &Agent, plan: Vec<Change>) -> Decision {
    let mut decision = Decision::moves(plan);
    let is = match Attendance::of(agent.connected, agent.presence) {
        Attendance::There => return decision,
        Attendance::Offline => "offline",
        Attendance::Disconnected => "disconnected",
    };
    let name = &agent.named.name;
    decision.notes.push(match request.has("OVERRIDE") {
        true => format!("{name} is {is}; because of OVERRIDE, agent_timeout does not run"),
        false => format!("{name} is {is}; agent_timeout runs until {name} acts or reconnects"),
    });
    decision
}

pub fn to_queue(
    request: &Request<'_>,
    conversation: &mut Conversation,
    event: Event,
    queue: &crate::domain::config::Named,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    let place = if conversation.may(event) { "queue" } else { "conversation" };
    let other = if event == Event::AssignQueue {
        (Event::TransferQueue, "TRANSFER")
    } else {
        (Event::AssignQueue, "ASSIGN")
    };
    let step = Move::new(event, request.by(), request.now).with_queue(queue);
    conversation.advance(step, plan).map_err(|refusal| {
        match refusal.code {
            Code::NoEdge if conversation.may(other.0) => {
                refusal.hint(format!("{} {} TO QUEUE {}", other.1, conversation.id, queue.name))
            }
            _ => crate::statement::support::moves::possible(refusal, conversation),
        }
        .at(place)
    })?;
    Ok(())
}
