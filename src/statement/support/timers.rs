//! What a timer changes when it fires.
//!
//! Invariant: the changes follow from the state of the file and the due time alone, and take effect
//! at that time, whenever they are written. Every transition that a timer makes is explained in the
//! transcript.

use crate::domain::change::{By, Change, ChangeKind};
use crate::domain::closed_lists::{ActorKind, ConversationChange, Event, OfferChange, Presence, TimerKind};
use crate::domain::config::Agent;
use crate::domain::conversation::{Conversation, Move};
use crate::domain::moment::Moment;
use crate::domain::refusal::{Error, Refusal};
use crate::store::{Due, Snapshot, Whose};

use crate::statement::support::offers;

/// Returns what the transcript says when a timer has moved a conversation.
fn transcript_text(kind: TimerKind) -> &'static str {
    match kind {
        TimerKind::QueueTimeout => "No agent was available in time.",
        TimerKind::CustomerTimeout => "The customer has disconnected.",
        TimerKind::AgentTimeout => "The agent has disconnected.",
        TimerKind::ResponseTimeout => "The agent did not answer in time.",
        TimerKind::InactivityTimeout => "Nobody has written for a long time.",
        TimerKind::HoldTimeout => "The hold has ended.",
        TimerKind::WaitingTimeout => "Nobody returned in time.",
        TimerKind::WrapupTimeout => "The time for after-work has ended.",
        TimerKind::Housekeep | TimerKind::OfferTimeout | TimerKind::WrapupCapacity => {
            "This conversation is complete."
        }
    }
}

/// Returns the changes of a timer that is due.
///
/// # Errors
/// Faults of the file.
pub fn fire(snapshot: &Snapshot<'_>, due: Due) -> Result<Vec<Change>, Error> {
    let mut plan = Vec::new();
    match due.whose {
        Whose::Agent(id) => {
            if let Some(agent) = snapshot.agent_of(id)? {
                plan = agent.stays_away(snapshot.last_taken_at(id)?, due.at);
                unavailable(snapshot, &agent, Presence::Offline, due.at, &mut plan)?;
            }
        }
        Whose::Conversation(id, kind) => {
            if let Some(conversation) = snapshot.conversation(id)? {
                time_is_up(snapshot, conversation, kind, due.at, &mut plan)?;
            }
        }
    }
    Ok(plan)
}

fn time_is_up(
    snapshot: &Snapshot<'_>,
    mut conversation: Conversation,
    kind: TimerKind,
    at: Moment,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    if kind == TimerKind::OfferTimeout {
        return missed(snapshot, conversation, at, plan);
    }
    let event = match kind.event() {
        Some(event) if conversation.may(event) => Some(event),
        Some(timeout) if conversation.lifecycle().ends_sessions(timeout) => {
            conversation.end_sessions(&mut snapshot.sessions(conversation.id)?, at, plan);
            Some(Event::CustomerLeave).filter(|event| conversation.may(*event))
        }
        Some(_) => None,
        None => {
            // After-work no longer uses units of capacity; the conversation stays in its state.
            plan.push(Change::setting(
                ChangeKind::Conversation(ConversationChange::Units),
                conversation.id,
                0,
                at,
            ));
            None
        }
    };
    let Some(event) = event else {
        conversation.stop_timer(kind, at, plan);
        return Ok(());
    };
    let agent = conversation.agent.as_ref().map(|agent| agent.id);
    happen(&mut conversation, kind, event, at, plan)?;
    if let Some(agent) = agent.map(|agent| snapshot.agent_of(agent)).transpose()?.flatten() {
        let (changes, presence) = match kind {
            TimerKind::AgentTimeout => (agent.stays_away(None, at), Presence::Offline),
            TimerKind::ResponseTimeout => (agent.leaves_unanswered(at), Presence::Inactive),
            _ => return Ok(()),
        };
        plan.extend(changes);
        unavailable(snapshot, &agent, presence, at, plan)?;
    }
    Ok(())
}

/// Ends an offer that was not answered, and sets the agent to inactive.
fn missed(
    snapshot: &Snapshot<'_>,
    mut conversation: Conversation,
    at: Moment,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    let Some(agent) = conversation.offer.as_ref().map(|offer| offer.agent.id) else {
        conversation.stop_timer(TimerKind::OfferTimeout, at, plan);
        return Ok(());
    };
    conversation.end_offer(OfferChange::Missed, at, plan);
    if let Some(agent) = snapshot.agent_of(agent)? {
        plan.extend(agent.leaves_unanswered(at));
        offers::withdraw(
            snapshot,
            agent.named.id,
            |offered| offered.id == conversation.id || offered.workstream.allows(Presence::Inactive),
            at,
            plan,
        )?;
    }
    Ok(())
}

/// Withdraws the offers to an agent whose new presence does not allow them.
fn unavailable(
    snapshot: &Snapshot<'_>,
    agent: &Agent,
    presence: Presence,
    at: Moment,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    offers::withdraw(snapshot, agent.named.id, |offered| offered.workstream.allows(presence), at, plan)?;
    Ok(())
}

fn happen(
    conversation: &mut Conversation,
    kind: TimerKind,
    event: Event,
    at: Moment,
    plan: &mut Vec<Change>,
) -> Result<(), Refusal> {
    conversation.tell(transcript_text(kind), at, plan);
    if conversation.target(event) == conversation.state {
        conversation.stop_timer(kind, at, plan);
    } else {
        conversation.elapse(kind);
    }
    conversation.advance(Move::new(event, By::kind(ActorKind::Timer), at), plan)
}
