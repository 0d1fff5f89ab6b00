//! The customer's and the agent's connection: DISCONNECT and RECONNECT.

use super::{Act, Answer, Asked, Chapter, Decision, Page};
use crate::domain::change::{By, Change};
use crate::domain::conversation::{Conversation, Move};
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::rights::Right;
use crate::domain::value::Value;
use crate::domain::words::{ActorKind, Channel, Event, Phase};
use crate::store::Report;

pub(super) const PAGES: &[Page] = &[
    Page {
        chapter: Chapter::Conversations,
        syntax: "DISCONNECT (<conversation> [CHANNEL <channel>] | AGENT <agent>)",
        summary: "The customer's session, or the agent, has lost the connection; the timers of that begin.",
        example: "DISCONNECT 1",
        right: Right::Depends,
        act: Act::Change(disconnect),
    },
    Page {
        chapter: Chapter::Conversations,
        syntax: "RECONNECT (<conversation> [CHANNEL <channel>] | AGENT <agent>)",
        summary: "The customer's session, or the agent, is back.",
        example: "RECONNECT 7",
        right: Right::Depends,
        act: Act::Change(reconnect),
    },
];

/// Sets the status of a session.
pub(super) fn set(
    asked: &Asked<'_>,
    conversation: &mut Conversation,
    channel: Channel,
    status: &'static str,
    plan: &mut Vec<Change>,
) {
    plan.push(asked.part("session", conversation.id, channel.name(), status, Value::Null));
}

/// Ends every session that is not ended, and what waits for a disconnected customer.
pub(super) fn end_all(
    asked: &Asked<'_>,
    conversation: &mut Conversation,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    for (channel, status) in asked.look.sessions(conversation.id)? {
        if status != "ended" {
            set(asked, conversation, channel, "ended", plan);
        }
    }
    conversation.disconnected = None;
    conversation.stop_timer(Event::CustomerTimeout, asked.now, plan);
    Ok(())
}

/// The customer is there on that channel: the session connects, a waiting timer stops, and he returns where there
/// is an edge for it.
pub(super) fn connect(
    asked: &Asked<'_>,
    conversation: &mut Conversation,
    channel: Channel,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    let connected = asked.look.sessions(conversation.id)?.contains(&(channel, "connected".to_owned()));
    if channel.messaging() && !connected {
        set(asked, conversation, channel, "connected", plan);
        conversation.disconnected = None;
    }
    conversation.stop_timer(Event::CustomerTimeout, asked.now, plan);
    if conversation.may(Event::CustomerReturn) {
        let by = By::kind(ActorKind::Customer);
        conversation.advance(Move::new(Event::CustomerReturn, by, asked.now), plan)?;
    }
    Ok(())
}

fn disconnect(asked: &Asked<'_>) -> Result<Decision, Error> {
    if asked.has("AGENT") {
        return agent(asked, "off");
    }
    asked.actor.needs(Right::Serve)?;
    let mut conversation = asked.conversation()?;
    let channel = channel(asked, &conversation)?;
    let sessions = asked.look.sessions(conversation.id)?;
    let status =
        sessions.iter().find(|(known, _)| *known == channel).map_or("none", |(_, status)| status.as_str());
    let mut plan = Vec::new();
    match status {
        _ if conversation.phase().is_over() => return Err(ended(&conversation).into()),
        "disconnected" => {}
        "connected" => {
            set(asked, &mut conversation, channel, "disconnected", &mut plan);
            if sessions.iter().filter(|(_, status)| status == "connected").count() == 1 {
                start_timeout(asked, &mut conversation, &mut plan);
            }
        }
        _ => {
            return Err(no_session(asked, &conversation, channel, &sessions).into());
        }
    }
    Ok(Decision { changes: plan, answer: Answer::Sessions(conversation.id), notes: Vec::new() })
}

/// The customer's last connected session is gone: he has some time to come back.
fn start_timeout(asked: &Asked<'_>, conversation: &mut Conversation, plan: &mut Vec<Change>) {
    conversation.disconnected = Some(asked.now);
    let duration =
        conversation.state.and_then(|state| conversation.duration_of(Event::CustomerTimeout, state));
    let window = conversation.workstream.reconnect.filter(|_| conversation.phase() == Phase::Active);
    if let Some(duration) = duration.map(|duration| window.unwrap_or(duration)) {
        conversation.start_timer(Event::CustomerTimeout, asked.now.plus(duration), asked.now, plan);
    }
}

fn reconnect(asked: &Asked<'_>) -> Result<Decision, Error> {
    if asked.has("AGENT") {
        return agent(asked, "on");
    }
    asked.actor.needs(Right::Serve)?;
    let mut conversation = asked.conversation()?;
    let channel = channel(asked, &conversation)?;
    let phase = conversation.phase();
    let left = matches!(phase, Phase::Departed | Phase::Wrapup) && !conversation.may(Event::CustomerReturn);
    if phase.is_over() || left {
        return Err(over(&conversation).into());
    }
    let sessions = asked.look.sessions(conversation.id)?;
    if !sessions.iter().any(|(known, _)| *known == channel) {
        return Err(no_session(asked, &conversation, channel, &sessions).into());
    }
    let mut plan = Vec::new();
    connect(asked, &mut conversation, channel, &mut plan)?;
    let moved = plan.iter().any(|change| matches!(change, Change::Transition(_)));
    let answer = if moved { Answer::Moves } else { Answer::Sessions(conversation.id) };
    Ok(Decision { changes: plan, answer, notes: Vec::new() })
}

fn ended(conversation: &Conversation) -> Refusal {
    let words =
        format!("conversation {} is {}; its sessions have ended", conversation.id, conversation.state_name());
    Refusal::new(Code::FinalState, words)
        .hint(format!("OPEN ON {} FOR the customer starts a new one", conversation.workstream.named.name))
        .at("conversation")
}

fn no_session(
    asked: &Asked<'_>,
    conversation: &Conversation,
    channel: Channel,
    sessions: &[(Channel, String)],
) -> Refusal {
    let words = format!("conversation {} has no session on {channel} that is open", conversation.id);
    let place = if asked.arguments.name("channel").is_some() { "channel" } else { "conversation" };
    let known: Vec<String> =
        sessions.iter().map(|(channel, status)| format!("{channel} ({status})")).collect();
    let hint = if known.is_empty() {
        "it has no sessions".to_owned()
    } else {
        format!("it has {}", known.join(", "))
    };
    Refusal::new(Code::InvalidValue, words).hint(hint).at(place)
}

fn over(conversation: &Conversation) -> Refusal {
    let words = format!(
        "conversation {} is {}: the customer comes too late to go on with it",
        conversation.id,
        conversation.state_name()
    );
    Refusal::new(Code::TooLate, words)
        .hint(format!("OPEN ON {} FOR the customer starts a new one", conversation.workstream.named.name))
        .at("conversation")
}

fn channel(asked: &Asked<'_>, conversation: &Conversation) -> Result<Channel, Refusal> {
    Ok(asked.channel()?.unwrap_or(conversation.workstream.channel))
}

fn agent(asked: &Asked<'_>, connected: &'static str) -> Result<Decision, Error> {
    let agent = asked.agent()?;
    if !asked.actor.service {
        asked.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?;
    }
    let mut plan = Vec::new();
    if agent.connected != (connected == "on") {
        plan.push(asked.setting("agent", agent.named.id, "connected", connected));
        for id in asked.look.held_by(agent.named.id)? {
            let Some(mut conversation) = asked.look.conversation(id)? else { continue };
            let duration =
                conversation.state.and_then(|state| conversation.duration_of(Event::AgentTimeout, state));
            match duration {
                Some(duration) if connected == "off" => {
                    conversation.start_timer(
                        Event::AgentTimeout,
                        asked.now.plus(duration),
                        asked.now,
                        &mut plan,
                    );
                }
                _ => conversation.stop_timer(Event::AgentTimeout, asked.now, &mut plan),
            }
        }
    }
    Ok(Decision::row(plan, Report::Agent, &*agent.named.name))
}
