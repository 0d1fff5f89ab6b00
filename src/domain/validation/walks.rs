//! Walks over a lifecycle on one channel, under one combination of the settings that conditions
//! test.
//!
//! Invariant: no recursion; a walk visits each edge a bounded number of times, however large the
//! graph.

use super::EdgeIndex;
use crate::domain::closed_lists::{Channel, Event, Phase};
use crate::domain::lifecycle::{Edge, Lifecycle, StateIndex, Switches};
use crate::domain::moment::Duration;

/// The part of a graph that applies to one workstream.
#[derive(Clone, Copy)]
pub(super) struct Walk<'a> {
    pub(super) lifecycle: &'a Lifecycle,
    pub(super) channel: Channel,
    pub(super) switches: Switches,
}

impl<'a> Walk<'a> {
    fn edges(self) -> impl Iterator<Item = (EdgeIndex, &'a Edge)> {
        let applies = move |edge: &Edge| edge.channel == self.channel && edge.condition.holds(self.switches);
        self.lifecycle.edges().iter().enumerate().filter(move |(_, edge)| applies(edge))
    }

    /// Returns for each state whether a conversation can reach it.
    pub(super) fn reached(self) -> Vec<bool> {
        let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); self.lifecycle.states.len()];
        let mut open = Vec::new();
        for (_, edge) in self.edges() {
            match edge.from {
                Some(from) => leaving[from].push(edge.to),
                None => open.push(edge.to),
            }
        }
        spread(open, &leaving)
    }

    /// Returns whether any event except force_close leads from a state to another one.
    pub(super) fn leads_on(self, state: StateIndex) -> bool {
        let leaves =
            |edge: &Edge| edge.from == Some(state) && edge.to != state && edge.event != Event::ForceClose;
        self.edges().any(|(_, edge)| leaves(edge))
    }

    /// Returns for each state whether a closed state can be reached from it without force_close.
    pub(super) fn closing(self) -> Vec<bool> {
        let states = &self.lifecycle.states;
        let mut coming: Vec<Vec<usize>> = vec![Vec::new(); states.len()];
        for (_, edge) in self.edges().filter(|(_, edge)| edge.event != Event::ForceClose) {
            if let Some(from) = edge.from {
                coming[edge.to].push(from);
            }
        }
        let closed = (0..states.len()).filter(|state| states[*state].phase == Phase::Closed).collect();
        spread(closed, &coming)
    }
}

fn spread(mut open: Vec<usize>, neighbours: &[Vec<usize>]) -> Vec<bool> {
    let mut seen = vec![false; neighbours.len()];
    while let Some(state) = open.pop() {
        if !std::mem::replace(&mut seen[state], true) {
            open.extend(&neighbours[state]);
        }
    }
    seen
}

/// Returns whether an edge can be followed without anybody doing anything. This is true for
/// timeouts, and for customer_leave from active if silence ends the sessions, because that timer
/// restarts with every entry. The customer's own absence ends the sessions only once.
fn by_itself(walk: &Walk<'_>, edge: &Edge) -> bool {
    let Walk { lifecycle, channel, switches } = *walk;
    let silence = |from: usize| {
        lifecycle.options.ends_by_sessions
            && lifecycle.states[from].phase == Phase::Active
            && lifecycle.step(channel, switches, Some(from), Event::InactivityTimeout).is_none()
    };
    edge.event.is_timer()
        || edge.event == Event::CustomerLeave
            && edge.from.is_some_and(|from| from != edge.to && silence(from))
}

/// The shortest time in which the router and a timeout may move a conversation back and forth, in ms.
pub const LEAST_ROUND: i64 = 10_000;

/// Returns whether an edge can be followed again and again, in no time to speak of, with the help of the
/// router. It pushes to an agent what a timeout has returned; but not to one who is not there, so
/// `agent_timeout` does not count. What nobody took is requeued only when everybody was asked.
/// `overridden` is a timeout with the duration that a workstream sets.
fn with_the_router(walk: &Walk<'_>, edge: &Edge, overridden: Option<(Event, Duration)>) -> bool {
    let after = match overridden {
        Some((timer, duration)) if timer == edge.event => Some(duration),
        _ => edge.after,
    };
    match edge.event {
        Event::AgentTimeout => false,
        Event::Push | Event::Dispatch => edge.from != Some(edge.to),
        Event::Housekeep => true,
        _ => by_itself(walk, edge) && after.is_some_and(|after| after.0 < LEAST_ROUND),
    }
}

/// Returns timeouts, and moves of the router, that lead from a state back to it without anybody doing
/// anything, or `None` if there is no such cycle.
pub(super) fn circle(walk: &Walk<'_>) -> Option<Vec<EdgeIndex>> {
    circle_of(walk, |edge| by_itself(walk, edge))
        .or_else(|| circle_of(walk, |edge| with_the_router(walk, edge, None)))
}

/// Returns such a cycle with a timeout that a workstream sets.
pub(super) fn circle_with(walk: &Walk<'_>, timer: Event, duration: Duration) -> Option<Vec<EdgeIndex>> {
    circle_of(walk, |edge| with_the_router(walk, edge, Some((timer, duration))))
}

fn circle_of(walk: &Walk<'_>, follows: impl Fn(&Edge) -> bool) -> Option<Vec<EdgeIndex>> {
    let count = walk.lifecycle.states.len();
    let timeouts: Vec<(EdgeIndex, usize, usize)> = walk
        .edges()
        .filter(|(_, edge)| follows(edge))
        .filter_map(|(index, edge)| Some((index, edge.from?, edge.to)))
        .collect();
    // Remove the edges that lead nowhere until nothing changes. What is left contains a cycle.
    let mut left = timeouts;
    loop {
        let mut goes_on = vec![false; count];
        left.iter().for_each(|(_, from, _)| goes_on[*from] = true);
        let before = left.len();
        left.retain(|(_, _, to)| goes_on[*to]);
        if left.len() == before {
            break;
        }
    }
    let mut way: Vec<(EdgeIndex, usize)> = Vec::new();
    let mut at = left.first()?.1;
    loop {
        if let Some(start) = way.iter().position(|(_, from)| *from == at) {
            return Some(way[start..].iter().map(|(edge, _)| *edge).collect());
        }
        let (edge, from, to) = left.iter().find(|(_, from, _)| *from == at)?;
        way.push((*edge, *from));
        at = *to;
    }
}
