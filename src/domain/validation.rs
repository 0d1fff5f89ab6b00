//! Checks that a lifecycle is sound: every conversation can begin and end, and never gets stuck.
//!
//! Invariant: the result depends on the rows alone. A lifecycle that passes needs no special rule
//! anywhere else; the four built-in ones pass. This module deliberately does not know how a problem
//! is put into words.

use super::closed_lists::{Channel, Event, Phase};
use super::lifecycle::{Condition, Edge, Lifecycle, StateIndex, Switches};
use super::moment::Duration;
pub use walks::LEAST_ROUND;
use walks::{Walk, circle, circle_with};

mod walks;

/// The index of an edge in its lifecycle's list.
pub type EdgeIndex = usize;

/// What is wrong with a lifecycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsoundness {
    /// An edge leaves a closed state.
    LeavesClosed(EdgeIndex),
    /// An event that opens a conversation, or brings an agent or the customer, leads to a state in
    /// which the conversation is over.
    BeginsOver(EdgeIndex),
    /// A duration on an event that is not a timeout, or on one that is always due at once.
    TimeOfNoTimer(EdgeIndex),
    /// A duration below the minimum.
    TooShort(EdgeIndex),
    /// A timeout leaves a state in which its timer never starts.
    NeverStarts(EdgeIndex),
    /// An edge leads to a state that requires an agent, but does not bring one.
    NobodyBrought(EdgeIndex),
    /// Two edges can both apply.
    Both(EdgeIndex, EdgeIndex),
    /// The option customer_timeout has no effect in this lifecycle.
    TimeWithoutSessions,
    /// Nothing opens a conversation there.
    NothingOpens(Channel, Switches),
    /// No conversation reaches that state there, under any settings.
    Unreachable(StateIndex, Channel),
    /// The closing state is never left by housekeep.
    NeverHousekept(StateIndex, Channel, Switches),
    /// No closed state can be reached from that state, except by force_close.
    NeverCloses(StateIndex, Channel, Switches),
    /// These timeouts, and moves of the router, form a cycle.
    Circle(Vec<EdgeIndex>, Channel, Switches),
}

/// The minimum duration of a timeout, in ms.
pub const LEAST_TIMEOUT: i64 = 1_000;

/// Returns a test for the phases in which a timer starts, or `None` if the event has no timer.
pub fn starts_in(timer: Event) -> Option<fn(Phase) -> bool> {
    Some(match timer {
        Event::QueueTimeout => Phase::waits,
        Event::CustomerTimeout | Event::InactivityTimeout => |phase| !phase.is_over(),
        Event::AgentTimeout => Phase::holds_agent,
        Event::ResponseTimeout => |phase| phase == Phase::Active,
        Event::HoldTimeout => |phase| phase == Phase::Held,
        Event::WaitingTimeout => |phase| phase == Phase::Parked,
        Event::WrapupTimeout => Phase::winds_up,
        Event::Housekeep => |phase| phase == Phase::Closing,
        _ => return None,
    })
}

/// Returns whether the event assigns a conversation to an agent.
pub fn brings_agent(event: Event) -> bool {
    use Event::{Accept, Assign, Pick, Push, Revive, TransferAgent};
    matches!(event, Pick | Push | Assign | Accept | Revive | TransferAgent)
}

/// Returns whether the event brings somebody who continues the conversation, which therefore cannot
/// be over.
fn begins(event: Event) -> bool {
    event.opens() || brings_agent(event) || event == Event::CustomerReturn
}

/// Returns the first problem of a lifecycle: it checks each edge, then pairs of edges, then the
/// whole graph.
pub fn fault(lifecycle: &Lifecycle) -> Option<Unsoundness> {
    let edges = lifecycle.edges();
    edges
        .iter()
        .enumerate()
        .find_map(|(index, edge)| edge_fault(lifecycle, index, edge))
        .or_else(|| overlap(edges))
        .or_else(|| option_fault(lifecycle))
        .or_else(|| Channel::ALL.iter().find_map(|channel| opening_fault(lifecycle, *channel)))
        .or_else(|| Channel::ALL.iter().find_map(|channel| unreachable(lifecycle, *channel)))
        .or_else(|| Channel::ALL.iter().find_map(|channel| endless(lifecycle, *channel)))
}

fn edge_fault(lifecycle: &Lifecycle, index: EdgeIndex, edge: &Edge) -> Option<Unsoundness> {
    let phase = |state: StateIndex| lifecycle.states[state].phase;
    let from = edge.from.map(phase);
    let starts = starts_in(edge.event);
    let timed = starts.is_some() && edge.event != Event::Housekeep;
    if from == Some(Phase::Closed) {
        Some(Unsoundness::LeavesClosed(index))
    } else if begins(edge.event) && phase(edge.to).is_over() {
        Some(Unsoundness::BeginsOver(index))
    } else if edge.after.is_some() && !timed {
        Some(Unsoundness::TimeOfNoTimer(index))
    } else if edge.after.is_some_and(|after| after.0 < LEAST_TIMEOUT) {
        Some(Unsoundness::TooShort(index))
    } else if starts.is_some_and(|starts| !from.is_some_and(starts)) {
        Some(Unsoundness::NeverStarts(index))
    } else if phase(edge.to).holds_agent()
        && !from.is_some_and(Phase::holds_agent)
        && !brings_agent(edge.event)
    {
        Some(Unsoundness::NobodyBrought(index))
    } else {
        None
    }
}

/// Returns the first two edges of the same state, event and channel whose conditions can both hold.
fn overlap(edges: &[Edge]) -> Option<Unsoundness> {
    let meets = |first: &Edge, second: &Edge| {
        (first.from, first.event, first.channel) == (second.from, second.event, second.channel)
            && can_both_hold(first.condition, second.condition)
    };
    let mut sorted: Vec<EdgeIndex> = (0..edges.len()).collect();
    let key = |index: &EdgeIndex| (edges[*index].from, edges[*index].event, edges[*index].channel, *index);
    sorted.sort_by_key(key);
    let same = |first: &EdgeIndex, second: &EdgeIndex| {
        let place = |index: &EdgeIndex| (edges[*index].from, edges[*index].event, edges[*index].channel);
        place(first) == place(second)
    };
    let pairs = sorted.chunk_by(same).filter_map(|group| {
        let pair = |second: usize| {
            let met = group[..second].iter().find(|first| meets(&edges[**first], &edges[group[second]]));
            met.map(|first| (group[second], *first))
        };
        (1..group.len()).find_map(pair)
    });
    pairs.min().map(|(second, first)| Unsoundness::Both(first, second))
}

/// Returns whether some settings satisfy both conditions.
pub fn can_both_hold(one: Condition, other: Condition) -> bool {
    [false, true].iter().any(|bot| {
        [false, true].iter().any(|wrapup| {
            let switches = Switches { bot: *bot, wrapup: *wrapup };
            one.holds(switches) && other.holds(switches)
        })
    })
}

fn option_fault(lifecycle: &Lifecycle) -> Option<Unsoundness> {
    let options = lifecycle.options;
    (options.customer_timeout.is_some() && !options.ends_by_sessions)
        .then_some(Unsoundness::TimeWithoutSessions)
}

/// Finds settings of a channel in use under which no customer can open a conversation.
fn opening_fault(lifecycle: &Lifecycle, channel: Channel) -> Option<Unsoundness> {
    if !(0..lifecycle.states.len()).any(|state| lifecycle.uses(state, channel)) {
        return None;
    }
    let opens = |switches: &Switches| {
        let has = |event| lifecycle.step(channel, *switches, None, event).is_some();
        has(Event::Open) || !switches.bot && has(Event::OpenQueued)
    };
    let shut = lifecycle.switches(channel).into_iter().find(|switches| !opens(switches));
    shut.map(|switches| Unsoundness::NothingOpens(channel, switches))
}

fn unreachable(lifecycle: &Lifecycle, channel: Channel) -> Option<Unsoundness> {
    let mut reached = vec![false; lifecycle.states.len()];
    for switches in lifecycle.switches(channel) {
        let walk = Walk { lifecycle, channel, switches };
        walk.reached().iter().zip(&mut reached).for_each(|(now, ever)| *ever |= now);
    }
    (0..reached.len())
        .find(|state| lifecycle.uses(*state, channel) && !reached[*state])
        .map(|state| Unsoundness::Unreachable(state, channel))
}

/// Returns whether a timeout of this duration would let the router and timeouts move a conversation back
/// and forth in no time to speak of.
pub fn spins(lifecycle: &Lifecycle, channel: Channel, timer: Event, duration: Duration) -> bool {
    let mut switches = lifecycle.switches(channel).into_iter();
    switches.any(|switches| circle_with(&Walk { lifecycle, channel, switches }, timer, duration).is_some())
}

/// Finds a state from which no closed state can be reached, or a cycle of timeouts.
fn endless(lifecycle: &Lifecycle, channel: Channel) -> Option<Unsoundness> {
    lifecycle.switches(channel).into_iter().find_map(|switches| {
        let walk = Walk { lifecycle, channel, switches };
        let used = || (0..lifecycle.states.len()).filter(|state| lifecycle.uses(*state, channel));
        let untidy = |state: &StateIndex| {
            lifecycle.states[*state].phase == Phase::Closing
                && lifecycle.step(channel, switches, Some(*state), Event::Housekeep).is_none()
        };
        let closing = walk.closing();
        used()
            .find(untidy)
            .map(|state| Unsoundness::NeverHousekept(state, channel, switches))
            .or_else(|| {
                let stuck = || used().filter(|state| !closing[*state]);
                // Report the dead end itself rather than the states that lead to it.
                let end = stuck().find(|state| !walk.leads_on(*state)).or_else(|| stuck().next());
                end.map(|state| Unsoundness::NeverCloses(state, channel, switches))
            })
            .or_else(|| circle(&walk).map(|edges| Unsoundness::Circle(edges, channel, switches)))
    })
}

#[cfg(test)]
mod tests;
