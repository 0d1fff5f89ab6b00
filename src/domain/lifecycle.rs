//! A lifecycle: the state graph that its rows draw, and the rule that a move has to keep.
//!
//! Invariant: `Lifecycle::check` gives the verdict that the trigger `transition_insert` of schema.sql gives, case
//! by case. Nothing here compares the name of a state or of a lifecycle: behaviour hangs on phase, event and options.

use std::collections::HashMap;
use std::sync::Arc;

use super::closed_lists::{Channel, Event, Phase};
use super::moment::{Duration, Moment};
use super::refusal::Code;

/// The place of a state in its lifecycle's list.
pub type StateIndex = usize;

/// A state: its name, what it means, and the channels on which it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Its name, as people see it.
    pub name: Arc<str>,
    /// What it means to the program.
    pub phase: Phase,
    /// Where it is used.
    pub channels: Vec<Channel>,
}

/// Under which setting of the workstream an edge applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Under any.
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
    /// The condition as it is stored: '' is always.
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

    /// The condition as it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Condition::Always => "",
            Condition::Bot => "bot",
            Condition::NoBot => "no bot",
            Condition::Wrapup => "wrapup",
            Condition::NoWrapup => "no wrapup",
        }
    }

    /// Whether it holds under these settings.
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

/// A move that is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The channel on which it applies.
    pub channel: Channel,
    /// The state it leaves; none: it makes the conversation.
    pub from: Option<StateIndex>,
    /// What makes it happen.
    pub event: Event,
    /// Under which setting.
    pub condition: Condition,
    /// The state it enters.
    pub to: StateIndex,
    /// Of a timeout: its default duration; none: off.
    pub after: Option<Duration>,
}

/// What differs between lifecycles beyond their edges: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LifecycleOptions {
    /// A customer with an open conversation of this lifecycle joins it.
    pub one_per_customer: bool,
    /// The end of the last channel session is customer_leave.
    pub ends_by_sessions: bool,
    /// How long a customer may be disconnected, where no edge says it.
    pub customer_timeout: Option<Duration>,
    /// A transfer does not ask for the presence.
    pub transfer_to_any_presence: bool,
}

/// A state graph with its options.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    /// Its id in the file.
    pub id: i64,
    /// Its name.
    pub name: Arc<str>,
    /// Its options.
    pub options: LifecycleOptions,
    /// Its states, in order.
    pub states: Vec<State>,
    edges: Vec<Edge>,
    leaving: HashMap<(Channel, Option<StateIndex>, Event), Vec<usize>>,
}

/// How a conversation stands before a move, as far as the rule looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Its state; none before the first move.
    pub state: Option<StateIndex>,
    /// Who has it.
    pub agent: Option<i64>,
    /// Its queue; none before the first move.
    pub queue: Option<i64>,
    /// What it costs that agent.
    pub units: i64,
    /// Since when it is in that state (or opened).
    pub since: Moment,
}

/// A move that is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    /// What makes it happen.
    pub event: Event,
    /// Where it is to lead.
    pub to: StateIndex,
    /// Who is to have it.
    pub agent: Option<i64>,
    /// Which queue it is to be in.
    pub queue: i64,
    /// When.
    pub at: Moment,
}

impl Lifecycle {
    /// A lifecycle of these states and edges.
    pub fn new(id: i64, name: &str, options: LifecycleOptions, states: Vec<State>, edges: Vec<Edge>) -> Self {
        let mut leaving: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, edge) in edges.iter().enumerate() {
            leaving.entry((edge.channel, edge.from, edge.event)).or_default().push(index);
        }
        Lifecycle { id, name: name.into(), options, states, edges, leaving }
    }

    /// Whether that state is used on that channel.
    pub fn uses(&self, state: StateIndex, channel: Channel) -> bool {
        self.states[state].channels.contains(&channel)
    }

    /// The settings to be told apart on that channel: of a switch that no edge tests there only off.
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

    /// Every edge.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The edge by which that event leaves that state, if there is one.
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

    /// The events that leave that state, in the order of the event list.
    pub fn events_from(&self, channel: Channel, switches: Switches, from: StateIndex) -> Vec<Event> {
        Event::ALL
            .iter()
            .copied()
            .filter(|event| self.step(channel, switches, Some(from), *event).is_some())
            .collect()
    }

    /// The states from which that event leaves on that channel.
    pub fn states_with(&self, channel: Channel, switches: Switches, event: Event) -> Vec<&State> {
        (0..self.states.len())
            .filter(|state| self.step(channel, switches, Some(*state), event).is_some())
            .map(|state| &self.states[state])
            .collect()
    }

    /// Whether that event gives that timer a meaning on that channel, in some state.
    pub fn knows_timer(&self, channel: Channel, event: Event) -> bool {
        self.edges.iter().any(|edge| edge.channel == channel && edge.event == event)
            || self.ends_sessions(event)
    }

    /// Whether that timeout ends the customer's sessions, where no edge says what it does.
    pub fn ends_sessions(&self, event: Event) -> bool {
        self.options.ends_by_sessions && matches!(event, Event::CustomerTimeout | Event::InactivityTimeout)
    }

    /// The default duration of that timeout on that channel, where a state without such an edge needs one: the shortest.
    pub fn default_of(&self, channel: Channel, event: Event) -> Option<Duration> {
        let edges = self.edges.iter().filter(|edge| edge.channel == channel && edge.event == event);
        edges.filter_map(|edge| edge.after).min()
    }

    /// Whether some edge on that channel tests that condition.
    pub fn tests(&self, channel: Channel, conditions: &[Condition]) -> bool {
        self.edges.iter().any(|edge| edge.channel == channel && conditions.contains(&edge.condition))
    }

    /// The state of that name.
    pub fn state(&self, name: &str) -> Option<StateIndex> {
        self.states.iter().position(|state| &*state.name == name)
    }

    /// The rule of the graph: the code with which this move has to be refused, if any.
    ///
    /// Capacity, units and whether the agent and the queue exist are looked at by the caller, who knows them.
    pub fn check(
        &self,
        channel: Channel,
        switches: Switches,
        standing: &Position,
        proposal: &Proposal,
    ) -> Option<Code> {
        if standing.state.is_some_and(|state| self.states[state].phase == Phase::Closed) {
            return Some(Code::FinalState);
        }
        let edge = self.step(channel, switches, standing.state, proposal.event);
        if edge.is_none_or(|edge| edge.to != proposal.to) {
            return Some(Code::NoEdge);
        }
        self.check_agent(standing, proposal)
            .or_else(|| check_queue(standing, proposal))
            .or_else(|| (proposal.at < standing.since).then_some(Code::Clock))
    }

    fn check_agent(&self, standing: &Position, proposal: &Proposal) -> Option<Code> {
        let holds = self.states[proposal.to].phase.holds_agent();
        match (proposal.agent, standing.agent) {
            (Some(_), _) if !holds => Some(Code::NotHolder),
            (None, _) if holds => Some(Code::UnknownAgent),
            (Some(new), Some(old)) if proposal.event == Event::TransferAgent => {
                (new == old).then_some(Code::SameAgent)
            }
            (Some(new), Some(old)) => (new != old).then_some(Code::NotHolder),
            _ => None,
        }
    }
}

fn check_queue(standing: &Position, proposal: &Proposal) -> Option<Code> {
    let same = standing.queue == Some(proposal.queue);
    let asks_for_another = matches!(proposal.event, Event::AssignQueue | Event::TransferQueue);
    (if asks_for_another { same } else { !same && !proposal.event.may_change_queue() })
        .then_some(Code::SameQueue)
}
