//! A conversation as a decision holds it, and how it moves.
//!
//! Invariant: `advance` is the only way to change one here, as inserting a transition is in the file; what it
//! pushes onto the plan is exactly what leads the file to the same place.

use std::sync::Arc;

use super::change::{Body, By, Change, Message, Setting, Transition};
use super::lifecycle::{Lifecycle, Proposal, Standing, StateIndex};
use super::moment::{Duration, Moment};
use super::refusal::{Code, Refusal};
use super::site::{Agent, Named, Workstream};
use super::value::Value;
use super::words::{Event, Phase};

/// A timer that runs, or stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timer {
    /// What it will make happen.
    pub event: Event,
    /// When; none while it stands still.
    pub due: Option<Moment>,
    /// What was left when it was stopped for a while.
    pub remaining: Option<Duration>,
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
    /// Who had it last.
    pub last_agent: Option<Named>,
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
    pub fn to_agent(mut self, agent: &'a Agent) -> Self {
        self.holder = Holder::Agent(agent);
        self
    }

    /// The same, into that queue.
    pub fn to_queue(mut self, queue: &'a Named) -> Self {
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
        let entered = self.state != Some(to);
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
        self.settle(to, agent, queue, units, step.at, plan);
        if entered {
            self.start_timers(to, step.at, plan);
        }
        if let Holder::Agent(agent) = step.holder {
            self.watch_disconnected(agent, step.at, plan);
        }
        Ok(())
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
        let standing = Standing {
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
                    has_room(taker, units)
                }
                _ => Ok(()),
            },
        }
    }

    /// What the triggers do to the row of the conversation, done here.
    fn settle(
        &mut self,
        to: StateIndex,
        agent: Option<Named>,
        queue: Named,
        units: i64,
        at: Moment,
        plan: &mut Vec<Change>,
    ) {
        let left = self.state != Some(to);
        let changed_hands = agent != self.agent;
        let closed = self.lifecycle().states[to].phase == Phase::Closed;
        if changed_hands && !closed {
            self.stop_timer(Event::AgentTimeout, at, plan);
        }
        self.last_agent = agent.clone().or_else(|| self.agent.take()).or_else(|| self.last_agent.take());
        self.agent = agent;
        self.queue = Some(queue);
        self.units = units;
        if left {
            self.since = at;
            self.state = Some(to);
            self.timers.retain(|timer| !closed && outlives_state(timer.event));
        }
    }

    fn start_timers(&mut self, to: StateIndex, at: Moment, plan: &mut Vec<Change>) {
        for event in Event::ALL.iter().copied().filter(|event| event.is_timer()) {
            if let Some(duration) = self.duration_of(event, to) {
                match event {
                    Event::CustomerTimeout if let Some(due) = self.end_of_window(to) => {
                        self.start_timer(event, due.max(at), at, plan);
                    }
                    Event::AgentTimeout | Event::HoldTimeout | Event::ResponseTimeout => {}
                    Event::CustomerTimeout if self.disconnected.is_none() || self.timer(event).is_some() => {}
                    _ => self.start_timer(event, at.plus(duration), at, plan),
                }
            }
        }
    }

    /// Until when a customer who is gone may come back in active, where the workstream sets a window.
    fn end_of_window(&self, state: StateIndex) -> Option<Moment> {
        let window =
            self.workstream.reconnect.filter(|_| self.lifecycle().states[state].phase == Phase::Active)?;
        Some(self.disconnected?.plus(window))
    }

    /// How long the timer of that event runs in that state; none: it has no meaning there, or is off.
    pub fn duration_of(&self, event: Event, state: StateIndex) -> Option<Duration> {
        let workstream = &self.workstream;
        let edge = self.lifecycle().step(workstream.channel, workstream.switches, Some(state), event);
        let default = match (edge, event) {
            (Some(_), Event::Housekeep) => Some(Duration(0)),
            (Some(edge), _) => edge.after,
            (None, Event::CustomerTimeout) if !self.lifecycle().states[state].phase.is_over() => {
                self.lifecycle().options.customer_timeout
            }
            _ => return None,
        };
        workstream.timer(event, default)
    }

    fn watch_disconnected(&mut self, agent: &Agent, at: Moment, plan: &mut Vec<Change>) {
        if agent.connected || self.agent.is_none() {
            return;
        }
        if let Some(duration) = self.state.and_then(|state| self.duration_of(Event::AgentTimeout, state)) {
            self.start_timer(Event::AgentTimeout, at.plus(duration), at, plan);
        }
    }

    /// The timer of that event, if it runs or stands still.
    pub fn timer(&self, event: Event) -> Option<&Timer> {
        self.timers.iter().find(|timer| timer.event == event)
    }

    /// Starts a timer, or starts it again.
    pub fn start_timer(&mut self, event: Event, due: Moment, at: Moment, plan: &mut Vec<Change>) {
        self.timers.retain(|timer| timer.event != event);
        self.timers.push(Timer { event, due: Some(due), remaining: None });
        plan.push(self.timer_change(event, "started", Value::Integer(due.0), at));
    }

    /// Stops a timer, where it runs.
    pub fn stop_timer(&mut self, event: Event, at: Moment, plan: &mut Vec<Change>) {
        if self.timer(event).is_some() {
            self.timers.retain(|timer| timer.event != event);
            plan.push(self.timer_change(event, "stopped", Value::Null, at));
        }
    }

    fn timer_change(&self, event: Event, name: &'static str, value: Value, at: Moment) -> Change {
        let part = Value::from(event.name());
        Change::Setting(Setting { kind: "timer", subject: self.id, part, name, value, at })
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
                Refusal::new(code, format!("{} has conversation {} already", self.holder_name(), self.id))
            }
            Code::SameQueue => Refusal::new(
                code,
                format!(
                    "conversation {} is in {} already",
                    self.id,
                    self.queue.as_ref().map_or("no queue", |queue| &queue.name)
                ),
            ),
            Code::Clock => Refusal::new(
                code,
                format!("conversation {} has moved at {}, which is later", self.id, self.since),
            ),
            _ => Refusal::new(code, format!("{event} cannot change who has conversation {}", self.id)),
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
            return Refusal::new(
                Code::FinalState,
                format!("conversation {id} is {state}; nothing leaves {state}"),
            );
        }
        let states = self.lifecycle().states_with(self.workstream.channel, self.workstream.switches, event);
        let names: Vec<&str> = states.iter().map(|state| &*state.name).collect();
        let moves = match names.as_slice() {
            [] => format!(
                "no {} conversation of {} has {event}",
                self.workstream.channel,
                self.lifecycle().name
            ),
            [one] => format!("{event} moves {one} conversations"),
            many => format!("{event} moves conversations in {}", many.join(", ")),
        };
        Refusal::new(Code::NoEdge, format!("conversation {id} is {}; {moves}", self.standing()))
    }
}

/// Whether the timer of that event goes on when the state is left.
fn outlives_state(event: Event) -> bool {
    matches!(event, Event::CustomerTimeout | Event::AgentTimeout)
}

/// The guard of capacity.
fn has_room(agent: &Agent, units: i64) -> Result<(), Refusal> {
    if units > 0 && agent.load + units > agent.capacity {
        let name = &agent.named.name;
        let costs = if units == 1 { "1 unit".to_owned() } else { format!("{units} units") };
        return Err(Refusal::new(
            Code::AtCapacity,
            format!("{name} has no room: {} units taken, and this costs {costs}", agent.room()),
        ));
    }
    Ok(())
}
