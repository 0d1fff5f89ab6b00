//! A lifecycle as the statement that creates it: SHOW LIFECYCLE … AS SCRIPT.
//!
//! Invariant: the statement, run under another name, creates the same states, edges and options,
//! row for row. FROM and CHANNEL are written only if leaving them out would mean something else.

use std::collections::BTreeMap;

use super::charts::shared_channels;
use crate::domain::closed_lists::{Channel, Event};
use crate::domain::lifecycle::{Condition, Edge, Lifecycle, StateIndex};
use crate::domain::moment::Duration;
use crate::language::suggest::{quote_name, quote_text, write_name};

/// Names that are quoted although the parser accepts them, since people could misread them as
/// keywords.
const OWN_WORDS: [&str; 8] = ["STATE", "PHASE", "CHANNEL", "ON", "FROM", "TO", "IF", "AFTER"];

/// Renders the CREATE LIFECYCLE statement.
pub fn script(lifecycle: &Lifecycle) -> String {
    let mut rows = state_rows(lifecycle);
    align(&mut rows);
    let mut edges = edge_rows(lifecycle);
    align(&mut edges);
    rows.append(&mut edges);
    let lines: Vec<String> = rows.iter().map(|row| format!("    {}", row.join(" ").trim_end())).collect();
    format!("CREATE LIFECYCLE {}{} (\n{}\n);", name(&lifecycle.name), options(lifecycle), lines.join(",\n"))
}

/// Pads every cell but the last to the width of its column, and removes empty columns.
fn align(rows: &mut [Vec<String>]) {
    let columns = rows.first().map_or(0, Vec::len);
    for column in (0..columns).rev() {
        let width = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        for row in rows.iter_mut() {
            match width {
                0 => drop(row.remove(column)),
                _ if column + 1 == columns => {}
                _ => row[column] = format!("{:width$}", row[column]),
            }
        }
    }
}

fn name(name: &str) -> String {
    match OWN_WORDS.iter().any(|word| word.eq_ignore_ascii_case(name)) {
        true => quote_name(name),
        false => write_name(name),
    }
}

fn options(lifecycle: &Lifecycle) -> String {
    let options = lifecycle.options;
    let mut settings = Vec::new();
    settings.extend(options.one_per_customer.then(|| "one_per_customer = on".to_owned()));
    settings.extend(options.ends_by_sessions.then(|| "ends_by_sessions = on".to_owned()));
    let timeout = options.customer_timeout;
    settings.extend(timeout.map(|time| format!("customer_timeout = {}", quote_text(&time.to_string()))));
    settings.extend(options.transfer_to_any_presence.then(|| "transfer_presences = any".to_owned()));
    if settings.is_empty() { String::new() } else { format!(" WITH ({})", settings.join(", ")) }
}

fn channel_list(channels: &[Channel]) -> String {
    let names: Vec<&str> = channels.iter().map(|channel| channel.name()).collect();
    format!("CHANNEL {}", names.join(", "))
}

fn state_rows(lifecycle: &Lifecycle) -> Vec<Vec<String>> {
    let row = |state: &crate::domain::lifecycle::State| {
        let on: Vec<Channel> =
            Channel::ALL.iter().copied().filter(|channel| state.channels.contains(channel)).collect();
        let channels = if on == Channel::ALL { String::new() } else { channel_list(&on) };
        vec![format!("STATE {}", name(&state.name)), format!("PHASE {}", state.phase), channels]
    };
    lifecycle.states.iter().map(row).collect()
}

/// Edges that differ only in their source state and their channels.
struct Bundle {
    event: Event,
    to: StateIndex,
    condition: Condition,
    after: Option<Duration>,
    channels: BTreeMap<Option<StateIndex>, Vec<Channel>>,
}

/// One `ON …` clause. An empty `from` means every open state, or creation; empty `channels` means
/// all on which both ends are used.
struct EdgeClause {
    from: Vec<StateIndex>,
    channels: Vec<Channel>,
    /// The sort key of the clause: 0 for creation, otherwise 1 + the index of its first source
    /// state; clauses without FROM come last.
    place: usize,
}

fn edge_rows(lifecycle: &Lifecycle) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for bundle in bundles(lifecycle) {
        for clause in bundle.clauses(lifecycle) {
            let order = (
                clause.place,
                bundle.event,
                bundle.to,
                clause.channels.first().copied(),
                bundle.condition.name(),
            );
            rows.push((order, bundle.row(lifecycle, &clause)));
        }
    }
    rows.sort_by_key(|(order, _)| *order);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn bundles(lifecycle: &Lifecycle) -> Vec<Bundle> {
    let mut bundles: Vec<Bundle> = Vec::new();
    let mut edges: Vec<&Edge> = lifecycle.edges().iter().collect();
    edges.sort_by_key(|edge| {
        (edge.event, edge.to, edge.condition.name(), edge.after, edge.from, edge.channel)
    });
    for edge in edges {
        let same = |bundle: &&mut Bundle| {
            (bundle.event, bundle.to, bundle.condition, bundle.after)
                == (edge.event, edge.to, edge.condition, edge.after)
        };
        match bundles.last_mut().filter(same) {
            Some(bundle) => bundle.channels.entry(edge.from).or_default().push(edge.channel),
            None => bundles.push(Bundle {
                event: edge.event,
                to: edge.to,
                condition: edge.condition,
                after: edge.after,
                channels: BTreeMap::from([(edge.from, vec![edge.channel])]),
            }),
        }
    }
    bundles
}

impl Bundle {
    fn clauses(&self, lifecycle: &Lifecycle) -> Vec<EdgeClause> {
        if let Some(creation) = self.channels.get(&None) {
            let all = shared_channels(lifecycle, None, self.to);
            let channels = if *creation == all { Vec::new() } else { creation.clone() };
            return vec![EdgeClause { from: Vec::new(), channels, place: 0 }];
        }
        if let Some(channels) = self.of_every_state(lifecycle) {
            return vec![EdgeClause { from: Vec::new(), channels, place: usize::MAX }];
        }
        let [by_channels, by_default] = [false, true].map(|defaults| self.grouped(lifecycle, defaults));
        if by_default.len() < by_channels.len() { by_default } else { by_channels }
    }

    /// Returns the channels to write if the edges leave every open state; empty if CHANNEL can be
    /// omitted.
    ///
    /// None: the edges do not leave every open state on the same channels.
    fn of_every_state(&self, lifecycle: &Lifecycle) -> Option<Vec<Channel>> {
        let on: Vec<Channel> = Channel::ALL
            .iter()
            .copied()
            .filter(|channel| self.channels.values().any(|channels| channels.contains(channel)))
            .collect();
        let open = (0..lifecycle.states.len()).filter(|state| !lifecycle.states[*state].phase.is_over());
        let meant = |state: StateIndex, among: &[Channel]| -> Vec<Channel> {
            let all = shared_channels(lifecycle, Some(state), self.to);
            all.into_iter().filter(|channel| among.contains(channel)).collect()
        };
        let drawn = |among: &[Channel]| -> BTreeMap<Option<StateIndex>, Vec<Channel>> {
            let states = open.clone().map(|state| (Some(state), meant(state, among)));
            states.filter(|(_, channels)| !channels.is_empty()).collect()
        };
        if drawn(Channel::ALL) == self.channels {
            return Some(Vec::new());
        }
        (drawn(&on) == self.channels).then_some(on)
    }

    /// Groups source states that have the same channels.
    ///
    /// With `defaults_first`, the states that need no CHANNEL form a group of their own.
    fn grouped(&self, lifecycle: &Lifecycle, defaults_first: bool) -> Vec<EdgeClause> {
        let mut groups: BTreeMap<Vec<Channel>, Vec<StateIndex>> = BTreeMap::new();
        let by_default = |state: StateIndex, channels: &[Channel]| {
            shared_channels(lifecycle, Some(state), self.to) == channels
        };
        for (from, channels) in &self.channels {
            let Some(state) = *from else { continue };
            let key =
                if defaults_first && by_default(state, channels) { Vec::new() } else { channels.clone() };
            groups.entry(key).or_default().push(state);
        }
        let clause = |(mut channels, from): (Vec<Channel>, Vec<StateIndex>)| {
            if from.iter().all(|state| by_default(*state, &channels)) {
                channels.clear();
            }
            EdgeClause { place: from.first().map_or(0, |state| state + 1), from, channels }
        };
        groups.into_iter().map(clause).collect()
    }

    fn row(&self, lifecycle: &Lifecycle, clause: &EdgeClause) -> Vec<String> {
        let states: Vec<String> =
            clause.from.iter().map(|state| name(&lifecycle.states[*state].name)).collect();
        let mut rest = Vec::new();
        if !clause.channels.is_empty() {
            rest.push(channel_list(&clause.channels));
        }
        if self.condition != Condition::Always {
            rest.push(format!("IF {}", self.condition.name().to_ascii_uppercase()));
        }
        rest.extend(self.after.map(|after| format!("AFTER {after}")));
        vec![
            format!("ON {}", self.event),
            if states.is_empty() { String::new() } else { format!("FROM {}", states.join(", ")) },
            format!("TO {}", name(&lifecycle.states[self.to].name)),
            rest.join(" "),
        ]
    }
}
