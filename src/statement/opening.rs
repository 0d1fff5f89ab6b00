//! OPEN: a conversation begins.

use super::care::{in_range, read_skills};
use super::sessions;
use super::taking::{self, Assignee};
use super::{Answer, Chapter, Decision, Handler, Request, StatementDef};
use crate::domain::change::{By, Change, Opening};
use crate::domain::closed_lists::Event;
use crate::domain::closed_lists::SessionStatus;
use crate::domain::config::Agent;
use crate::domain::conversation::{Conversation, Move};
use crate::domain::eligibility::AssignmentKind;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::sessions::Sessions;
use crate::domain::workstream::Workstream;
use crate::statement::request::{CitedKind, CitedText};
use std::sync::Arc;

pub(super) const STATEMENTS: &[StatementDef] = &[StatementDef {
    chapter: Chapter::Conversations,
    syntax: "OPEN ON <workstream> FOR <customer> [SUBJECT <subject:text>] [QUEUE <queue>] [PRIORITY <priority:integer>] [SKILLS <skills:plain>] [BY <agent>] [KEY <key:plain>]",
    summary: "Opens a conversation with a customer. BY: assigns it to that agent immediately. KEY: a retry returns the first result and changes nothing.",
    example: "OPEN ON webchat FOR 'dee@example.com' SUBJECT 'Where is my parcel?' PRIORITY 2",
    right: Right::Open,
    handler: Handler::Write(open),
}];

/// What OPEN may say beside the workstream and the customer.
#[derive(Default)]
pub(super) struct Wishes {
    /// The id of the subject's text.
    pub subject: Option<i64>,
    /// Another queue than the workstream's.
    pub queue: Option<crate::domain::config::Named>,
    /// Bigger first.
    pub priority: i64,
    /// What is asked of an agent.
    pub skills: Option<String>,
}

fn open(request: &Request<'_>) -> Result<Decision, Error> {
    let workstream = request.workstream()?;
    let wishes = Wishes {
        subject: request.text("subject"),
        queue: request.queue()?,
        priority: request.arguments.integer("priority").map_or(Ok(0), in_range)?,
        skills: request.arguments.text("skills").map(read_skills).transpose()?.flatten(),
    };
    let agent = request.arguments.name("agent").map(|_| request.agent()).transpose()?;
    if let Some(agent) = &agent {
        request.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?;
    }
    let customer = customer(request)?;
    if let Some(id) = joins(request, &workstream, customer)? {
        return join(request, id, &workstream, agent.as_ref());
    }
    let mut plan = Vec::new();
    begin(request, &workstream, customer, wishes, agent.as_ref(), &mut plan)?;
    Ok(Decision::moves(plan))
}

pub(super) fn customer<'a>(request: &'a Request<'_>) -> Result<&'a CitedText, Refusal> {
    request.customer().ok_or_else(|| Refusal::new(Code::UnknownCustomer, "a customer is required"))
}

/// The open conversation that the customer joins, where the lifecycle wants one per customer.
pub(super) fn joins(
    request: &Request<'_>,
    workstream: &Workstream,
    customer: &CitedText,
) -> Result<Option<i64>, Error> {
    if !workstream.lifecycle.options.one_per_customer || customer.kind == CitedKind::NewCustomer {
        return Ok(None);
    }
    Ok(request.snapshot.open_of(customer.id, workstream)?.first().copied())
}

fn join(
    request: &Request<'_>,
    id: i64,
    workstream: &Workstream,
    agent: Option<&Agent>,
) -> Result<Decision, Error> {
    let Some(mut conversation) = request.snapshot.conversation(id)? else {
        return Err(
            Refusal::new(Code::UnknownConversation, format!("conversation {id} does not exist")).into()
        );
    };
    let mut plan = Vec::new();
    sessions::connect(request, &mut conversation, workstream.channel, &mut plan)?;
    match agent {
        Some(agent) if conversation.may(Event::Pick) => {
            taking::take(
                request,
                &mut conversation,
                Event::Pick,
                AssignmentKind::Pick,
                &Assignee::new(agent),
                &mut plan,
            )?;
        }
        Some(agent) if conversation.agent.as_ref() != Some(&agent.named) => {
            return Err(taking::not_with(&conversation, agent).into());
        }
        _ => {}
    }
    // A key is kept with an entry, and an entry says something: that the customer is there.
    if plan.is_empty() && request.arguments.text("key").is_some() && workstream.channel.messaging() {
        let mut sessions = request.snapshot.sessions(id)?;
        conversation.set_session(
            &mut sessions,
            workstream.channel,
            SessionStatus::Connected,
            request.now,
            &mut plan,
        );
    }
    let mut decision = Decision::moves_or(plan, Answer::Sessions(id));
    decision.notes.push(format!("the customer already has conversation {id} and joins it"));
    Ok(decision)
}

/// The conversation that the customer comes back from: his last one, if it has ended or he had left it.
fn predecessor(
    request: &Request<'_>,
    workstream: &Workstream,
    customer: &CitedText,
) -> Result<Option<i64>, Error> {
    if customer.kind == CitedKind::NewCustomer {
        return Ok(None);
    }
    let last = request.snapshot.last_of(customer.id, workstream)?;
    let Some(last) = last.map(|id| request.snapshot.conversation(id)).transpose()?.flatten() else {
        return Ok(None);
    };
    let left = last.phase().is_over() || last.phase().winds_up();
    Ok(left.then_some(last.id))
}

/// Begins a conversation: its birth, its first move, the customer's session; and, by an agent, the pick.
pub(super) fn begin(
    request: &Request<'_>,
    workstream: &Arc<Workstream>,
    customer: &CitedText,
    wishes: Wishes,
    agent: Option<&Agent>,
    plan: &mut Vec<Change>,
) -> Result<Conversation, Error> {
    let id = request.snapshot.newest_conversation()? + 1;
    let skills = wishes.skills;
    if customer.kind == CitedKind::NewCustomer {
        plan.push(Change::Customer { id: customer.id, handle: customer.text.clone() });
    }
    plan.push(Change::Opening(Opening {
        id,
        topic: topic(request, id),
        workstream: workstream.named.id,
        lifecycle: workstream.lifecycle.id,
        customer: customer.id,
        subject: wishes.subject,
        priority: wishes.priority,
        skills: skills.clone(),
        predecessor: predecessor(request, workstream, customer)?,
        at: request.now,
    }));
    let mut conversation = Conversation {
        id,
        workstream: workstream.clone(),
        customer: customer.id,
        state: None,
        queue: None,
        agent: None,
        agent_connected: true,
        last_agent: None,
        offer: None,
        skills,
        sentiment: None,
        units: 0,
        since: request.now,
        disconnected: None,
        timers: Vec::new(),
    };
    let queued = conversation.may(Event::OpenQueued) && (!workstream.switches.bot || agent.is_some());
    let event = if queued { Event::OpenQueued } else { Event::Open };
    let mut step = Move::new(event, opener(request, agent), request.now);
    step.queue = wishes.queue.as_ref();
    conversation.advance(step, plan)?;
    if workstream.channel.messaging() {
        let mut sessions = Sessions::default();
        conversation.set_session(
            &mut sessions,
            workstream.channel,
            SessionStatus::Connected,
            request.now,
            plan,
        );
    }
    if let Some(agent) = agent {
        taking::take(
            request,
            &mut conversation,
            Event::Pick,
            AssignmentKind::Pick,
            &Assignee::new(agent),
            plan,
        )?;
    }
    Ok(conversation)
}

fn opener(request: &Request<'_>, agent: Option<&Agent>) -> By {
    agent.map_or_else(|| request.by(), taking::by_agent)
}

/// A random UUID of version 4, from the statement's own randomness.
fn topic(request: &Request<'_>, id: i64) -> [u8; 16] {
    *uuid::Builder::from_random_bytes(request.context.random("topic", id)).into_uuid().as_bytes()
}
