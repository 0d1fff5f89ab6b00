//! What is wrong with a lifecycle, in words.
//!
//! Invariant: every fault of a lifecycle has a message, a hint and the clause that it concerns.

use std::ops::Range;

use super::definition::Typed;
use crate::domain::closed_lists::{Channel, Event, Phase};
use crate::domain::lifecycle::{Condition, Edge, Lifecycle, StateIndex, Switches};
use crate::domain::moment::Duration;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::validation::{LEAST_ROUND, Unsoundness, starts_in};
use crate::language::suggest::write_name;

/// Returns the refusal of a definition that has that fault.
pub fn refusal(fault: &Unsoundness, lifecycle: &Lifecycle, typed: &Typed) -> Refusal {
    let words = Describer { lifecycle };
    let (message, hint) = words.of(fault);
    let refusal = Refusal::new(Code::InvalidLifecycle, message).hint(hint);
    match place(fault, lifecycle, typed) {
        Some(span) => refusal.at_span(span),
        None => refusal.at_setting("customer_timeout"),
    }
}

fn place(fault: &Unsoundness, lifecycle: &Lifecycle, typed: &Typed) -> Option<Range<usize>> {
    match fault {
        Unsoundness::LeavesClosed(edge)
        | Unsoundness::BeginsOver(edge)
        | Unsoundness::TimeOfNoTimer(edge)
        | Unsoundness::TooShort(edge)
        | Unsoundness::NeverStarts(edge)
        | Unsoundness::NobodyBrought(edge)
        | Unsoundness::Both(_, edge) => typed.edges.get(*edge).cloned(),
        Unsoundness::Circle(edges, ..) => edges.first().and_then(|edge| typed.edges.get(*edge).cloned()),
        Unsoundness::Unreachable(state, _)
        | Unsoundness::NeverHousekept(state, ..)
        | Unsoundness::NeverCloses(state, ..) => typed.states.get(*state).cloned(),
        Unsoundness::NothingOpens(channel, _) => {
            let first = (0..lifecycle.states.len()).find(|state| lifecycle.uses(*state, *channel))?;
            typed.states.get(first).cloned()
        }
        Unsoundness::TimeWithoutSessions => None,
    }
}

struct Describer<'a> {
    lifecycle: &'a Lifecycle,
}

impl Describer<'_> {
    fn of(&self, fault: &Unsoundness) -> (String, String) {
        match fault {
            Unsoundness::NothingOpens(channel, switches) => self.nothing_opens(*channel, *switches),
            Unsoundness::Unreachable(state, channel) => self.unreachable(*state, *channel),
            Unsoundness::NeverHousekept(state, channel, switches) => {
                let (name, there) = (self.name(*state), self.there(*channel, *switches));
                let to = self.closed(*channel).unwrap_or_else(|| "…".to_owned());
                (
                    format!("{name} is in phase closing, but no housekeep edge leaves it {there}"),
                    format!("ON housekeep FROM {} TO {to}", write_name(name)),
                )
            }
            Unsoundness::NeverCloses(state, channel, switches) => {
                self.never_closes(*state, *channel, *switches)
            }
            Unsoundness::Circle(edges, channel, switches) => {
                let steps: Vec<String> = edges.iter().map(|edge| self.timeout(*edge)).collect();
                let (there, steps) = (self.there(*channel, *switches), steps.join(", "));
                let by_router = |edge: &usize| {
                    matches!(self.lifecycle.edges()[*edge].event, Event::Push | Event::Dispatch)
                };
                match edges.iter().any(by_router) {
                    false => (
                        format!("the timeouts form a cycle {there}: {steps}"),
                        "at least one of them must lead to a state from which no timeout leads back"
                            .to_owned(),
                    ),
                    true => (
                        format!("the router and timeouts form a cycle {there}: {steps}"),
                        format!("one of the timeouts must be AFTER {} or more", Duration(LEAST_ROUND)),
                    ),
                }
            }
            Unsoundness::TimeWithoutSessions => (
                "customer_timeout has no effect without ends_by_sessions = on".to_owned(),
                "WITH (ends_by_sessions = on, customer_timeout = '3m'), or ON customer_timeout … AFTER 3m"
                    .to_owned(),
            ),
            Unsoundness::Both(first, second) => self.both(*first, *second),
            Unsoundness::LeavesClosed(edge)
            | Unsoundness::BeginsOver(edge)
            | Unsoundness::TimeOfNoTimer(edge)
            | Unsoundness::TooShort(edge)
            | Unsoundness::NeverStarts(edge)
            | Unsoundness::NobodyBrought(edge) => self.of_edge(fault, &self.lifecycle.edges()[*edge]),
        }
    }

    fn of_edge(&self, fault: &Unsoundness, edge: &Edge) -> (String, String) {
        let (event, to) = (edge.event, self.name(edge.to));
        let from = edge.from.map_or("nothing", |from| self.name(from));
        match fault {
            Unsoundness::LeavesClosed(_) => (
                format!("{event} leaves {from}, which is closed"),
                format!("remove {} from FROM, or give it another phase", write_name(from)),
            ),
            Unsoundness::BeginsOver(_) if edge.from.is_some() => (
                format!("{event} leads to {to}, which is closing or closed"),
                "use TO with a state in which the conversation continues".to_owned(),
            ),
            Unsoundness::BeginsOver(_) => (
                format!("{event} starts in {to}, which is closing or closed"),
                "use TO with a state of phase queued or bot".to_owned(),
            ),
            Unsoundness::TimeOfNoTimer(_) if event == Event::Housekeep => {
                ("housekeep is due immediately and takes no AFTER".to_owned(), "leave AFTER out".to_owned())
            }
            Unsoundness::TimeOfNoTimer(_) => {
                (format!("{event} is not a timeout and takes no AFTER"), "leave AFTER out".to_owned())
            }
            Unsoundness::TooShort(_) => {
                let after = edge.after.map(|after| after.to_string()).unwrap_or_default();
                (format!("{event} after {after} is too early"), "the minimum is AFTER 1s".to_owned())
            }
            Unsoundness::NeverStarts(_) => self.never_starts(edge),
            _ if edge.from.is_none() => (
                format!("{event} starts in {to}, which needs an agent, but assigns none"),
                "use TO with a state of phase queued; OPEN … BY an agent then picks it immediately"
                    .to_owned(),
            ),
            _ => (
                format!("{event} leads from {from}, which has no agent, to {to}, which needs one"),
                "pick, push, assign, accept, revive and transfer_agent assign an agent".to_owned(),
            ),
        }
    }

    fn never_starts(&self, edge: &Edge) -> (String, String) {
        let starts = starts_in(edge.event).unwrap_or(|_| false);
        let phases: Vec<&str> =
            Phase::ALL.iter().filter(|phase| starts(**phase)).map(|phase| phase.name()).collect();
        let phase = edge.from.map(|from| self.lifecycle.states[from].phase);
        let (event, from) = (edge.event, edge.from.map_or("nothing", |from| self.name(from)));
        let phase = phase.map_or(String::new(), |phase| format!(" ({phase})"));
        (
            format!("{event} never occurs in {from}{phase}: the timer does not start there"),
            format!("it starts in {}; use FROM to name the states that it leaves", phases.join(", ")),
        )
    }

    fn both(&self, first: usize, second: usize) -> (String, String) {
        let edges = self.lifecycle.edges();
        let (one, other) = (&edges[first], &edges[second]);
        let when = |edge: &Edge| match edge.condition.name() {
            "" => format!("to {}", self.name(edge.to)),
            condition => format!("to {} if {condition}", self.name(edge.to)),
        };
        let from = one.from.map_or(String::new(), |from| format!(" from {}", self.name(from)));
        if one.to == other.to && one.condition == other.condition {
            return (
                format!("{}{from} is defined twice on {}", one.event, one.channel),
                "remove one of them".to_owned(),
            );
        }
        (
            format!(
                "two edges for {}{from} overlap on {}: {}, and {}",
                one.event,
                one.channel,
                when(one),
                when(other)
            ),
            "remove one, or distinguish them by CHANNEL, IF WRAPUP and IF NO WRAPUP, or IF BOT and IF NO BOT"
                .to_owned(),
        )
    }

    fn nothing_opens(&self, channel: Channel, switches: Switches) -> (String, String) {
        let states = &self.lifecycle.states;
        let fits = |phase: Phase| phase.waits() && !switches.bot || phase == Phase::Bot && switches.bot;
        let first = states.iter().find(|state| fits(state.phase) && state.channels.contains(&channel));
        let hint = match first {
            Some(state) => {
                let condition = if switches.bot { " IF BOT" } else { "" };
                format!(
                    "ON open TO {}{condition} opens one; or leave the channel out with STATE … CHANNEL",
                    write_name(&state.name)
                )
            }
            None => format!("use STATE … CHANNEL without {channel}"),
        };
        (format!("nothing opens a conversation {}", self.there(channel, switches)), hint)
    }

    fn unreachable(&self, state: StateIndex, channel: Channel) -> (String, String) {
        let name = self.name(state);
        (
            format!("state {name} cannot be reached on {channel}"),
            format!(
                "ON … TO {} leads there; or leave the channel out with STATE … CHANNEL",
                write_name(name)
            ),
        )
    }

    fn never_closes(&self, state: StateIndex, channel: Channel, switches: Switches) -> (String, String) {
        let (name, there) = (self.name(state), self.there(channel, switches));
        let event = match self.lifecycle.states[state].phase {
            Phase::Wrapup | Phase::Departed => Event::Close,
            phase if phase.holds_agent() => Event::End,
            _ => Event::CustomerEnd,
        };
        let hint = match self.closed(channel) {
            Some(closed) => {
                let other = self.other_condition(state, channel, event);
                format!("ON {event} FROM {} TO {closed}{other}, for one", write_name(name))
            }
            None => format!("no state on {channel} is closed; STATE … PHASE closed defines one"),
        };
        (format!("no closed state can be reached from {name} {there} without force_close"), hint)
    }

    /// Returns the condition that keeps a new edge for that event apart from the existing one, e.g.
    /// ` IF NO WRAPUP` next to IF WRAPUP.
    fn other_condition(&self, state: StateIndex, channel: Channel, event: Event) -> &'static str {
        let leaves = |edge: &&Edge| (edge.from, edge.channel, edge.event) == (Some(state), channel, event);
        match self.lifecycle.edges().iter().find(leaves).map(|edge| edge.condition) {
            Some(Condition::Wrapup) => " IF NO WRAPUP",
            Some(Condition::NoWrapup) => " IF WRAPUP",
            Some(Condition::Bot) => " IF NO BOT",
            Some(Condition::NoBot) => " IF BOT",
            Some(Condition::Always) | None => "",
        }
    }

    fn closed(&self, channel: Channel) -> Option<String> {
        let is_closed = |state: &StateIndex| {
            self.lifecycle.states[*state].phase == Phase::Closed && self.lifecycle.uses(*state, channel)
        };
        (0..self.lifecycle.states.len()).find(is_closed).map(|state| write_name(self.name(state)))
    }

    fn name(&self, state: StateIndex) -> &str {
        &self.lifecycle.states[state].name
    }

    fn edge(&self, edge: usize) -> String {
        let edge = &self.lifecycle.edges()[edge];
        let from = edge.from.map_or(String::new(), |from| format!(" from {}", self.name(from)));
        format!("{}{from} to {}", edge.event, self.name(edge.to))
    }

    /// Describes an edge of a cycle of timeouts. An edge that is no timeout is described with the
    /// timeout that causes it.
    fn timeout(&self, edge: usize) -> String {
        match self.lifecycle.edges()[edge].event {
            Event::CustomerLeave => format!("inactivity_timeout as {}", self.edge(edge)),
            _ => self.edge(edge),
        }
    }

    /// Returns the context of a fault, e.g. `on chat with bot = on`; only switches that matter are
    /// named.
    fn there(&self, channel: Channel, switches: Switches) -> String {
        let all = self.lifecycle.switches(channel);
        let word = |on: bool| if on { "on" } else { "off" };
        let mut settings = Vec::new();
        if all.iter().any(|one| one.bot) {
            settings.push(format!("bot = {}", word(switches.bot)));
        }
        if all.iter().any(|one| one.wrapup) {
            settings.push(format!("wrapup = {}", word(switches.wrapup)));
        }
        match settings.as_slice() {
            [] => format!("on {channel}"),
            settings => format!("on {channel} with {}", settings.join(", ")),
        }
    }
}
