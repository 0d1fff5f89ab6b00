//! How a conversation begins, for OPEN and MESSAGE ON.
//!
//! Invariant: the opening, the first transition, the customer's session and the assignment are one
//! decision.

use crate::domain::change::{By, Change, Opening};
use crate::domain::closed_lists::Event;
use crate::domain::closed_lists::SessionStatus;
use crate::domain::config::Agent;
use crate::domain::conversation::{Attendance, Sessions};
use crate::domain::conversation::{Conversation, Move};
use crate::domain::eligibility::AssignmentKind;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::workstream::Workstream;
use crate::statement::Request;
use crate::statement::support::assignment::{self, Assignee};
use crate::statement::support::cited::{CitedKind, CitedText};
use std::sync::Arc;

/// What OPEN can set besides the workstream and the customer.
#[derive(Default)]
pub struct Wishes {
    /// The id of the text of the subject.
    pub subject: Option<i64>,
    /// The queue, if it is not that of the workstream.
    pub queue: Option<crate::domain::config::Named>,
    /// Larger numbers are served first.
    pub priority: i64,
    /// The skills that an agent needs, in normal form.
    pub skills: Option<String>,
}

pub fn customer<'a>(request: &'a Request<'_>) -> Result<&'a CitedText, Refusal> {
    request.customer().ok_or_else(|| Refusal::new(Code::UnknownCustomer, "a customer is required"))
}

/// Returns the conversation that the new one continues: the customer's last one, if they left it or
/// it is over.
pub fn predecessor(
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

/// Opens a conversation. With an agent, it is assigned to them immediately.
pub fn begin(
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
        attendance: Attendance::There,
        last_agent: None,
        offer: None,
        skills,
        sentiment: None,
        units: 0,
        since: request.now,
        disconnected: None,
        unanswered: (workstream.channel.messaging() && agent.is_none()).then_some(request.now),
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
        assignment::take(
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

pub fn opener(request: &Request<'_>, agent: Option<&Agent>) -> By {
    agent.map_or_else(|| request.by(), assignment::by_agent)
}

/// Returns a random UUID of version 4, from the statement's own randomness.
pub fn topic(request: &Request<'_>, id: i64) -> [u8; 16] {
    *uuid::Builder::from_random_bytes(request.context.random("topic", id)).into_uuid().as_bytes()
}
