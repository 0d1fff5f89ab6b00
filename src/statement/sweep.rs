//! SWEEP TIMEOUTS: what is due happens, each at its due time.

use super::{Act, Chapter, Page};
use crate::domain::change::{By, Change, Setting, Transition};
use crate::domain::conversation::{Conversation, Move};
use crate::domain::refusal::{Error, Refusal};
use crate::domain::reply::Reply;
use crate::domain::rights::Right;
use crate::domain::value::Value;
use crate::domain::words::{ActorKind, Event, Phase};
use crate::store::{DueTimer, Look};

pub(super) const PAGES: &[Page] = &[Page {
    chapter: Chapter::Running,
    syntax: "SWEEP [TIMEOUTS] [LIMIT <limit:integer>]",
    summary: "Lets every timer that is due happen, each at its due time; at most LIMIT of them, the earliest first. For cron.",
    example: "SWEEP TIMEOUTS",
    right: Right::Anybody,
    act: Act::Sweep,
}];

/// The statement under which the journal keeps what was due before another statement.
pub const SWEEP: &str = "SWEEP TIMEOUTS";

/// What the customer and the agent read in the transcript when a timer has moved a conversation.
fn told(event: Event) -> &'static str {
    match event {
        Event::QueueTimeout => "Nobody was free in time.",
        Event::CustomerTimeout => "The customer has disconnected.",
        Event::AgentTimeout => "The agent has disconnected.",
        Event::ResponseTimeout => "The agent did not answer in time.",
        Event::InactivityTimeout => "Nothing came from the customer for a long time.",
        Event::HoldTimeout => "The hold has ended.",
        Event::WaitingTimeout => "Nobody came back in time.",
        Event::WrapupTimeout => "The time for after-work is over.",
        _ => "This conversation is complete.",
    }
}

/// What a timer that is due changes.
///
/// # Errors
/// Accidents of the file.
pub fn fire(look: &Look<'_>, due: DueTimer) -> Result<Vec<Change>, Error> {
    let mut plan = Vec::new();
    let Some(mut conversation) = look.conversation(due.conversation)? else { return Ok(plan) };
    if conversation.may(due.event) {
        happen(&mut conversation, due, due.event, &mut plan)?;
    } else if due.event == Event::CustomerTimeout && conversation.lifecycle().options.ends_by_sessions {
        end_disconnected(look, &mut conversation, due, &mut plan)?;
    } else {
        conversation.stop_timer(due.event, due.due, &mut plan);
    }
    Ok(plan)
}

fn happen(
    conversation: &mut Conversation,
    due: DueTimer,
    event: Event,
    plan: &mut Vec<Change>,
) -> Result<(), Refusal> {
    conversation.tell(told(due.event), due.due, plan);
    let closes = conversation.target(event).map(|state| conversation.lifecycle().states[state].phase)
        == Some(Phase::Closed);
    if !closes && matches!(due.event, Event::CustomerTimeout | Event::AgentTimeout) {
        conversation.stop_timer(due.event, due.due, plan);
    }
    conversation.advance(Move::new(event, By::kind(ActorKind::Timer), due.due), plan)
}

/// The disconnected sessions end; if none is left, the customer has left.
fn end_disconnected(
    look: &Look<'_>,
    conversation: &mut Conversation,
    due: DueTimer,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    let sessions = look.sessions(conversation.id)?;
    for (channel, _) in sessions.iter().filter(|(_, status)| status == "disconnected") {
        plan.push(Change::Setting(Setting {
            kind: "session",
            subject: conversation.id,
            part: Value::from(channel.name()),
            name: "ended",
            value: Value::Null,
            at: due.due,
        }));
    }
    conversation.disconnected = None;
    if conversation.may(Event::CustomerLeave) {
        happen(conversation, due, Event::CustomerLeave, plan)?;
    } else {
        conversation.stop_timer(due.event, due.due, plan);
    }
    Ok(())
}

/// The answer of a sweep: how many conversations made which move.
pub fn sweep_reply(moves: &[Transition]) -> Reply {
    let mut reply = Reply::rows(&["event", "from_state", "to_state", "conversations"]);
    reply.changed = true;
    let mut counts: Vec<((Event, &str, &str), i64)> = Vec::new();
    for moved in moves {
        let key = (moved.event, moved.from_state.as_deref().unwrap_or_default(), &*moved.to_state);
        match counts.iter_mut().find(|(known, _)| *known == key) {
            Some((_, count)) => *count += 1,
            None => counts.push((key, 1)),
        }
    }
    counts.sort();
    for ((event, from, to), count) in counts {
        reply.rows.push(vec![event.name().into(), from.into(), to.into(), count.into()]);
    }
    reply
}
