//! MESSAGE ON: writes a message from or to a customer on a workstream.
//!
//! Invariant: the message goes into the customer's open conversation, and a new one is opened only
//! if there is none. A conversation that waits is assigned to the agent who writes.

use crate::domain::change::{By, Change};
use crate::domain::closed_lists::{ActorKind, Event, Phase};
use crate::domain::config::Agent;
use crate::domain::conversation::Conversation;
use crate::domain::eligibility::AssignmentKind;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::assignment::{self, Assignee};
use crate::statement::support::automatic;
use crate::statement::support::cited::CitedKind;
use crate::statement::support::messages::{body, from_agent, from_customer, update_sentiment, write};
use crate::statement::support::opening::{self, Wishes};
use crate::statement::{Answer, Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "MESSAGE ON <workstream> (FROM <customer> | TO <customer> BY <agent>) <body:text> [AUTOMATIC] [KEY <key:key>]",
    summary: "Writes a message from or to a customer on a workstream, in their open conversation there or in a new one. AUTOMATIC (an out-of-office reply, a delivery report): only kept in the transcript; it opens none.",
    example: "MESSAGE ON texts FROM '+49 170 555 0199' 'Is my order ready?' KEY 'gw-1'",
    right: Right::Depends,
    traits: Traits::BY_AGENT,
    columns: Columns::ALL,
    handler: Handler::Write(message_on),
};

fn message_on(request: &Request<'_>) -> Result<Decision, Error> {
    let text = body(request)?;
    let workstream = request.workstream()?;
    let agent = request.arguments.name("agent").map(|_| request.agent()).transpose()?;
    match &agent {
        Some(_) if request.has("AUTOMATIC") && request.actor.service => {}
        Some(agent) => request.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?,
        None => request.actor.needs(Right::Serve)?,
    }
    let customer = opening::customer(request)?;
    let mut plan = Vec::new();
    if request.has("AUTOMATIC") {
        let Some(conversation) = joined(request, &workstream)? else {
            return Err(automatic::opens_none(&workstream, customer).into());
        };
        let author = match agent {
            Some(_) => automatic::author(request, &conversation)?,
            None => By::kind(ActorKind::Customer),
        };
        automatic::keep(request, &conversation, author, text, &mut plan)?;
        return Ok(Decision::moves_or(plan, Answer::Message));
    }
    let mut conversation = match joined(request, &workstream)? {
        Some(conversation) => conversation,
        None => opening::begin(request, &workstream, customer, Wishes::default(), agent.as_ref(), &mut plan)?,
    };
    match &agent {
        None if plan.is_empty() => {
            from_customer(request, &mut conversation, workstream.channel, text, &mut plan)?;
        }
        None => {
            write(request, &conversation, By::kind(ActorKind::Customer), text, &mut plan);
            update_sentiment(request, &conversation, &mut plan)?;
        }
        Some(agent) => to_customer(request, &mut conversation, agent, text, &mut plan)?,
    }
    Ok(Decision::moves_or(plan, Answer::Message))
}

/// Returns the open conversation that the customer can continue: one that an agent has before one
/// that waits or is with a bot, before one that is set aside; the newest of each.
///
/// It is on that workstream or, where the lifecycle allows one per customer, in that lifecycle.
/// Elsewhere, a conversation that the customer has left counts only if they may return to it.
pub(super) fn joined(
    request: &Request<'_>,
    workstream: &crate::domain::workstream::Workstream,
) -> Result<Option<Conversation>, Error> {
    let customer = opening::customer(request)?;
    if customer.kind == CitedKind::NewCustomer {
        return Ok(None);
    }
    let one_per_customer = workstream.lifecycle.options.one_per_customer;
    let mut best: Option<(Nearness, Conversation)> = None;
    for id in request.snapshot.open_of(customer.id, workstream)? {
        let Some(conversation) = request.conversation_of(id)? else { continue };
        let left = conversation.phase().winds_up();
        if left && !one_per_customer && !request.has("AUTOMATIC") && !conversation.may(Event::CustomerReturn)
        {
            continue;
        }
        let nearness = Nearness::of(conversation.phase());
        if best.as_ref().is_none_or(|(nearest, _)| nearness < *nearest) {
            best = Some((nearness, conversation));
        }
    }
    Ok(best.map(|(_, conversation)| conversation))
}

/// How near a conversation is to being answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    Served,
    Waiting,
    SetAside,
    Left,
}

impl Nearness {
    fn of(phase: Phase) -> Self {
        match phase {
            Phase::Active | Phase::Held => Nearness::Served,
            Phase::Bot | Phase::Queued | Phase::Dispatching => Nearness::Waiting,
            Phase::Parked => Nearness::SetAside,
            Phase::Departed | Phase::Wrapup | Phase::Closing | Phase::Closed => Nearness::Left,
        }
    }
}

fn to_customer(
    request: &Request<'_>,
    conversation: &mut Conversation,
    agent: &Agent,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    if conversation.phase().waits() {
        assignment::take(
            request,
            conversation,
            Event::Pick,
            AssignmentKind::Pick,
            &Assignee::new(agent),
            plan,
        )?;
    }
    from_agent(request, conversation, agent, text, plan)
}
