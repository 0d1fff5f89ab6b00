//! A conversation as a decision holds it, and how it moves.
//!
//! Invariant: `advance` is the only way to change one here, as inserting a transition is in the file; what it
//! pushes onto the plan is exactly what leads the file to the same place.

use std::sync::Arc;

use super::change::{Body, By, Change, Message, Transition};
use super::closed_lists::{Event, OfferChange, Phase, Sentiment};
use super::config::{Agent, Named, units_in_words};
use super::lifecycle::{Lifecycle, Position, Proposal, StateIndex};
use super::moment::Moment;
use super::refusal::{Code, Refusal};
use super::timing::{Before, Timer};
use super::workstream::Workstream;

/// A conversation that an agent is asked to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Who is asked.
    pub agent: Named,
    /// What is kept for it of his capacity.
    pub units: i64,
}

/// A conversation.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// Its id.
    pub id: i64,
    /// How it is handled.
    pub workstream: Arc<Workstream>,
    /// The customer's id.
    pub customer: i64,
    /// Its state; none until its first move.
    pub state: Option<StateIndex>,
    /// Its queue; none until its first move.
    pub queue: Option<Named>,
    /// Who has it.
    pub agent: Option<Named>,
    /// Whether who has it is connected; true where nobody has it.
    pub agent_connected: bool,
    /// Who had it last.
    pub last_agent: Option<Named>,
    /// To whom it is offered.
    pub offer: Option<Offer>,
    /// What is asked of an agent.
    pub skills: Option<String>,
    /// How the customer feels, where that is known.
    pub sentiment: Option<Sentiment>,
    /// What it costs who has it.
    pub units: i64,
    /// Since when it is in its state (before the first move: when it opened).
    pub since: Moment,
    /// Since when no channel session is connected and one is disconnected.
    pub disconnected: Option<Moment>,
    /// Its timers.
    pub timers: Vec<Timer>,
}

/// Who is to have it after a move.
#[derive(Debug, Clone, Copy, Default)]
pub enum Holder<'a> {
    /// Whoever has it, if the state that it enters holds an agent; else nobody.
    #[default]
    Keep,
    /// This agent; the flag of an override lifts the capacity.
    Agent(&'a Agent),
}

/// A move to make.
#[derive(Debug)]
pub struct Move<'a> {
    /// What makes it happen.
    pub event: Event,
    /// Who is to have it.
    pub holder: Holder<'a>,
    /// Into which queue; none: where it is.
    pub queue: Option<&'a Named>,
    /// Who does it.
    pub by: By,
    /// The id of the text that says why.
    pub reason: Option<i64>,
    /// Presence and capacity are lifted.
    pub overridden: bool,
    /// When it counts.
    pub at: Moment,
}

impl<'a> Move<'a> {
    /// A move that keeps agent and queue.
    pub fn new(event: Event, by: By, at: Moment) -> Self {
        Move { event, holder: Holder::Keep, queue: None, by, reason: None, overridden: false, at }
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
    /// Its state graph.
    pub fn lifecycle(&self) -> &Lifecycle {
        &self.workstream.lifecycle
    }

    /// The phase it is in; before its first move it counts as served by nobody.
    pub fn phase(&self) -> Phase {
        self.state.map_or(Phase::Bot, |state| self.lifecycle().states[state].phase)
    }

    /// The name of its state.
    pub fn state_name(&self) -> &str {
        self.state.map_or("", |state| &self.lifecycle().states[state].name)
    }

    /// The state that an event would lead to from here.
    pub fn target(&self, event: Event) -> Option<StateIndex> {
        self.lifecycle()
            .step(self.workstream.channel, self.workstream.switches, self.state, event)
            .map(|edge| edge.to)
    }

    /// Whether that event may happen now.
    pub fn may(&self, event: Event) -> bool {
        self.target(event).is_some()
    }

    /// Whether that event may happen in some state of its lifecycle, on its channel.
    pub fn knows(&self, event: Event) -> bool {
        !self.lifecycle().states_with(self.workstream.channel, self.workstream.switches, event).is_empty()
    }

    /// The events that may happen now, in the order of the event list.
    pub fn possible(&self) -> Vec<Event> {
        self.state.map_or_else(Vec::new, |state| {
            self.lifecycle().events_from(self.workstream.channel, self.workstream.switches, state)
        })
    }

    /// Makes the move: pushes its rows onto the plan and stands where they lead.
    ///
    /// # Errors
    /// The refusal that the lifecycle's rule or the agent's capacity asks for; then nothing has changed.
    pub fn advance(&mut self, step: Move<'_>, plan: &mut Vec<Change>) -> Result<(), Refusal> {
        let to = self.target(step.event).ok_or_else(|| self.no_edge(step.event))?;
        let phase = self.lifecycle().states[to].phase;
        let agent = match step.holder {
            Holder::Agent(agent) if phase.holds_agent() => Some(agent.named.clone()),
            Holder::Keep if phase.holds_agent() => self.agent.clone(),
            _ => None,
        };
        let queue = step.queue.or(self.queue.as_ref()).unwrap_or(&self.workstream.queue).clone();
        let units = self.units_after(phase, agent.as_ref());
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
        let before = self.settle(to, agent, queue, units, step.at);
        if let Holder::Agent(agent) = step.holder {
            self.agent_connected = agent.connected || self.agent.is_none();
        }
        self.keep_time(&before, step.at, plan);
        Ok(())
    }

    /// What is kept of that agent's capacity for this conversation.
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
        };
        let agent_id = agent.map(|agent| agent.id);
        let proposal = Proposal { event: step.event, to, agent: agent_id, queue: queue.id, at: step.at };
        let workstream = &self.workstream;
        match self.lifecycle().check(workstream.channel, workstream.switches, &standing, &proposal) {
            Some(code) => Err(self.broken_rule(code, step.event)),
            None => match step.holder {
                Holder::Agent(taker) if standing.agent != agent_id && !step.overridden => {
                    has_room(taker, units, self.kept_for(&taker.named))
                }
                _ => Ok(()),
            },
        }
    }

    /// What the triggers do to the row of the conversation, done here. Gives how it stood before.
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
            phase: self.phase(),
            agent: self.agent.take(),
            timers: std::mem::take(&mut self.timers),
        };
        self.last_agent = agent.clone().or_else(|| before.agent.clone()).or_else(|| self.last_agent.take());
        self.agent_connected |= agent.is_none();
        self.agent = agent;
        self.queue = Some(queue);
        self.units = units;
        if before.entered {
            self.since = at;
            self.state = Some(to);
        }
        before
    }

    /// Writes the program's own words into the transcript.
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

    /// Who has it, in words.
    pub fn holder_name(&self) -> &str {
        self.agent.as_ref().map_or("nobody", |agent| &agent.name)
    }

    /// `Active with alice`: how it stands, in words.
    pub fn standing(&self) -> String {
        match &self.agent {
            Some(agent) => format!("{} with {}", self.state_name(), agent.name),
            None => self.state_name().to_owned(),
        }
    }

    /// The refusal of an event that has no edge from here: it says what the event moves, and what is possible.
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

/// The guard of capacity. `kept`: what his load holds for it already; his capacity may have been lowered since.
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
