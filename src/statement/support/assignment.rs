//! The ways to an agent, and back to the queue: ASSIGN, TRANSFER, REVIVE, RELEASE; PICK has a page of its own.

use crate::domain::change::{By, Change};
use crate::domain::closed_lists::{ActorKind, Event};
use crate::domain::config::Agent;
use crate::domain::conversation::{Conversation, Move};
use crate::domain::eligibility::{self, AssignmentKind};
use crate::domain::refusal::{Code, Error, Refusal};
use crate::statement::{Decision, Request};

/// An agent who is about to have a conversation.
pub struct Assignee<'a> {
    agent: &'a Agent,
    overridden: bool,
}

impl<'a> Assignee<'a> {
    /// Under the guards of the way.
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

/// That agent as the doer of a change.
pub fn by_agent(agent: &Agent) -> By {
    By { kind: ActorKind::Agent, name: Some(agent.named.name.clone()) }
}

/// The refusal of who speaks in a conversation that somebody else has, or nobody.
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

/// Looks at the guards of the way, then moves the conversation to the agent.
pub fn take(
    request: &Request<'_>,
    conversation: &mut Conversation,
    event: Event,
    way: AssignmentKind,
    taker: &Assignee<'_>,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    if !conversation.may(event) {
        return Err(advise(conversation, event, taker.agent).at("conversation").into());
    }
    check(request, conversation, way, taker)?;
    let by = match way {
        AssignmentKind::Pick | AssignmentKind::Accept | AssignmentKind::Revive => by_agent(taker.agent),
        AssignmentKind::Assign | AssignmentKind::Transfer => request.by(),
    };
    let mut step = Move::new(event, by, request.now).with_agent(taker.agent);
    step.overridden = taker.overridden;
    conversation
        .advance(step, plan)
        .map_err(|refusal| offer_override(refusal, conversation, way, taker.agent).at("agent"))?;
    Ok(())
}

pub fn check(
    request: &Request<'_>,
    conversation: &Conversation,
    way: AssignmentKind,
    taker: &Assignee<'_>,
) -> Result<(), Error> {
    let required = way.eligibility(&conversation.workstream);
    let remembered =
        way == AssignmentKind::Revive && conversation.last_agent.as_ref() == Some(&taker.agent.named);
    if required.member
        && !remembered
        && let Some(queue) = &conversation.queue
    {
        let member = request.snapshot.is_member(queue.id, taker.agent.named.id)?;
        eligibility::check_member(taker.agent, queue, member).map_err(|refusal| refusal.at("agent"))?;
    }
    if required.presence && !taker.overridden {
        eligibility::check_presence(taker.agent, &conversation.workstream)
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

/// The refusal of a move to an agent that has no edge, with the statement that would do what was meant.
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
        // What an agent may do himself comes first.
        other.reverse();
    }
    match other.into_iter().find(|(other, _)| *other != event && conversation.may(*other)) {
        Some((_, statement)) => refusal.hint(statement),
        None => crate::statement::support::moves::possible(refusal, conversation),
    }
}

/// What was given to an agent; it is said if he is not there.
pub fn given(agent: &Agent, plan: Vec<Change>) -> Decision {
    let mut decision = Decision::moves(plan);
    if !agent.connected {
        let name = &agent.named.name;
        decision.notes.push(format!(
            "{name} is disconnected; the conversations of {name} return to their queues after agent_timeout"
        ));
    }
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
