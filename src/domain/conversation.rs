//! A conversation as decisions see it, and how it changes its state.
//!
//! Invariant: `advance` is the only way to change the state of a conversation in memory, as
//! inserting a transition is in the file. The changes it adds to the plan lead the file to the same
//! state.

mod answers;
mod offers;
mod sessions;
mod timing;

use std::sync::Arc;

use super::change::{Body, By, Change, Message, Transition};
use super::closed_lists::{Event, OfferChange, Phase, Presence, Sentiment};
use super::config::{Agent, Named, units_in_words};
use super::lifecycle::{Lifecycle, Position, Proposal, StateIndex};
use super::moment::Moment;
use super::refusal::{Code, Refusal};
use super::timer::{Before, Timer};
use super::workstream::Workstream;

pub use offers::MOST_OFFERS;
pub use sessions::{ChannelSession, Sessions};

/// A conversation offered to an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The agent who is asked.
    pub agent: Named,
    /// The capacity units reserved for it.
    pub units: i64,
}

/// Whether the agent of a conversation is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attendance {
    /// They are, or there is no agent.
    There,
    /// Their presence is offline.
    Offline,
    /// They have lost the connection.
    Disconnected,
}

impl Attendance {
    /// That of an agent.
    pub fn of(connected: bool, presence: Presence) -> Self {
        match (connected, presence) {
            (false, _) => Attendance::Disconnected,
            (true, Presence::Offline) => Attendance::Offline,
            (true, _) => Attendance::There,
        }
    }
}

/// A conversation.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// The conversation's id.
    pub id: i64,
    /// The workstream it belongs to.
    pub workstream: Arc<Workstream>,
    /// The customer's id.
    pub customer: i64,
    /// The state; `None` before the first transition.
    pub state: Option<StateIndex>,
    /// The queue; `None` before the first transition.
    pub queue: Option<Named>,
    /// The agent it is assigned to.
    pub agent: Option<Named>,
    /// Whether the assigned agent is there.
    pub attendance: Attendance,
    /// The agent it was last assigned to.
    pub last_agent: Option<Named>,
    /// The open offer.
    pub offer: Option<Offer>,
    /// The skills required of an agent.
    pub skills: Option<String>,
    /// How the customer feels, if known.
    pub sentiment: Option<Sentiment>,
    /// The capacity units it uses of its agent.
    pub units: i64,
    /// When it entered its state; before the first transition, when it was opened.
    pub since: Moment,
    /// Since when the customer is disconnected: no channel session is connected and at least one is
    /// disconnected.
    pub disconnected: Option<Moment>,
    /// Since when the customer waits for an answer. Only kept where a timer depends on it (see
    /// `awaits_answers`).
    pub unanswered: Option<Moment>,
    /// The timers that run or are paused.
    pub timers: Vec<Timer>,
}

/// Which agent a conversation is assigned to after a transition.
#[derive(Debug, Clone, Copy, Default)]
pub enum Holder<'a> {
    /// The current agent, if the state it enters holds one; otherwise nobody.
    #[default]
    Keep,
    /// This agent. `overridden` skips the check of their capacity.
    Agent(&'a Agent),
}

/// A transition to make.
#[derive(Debug)]
pub struct Move<'a> {
    /// The event that causes it.
    pub event: Event,
    /// The agent afterwards.
    pub holder: Holder<'a>,
    /// The queue afterwards; `None`: unchanged.
    pub queue: Option<&'a Named>,
    /// Who causes it.
    pub by: By,
    /// The id of the text with the reason.
    pub reason: Option<i64>,
    /// Whether the checks of presence and capacity are overridden.
    pub overridden: bool,
    /// Whether the agent afterwards acts by it, and so is there.
    pub acting: bool,
    /// The timestamp.
    pub at: Moment,
}

impl<'a> Move<'a> {
    /// Returns a transition that keeps agent and queue.
    pub fn new(event: Event, by: By, at: Moment) -> Self {
        Move {
            event,
            holder: Holder::Keep,
            queue: None,
            by,
            reason: None,
            overridden: false,
            acting: false,
            at,
        }
    }

    /// The same, to that agent.
    pub fn with_agent(mut self, agent: &'a Agent) -> Self {
        self.holder = Holder::Agent(agent);
        self
    }

    /// The same, into that queue.
    pub fn with_queue(mut self, queue: &'a Named) -> Self {
        self.queue = Some(queue);
        self
    }
}

impl Conversation {
    /// Returns its lifecycle.
    pub fn lifecycle(&self) -> &Lifecycle {
        &self.workstream.lifecycle
    }

    /// Returns its phase. Before the first transition it counts as one without an agent.
    pub fn phase(&self) -> Phase {
        self.state.map_or(Phase::Bot, |state| self.lifecycle().states[state].phase)
    }

    /// Returns the name of its state; empty before the first transition.
    pub fn state_name(&self) -> &str {
        self.state.map_or("", |state| &self.lifecycle().states[state].name)
    }

    /// Returns the state that an event would lead to from here.
    pub fn target(&self, event: Event) -> Option<StateIndex> {
        self.lifecycle()
            .step(self.workstream.channel, self.workstream.switches, self.state, event)
            .map(|edge| edge.to)
    }

    /// Returns whether an event is possible now.
    pub fn may(&self, event: Event) -> bool {
        self.target(event).is_some()
    }

    /// Returns whether an event is possible in any state of its lifecycle, on its channel.
    pub fn knows(&self, event: Event) -> bool {
        !self.lifecycle().states_with(self.workstream.channel, self.workstream.switches, event).is_empty()
    }

    /// Returns the events that are possible now, in the order of the event list.
    pub fn possible(&self) -> Vec<Event> {
        self.state.map_or_else(Vec::new, |state| {
            self.lifecycle().events_from(self.workstream.channel, self.workstream.switches, state)
        })
    }

    /// Makes a transition: adds its changes to the plan and updates the conversation.
    ///
    /// # Errors
    /// The refusal that the rule of the lifecycle or the agent's capacity requires. In that case
    /// nothing has changed.
    pub fn advance(&mut self, step: Move<'_>, plan: &mut Vec<Change>) -> Result<(), Refusal> {
        let to = self.target(step.event).ok_or_else(|| self.no_edge(step.event))?;
        let phase = self.lifecycle().states[to].phase;
        let agent = match step.holder {
            Holder::Agent(agent) if phase.holds_agent() => Some(agent.named.clone()),
            Holder::Keep if phase.holds_agent() => self.agent.clone(),
            _ => None,
        };
        let queue = step.queue.or(self.queue.as_ref()).unwrap_or(&self.workstream.queue).clone();
        let units = match &self.offer {
            Some(offer) if offers::accepts(&step, offer) && phase.uses_capacity() => offer.units,
            _ => self.units_after(phase, agent.as_ref()),
        };
        self.check(&step, to, agent.as_ref(), &queue, units)?;
        let answer = if step.event == Event::Accept { OfferChange::Accepted } else { OfferChange::Withdrawn };
        self.end_offer(answer, step.at, plan);
        plan.push(Change::Transition(Transition {
            conversation: self.id,
            event: step.event,
            from_state: self.state.map(|state| self.lifecycle().states[state].name.clone()),
            to_state: self.lifecycle().states[to].name.clone(),
            to_phase: phase,
            from_agent: self.agent.clone(),
            to_agent: agent.clone(),
            from_queue: self.queue.clone(),
            to_queue: queue.clone(),
            units,
            by: step.by,
            reason: step.reason,
            overridden: step.overridden,
            at: step.at,
        }));
        let mut before = self.settle(to, agent, queue, units, step.at);
        before.overridden = step.overridden;
        before.returned = step.event == Event::CustomerReturn;
        if let (Holder::Agent(agent), Some(_)) = (step.holder, &self.agent) {
            self.attendance = match step.acting {
                true => Attendance::There,
                false => Attendance::of(agent.connected, agent.presence),
            };
        }
        self.count_answers(step.event, &before, step.at);
        self.keep_time(&before, step.at, plan);
        Ok(())
    }

    /// Returns the capacity units that an open offer reserves of the agent.
    fn kept_for(&self, agent: &Named) -> i64 {
        self.offer.as_ref().filter(|offer| offer.agent == *agent).map_or(0, |offer| offer.units)
    }

    fn units_after(&self, phase: Phase, agent: Option<&Named>) -> i64 {
        let kept = agent.is_some() && agent == self.agent.as_ref();
        self.workstream.units_in(phase, kept.then(|| (self.phase(), self.units)))
    }

    fn check(
        &self,
        step: &Move<'_>,
        to: StateIndex,
        agent: Option<&Named>,
        queue: &Named,
        units: i64,
    ) -> Result<(), Refusal> {
        let standing = Position {
            state: self.state,
            agent: self.agent.as_ref().map(|agent| agent.id),
            queue: self.queue.as_ref().map(|queue| queue.id),
            units: self.units,
            since: self.since,
            return_queue: step.queue.filter(|_| step.event == Event::CustomerReturn).map(|queue| queue.id),
        };
        let agent_id = agent.map(|agent| agent.id);
        let proposal = Proposal { event: step.event, to, agent: agent_id, queue: queue.id, at: step.at };
        let workstream = &self.workstream;
        match self.lifecycle().check(workstream.channel, workstream.switches, &standing, &proposal) {
            Some(code) => Err(self.broken_rule(code, step.event)),
            None => match step.holder {
                Holder::Agent(taker) if standing.agent != agent_id && !step.overridden => {
                    match self.offer.as_ref().is_some_and(|offer| offers::accepts(step, offer)) {
                        true => Ok(()),
                        false => has_room(taker, units, self.kept_for(&taker.named)),
                    }
                }
                _ => Ok(()),
            },
        }
    }

    /// Does what the triggers do to the conversation's row. Returns what the timers need to know
    /// about the previous state.
    fn settle(
        &mut self,
        to: StateIndex,
        agent: Option<Named>,
        queue: Named,
        units: i64,
        at: Moment,
    ) -> Before {
        let before = Before {
            entered: self.state != Some(to),
            state: self.state,
            overridden: false,
            returned: false,
            phase: self.phase(),
            agent: self.agent.take(),
            timers: std::mem::take(&mut self.timers),
        };
        self.last_agent = agent.clone().or_else(|| before.agent.clone()).or_else(|| self.last_agent.take());
        if agent.is_none() {
            self.attendance = Attendance::There;
        }
        self.agent = agent;
        self.queue = Some(queue);
        self.units = units;
        if before.entered {
            self.since = at;
            self.state = Some(to);
        }
        before
    }

    /// Adds a system message to the transcript.
    pub fn tell(&self, words: impl Into<String>, at: Moment, plan: &mut Vec<Change>) {
        let body = Body::System(words.into());
        plan.push(Change::Message(Message { conversation: self.id, author: None, body, at }));
    }

    fn broken_rule(&self, code: Code, event: Event) -> Refusal {
        match code {
            Code::FinalState | Code::NoEdge => self.no_edge(event),
            Code::SameAgent => {
                Refusal::new(code, format!("{} already has conversation {}", self.holder_name(), self.id))
            }
            Code::SameQueue => Refusal::new(
                code,
                format!(
                    "conversation {} is already in {}",
                    self.id,
                    self.queue.as_ref().map_or("no queue", |queue| &queue.name)
                ),
            ),
            Code::Clock => {
                Refusal::new(code, format!("conversation {} has moved since, at {}", self.id, self.since))
            }
            _ => Refusal::new(code, format!("{event} cannot change the agent of conversation {}", self.id)),
        }
    }

    /// Returns the name of the assigned agent, or `nobody`.
    pub fn holder_name(&self) -> &str {
        self.agent.as_ref().map_or("nobody", |agent| &agent.name)
    }

    /// Describes state and agent for people: `Active with alice`.
    pub fn standing(&self) -> String {
        match &self.agent {
            Some(agent) => format!("{} with {}", self.state_name(), agent.name),
            None => self.state_name().to_owned(),
        }
    }

    /// Returns the refusal of an event that is not possible here. It lists the states in which the
    /// event is possible, and the events that are possible now.
    pub fn no_edge(&self, event: Event) -> Refusal {
        let (id, state) = (self.id, self.state_name());
        if self.phase() == Phase::Closed {
            return Refusal::new(Code::FinalState, format!("conversation {id} is {state}, which is final"));
        }
        let states = self.lifecycle().states_with(self.workstream.channel, self.workstream.switches, event);
        let names: Vec<&str> = states.iter().map(|state| &*state.name).collect();
        let moves = match names.as_slice() {
            [] => format!(
                "{event} is not available for {} in lifecycle {}",
                self.workstream.channel,
                self.lifecycle().name
            ),
            [one] => format!("{event} applies to {one} conversations"),
            many => format!("{event} applies to conversations in {}", many.join(", ")),
        };
        Refusal::new(Code::NoEdge, format!("conversation {id} is {}; {moves}", self.standing()))
    }
}

/// Checks the agent's capacity. `kept`: the part of their load that is already reserved for this
/// conversation; their capacity may have been lowered since.
fn has_room(agent: &Agent, units: i64, kept: i64) -> Result<(), Refusal> {
    if !agent.has_room(units, kept) {
        let name = &agent.named.name;
        let costs = units_in_words(units);
        return Err(Refusal::new(
            Code::AtCapacity,
            format!("{name} is at capacity: {} units in use, {costs} more needed", agent.room()),
        ));
    }
    Ok(())
}
