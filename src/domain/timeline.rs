//! The timeline of one conversation, read from its transitions: its states, for how long, and its
//! agents.
//!
//! Invariant: everything is computed from the transitions alone, so no figure can diverge from the
//! log. Every point in time between the first transition and the end belongs to exactly one
//! interval. This module deliberately does not know how timelines are evaluated.

use std::sync::Arc;

use super::closed_lists::{Event, Phase};
use super::moment::{Duration, Moment};

/// A transition, as far as figures need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineStep {
    /// The event that caused it.
    pub event: Event,
    /// The state it leads to.
    pub state: Arc<str>,
    /// The phase of that state.
    pub phase: Phase,
    /// Whether it entered that state: it was the first transition, or came from another state.
    pub enters: bool,
    /// The id of the assigned agent from then on.
    pub agent: Option<i64>,
    /// The id of the queue from then on.
    pub queue: i64,
    /// The timestamp.
    pub at: Moment,
    /// The number of the transition in the log.
    pub seq: i64,
}

/// The interval between two transitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval<'a> {
    /// The transition that began it.
    pub step: &'a TimelineStep,
    /// When it ended; for the last interval, the present.
    pub until: Moment,
}

impl Interval<'_> {
    /// Returns the length of the interval.
    pub fn length(&self) -> Duration {
        self.until.since(self.step.at)
    }

    /// Returns whether the interval counts as handle time: active, held and wrapup.
    pub fn is_handled(&self) -> bool {
        matches!(self.step.phase, Phase::Active | Phase::Held | Phase::Wrapup)
    }
}

/// The timeline of a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The transitions, in order.
    pub steps: Vec<TimelineStep>,
}

impl Timeline {
    /// Returns the first transition into a phase in which conversations wait.
    pub fn entered(&self) -> Option<&TimelineStep> {
        self.steps.iter().find(|step| step.phase.waits())
    }

    /// Returns the transition that ended the wait: the first into active at or after `entered`.
    pub fn answered(&self) -> Option<&TimelineStep> {
        let mut waited = false;
        self.steps.iter().find(|step| {
            waited |= step.phase.waits();
            waited && step.phase == Phase::Active
        })
    }

    /// Returns the transition with which the conversation was over.
    pub fn ended(&self) -> Option<&TimelineStep> {
        self.steps.iter().find(|step| step.phase.is_over())
    }

    /// Returns the intervals up to the end, or to the present.
    pub fn intervals(&self, now: Moment) -> impl Iterator<Item = Interval<'_>> {
        let until = self.steps.iter().skip(1).map(|step| step.at).chain([now]);
        let all = self.steps.iter().zip(until).map(|(step, until)| Interval { step, until });
        all.take_while(|interval| !interval.step.phase.is_over())
    }

    /// Returns the transfers, each with the agent the conversation was assigned to at that time, or
    /// last.
    pub fn transfers(&self) -> impl Iterator<Item = Option<i64>> {
        let mut last = None;
        self.steps.iter().filter_map(move |step| {
            let holder = last;
            last = step.agent.or(last);
            matches!(step.event, Event::TransferAgent | Event::TransferQueue).then_some(holder)
        })
    }
}
