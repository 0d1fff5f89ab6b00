//! The ways to an agent, and back to the queue: ASSIGN, TRANSFER, REVIVE, RELEASE; PICK has a page of its own.

use super::{Chapter, Decision, Handler, Request, StatementDef};

use crate::domain::change::{By, Change};
use crate::domain::closed_lists::{ActorKind, Event};
use crate::domain::config::Agent;
use crate::domain::conversation::{Conversation, Move};
use crate::domain::eligibility::{self, AssignmentKind};
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};

pub(super) const STATEMENTS: &[StatementDef] = &[
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "ASSIGN <conversation> TO (AGENT <agent> [OVERRIDE] | QUEUE <queue>)",
        summary: "Assigns a waiting conversation to an agent, or moves it to another queue. OVERRIDE ignores presence and capacity.",
        example: "ASSIGN 1 TO AGENT alice",
        right: Right::Supervise,
        handler: Handler::Write(assign),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "TRANSFER <conversation> TO (AGENT <agent> [OVERRIDE] | QUEUE <queue>)",
        summary: "Transfers a conversation to another agent, or back into a queue. OVERRIDE ignores presence and capacity.",
        example: "TRANSFER 2 TO AGENT alice",
        right: Right::Work,
        handler: Handler::Write(transfer),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "REVIVE <conversation> [BY <agent>]",
        summary: "Takes back a conversation that was set aside: for the agent who had it, or the one given with BY.",
        example: "REVIVE 3",
        right: Right::Work,
        handler: Handler::Write(revive),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "RELEASE (<conversation> | ALL OF <agent>)",
        summary: "Returns a conversation to its queue, or all of an agent's that can be returned.",
        example: "RELEASE ALL OF bob",
        right: Right::Work,
        handler: Handler::Write(release),
    },
];

/// An agent who is about to have a conversation.
pub(super) struct Assignee<'a> {
    agent: &'a Agent,
    overridden: bool,
}

impl<'a> Assignee<'a> {
    /// Under the guards of the way.
    pub fn new(agent: &'a Agent) -> Self {
        Assignee { agent, overridden: false }
    }

    fn from(request: &Request<'_>, agent: &'a Agent) -> Result<Self, Refusal> {
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
pub(super) fn by_agent(agent: &Agent) -> By {
    By { kind: ActorKind::Agent, name: Some(agent.named.name.clone()) }
}

/// The refusal of who speaks in a conversation that somebody else has, or nobody.
pub(super) fn not_with(conversation: &Conversation, agent: &Agent) -> Refusal {
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
pub(super) fn take(
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
    let mut step = Move::new(event, by, request.now).to_agent(taker.agent);
    step.overridden = taker.overridden;
    conversation
        .advance(step, plan)
        .map_err(|refusal| offer_override(refusal, conversation, way, taker.agent).at("agent"))?;
    Ok(())
}

fn check(
    request: &Request<'_>,
    conversation: &Conversation,
    way: AssignmentKind,
    taker: &Assignee<'_>,
) -> Result<(), Error> {
    let guards = way.guards(&conversation.workstream);
    let remembered =
        way == AssignmentKind::Revive && conversation.last_agent.as_ref() == Some(&taker.agent.named);
    if guards.member
        && !remembered
        && let Some(queue) = &conversation.queue
    {
        let member = request.snapshot.is_member(queue.id, taker.agent.named.id)?;
        eligibility::check_member(taker.agent, queue, member).map_err(|refusal| refusal.at("agent"))?;
    }
    if guards.presence && !taker.overridden {
        eligibility::check_presence(taker.agent, &conversation.workstream)
            .map_err(|refusal| refusal.at("agent"))?;
    }
    Ok(())
}

fn offer_override(
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
fn advise(conversation: &Conversation, event: Event, agent: &Agent) -> Refusal {
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
        None => super::ending::possible(refusal, conversation),
    }
}

/// What was given to an agent; it is said if he is not there.
fn given(agent: &Agent, plan: Vec<Change>) -> Decision {
    let mut decision = Decision::moves(plan);
    if !agent.connected {
        let name = &agent.named.name;
        decision.notes.push(format!(
            "{name} is disconnected; the conversations of {name} return to their queues after agent_timeout"
        ));
    }
    decision
}

fn assign(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    let mut plan = Vec::new();
    match request.queue()? {
        Some(queue) => to_queue(request, &mut conversation, Event::AssignQueue, &queue, &mut plan)?,
        None => {
            let agent = request.agent()?;
            let taker = Assignee::from(request, &agent)?;
            take(request, &mut conversation, Event::Assign, AssignmentKind::Assign, &taker, &mut plan)?;
            return Ok(given(&agent, plan));
        }
    }
    Ok(Decision::moves(plan))
}

fn to_queue(
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
    let step = Move::new(event, request.by(), request.now).to_queue(queue);
    conversation.advance(step, plan).map_err(|refusal| {
        match refusal.code {
            Code::NoEdge if conversation.may(other.0) => {
                refusal.hint(format!("{} {} TO QUEUE {}", other.1, conversation.id, queue.name))
            }
            _ => super::ending::possible(refusal, conversation),
        }
        .at(place)
    })?;
    Ok(())
}

fn transfer(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    request.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
    let mut plan = Vec::new();
    if let Some(queue) = request.queue()? {
        to_queue(request, &mut conversation, Event::TransferQueue, &queue, &mut plan)?;
        return Ok(Decision::moves(plan));
    }
    let agent = request.agent()?;
    let taker = Assignee::from(request, &agent)?;
    if conversation.agent.as_ref() == Some(&agent.named) || !conversation.may(Event::TransferAgent) {
        return Err(advise(&conversation, Event::TransferAgent, &agent).at("conversation").into());
    }
    check(request, &conversation, AssignmentKind::Transfer, &taker)?;
    take(request, &mut conversation, Event::TransferAgent, AssignmentKind::Transfer, &taker, &mut plan)?;
    if conversation.phase().waits() {
        // The lifecycle leads a transfer through the queue: the second half gives it to the agent.
        take(request, &mut conversation, Event::Assign, AssignmentKind::Transfer, &taker, &mut plan)?;
    }
    Ok(given(&agent, plan))
}

fn revive(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    let agent = match (request.arguments.name("agent"), &conversation.last_agent) {
        (Some(_), _) => request.agent()?,
        (None, Some(last)) if conversation.agent.is_some() || conversation.may(Event::Revive) => {
            let known = request.snapshot.agent(&last.name)?.filter(|agent| agent.named == *last);
            known.ok_or_else(|| {
                Refusal::new(Code::UnknownAgent, format!("{} was dropped", last.name))
                    .hint(format!("use REVIVE {} BY another agent", conversation.id))
                    .at("conversation")
            })?
        }
        (None, _) => {
            return Err(super::ending::possible(conversation.no_edge(Event::Revive), &conversation)
                .at("conversation")
                .into());
        }
    };
    let place = if request.arguments.name("agent").is_some() { "agent" } else { "conversation" };
    request.actor.must_be(&agent.named.name).map_err(|refusal| match place {
        "conversation" if request.actor.agent.is_some() => {
            refusal.hint(format!("REVIVE {} BY {}", conversation.id, request.actor.name)).at(place)
        }
        _ => refusal.at(place),
    })?;
    let mut plan = Vec::new();
    take(
        request,
        &mut conversation,
        Event::Revive,
        AssignmentKind::Revive,
        &Assignee::new(&agent),
        &mut plan,
    )?;
    Ok(Decision::moves(plan))
}

fn release(request: &Request<'_>) -> Result<Decision, Error> {
    let mut plan = Vec::new();
    if !request.has("ALL") {
        let mut conversation = request.conversation()?;
        request.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
        super::ending::step(request, &mut conversation, Event::Release, request.by(), &mut plan)?;
        return Ok(Decision::moves(plan));
    }
    let agent = request.agent()?;
    request.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?;
    let mut left = Vec::new();
    for id in request.snapshot.held_by(agent.named.id)? {
        let Some(mut conversation) = request.snapshot.conversation(id)? else { continue };
        if conversation.may(Event::Release) {
            super::ending::step(request, &mut conversation, Event::Release, request.by(), &mut plan)?;
        } else {
            left.push(format!("{id} ({})", conversation.state_name()));
        }
    }
    if plan.is_empty() {
        return Err(nothing_to_release(&agent.named.name, &left).at("agent").into());
    }
    let mut decision = Decision::moves(plan);
    if !left.is_empty() {
        decision.notes.push(format!(
            "{} keeps {}: it cannot be released in this state",
            agent.named.name,
            left.join(", ")
        ));
    }
    Ok(decision)
}

fn nothing_to_release(agent: &str, left: &[String]) -> Refusal {
    if left.is_empty() {
        return Refusal::new(Code::NoEdge, format!("{agent} has no conversation that could be released"))
            .hint(format!("SHOW ONGOING AGENT {agent} lists the agent's conversations"));
    }
    Refusal::new(
        Code::NoEdge,
        format!("{agent} keeps {}: they cannot be released in their state", left.join(", ")),
    )
    .hint("use END, CLOSE or FORCE CLOSE on each")
}
