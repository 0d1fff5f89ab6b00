//! Connections of customers and agents: DISCONNECT, RECONNECT, ATTACH, DETACH.
//!
//! Invariant: a session that connects stops the timers of a disconnected customer and drives
//! customer_return if it has an edge. The end of the last session drives customer_leave if that has
//! one.

use crate::domain::change::{By, Change};
use crate::domain::closed_lists::SessionStatus;
use crate::domain::closed_lists::{ActorKind, Channel, Event, Phase};
use crate::domain::config::{Agent, Named};
use crate::domain::conversation::Sessions;
use crate::domain::conversation::{Conversation, Move};
use crate::domain::refusal::{Code, Error, Refusal};
use crate::statement::{Answer, Decision, Request};
use crate::store::Listing;

/// Connects the customer's session on a channel, and drives customer_return if they were away and
/// it has an edge.
pub fn connect(
    request: &Request<'_>,
    conversation: &mut Conversation,
    channel: Channel,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    let mut sessions = request.snapshot.sessions(conversation.id)?;
    if channel.messaging() && sessions.on(channel) != Some(SessionStatus::Connected) {
        conversation.set_session(&mut sessions, channel, SessionStatus::Connected, request.now, plan);
    }
    let away = conversation.phase() == Phase::Parked || conversation.phase().winds_up();
    if away && conversation.may(Event::CustomerReturn) {
        let step = Move::new(Event::CustomerReturn, By::kind(ActorKind::Customer), request.now);
        let queue = return_queue(request, conversation)?;
        conversation.advance(Move { queue: queue.as_ref(), ..step }, plan)?;
    }
    Ok(())
}

/// Returns the queue in which a customer who comes back waits, if it is not that of before: the
/// workstream's, if nobody serves the other one.
fn return_queue(request: &Request<'_>, conversation: &Conversation) -> Result<Option<Named>, Error> {
    let waits = conversation
        .target(Event::CustomerReturn)
        .is_some_and(|to| conversation.lifecycle().states[to].phase.waits());
    let todays = &conversation.workstream.queue;
    match &conversation.queue {
        Some(queue) if waits && queue != todays && !request.snapshot.is_served(queue.id)? => {
            Ok(Some(todays.clone()))
        }
        _ => Ok(None),
    }
}

/// Returns the channel of a customer who writes without naming one.
///
/// It is the workstream's if its session is connected, else another one that is connected, else the
/// one that was disconnected last, else the workstream's.
pub fn channel_of_customer(request: &Request<'_>, conversation: &Conversation) -> Result<Channel, Error> {
    let sessions = request.snapshot.sessions(conversation.id)?;
    let usual = conversation.workstream.channel;
    if sessions.on(usual) == Some(SessionStatus::Connected) {
        return Ok(usual);
    }
    let known = [SessionStatus::Connected, SessionStatus::Disconnected].into_iter().find_map(|status| {
        let found = sessions.with(status);
        found.first().map(|session| session.channel)
    });
    Ok(known.unwrap_or(usual))
}

pub fn attach(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    let channel = request.channel()?.unwrap_or(conversation.workstream.channel);
    must_be_in_time(&conversation)?;
    if !channel.messaging() {
        return Err(Refusal::new(Code::InvalidValue, format!("channel {channel} has no sessions"))
            .hint("channels with sessions are chat, sms, social, email and voice")
            .at("channel")
            .into());
    }
    let mut plan = Vec::new();
    connect(request, &mut conversation, channel, &mut plan)?;
    Ok(Decision::moves_or(plan, Answer::Rows(&SESSIONS, Some(conversation.id.into()))))
}

pub fn must_be_in_time(conversation: &Conversation) -> Result<(), Refusal> {
    let phase = conversation.phase();
    let left = phase.winds_up() && !conversation.may(Event::CustomerReturn);
    if phase.is_over() || left { Err(too_late(conversation)) } else { Ok(()) }
}

pub fn ended(conversation: &Conversation) -> Refusal {
    let words = format!(
        "conversation {} is {} and its sessions have ended",
        conversation.id,
        conversation.state_name()
    );
    Refusal::new(Code::FinalState, words)
        .hint(format!(
            "use OPEN ON {} to start a new conversation with the customer",
            conversation.workstream.named.name
        ))
        .at("conversation")
}

pub fn no_session(
    request: &Request<'_>,
    conversation: &Conversation,
    channel: Channel,
    sessions: &Sessions,
) -> Refusal {
    let words = format!("conversation {} has no open session on {channel}", conversation.id);
    let place = if request.arguments.name("channel").is_some() { "channel" } else { "conversation" };
    let known: Vec<String> = sessions
        .all()
        .iter()
        .map(|session| format!("{} ({})", session.channel, session.status.name()))
        .collect();
    let hint = if known.is_empty() {
        "it has no sessions".to_owned()
    } else {
        format!("it has {}", known.join(", "))
    };
    Refusal::new(Code::InvalidValue, words).hint(hint).at(place)
}

pub fn too_late(conversation: &Conversation) -> Refusal {
    let words = format!(
        "conversation {} is {}: the reconnect window is over",
        conversation.id,
        conversation.state_name()
    );
    Refusal::new(Code::TooLate, words)
        .hint(format!(
            "use OPEN ON {} to start a new conversation with the customer",
            conversation.workstream.named.name
        ))
        .at("conversation")
}

/// Returns the channel that the statement means.
///
/// It is the one that was typed, else the workstream's if its session has that status, else the
/// only one that has it.
///
/// # Errors
/// `invalid_value`, if several sessions have that status.
pub fn channel(
    request: &Request<'_>,
    conversation: &Conversation,
    sessions: &Sessions,
    status: SessionStatus,
) -> Result<Channel, Refusal> {
    let usual = conversation.workstream.channel;
    let typed = request.channel()?;
    if typed.is_some() || sessions.on(usual) == Some(status) {
        return Ok(typed.unwrap_or(usual));
    }
    match sessions.with(status).as_slice() {
        [] => Ok(usual),
        [only] => Ok(only.channel),
        several => {
            let id = conversation.id;
            let names: Vec<&str> = several.iter().map(|session| session.channel.name()).collect();
            let words =
                format!("conversation {id} has several sessions {}: {}", status.name(), names.join(", "));
            let verb = if status == SessionStatus::Connected { "DISCONNECT" } else { "RECONNECT" };
            Err(Refusal::new(Code::InvalidValue, words)
                .hint(format!("{verb} {id} CHANNEL {}", names[0]))
                .at("conversation"))
        }
    }
}

/// Returns the agent that the statement names. Only they, a service or a supervisor may act for
/// them.
pub fn agent(request: &Request<'_>) -> Result<Agent, Error> {
    let agent = request.agent()?;
    if !request.actor.service {
        request.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?;
    }
    Ok(agent)
}

pub fn held_follow(
    request: &Request<'_>,
    agent: &Agent,
    connected: bool,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    for id in request.snapshot.held_by(agent.named.id)? {
        if let Some(mut conversation) = request.snapshot.conversation(id)? {
            conversation.agent_connects(connected, request.now, plan);
        }
    }
    Ok(())
}

/// The channel sessions of conversations.
pub static SESSIONS: Listing = Listing {
    select: "SELECT conversation, channel, status, since FROM channel_sessions",
    key: "conversation",
    order: "channel",
};
