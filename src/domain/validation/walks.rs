//! Walks over a lifecycle on one channel, under one setting of what its conditions test.
//!
//! Invariant: no recursion; a walk visits each edge a bounded number of times, however large the graph.

use super::EdgeIndex;
use crate::domain::closed_lists::{Channel, Event, Phase};
use crate::domain::lifecycle::{Edge, Lifecycle, StateIndex, Switches};

/// The part of a graph that one workstream sees.
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

    /// For each state: whether a conversation can come there.
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

    /// Whether anything but force leads from that state to another.
    pub(super) fn leads_on(self, state: StateIndex) -> bool {
        let leaves =
            |edge: &Edge| edge.from == Some(state) && edge.to != state && edge.event != Event::ForceClose;
        self.edges().any(|(_, edge)| leaves(edge))
    }

    /// For each state: whether a closed one can be reached from it without force.
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

/// Whether an edge happens with nobody doing anything: a timeout; or customer_leave from active where the end of the
/// sessions is what silence means, which begins anew with every entry. The customer's own absence ends them once.
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

/// Timeouts that lead from a state back to it, with nobody doing anything; none: there is no such circle.
pub(super) fn circle(walk: &Walk<'_>) -> Option<Vec<EdgeIndex>> {
    let count = walk.lifecycle.states.len();
    let timeouts: Vec<(EdgeIndex, usize, usize)> = walk
        .edges()
        .filter(|(_, edge)| by_itself(walk, edge))
        .filter_map(|(index, edge)| Some((index, edge.from?, edge.to)))
        .collect();
    // What has no way on is taken away until nothing changes: what is left goes round.
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
