//! The timers of a conversation: when each is started, kept, paused, resumed, restarted and
//! stopped.
//!
//! Invariant: which timers a conversation has, and when they are due, depends only on its
//! transitions, messages and disconnections and their timestamps; never on when somebody queried or
//! ran SWEEP. A timer belongs to one visit of a state: a timer that is not set again when another
//! state is entered is gone.

use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::{Event, Phase, TimerChange, TimerKind};
use crate::domain::conversation::{Attendance, Conversation};
use crate::domain::lifecycle::StateIndex;
use crate::domain::moment::{Duration, Moment};
use crate::domain::timer::{Before, Timer, TimerRun};
use crate::domain::value::Value;
use crate::domain::workstream::WrapupCapacity;

impl Conversation {
    /// Returns how long a timer runs in a state, or `None` if it has no effect there or is off.
    pub fn duration_of(&self, kind: TimerKind, state: StateIndex) -> Option<Duration> {
        let default = match (self.edge_of(kind, state), kind) {
            (Some(_), TimerKind::Housekeep) => Some(Duration(0)),
            (Some(after), _) => after,
            (None, TimerKind::WrapupCapacity) => return self.costs_for(state),
            (None, _) if !self.by_sessions(kind, state) => return None,
            (None, TimerKind::CustomerTimeout) => self.lifecycle().options.customer_timeout,
            (None, _) => self.lifecycle().default_of(self.workstream.channel, Event::InactivityTimeout),
        };
        self.workstream.timer(kind, default)
    }

    /// Returns the default duration of the edge that a timer drives from a state. The outer `None`
    /// means that there is no such edge.
    fn edge_of(&self, kind: TimerKind, state: StateIndex) -> Option<Option<Duration>> {
        let workstream = &self.workstream;
        self.lifecycle()
            .step(workstream.channel, workstream.switches, Some(state), kind.event()?)
            .map(|edge| edge.after)
    }

    /// Returns whether a timer has an effect in a state because sessions end, without an edge of
    /// its own.
    fn by_sessions(&self, kind: TimerKind, state: StateIndex) -> bool {
        let phase = self.lifecycle().states[state].phase;
        self.lifecycle().options.ends_by_sessions
            && match kind {
                TimerKind::CustomerTimeout => !phase.is_over(),
                TimerKind::InactivityTimeout => matches!(phase, Phase::Active | Phase::Held),
                _ => false,
            }
    }

    fn means(&self, kind: TimerKind, state: StateIndex) -> bool {
        self.edge_of(kind, state).is_some() || self.by_sessions(kind, state)
    }

    /// Returns how long after-work uses its capacity units, if the workstream limits it.
    fn costs_for(&self, state: StateIndex) -> Option<Duration> {
        match self.workstream.wrapup_capacity {
            WrapupCapacity::For(duration)
                if self.units > 0 && self.lifecycle().states[state].phase == Phase::Wrapup =>
            {
                Some(duration)
            }
            _ => None,
        }
    }

    /// Sets the timers after a transition.
    pub(super) fn keep_time(&mut self, before: &Before, at: Moment, plan: &mut Vec<Change>) {
        let Some(state) = self.state else { return };
        if before.entered {
            for kind in TimerKind::ALL {
                if let Some(run) = self.on_entry(*kind, state, before, at) {
                    self.set_timer(*kind, run, at, plan);
                }
            }
            return;
        }
        self.timers.clone_from(&before.timers);
        if before.agent != self.agent {
            for kind in [TimerKind::AgentTimeout, TimerKind::ResponseTimeout] {
                match self.on_entry(kind, state, before, at) {
                    Some(run) => self.set_timer(kind, run, at, plan),
                    None => self.stop_timer(kind, at, plan),
                }
            }
        }
    }

    /// Returns how a timer runs when a state is entered, or `None` if it does not.
    fn on_entry(&self, kind: TimerKind, state: StateIndex, before: &Before, at: Moment) -> Option<TimerRun> {
        let duration = self.duration_of(kind, state);
        let anew = || duration.map(|duration| TimerRun::Until(at.plus(duration)));
        let old = before.timer(kind);
        let means = old.is_some() && self.means(kind, state);
        match kind {
            TimerKind::QueueTimeout if before.phase.waits() && means => old.map(|old| old.run),
            TimerKind::CustomerTimeout => self.customer_run(state, old, at),
            TimerKind::AgentTimeout => self.agent_run(before, old.filter(|_| means), anew),
            TimerKind::ResponseTimeout => self.response_run(before, old.filter(|_| means), anew, at),
            TimerKind::InactivityTimeout => match (self.phase(), before.phase) {
                (Phase::Held, Phase::Active | Phase::Held) if old.is_some() => old.map(|old| old.paused(at)),
                (Phase::Held, _) => duration.map(TimerRun::Paused),
                _ if self.pauses_inactivity() => duration.map(TimerRun::Paused),
                (Phase::Active, Phase::Held) if means => old.map(|old| old.resumed(at)),
                _ => anew(),
            },
            TimerKind::HoldTimeout | TimerKind::OfferTimeout => None,
            _ => anew(),
        }
    }

    /// Returns the customer's time to come back, counted from their disconnection; it starts again
    /// in a state that is entered after it has elapsed.
    fn customer_run(&self, state: StateIndex, old: Option<Timer>, at: Moment) -> Option<TimerRun> {
        let gone = self.disconnected?;
        if !self.means(TimerKind::CustomerTimeout, state) {
            return None;
        }
        let window =
            self.workstream.reconnect.filter(|_| self.lifecycle().states[state].phase == Phase::Active);
        if window.is_none() && old.is_some() {
            return old.map(|old| old.run);
        }
        let duration = window.or_else(|| self.duration_of(TimerKind::CustomerTimeout, state))?;
        let due = gone.plus(duration);
        Some(TimerRun::Until(if due > at { due } else { at.plus(duration) }))
    }

    /// Returns the agent's time to come back. It starts when the conversation comes to, or back to, an
    /// agent who is disconnected or offline, unless a supervisor overrode that; otherwise it continues.
    fn agent_run(
        &self,
        before: &Before,
        old: Option<Timer>,
        anew: impl FnOnce() -> Option<TimerRun>,
    ) -> Option<TimerRun> {
        let same = before.agent == self.agent;
        // A state without the timer was left: it could not run there.
        let could_not_run = || before.state.is_none_or(|state| !self.means(TimerKind::AgentTimeout, state));
        match (self.attendance, old.filter(|_| same)) {
            (Attendance::There, _) => None,
            (_, Some(old)) => Some(old.run),
            _ if before.overridden => None,
            _ if !same || before.returned => anew(),
            (Attendance::Disconnected, _) if could_not_run() => anew(),
            _ => None,
        }
    }

    /// Returns the agent's time to answer, which exists while the customer waits for an answer. It
    /// starts again for a new agent; otherwise it continues.
    fn response_run(
        &self,
        before: &Before,
        old: Option<Timer>,
        anew: impl FnOnce() -> Option<TimerRun>,
        at: Moment,
    ) -> Option<TimerRun> {
        let old_of_phase = before.timer(TimerKind::ResponseTimeout);
        match self.phase() {
            Phase::Active if self.unanswered.is_none() => None,
            Phase::Active if before.agent != self.agent => anew(),
            Phase::Active => old.map_or_else(anew, |old| Some(old.resumed(at))),
            Phase::Held if before.agent == self.agent => old_of_phase.map(|old| old.paused(at)),
            _ => None,
        }
    }

    /// Starts the inactivity timer again because somebody has written. It is paused while the
    /// customer waits for an answer.
    pub(super) fn restart_inactivity(&mut self, at: Moment, plan: &mut Vec<Change>) {
        let kind = TimerKind::InactivityTimeout;
        let Some(state) = self.state_served() else { return };
        match self.duration_of(kind, state) {
            Some(duration) if self.phase() == Phase::Held || self.pauses_inactivity() => {
                self.set_timer(kind, TimerRun::Paused(duration), at, plan);
            }
            Some(duration) => self.set_timer(kind, TimerRun::Until(at.plus(duration)), at, plan),
            None => self.stop_timer(kind, at, plan),
        }
    }

    /// Starts the agent's time to answer, unless it already runs.
    pub(super) fn start_response(&mut self, at: Moment, plan: &mut Vec<Change>) {
        let kind = TimerKind::ResponseTimeout;
        let Some(state) = self.state_served() else { return };
        let duration = self.duration_of(kind, state).filter(|_| self.timer(kind).is_none());
        let run = match (self.phase(), duration) {
            (Phase::Active, Some(duration)) => TimerRun::Until(at.plus(duration)),
            (Phase::Held, Some(duration)) => TimerRun::Paused(duration),
            _ => return,
        };
        self.set_timer(kind, run, at, plan);
    }

    /// A customer who waits for an answer is not silent, except while the conversation is set aside.
    fn pauses_inactivity(&self) -> bool {
        self.unanswered.is_some() && self.phase() != Phase::Parked
    }

    /// Returns the state whose timers apply. In phase held, where they are paused, it is the state
    /// that RESUME leads to.
    fn state_served(&self) -> Option<StateIndex> {
        match self.phase() {
            Phase::Held => self.target(Event::Resume).or(self.state),
            _ => self.state,
        }
    }

    /// Records since when the customer is disconnected, or that they are connected again.
    pub fn customer_connects(&mut self, disconnected: Option<Moment>, at: Moment, plan: &mut Vec<Change>) {
        let was = std::mem::replace(&mut self.disconnected, disconnected);
        match (was, disconnected, self.state) {
            (None, Some(_), Some(state)) => {
                if let Some(run) = self.customer_run(state, None, at) {
                    self.set_timer(TimerKind::CustomerTimeout, run, at, plan);
                }
            }
            (Some(_), None, _) => self.stop_timer(TimerKind::CustomerTimeout, at, plan),
            _ => {}
        }
    }

    /// Records that the assigned agent has lost their connection, or is connected again.
    pub fn agent_connects(&mut self, connected: bool, at: Moment, plan: &mut Vec<Change>) {
        self.attendance = if connected { Attendance::There } else { Attendance::Disconnected };
        let duration = self.state.and_then(|state| self.duration_of(TimerKind::AgentTimeout, state));
        match duration.filter(|_| !connected) {
            Some(duration) => {
                self.set_timer(TimerKind::AgentTimeout, TimerRun::Until(at.plus(duration)), at, plan);
            }
            None => self.stop_timer(TimerKind::AgentTimeout, at, plan),
        }
    }

    /// Returns the timer of a kind, if it runs or is paused.
    pub fn timer(&self, kind: TimerKind) -> Option<&Timer> {
        self.timers.iter().find(|timer| timer.kind == kind)
    }

    /// Removes a due timer that moves the conversation into another state. Its row is deleted with
    /// the visit.
    pub fn elapse(&mut self, kind: TimerKind) {
        self.timers.retain(|timer| timer.kind != kind);
    }

    /// Starts, restarts or pauses a timer.
    pub fn set_timer(&mut self, kind: TimerKind, run: TimerRun, at: Moment, plan: &mut Vec<Change>) {
        self.timers.retain(|timer| timer.kind != kind);
        self.timers.push(Timer { kind, run });
        let (change, value) = match run {
            TimerRun::Until(due) => (TimerChange::Started, due.0),
            TimerRun::Paused(left) => (TimerChange::Paused, left.0),
        };
        plan.push(self.timer_change(kind, change, Value::Integer(value), at));
    }

    /// Stops a timer, if it runs or is paused.
    pub fn stop_timer(&mut self, kind: TimerKind, at: Moment, plan: &mut Vec<Change>) {
        if self.timer(kind).is_some() {
            self.timers.retain(|timer| timer.kind != kind);
            plan.push(self.timer_change(kind, TimerChange::Stopped, Value::Null, at));
        }
    }

    fn timer_change(&self, kind: TimerKind, change: TimerChange, value: Value, at: Moment) -> Change {
        Change::item(ChangeKind::Timer(change), self.id, kind.name(), value, at)
    }
}
