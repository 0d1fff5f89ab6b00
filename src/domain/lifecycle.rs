//! A lifecycle: its state graph, and the rule for transitions.
//!
//! Invariant: `Lifecycle::check` reaches the same verdict as the trigger `transition_insert` of
//! schema.sql in every case. Nothing here compares the name of a state or of a lifecycle: behaviour
//! depends on phase, event and options.

use std::collections::HashMap;
use std::sync::Arc;

use super::closed_lists::{Channel, Event, Phase};
use super::moment::{Duration, Moment};
use super::refusal::Code;

/// The index of a state in its lifecycle's list.
pub type StateIndex = usize;

/// A state: its name, its phase, and the channels on which it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The name, as people see it.
    pub name: Arc<str>,
    /// What the state means to the program.
    pub phase: Phase,
    /// The channels on which it is used.
    pub channels: Vec<Channel>,
}

/// The setting of the workstream under which an edge applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Under any settings.
    Always,
    /// `bot = on`.
    Bot,
    /// `bot = off`.
    NoBot,
    /// `wrapup = on`.
    Wrapup,
    /// `wrapup = off`.
    NoWrapup,
}

/// The settings of a workstream that conditions test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Switches {
    /// The workstream has a bot.
    pub bot: bool,
    /// The workstream has after-work.
    pub wrapup: bool,
}

impl Condition {
    /// Returns the condition with its stored name; the empty string is `Always`.
    pub fn from_name(name: &str) -> Option<Condition> {
        Some(match name {
            "" => Condition::Always,
            "bot" => Condition::Bot,
            "no bot" => Condition::NoBot,
            "wrapup" => Condition::Wrapup,
            "no wrapup" => Condition::NoWrapup,
            _ => return None,
        })
    }

    /// Returns the condition's name as stored.
    pub fn name(self) -> &'static str {
        match self {
            Condition::Always => "",
            Condition::Bot => "bot",
            Condition::NoBot => "no bot",
            Condition::Wrapup => "wrapup",
            Condition::NoWrapup => "no wrapup",
        }
    }

    /// Returns whether the condition holds under these settings.
    pub fn holds(self, switches: Switches) -> bool {
        match self {
            Condition::Always => true,
            Condition::Bot => switches.bot,
            Condition::NoBot => !switches.bot,
            Condition::Wrapup => switches.wrapup,
            Condition::NoWrapup => !switches.wrapup,
        }
    }
}

/// A transition that the lifecycle allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The channel on which it applies.
    pub channel: Channel,
    /// The state it leaves; `None` if it creates the conversation.
    pub from: Option<StateIndex>,
    /// The event that causes it.
    pub event: Event,
    /// The setting under which it applies.
    pub condition: Condition,
    /// The state it enters.
    pub to: StateIndex,
    /// The default duration of a timeout; `None`: off, or not a timeout.
    pub after: Option<Duration>,
}

/// What differs between lifecycles besides their edges: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LifecycleOptions {
    /// A customer with an open conversation of this lifecycle joins it instead of opening another.
    pub one_per_customer: bool,
    /// The end of the last channel session is a customer_leave.
    pub ends_by_sessions: bool,
    /// How long a customer may be disconnected in states without a customer_timeout edge.
    pub customer_timeout: Option<Duration>,
    /// A transfer does not check the agent's presence.
    pub transfer_to_any_presence: bool,
}

/// A state graph with its options.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    /// The id in the file.
    pub id: i64,
    /// The name.
    pub name: Arc<str>,
    /// The options.
    pub options: LifecycleOptions,
    /// The states, in order.
    pub states: Vec<State>,
    edges: Vec<Edge>,
    leaving: HashMap<(Channel, Option<StateIndex>, Event), Vec<usize>>,
}

/// What the rule needs to know about a conversation before a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The state; `None` before the first transition.
    pub state: Option<StateIndex>,
    /// The id of the assigned agent.
    pub agent: Option<i64>,
    /// The id of the queue; `None` before the first transition.
    pub queue: Option<i64>,
    /// The capacity units that it uses of that agent.
    pub units: i64,
    /// When it entered that state; before the first transition, when it was opened.
    pub since: Moment,
    /// The id of the queue into which a return may lead instead: that of the workstream, if nobody
    /// serves the conversation's own.
    pub return_queue: Option<i64>,
}

/// A proposed transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    /// The event that causes it.
    pub event: Event,
    /// The state it leads to.
    pub to: StateIndex,
    /// The id of the agent afterwards.
    pub agent: Option<i64>,
    /// The id of the queue afterwards.
    pub queue: i64,
    /// The timestamp.
    pub at: Moment,
}

impl Lifecycle {
    /// Creates a lifecycle from its states and edges.
    pub fn new(id: i64, name: &str, options: LifecycleOptions, states: Vec<State>, edges: Vec<Edge>) -> Self {
        let mut leaving: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, edge) in edges.iter().enumerate() {
            leaving.entry((edge.channel, edge.from, edge.event)).or_default().push(index);
        }
        Lifecycle { id, name: name.into(), options, states, edges, leaving }
    }

    /// Returns whether a state is used on a channel.
    pub fn uses(&self, state: StateIndex, channel: Channel) -> bool {
        self.states[state].channels.contains(&channel)
    }

    /// Returns the settings that make a difference on a channel. A switch that no edge tests there
    /// is only listed as off.
    pub fn switches(&self, channel: Channel) -> Vec<Switches> {
        let values = |conditions: &[Condition]| match self.tests(channel, conditions) {
            true => vec![false, true],
            false => vec![false],
        };
        let (bots, wrapups) =
            (values(&[Condition::Bot, Condition::NoBot]), values(&[Condition::Wrapup, Condition::NoWrapup]));
        let both = |bot: &bool| wrapups.iter().map(|wrapup| (*bot, *wrapup)).collect::<Vec<_>>();
        bots.iter().flat_map(both).map(|(bot, wrapup)| Switches { bot, wrapup }).collect()
    }

    /// Returns all edges.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Returns the edge by which an event leaves a state, if there is one.
    pub fn step(
        &self,
        channel: Channel,
        switches: Switches,
        from: Option<StateIndex>,
        event: Event,
    ) -> Option<&Edge> {
        self.leaving
            .get(&(channel, from, event))?
            .iter()
            .map(|index| &self.edges[*index])
            .find(|edge| edge.condition.holds(switches))
    }

    /// Returns the events that leave a state, in the order of the event list.
    pub fn events_from(&self, channel: Channel, switches: Switches, from: StateIndex) -> Vec<Event> {
        Event::ALL
            .iter()
            .copied()
            .filter(|event| self.step(channel, switches, Some(from), *event).is_some())
            .collect()
    }

    /// Returns the states that an event leaves on a channel.
    pub fn states_with(&self, channel: Channel, switches: Switches, event: Event) -> Vec<&State> {
        (0..self.states.len())
            .filter(|state| self.step(channel, switches, Some(*state), event).is_some())
            .map(|state| &self.states[state])
            .collect()
    }

    /// Returns whether a timeout has an effect in some state on a channel.
    pub fn knows_timer(&self, channel: Channel, event: Event) -> bool {
        self.edges.iter().any(|edge| edge.channel == channel && edge.event == event)
            || self.ends_sessions(event)
    }

    /// Returns whether a timeout ends the customer's sessions in states without an edge for it.
    pub fn ends_sessions(&self, event: Event) -> bool {
        self.options.ends_by_sessions && matches!(event, Event::CustomerTimeout | Event::InactivityTimeout)
    }

    /// Returns the default duration of a timeout for states without such an edge: the shortest on
    /// that channel.
    pub fn default_of(&self, channel: Channel, event: Event) -> Option<Duration> {
        let edges = self.edges.iter().filter(|edge| edge.channel == channel && edge.event == event);
        edges.filter_map(|edge| edge.after).min()
    }

    /// Returns whether an edge on a channel tests one of the conditions.
    pub fn tests(&self, channel: Channel, conditions: &[Condition]) -> bool {
        self.edges.iter().any(|edge| edge.channel == channel && conditions.contains(&edge.condition))
    }

    /// Returns the state with that name.
    pub fn state(&self, name: &str) -> Option<StateIndex> {
        self.states.iter().position(|state| &*state.name == name)
    }

    /// Applies the rule of the state graph. Returns the code of the refusal, or `None` if the
    /// transition is allowed.
    ///
    /// The caller checks capacity and units, and that the agent and the queue exist.
    pub fn check(
        &self,
        channel: Channel,
        switches: Switches,
        position: &Position,
        proposal: &Proposal,
    ) -> Option<Code> {
        if position.state.is_some_and(|state| self.states[state].phase == Phase::Closed) {
            return Some(Code::FinalState);
        }
        let edge = self.step(channel, switches, position.state, proposal.event);
        if edge.is_none_or(|edge| edge.to != proposal.to) {
            return Some(Code::NoEdge);
        }
        self.check_agent(position, proposal)
            .or_else(|| self.check_queue(position, proposal))
            .or_else(|| (proposal.at < position.since).then_some(Code::Clock))
    }

    fn check_agent(&self, position: &Position, proposal: &Proposal) -> Option<Code> {
        let holds = self.states[proposal.to].phase.holds_agent();
        match (proposal.agent, position.agent) {
            (Some(_), _) if !holds => Some(Code::NotHolder),
            (None, _) if holds => Some(Code::UnknownAgent),
            (Some(new), Some(old)) if proposal.event == Event::TransferAgent => {
                (new == old).then_some(Code::SameAgent)
            }
            (Some(new), Some(old)) => (new != old).then_some(Code::NotHolder),
            _ => None,
        }
    }

    fn check_queue(&self, position: &Position, proposal: &Proposal) -> Option<Code> {
        let same = position.queue == Some(proposal.queue);
        let asks_for_another = matches!(proposal.event, Event::AssignQueue | Event::TransferQueue);
        let returns = proposal.event == Event::CustomerReturn
            && self.states[proposal.to].phase.waits()
            && position.return_queue == Some(proposal.queue);
        (if asks_for_another { same } else { !same && !returns && !proposal.event.may_change_queue() })
            .then_some(Code::SameQueue)
    }
}
