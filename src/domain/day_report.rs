//! The hours of a day: arrivals, waiting conversations, busy agents.
//!
//! Invariant: the peaks of an hour include its begin, so a conversation that waits across the full
//! hour is counted in both hours. This module deliberately does not know time zones: the caller
//! passes when the hours begin.

use std::collections::HashMap;

use super::moment::Moment;
use super::timeline::Timeline;

/// The columns after the hour, and their definitions.
pub const COLUMNS: [(&str, &str); 3] = [
    ("arrivals", "conversations that first entered a queue in this hour; outbound ones are left out"),
    ("waiting", "the largest number of conversations waiting in queues at the same time"),
    (
        "busy",
        "the largest number of agents with a conversation at the same time (including hold and after-work)",
    ),
];

/// The numbers of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// When it began.
    pub begin: Moment,
    /// The counts, in the order of [`COLUMNS`].
    pub counts: [i64; 3],
}

type Span = (Moment, Moment);

/// A day, collected conversation by conversation.
#[derive(Debug, Default)]
pub struct Day {
    arrivals: Vec<Moment>,
    waiting: Vec<Span>,
    agents: HashMap<i64, Vec<Span>>,
}

impl Day {
    /// Adds a conversation.
    pub fn add(&mut self, course: &Timeline, now: Moment) {
        let outbound = course.is_outbound();
        self.arrivals.extend(course.entered().filter(|_| !outbound).map(|step| step.at));
        for (index, interval) in course.intervals(now).enumerate() {
            let span = (interval.step.at, interval.until);
            // An outbound one did not wait when it was opened.
            if interval.step.phase.waits() && !(outbound && index == 0) {
                self.waiting.push(span);
            }
            if let Some(agent) = interval.step.agent {
                self.agents.entry(agent).or_default().push(span);
            }
        }
    }

    /// Returns the hours with these begins; the last one ends at `end`.
    pub fn hours(mut self, begins: &[Moment], end: Moment) -> Vec<Hour> {
        let busy = self.agents.drain().flat_map(|(_, spans)| joined(spans)).collect();
        let (waiting, busy) = (most_at_once(self.waiting, begins, end), most_at_once(busy, begins, end));
        let ends = begins.iter().skip(1).copied().chain([end]);
        let hour = |(place, (begin, end)): (usize, (Moment, Moment))| {
            let arrivals = self.arrivals.iter().filter(|at| (begin..end).contains(at)).count() as i64;
            Hour { begin, counts: [arrivals, waiting[place], busy[place]] }
        };
        begins.iter().copied().zip(ends).enumerate().map(hour).collect()
    }
}

/// Merges spans that overlap or touch.
fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::new();
    for (from, until) in spans {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => joined.push((from, until)),
        }
    }
    joined
}

/// Returns the largest number of simultaneous spans in each hour. A span does not include its end.
fn most_at_once(spans: Vec<Span>, begins: &[Moment], end: Moment) -> Vec<i64> {
    let lasting = spans.iter().filter(|(from, until)| from < until);
    let mut steps: Vec<(Moment, i64)> =
        lasting.flat_map(|(from, until)| [(*from, 1), (*until, -1)]).collect();
    // At equal times, ends sort before begins.
    steps.sort_unstable();
    let mut steps = steps.into_iter().peekable();
    let mut count = 0;
    let ends = begins.iter().skip(1).copied().chain([end]);
    let most = |(begin, end): (&Moment, Moment)| {
        while let Some((_, step)) = steps.next_if(|(at, _)| at <= begin) {
            count += step;
        }
        let mut most = count;
        while let Some((_, step)) = steps.next_if(|(at, _)| *at < end) {
            count += step;
            most = most.max(count);
        }
        most
    };
    begins.iter().zip(ends).map(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_at_once_is_counted_in_every_hour_that_it_lasts() {
        let spans = [(0, 15), (5, 10), (10, 12), (12, 12), (19, 31)];
        let spans = spans.map(|(from, until)| (Moment(from), Moment(until))).to_vec();
        let begins = [0, 10, 20, 30].map(Moment);
        assert_eq!(most_at_once(spans.clone(), &begins, Moment(40)), [2, 2, 1, 1]);
        assert_eq!(joined(spans), [(0, 15), (19, 31)].map(|(from, until)| (Moment(from), Moment(until))));
    }
}
