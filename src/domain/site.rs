//! What a site sets up: queues, agents, workstreams, and the names that go with their ids.
//!
//! Invariant: an id never changes its name and is never given twice, so a `Named` may be kept.

use std::sync::Arc;

use super::lifecycle::{Lifecycle, Switches};
use super::moment::{Duration, Moment};
use super::words::{Channel, Phase, Presence, TimerKind};

/// An id and the name that people use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The id in the file.
    pub id: i64,
    /// The name as it was written when it was made.
    pub name: Arc<str>,
}

/// An agent as a decision needs him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Who.
    pub named: Named,
    /// Whether there for work.
    pub presence: Presence,
    /// How much he can have, in units.
    pub capacity: i64,
    /// How much he has, in units.
    pub load: i64,
    /// Asked-for skills with levels, as set (`billing:4, spanish`).
    pub skills: Option<String>,
    /// False after DISCONNECT AGENT, until RECONNECT.
    pub connected: bool,
    /// When he becomes offline: set while he is disconnected, and not offline yet.
    pub offline_at: Option<Moment>,
}

impl Agent {
    /// `2/3`: load and capacity, as people read them.
    pub fn room(&self) -> String {
        format!("{}/{}", self.load, self.capacity)
    }

    /// Whether there is room for so many units, `kept` of which his load holds for it already.
    pub fn has_room(&self, units: i64, kept: i64) -> bool {
        units == 0 || self.load - kept + units <= self.capacity
    }
}

/// What a time setting of a workstream says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerSetting {
    /// What the lifecycle says.
    Default,
    /// Off.
    Off,
    /// So long.
    For(Duration),
}

impl TimerSetting {
    /// The duration in force, given the lifecycle's default.
    pub fn over(self, default: Option<Duration>) -> Option<Duration> {
        match self {
            TimerSetting::Default => default,
            TimerSetting::Off => None,
            TimerSetting::For(duration) => Some(duration),
        }
    }
}

/// What a conversation costs during after-work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrapupCapacity {
    /// Its units, until it is closed.
    Always,
    /// Nothing.
    Never,
    /// Its units, for so long.
    For(Duration),
}

/// How one kind of contact is handled.
#[derive(Debug, Clone)]
pub struct Workstream {
    /// Which.
    pub named: Named,
    /// Its channel decides which edges apply.
    pub channel: Channel,
    /// Its state graph.
    pub lifecycle: Arc<Lifecycle>,
    /// Where its conversations wait unless OPEN says another.
    pub queue: Named,
    /// What a conversation costs an agent.
    pub units: i64,
    /// The settings that conditions of edges test.
    pub switches: Switches,
    /// The presences it may be given to.
    pub presences: Vec<Presence>,
    /// What after-work costs.
    pub wrapup_capacity: WrapupCapacity,
    /// A transfer does not ask for the presence.
    pub transfer_to_any_presence: bool,
    /// How long a customer in active may come back, where it is set.
    pub reconnect: Option<Duration>,
    /// The skills of an agent must meet all that are asked.
    pub exact_skills: bool,
    /// The router pushes; else agents pick.
    pub push: bool,
    /// The router asks before it gives.
    pub offers: bool,
    /// The customer's last agent goes first.
    pub prefer_last_agent: bool,
    /// A skill that nobody online has is not asked for.
    pub relaxed_skills: bool,
    /// Customers' messages set the sentiment.
    pub sentiment: bool,
    /// So many in the pool for each ready agent.
    pub dispatch_limit: i64,
    /// The settings of the timers.
    pub timers: Vec<(TimerKind, TimerSetting)>,
}

/// `1 unit`, `3 units`.
pub fn units_in_words(units: i64) -> String {
    if units == 1 { "1 unit".to_owned() } else { format!("{units} units") }
}

impl Workstream {
    /// Whether it may be given to somebody with that presence.
    pub fn allows(&self, presence: Presence) -> bool {
        self.presences.contains(&presence)
    }

    /// The presences that it may be given to, in words: `available, busy`.
    pub fn allowed(&self) -> String {
        self.presences.iter().map(|presence| presence.name()).collect::<Vec<_>>().join(", ")
    }

    /// How long that timer runs, given the default of the edge (or option) that it drives.
    pub fn timer(&self, kind: TimerKind, default: Option<Duration>) -> Option<Duration> {
        self.timers
            .iter()
            .find(|(timer, _)| *timer == kind)
            .map_or(default, |(_, setting)| setting.over(default))
    }

    /// What a conversation costs its agent when it enters that phase, `now` being what it costs so far
    /// (none: this agent has not had it).
    pub fn units_in(&self, phase: Phase, before: Option<(Phase, i64)>) -> i64 {
        match (phase, before) {
            _ if !phase.uses_capacity() => 0,
            (Phase::Wrapup, _) if self.wrapup_capacity == WrapupCapacity::Never => 0,
            (_, Some((was, units))) if was != Phase::Wrapup || phase == Phase::Wrapup => units,
            _ => self.units,
        }
    }
}
