//! The course of one conversation, read from its moves: where it was, for how long, and who had it.
//!
//! Invariant: what is counted is counted from the moves alone, so no figure can drift from the log; every moment
//! between the first move and the end belongs to exactly one interval. It deliberately does not know what is made of it.

use std::sync::Arc;

use super::closed_lists::{Event, Phase};
use super::moment::{Duration, Moment};

/// A move, as far as figures need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineStep {
    /// Why.
    pub event: Event,
    /// Into which state.
    pub state: Arc<str>,
    /// What that state means.
    pub phase: Phase,
    /// It entered that state: it was the first move, or came from another one.
    pub enters: bool,
    /// Who has it from then on (the file's number).
    pub agent: Option<i64>,
    /// In which queue it is from then on (the file's number).
    pub queue: i64,
    /// When.
    pub at: Moment,
    /// Its number in the log.
    pub seq: i64,
}

/// A interval of time between two moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval<'a> {
    /// The move that began it.
    pub step: &'a TimelineStep,
    /// When it ended, or the present.
    pub until: Moment,
}

impl Interval<'_> {
    /// How long it was.
    pub fn length(&self) -> Duration {
        self.until.since(self.step.at)
    }

    /// Whether its time is handle time: active, held and wrapup.
    pub fn is_handled(&self) -> bool {
        matches!(self.step.phase, Phase::Active | Phase::Held | Phase::Wrapup)
    }
}

/// The course of a conversation: its moves, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The moves.
    pub steps: Vec<TimelineStep>,
}

impl Timeline {
    /// Its first coming into a phase that waits.
    pub fn entered(&self) -> Option<&TimelineStep> {
        self.steps.iter().find(|step| step.phase.waits())
    }

    /// From when it waited on an agent: the first move into active at or after it entered.
    pub fn answered(&self) -> Option<&TimelineStep> {
        let mut waited = false;
        self.steps.iter().find(|step| {
            waited |= step.phase.waits();
            waited && step.phase == Phase::Active
        })
    }

    /// The move with which it was over.
    pub fn ended(&self) -> Option<&TimelineStep> {
        self.steps.iter().find(|step| step.phase.is_over())
    }

    /// The intervals up to its end, or to the present.
    pub fn intervals(&self, now: Moment) -> impl Iterator<Item = Interval<'_>> {
        let until = self.steps.iter().skip(1).map(|step| step.at).chain([now]);
        let all = self.steps.iter().zip(until).map(|(step, until)| Interval { step, until });
        all.take_while(|interval| !interval.step.phase.is_over())
    }

    /// The transfers, each with who had it when it was transferred, or had it last.
    pub fn transfers(&self) -> impl Iterator<Item = Option<i64>> {
        let mut last = None;
        self.steps.iter().filter_map(move |step| {
            let holder = last;
            last = step.agent.or(last);
            matches!(step.event, Event::TransferAgent | Event::TransferQueue).then_some(holder)
        })
    }
}
