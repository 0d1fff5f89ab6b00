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
    /// The number of its entry.
    pub entry: i64,
}

impl TimelineStep {
    /// Returns whether the conversation waits from then on. A transfer to an agent that leads through a
    /// queue is one move: an assignment follows in the same statement.
    pub fn waits(&self) -> bool {
        self.phase.waits() && self.event != Event::TransferAgent
    }

    /// Returns whether it is a transfer, to an agent or a queue.
    pub fn is_transfer(&self) -> bool {
        matches!(self.event, Event::TransferAgent | Event::TransferQueue)
    }
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

/// A stay in a queue: a conversation came to wait there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit<'a> {
    /// The index of the transition that began it.
    pub index: usize,
    /// That transition.
    pub step: &'a TimelineStep,
    /// The transition that ended it; `None`: the conversation still waits there.
    pub left: Option<&'a TimelineStep>,
    /// Whether it is part of a wait after the first one.
    pub is_later: bool,
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
        self.steps.iter().find(|step| step.waits())
    }

    /// Returns the transition that ended the wait: the first into active at or after `entered`.
    pub fn answered(&self) -> Option<&TimelineStep> {
        let mut waited = false;
        self.steps.iter().find(|step| {
            waited |= step.waits();
            waited && step.phase == Phase::Active
        })
    }

    /// Returns whether the contact centre began the conversation: an agent took it in the entry that
    /// opened it.
    pub fn is_outbound(&self) -> bool {
        match self.steps.as_slice() {
            [opened, taken, ..] => taken.event == Event::Pick && taken.entry == opened.entry,
            _ => false,
        }
    }

    /// Returns the stays in queues, in order. Moving between the phases in which conversations wait
    /// ends none; another queue does.
    pub fn visits(&self) -> Vec<Visit<'_>> {
        let mut visits: Vec<Visit<'_>> = Vec::new();
        let (mut waited, mut answered, mut before) = (false, false, None::<&TimelineStep>);
        for (index, step) in self.steps.iter().enumerate() {
            let stays = before.is_some_and(|before| before.waits() && before.queue == step.queue);
            if before.is_some_and(|before| before.waits())
                && !(step.waits() && stays)
                && let Some(visit) = visits.last_mut()
            {
                visit.left = Some(step);
            }
            if step.waits() && !stays {
                visits.push(Visit { index, step, left: None, is_later: answered });
            }
            waited |= step.waits();
            answered |= waited && step.phase == Phase::Active;
            before = Some(step);
        }
        visits
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
            step.is_transfer().then_some(holder)
        })
    }
}
