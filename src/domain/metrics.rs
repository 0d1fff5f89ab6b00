//! The figures of SHOW SUMMARY, with their definitions in words and in code.
//!
//! Invariant: the definition of a figure is next to the function that computes it, and HELP and
//! docs/REPORTS.md are generated from it. Sums are complete before anything is divided. Times are
//! whole milliseconds; averages are rounded half up. This module deliberately does not know where
//! transitions come from, nor how rows are grouped.

use super::closed_lists::Phase;
use super::moment::Moment;
use super::timeline::Timeline;
use super::value::Value;

/// A figure.
pub struct Figure {
    /// The name of its column.
    pub name: &'static str,
    /// The definition in words.
    pub definition: &'static str,
    /// Computes the figure from the totals.
    pub value: fn(&Totals) -> Value,
}

/// All figures, in the order of the columns.
pub const FIGURES: &[Figure] = &[
    Figure {
        name: "entered",
        definition: "conversations that first entered a queue (phase queued or dispatching) in the window, which includes its start and excludes its end; every other figure of the row is about these conversations, whenever it occurred",
        value: |totals| totals.entered.into(),
    },
    Figure {
        name: "served",
        definition: "those that an agent served: they became active after entering (an agent who had one only before it entered did not serve it). BY AGENT: those that this agent had",
        value: |totals| totals.served.into(),
    },
    Figure {
        name: "abandoned",
        definition: "those that ended unserved after waiting at least the queue's short_abandon, as set when they entered",
        value: |totals| totals.abandoned.into(),
    },
    Figure {
        name: "short_abandoned",
        definition: "those that ended unserved after a shorter wait",
        value: |totals| totals.short_abandoned.into(),
    },
    Figure {
        name: "average_wait_ms",
        definition: "the wait from entering to the first active, or to the end for those that never became active: the average over served and both kinds of abandoned. Conversations that still wait are not counted",
        value: |totals| average(totals.wait, totals.answered + totals.abandoned + totals.short_abandoned),
    },
    Figure {
        name: "longest_wait_ms",
        definition: "the longest of these waits",
        value: |totals| totals.longest_wait.into(),
    },
    Figure {
        name: "average_speed_to_answer_ms",
        definition: "the average wait of those served",
        value: |totals| average(totals.answer, totals.answered),
    },
    Figure {
        name: "service_level",
        definition: "those served that waited no longer than the queue's service_level, as set when they entered, divided by served plus abandoned (excluding short_abandoned): 0 to 1",
        value: |totals| match totals.answered + totals.abandoned {
            0 => Value::Null,
            all => Value::Real(totals.within as f64 / all as f64),
        },
    },
    Figure {
        name: "average_handle_ms",
        definition: "the time in active, held and wrapup over all visits, including the current visit up to now and any time before it entered: the average over those served. BY AGENT: each agent's own time",
        value: |totals| average(totals.handle, totals.served),
    },
    Figure {
        name: "average_hold_ms",
        definition: "the time in held, which is part of the handle time: the average over those served",
        value: |totals| average(totals.hold, totals.served),
    },
    Figure {
        name: "average_wrapup_ms",
        definition: "the time in wrapup, which is part of the handle time: the average over those served",
        value: |totals| average(totals.wrapup, totals.served),
    },
    Figure {
        name: "transfers",
        definition: "transfers to an agent or a queue (counted once, even if a transfer takes two transitions). BY AGENT: transfers away from this agent",
        value: |totals| totals.transfers.into(),
    },
    Figure {
        name: "declined",
        definition: "offers of these conversations that an agent declined. BY AGENT: those that this agent declined",
        value: |totals| totals.declined.into(),
    },
    Figure {
        name: "missed",
        definition: "offers of these conversations that expired after offer_timeout. BY AGENT: those that this agent missed",
        value: |totals| totals.missed.into(),
    },
];

/// Returns the average rounded half up to the millisecond, or null if the count is zero.
fn average(sum: i64, count: i64) -> Value {
    match count {
        0 => Value::Null,
        count => ((2 * sum + count).div_euclid(2 * count)).into(),
    }
}

/// The sums over conversations that figures are computed from; times are in ms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    entered: i64,
    served: i64,
    /// Conversations served, counted once, for the agent who answered first.
    answered: i64,
    abandoned: i64,
    short_abandoned: i64,
    wait: i64,
    longest_wait: Option<i64>,
    answer: i64,
    within: i64,
    handle: i64,
    hold: i64,
    wrapup: i64,
    transfers: i64,
    declined: i64,
    missed: i64,
}

/// The service target of a queue at the time a conversation entered it, in ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceTarget {
    /// A wait up to this long is within the service level.
    pub service_level: i64,
    /// A conversation that ends after a shorter wait does not count as abandoned.
    pub short_abandon: i64,
}

impl Default for ServiceTarget {
    /// The target of a queue without settings of its own; the same as in schema.sql.
    fn default() -> Self {
        ServiceTarget { service_level: 20_000, short_abandon: 5_000 }
    }
}

/// How an offer was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The agent declined it.
    Declined,
    /// The agent did not answer in time.
    Missed,
}

/// A conversation that entered a queue, with everything that figures need.
pub struct Counted<'a> {
    /// Its transitions.
    pub timeline: &'a Timeline,
    /// The service target of its queue.
    pub target: ServiceTarget,
    /// The offers that were not taken: the agent's id, and how.
    pub refused: &'a [(i64, Refused)],
    /// The end of intervals that are still running.
    pub now: Moment,
}

impl Counted<'_> {
    /// Adds the whole conversation to a row.
    pub fn add_to(&self, totals: &mut Totals) {
        self.add_wait(totals);
        if self.timeline.answered().is_some() {
            totals.served += 1;
            self.add_times(totals, |_| true);
        }
        totals.transfers += self.timeline.transfers().count() as i64;
        self.refused.iter().for_each(|(_, how)| totals.refuse(*how));
    }

    /// Splits the conversation by agent; the agent may be `None`. Entering, waiting and abandoning
    /// count once, for the agent who answered first. Serving and handling count for every agent it
    /// was assigned to.
    pub fn by_agent(&self) -> Vec<(Option<i64>, Totals)> {
        let answered = self.timeline.answered();
        let mut waited = Totals::default();
        self.add_wait(&mut waited);
        let mut parts = vec![(answered.and_then(|step| step.agent), waited)];
        if answered.is_some() {
            for agent in self.holders() {
                let mut had = Totals { served: 1, ..Totals::default() };
                self.add_times(&mut had, |holder| holder == Some(agent));
                parts.push((Some(agent), had));
            }
        }
        let transferred = Totals { transfers: 1, ..Totals::default() };
        parts.extend(self.timeline.transfers().map(|agent| (agent, transferred.clone())));
        for (agent, how) in self.refused {
            let mut asked = Totals::default();
            asked.refuse(*how);
            parts.push((Some(*agent), asked));
        }
        parts
    }

    /// Returns the agents it was assigned to in phase active.
    fn holders(&self) -> Vec<i64> {
        let active = self.timeline.steps.iter().filter(|step| step.phase == Phase::Active);
        let mut holders: Vec<i64> = active.filter_map(|step| step.agent).collect();
        holders.sort_unstable();
        holders.dedup();
        holders
    }

    fn add_wait(&self, totals: &mut Totals) {
        let Some(entered) = self.timeline.entered() else { return };
        totals.entered += 1;
        let wait = match (self.timeline.answered(), self.timeline.ended()) {
            (Some(answered), _) => {
                let wait = answered.at.since(entered.at).0;
                totals.answered += 1;
                totals.answer += wait;
                totals.within += i64::from(wait <= self.target.service_level);
                wait
            }
            (None, Some(ended)) => {
                let wait = ended.at.since(entered.at).0;
                let short = wait < self.target.short_abandon;
                *(if short { &mut totals.short_abandoned } else { &mut totals.abandoned }) += 1;
                wait
            }
            (None, None) => return,
        };
        totals.wait += wait;
        totals.longest_wait = totals.longest_wait.max(Some(wait));
    }

    fn add_times(&self, totals: &mut Totals, is_of: impl Fn(Option<i64>) -> bool) {
        for interval in self.timeline.intervals(self.now) {
            if !interval.is_handled() || !is_of(interval.step.agent) {
                continue;
            }
            let length = interval.length().0;
            totals.handle += length;
            match interval.step.phase {
                Phase::Held => totals.hold += length,
                Phase::Wrapup => totals.wrapup += length,
                _ => {}
            }
        }
    }
}

impl Totals {
    /// Adds other totals to these.
    pub fn add(&mut self, other: &Totals) {
        self.entered += other.entered;
        self.served += other.served;
        self.answered += other.answered;
        self.abandoned += other.abandoned;
        self.short_abandoned += other.short_abandoned;
        self.wait += other.wait;
        self.longest_wait = self.longest_wait.max(other.longest_wait);
        self.answer += other.answer;
        self.within += other.within;
        self.handle += other.handle;
        self.hold += other.hold;
        self.wrapup += other.wrapup;
        self.transfers += other.transfers;
        self.declined += other.declined;
        self.missed += other.missed;
    }

    fn refuse(&mut self, how: Refused) {
        match how {
            Refused::Declined => self.declined += 1,
            Refused::Missed => self.missed += 1,
        }
    }

    /// Returns the figures, in the order of [`FIGURES`].
    pub fn values(&self) -> impl Iterator<Item = Value> {
        FIGURES.iter().map(|figure| (figure.value)(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_are_rounded_half_up() {
        for (sum, count, expected) in
            [(0, 1, 0), (1, 2, 1), (1, 3, 0), (2, 3, 1), (5, 2, 3), (7, 2, 4), (-1, 2, 0)]
        {
            assert_eq!(average(sum, count), Value::Integer(expected), "{sum} / {count}");
        }
        assert_eq!(average(0, 0), Value::Null);
    }
}
