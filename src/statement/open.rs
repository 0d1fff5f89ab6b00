//! OPEN: opens a conversation with a customer.
//!
//! Invariant: where a lifecycle allows one conversation per customer, the customer joins the open
//! one instead. This module deliberately does not know how a conversation begins;
//! `support::opening` does.

use crate::domain::closed_lists::Event;
use crate::domain::closed_lists::SessionStatus;
use crate::domain::config::Agent;
use crate::domain::eligibility::AssignmentKind;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::workstream::Workstream;
use crate::statement::message_on::joined;
use crate::statement::support::assignment::{self, Assignee};
use crate::statement::support::cited::{CitedKind, CitedText};
use crate::statement::support::opening::{Wishes, begin, customer};
use crate::statement::support::sessions;
use crate::statement::support::sessions::SESSIONS;
use crate::statement::support::values::{in_range, read_skills};
use crate::statement::{Answer, Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "OPEN ON <workstream> FOR <customer> [SUBJECT <subject:text>] [QUEUE <queue>] [PRIORITY <priority:integer>] [SKILLS <skills:plain>] [BY <agent>] [KEY <key:key>]",
    summary: "Opens a conversation with a customer. BY: assigns it to that agent immediately. KEY: a retry returns the first result and changes nothing.",
    example: "OPEN ON webchat FOR 'dee@example.com' SUBJECT 'Where is my parcel?' PRIORITY 2",
    right: Right::Open,
    traits: Traits::BY_AGENT,
    columns: Columns::ALL,
    handler: Handler::Write(open),
};

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
    let mut decision = Decision::moves(plan);
    decision.notes.extend(also_open(request, &workstream, customer)?);
    Ok(decision)
}

/// Returns a note if the customer already has an open conversation on the workstream.
fn also_open(
    request: &Request<'_>,
    workstream: &Workstream,
    customer: &CitedText,
) -> Result<Option<String>, Error> {
    if customer.kind == CitedKind::NewCustomer {
        return Ok(None);
    }
    let open = request.snapshot.open_of(customer.id, workstream)?;
    let Some(newest) = open.first() else { return Ok(None) };
    Ok(Some(format!("the customer also has conversation {newest} open")))
}

/// Returns the open conversation that the customer joins, if the lifecycle allows only one per
/// customer.
pub(super) fn joins(
    request: &Request<'_>,
    workstream: &Workstream,
    customer: &CitedText,
) -> Result<Option<i64>, Error> {
    if !workstream.lifecycle.options.one_per_customer || customer.kind == CitedKind::NewCustomer {
        return Ok(None);
    }
    Ok(joined(request, workstream)?.map(|conversation| conversation.id))
}

fn join(
    request: &Request<'_>,
    id: i64,
    workstream: &Workstream,
    agent: Option<&Agent>,
) -> Result<Decision, Error> {
    let Some(mut conversation) = request.conversation_of(id)? else {
        return Err(
            Refusal::new(Code::UnknownConversation, format!("conversation {id} does not exist")).into()
        );
    };
    let mut plan = Vec::new();
    sessions::connect(request, &mut conversation, workstream.channel, &mut plan)?;
    match agent {
        Some(agent) if conversation.may(Event::Pick) => {
            assignment::take(
                request,
                &mut conversation,
                Event::Pick,
                AssignmentKind::Pick,
                &Assignee::new(agent),
                &mut plan,
            )?;
        }
        Some(agent) if conversation.agent.as_ref() != Some(&agent.named) => {
            return Err(assignment::not_with(&conversation, agent).into());
        }
        _ => {}
    }
    // A KEY is stored with an entry, and an entry needs a change: record that the customer is
    // connected.
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
    let mut decision = Decision::moves_or(plan, Answer::Rows(&SESSIONS, Some(id.into())));
    decision.notes.push(format!("the customer already has conversation {id} and joins it"));
    Ok(decision)
}
