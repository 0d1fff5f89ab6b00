//! Conversations as a plain walk over the views gives them.

use std::collections::BTreeMap;

use crate::support::{World, text};

pub const WAITS: [&str; 2] = ["queued", "dispatching"];
pub const HANDLED: [&str; 3] = ["active", "held", "wrapup"];
pub const OVER: [&str; 2] = ["closing", "closed"];

/// What a conversation did from one move to the next.
#[derive(Clone)]
pub struct Span {
    pub from: i64,
    pub until: i64,
    pub phase: String,
    pub agent: String,
    pub queue: String,
    pub event: String,
    pub entry: i64,
    pub seq: i64,
}

/// An offer that was not taken: who was asked, the answer, and the last move before it.
pub struct NotTaken {
    pub agent: String,
    pub answer: String,
    pub after: i64,
}

/// A conversation as a list of spans, its transfers, its offers that were not taken.
#[derive(Default)]
pub struct Record {
    pub spans: Vec<Span>,
    pub states: Vec<(String, i64, i64)>,
    pub channel: String,
    pub transfers: Vec<String>,
    pub refused: Vec<NotTaken>,
}

pub fn waits(span: &Span) -> bool {
    // A transfer to an agent that leads through a queue is one move.
    WAITS.contains(&span.phase.as_str()) && span.event != "transfer_agent"
}

impl Record {
    pub fn entered(&self) -> Option<i64> {
        self.spans.iter().find(|span| waits(span)).map(|span| span.from)
    }

    /// Whether the contact centre began it.
    pub fn is_outbound(&self) -> bool {
        self.spans.len() > 1 && self.spans[1].event == "pick" && self.spans[0].entry == self.spans[1].entry
    }

    /// When somebody first had it after it had entered, and who.
    pub fn got(&self) -> Option<(i64, String)> {
        let from = self.spans.iter().position(waits)?;
        let found = self.spans[from..].iter().find(|span| span.phase == "active");
        found.map(|span| (span.from, span.agent.clone()))
    }

    pub fn over(&self) -> Option<i64> {
        self.spans.iter().find(|span| OVER.contains(&span.phase.as_str())).map(|span| span.from)
    }

    pub fn spent(&self, phases: &[&str], agent: Option<&str>) -> i64 {
        let end = self.spans.iter().position(|span| OVER.contains(&span.phase.as_str()));
        let of = |span: &&Span| {
            phases.contains(&span.phase.as_str()) && agent.is_none_or(|agent| span.agent == agent)
        };
        self.spans[..end.unwrap_or(self.spans.len())]
            .iter()
            .filter(of)
            .map(|span| span.until - span.from)
            .sum()
    }

    /// The record from one visit of a queue to the next; what comes before the first one belongs to it.
    pub fn visits(&self) -> Vec<(usize, Record)> {
        let begins = |place: usize| {
            let before = place.checked_sub(1).map(|before| &self.spans[before]);
            waits(&self.spans[place])
                && before.is_none_or(|before| !waits(before) || before.queue != self.spans[place].queue)
        };
        let begun: Vec<usize> = (0..self.spans.len()).filter(|place| begins(*place)).collect();
        let mut parts = Vec::new();
        for (number, &place) in begun.iter().enumerate() {
            let next = begun.get(number + 1).copied().unwrap_or(self.spans.len());
            let first = if number == 0 { 0 } else { place };
            parts.push((place, Record { spans: self.spans[first..next].to_vec(), ..Record::default() }));
        }
        parts
    }

    /// Where waits after the first one begin, who had it before, and whether it ended in the wait.
    pub fn later_waits(&self) -> Vec<(usize, String, bool)> {
        let Some(first) = self.spans.iter().position(waits) else { return Vec::new() };
        let Some(had) = (first..self.spans.len()).find(|place| self.spans[*place].phase == "active") else {
            return Vec::new();
        };
        (had..self.spans.len())
            .filter(|place| waits(&self.spans[*place]) && !waits(&self.spans[place - 1]))
            .map(|place| {
                let agent = self.spans[..place].iter().rev().find(|span| !span.agent.is_empty());
                let after = self.spans[place..].iter().find(|span| !waits(span));
                let lost = after.is_some_and(|span| OVER.contains(&span.phase.as_str()));
                (place, agent.map(|span| span.agent.clone()).unwrap_or_default(), lost)
            })
            .collect()
    }
}

/// Everything, read from the views.
pub fn records(world: &mut World) -> Vec<Record> {
    let now = world.now.0;
    let mut all: BTreeMap<i64, Record> = BTreeMap::new();
    let moves = world.run(
        "SELECT transitions.conversation, at_ms, states.phase, to_agent, event, to_queue, conversations.channel, to_state, from_state, journal, seq
            FROM transitions JOIN conversations ON conversations.id = transitions.conversation
            JOIN states ON states.lifecycle = conversations.lifecycle AND states.channel = conversations.channel AND states.state = to_state
            ORDER BY seq",
    );
    let mut holder: BTreeMap<i64, String> = BTreeMap::new();
    for row in moves.rows {
        let number = |place: usize| row[place].as_integer().expect("a number");
        let (id, at) = (number(0), number(1));
        let (phase, agent) = (text(&row[2]), text(&row[3]));
        let one = all.entry(id).or_default();
        if let Some(last) = one.spans.last_mut() {
            last.until = at;
        }
        if text(&row[4]).starts_with("transfer_") {
            one.transfers.push(holder.get(&id).cloned().unwrap_or_default());
        }
        one.channel = text(&row[6]);
        if row[7] != row[8] {
            // What came after the end is nobody's.
            if let Some(last) = one.states.last_mut().filter(|last| last.2 == now) {
                last.2 = at;
            }
            if !OVER.contains(&phase.as_str()) {
                one.states.push((text(&row[7]), at, now));
            }
        }
        if !agent.is_empty() {
            holder.insert(id, agent.clone());
        }
        let (event, queue) = (text(&row[4]), text(&row[5]));
        one.spans.push(Span {
            from: at,
            until: now,
            phase,
            agent,
            queue,
            event,
            entry: number(9),
            seq: number(10),
        });
    }
    let offers = "SELECT offers.conversation, offers.agent, answer, (SELECT max(seq) FROM transitions
            WHERE transitions.conversation = offers.conversation AND (journal < changes.journal OR journal = changes.journal AND at_ms < answered_at_ms))
        FROM offers LEFT JOIN changes ON changes.kind = 'offer' AND changes.name = answer
            AND changes.object = offers.conversation AND changes.at_ms = answered_at_ms";
    for row in world.run(offers).rows {
        let one = all.get_mut(&row[0].as_integer().expect("an id")).expect("it was opened");
        let after = row[3].as_integer().unwrap_or_default();
        one.refused.push(NotTaken { agent: text(&row[1]), answer: text(&row[2]), after });
    }
    all.into_values().collect()
}
