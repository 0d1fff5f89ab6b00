//! The definition of a lifecycle: its options, states and edges, the rows they are stored as, and
//! their digest.
//!
//! Invariant: the digest covers every column of every row in the order of their keys, so writing
//! and verifying give the same digest. This module deliberately does not judge whether a definition
//! is valid.

use super::journal::{Changes, Field, Hash, Table};
use super::lifecycle::{Edge, LifecycleOptions, State};
use super::moment::Duration;

/// The definition of a lifecycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecycleDefinition {
    /// The options.
    pub options: LifecycleOptions,
    /// The states, in order.
    pub states: Vec<State>,
    /// The edges.
    pub edges: Vec<Edge>,
}

/// A state on a channel, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateRow<'a> {
    /// The name of the state.
    pub state: &'a str,
    /// The channel.
    pub channel: &'static str,
    /// The phase of the state.
    pub phase: &'static str,
    /// The place in the list of states, from 1.
    pub position: i64,
}

/// An edge, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdgeRow<'a> {
    /// The channel.
    pub channel: &'static str,
    /// The state it leaves; empty if it creates the conversation.
    pub from_state: &'a str,
    /// The event that causes it.
    pub event: &'static str,
    /// The condition under which it applies; empty: always.
    pub condition: &'static str,
    /// The state it leads to.
    pub to_state: &'a str,
    /// The phase of `to_state`.
    pub to_phase: &'static str,
    /// The default duration of a timeout; `None` for other events, and for a timeout that is off.
    pub after: Option<Duration>,
}

impl LifecycleDefinition {
    /// Returns one row per state and channel, in the order of their keys.
    pub fn state_rows(&self) -> Vec<StateRow<'_>> {
        let mut rows: Vec<StateRow<'_>> = Vec::new();
        for (position, state) in (1..).zip(&self.states) {
            rows.extend(state.channels.iter().map(|channel| StateRow {
                state: &state.name,
                channel: channel.name(),
                phase: state.phase.name(),
                position,
            }));
        }
        rows.sort_by_key(|row| (row.state, row.channel));
        rows
    }

    /// Returns one row per edge, in the order of their keys.
    pub fn edge_rows(&self) -> Vec<EdgeRow<'_>> {
        let row = |edge: &Edge| EdgeRow {
            channel: edge.channel.name(),
            from_state: edge.from.map_or("", |from| &*self.states[from].name),
            event: edge.event.name(),
            condition: edge.condition.name(),
            to_state: &self.states[edge.to].name,
            to_phase: self.states[edge.to].phase.name(),
            after: edge.after,
        };
        let mut rows: Vec<EdgeRow<'_>> = self.edges.iter().map(row).collect();
        rows.sort_by_key(|row| (row.channel, row.from_state, row.event, row.condition));
        rows
    }

    /// Returns the number of edges, counting edges that differ only in the channel once.
    pub fn moves(&self) -> usize {
        let mut moves: Vec<_> = self
            .edge_rows()
            .into_iter()
            .map(|row| (row.from_state, row.event, row.condition, row.to_state))
            .collect();
        moves.sort_unstable();
        moves.dedup();
        moves.len()
    }

    /// Returns the digest of the whole definition that is stored in the hash chain.
    pub fn digest(&self) -> Hash {
        let mut rows = Changes::default();
        let on = |option: bool| Field::Text(if option { "on" } else { "off" });
        let presences = if self.options.transfer_to_any_presence { "any" } else { "allowed" };
        rows.add(
            Table::Change,
            &[
                on(self.options.one_per_customer),
                on(self.options.ends_by_sessions),
                self.options.customer_timeout.map(|time| time.0).into(),
                presences.into(),
            ],
        );
        for row in self.state_rows() {
            let fields = [row.state.into(), row.channel.into(), row.phase.into(), row.position.into()];
            rows.add(Table::Change, &fields);
        }
        for row in self.edge_rows() {
            rows.add(
                Table::Change,
                &[
                    row.channel.into(),
                    row.from_state.into(),
                    row.event.into(),
                    row.condition.into(),
                    row.to_state.into(),
                    row.to_phase.into(),
                    row.after.map(|time| time.0).into(),
                ],
            );
        }
        rows.digest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::closed_lists::{Channel, Event, Phase};
    use crate::domain::lifecycle::Condition;

    fn definition() -> LifecycleDefinition {
        let state = |name: &str, phase| State { name: name.into(), phase, channels: Channel::ALL.to_vec() };
        let edge = |from, event, to| Edge {
            channel: Channel::Chat,
            from,
            event,
            condition: Condition::Always,
            to,
            after: None,
        };
        LifecycleDefinition {
            options: LifecycleOptions::default(),
            states: vec![state("Open", Phase::Queued), state("Closed", Phase::Closed)],
            edges: vec![edge(None, Event::Open, 0), edge(Some(0), Event::End, 1)],
        }
    }

    #[test]
    fn the_digest_covers_everything_and_not_the_order_of_typing() {
        let first = definition().digest();
        let mut same = definition();
        same.edges.reverse();
        same.states[0].channels.reverse();
        assert_eq!(same.digest(), first);
        let changes: [fn(&mut LifecycleDefinition); 9] = [
            |definition| definition.options.one_per_customer = true,
            |definition| definition.options.ends_by_sessions = true,
            |definition| definition.options.customer_timeout = Some(Duration(1000)),
            |definition| definition.options.transfer_to_any_presence = true,
            |definition| definition.states[0].name = "open".into(),
            |definition| definition.states[0].phase = Phase::Dispatching,
            |definition| definition.edges[1].condition = Condition::Bot,
            |definition| definition.edges[1].after = Some(Duration(1000)),
            |definition| definition.edges.truncate(1),
        ];
        for (place, change) in changes.iter().enumerate() {
            let mut other = definition();
            change(&mut other);
            assert_ne!(other.digest(), first, "change {place}");
        }
    }
}
