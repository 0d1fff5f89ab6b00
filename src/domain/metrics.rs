//! The figures of SHOW SUMMARY, with their definitions in words and in code.
//!
//! Invariant: the definition of a figure is next to the function that computes it, and HELP and
//! docs/REPORTS.md are generated from it. Sums are complete before anything is divided. Times are
//! whole milliseconds; averages are rounded half up. This module deliberately does not know where
//! transitions come from, nor how rows are grouped.

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
        definition: "conversations that first came to wait in a queue (phase queued or dispatching) in the window, which includes its start and excludes its end; every other figure of the row is about these conversations, whenever it occurred. Those that the contact centre began are outbound and in no figure of waiting. BY QUEUE: every time that a conversation came to wait in this queue is one",
        value: |totals| totals.entered.into(),
    },
    Figure {
        name: "served",
        definition: "those that an agent served: they became active after entering (an agent who had one only before it entered did not serve it). BY QUEUE: those that became active from this queue. BY AGENT: those that this agent had, also outbound ones and those that came straight from a bot",
        value: |totals| totals.served.into(),
    },
    Figure {
        name: "abandoned",
        definition: "those that ended unserved after waiting at least the queue's short_abandon, as set when they entered. BY QUEUE: those that ended while they waited in this queue, whether an agent had had them before or not",
        value: |totals| totals.abandoned.into(),
    },
    Figure {
        name: "short_abandoned",
        definition: "those that ended unserved after a shorter wait",
        value: |totals| totals.short_abandoned.into(),
    },
    Figure {
        name: "average_wait_ms",
        definition: "the wait from entering to the first active, or to the end for those that never became active: the average over served and both kinds of abandoned. Conversations that still wait are not counted. BY QUEUE: the wait in this queue, which also ends where another queue begins; such waits are not in the average",
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
        definition: "the time in active, held and wrapup over all visits, including the current visit up to now and any time before it entered: the average over those served. BY QUEUE: from being served in this queue to the next wait. BY AGENT: each agent's own time",
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
    Figure {
        name: "requeued",
        definition: "waits after the first one: the conversation came back to a queue after an agent had had it. BY QUEUE: those in this queue. BY AGENT: those after this agent had it",
        value: |totals| totals.requeued.into(),
    },
    Figure {
        name: "lost",
        definition: "conversations that ended in such a wait",
        value: |totals| totals.lost.into(),
    },
    Figure {
        name: "outbound",
        definition: "conversations that the contact centre began in the window: opened BY an agent, or by a message TO a customer. BY AGENT: those that this agent began",
        value: |totals| totals.outbound.into(),
    },
    Figure {
        name: "contained",
        definition: "conversations that a bot ended in the window (END BY BOT), without an agent",
        value: |totals| totals.contained.into(),
    },
    Figure {
        name: "handed_over",
        definition: "conversations that went from a bot to a queue or an agent in the window. BY AGENT: for the agent who had it first",
        value: |totals| totals.handed_over.into(),
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
    pub(super) entered: i64,
    pub(super) served: i64,
    /// Conversations served, counted once, for the agent who answered first.
    pub(super) answered: i64,
    pub(super) abandoned: i64,
    pub(super) short_abandoned: i64,
    pub(super) wait: i64,
    pub(super) longest_wait: Option<i64>,
    pub(super) answer: i64,
    pub(super) within: i64,
    pub(super) handle: i64,
    pub(super) hold: i64,
    pub(super) wrapup: i64,
    pub(super) transfers: i64,
    pub(super) declined: i64,
    pub(super) missed: i64,
    pub(super) requeued: i64,
    pub(super) lost: i64,
    pub(super) outbound: i64,
    pub(super) contained: i64,
    pub(super) handed_over: i64,
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
        self.requeued += other.requeued;
        self.lost += other.lost;
        self.outbound += other.outbound;
        self.contained += other.contained;
        self.handed_over += other.handed_over;
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
