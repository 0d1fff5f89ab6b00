//! Timers of a conversation: a time at which something is due, or what is left of it while paused.

use super::closed_lists::{Phase, TimerKind};
use super::config::Named;
use super::lifecycle::StateIndex;
use super::moment::{Duration, Moment};

/// A timer that runs or is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timer {
    /// The kind of timer.
    pub kind: TimerKind,
    /// Whether it runs, and until when.
    pub run: TimerRun,
}

/// Whether a timer runs or is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerRun {
    /// It runs and is due at this time.
    Until(Moment),
    /// It is paused with this much time left.
    Paused(Duration),
}

impl Timer {
    /// The same timer paused at a time.
    pub fn paused(self, at: Moment) -> TimerRun {
        match self.run {
            TimerRun::Until(due) => TimerRun::Paused(due.since(at)),
            paused => paused,
        }
    }

    /// The same timer running again from a time.
    pub fn resumed(self, at: Moment) -> TimerRun {
        match self.run {
            TimerRun::Paused(left) => TimerRun::Until(at.plus(left)),
            running => running,
        }
    }
}

/// What the timers need to know about a conversation before a transition.
#[derive(Debug)]
pub struct Before {
    /// Whether the transition entered another state. A self-loop neither leaves nor enters one.
    pub entered: bool,
    /// The state before the transition.
    pub state: Option<StateIndex>,
    /// Whether a supervisor overrode the checks of presence and capacity.
    pub overridden: bool,
    /// Whether the customer came back.
    pub returned: bool,
    /// The phase before the transition.
    pub phase: Phase,
    /// The agent it was assigned to.
    pub agent: Option<Named>,
    /// The timers it had.
    pub timers: Vec<Timer>,
}

impl Before {
    /// The timer of that kind that it had.
    pub fn timer(&self, kind: TimerKind) -> Option<Timer> {
        self.timers.iter().find(|timer| timer.kind == kind).copied()
    }
}
