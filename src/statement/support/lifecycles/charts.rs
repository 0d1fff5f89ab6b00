//! A lifecycle as a graph, in the syntax of Mermaid or Graphviz.
//!
//! Invariant: the output is valid whatever the states are called, and shows their names: names are
//! quoted and escaped, and edges refer to states by aliases. This module deliberately does not know
//! where the lifecycle is stored.

use std::collections::BTreeMap;

use crate::domain::closed_lists::{Channel, Event, Phase};
use crate::domain::lifecycle::{Condition, Edge, Lifecycle, StateIndex};
use crate::domain::moment::Duration;

/// All transitions between two states, as labels.
struct Arrow {
    from: Option<StateIndex>,
    to: StateIndex,
    moves: Vec<String>,
}

/// The parts of an edge that its label shows.
type ArrowLabel = (Event, Condition, Option<Duration>);
/// The labels between two states, each with its channels.
type Moves = Vec<(ArrowLabel, Vec<Channel>)>;

/// Returns the arrows of a lifecycle, in the order of the states and of the event list.
fn arrows(lifecycle: &Lifecycle) -> Vec<Arrow> {
    let mut pairs: BTreeMap<(Option<StateIndex>, StateIndex), Moves> = BTreeMap::new();
    let mut edges: Vec<&Edge> = lifecycle.edges().iter().collect();
    edges.sort_by_key(|edge| (edge.event, edge.channel, edge.condition.name()));
    for edge in edges {
        let moves = pairs.entry((edge.from, edge.to)).or_default();
        let one = (edge.event, edge.condition, edge.after);
        match moves.iter_mut().find(|(known, _)| *known == one) {
            Some((_, channels)) => channels.push(edge.channel),
            None => moves.push((one, vec![edge.channel])),
        }
    }
    let arrow = |((from, to), moves): ((Option<StateIndex>, StateIndex), Moves)| {
        let all = shared_channels(lifecycle, from, to);
        Arrow { from, to, moves: moves.iter().map(|(one, channels)| label(one, channels, &all)).collect() }
    };
    pairs.into_iter().map(arrow).collect()
}

/// Returns a label such as `end`, `end (wrapup)` or `wrapup_timeout (not chat, 1d)`.
///
/// Channels are listed only if the edge does not apply to all channels on which both states are
/// used.
fn label((event, condition, after): &ArrowLabel, channels: &[Channel], all: &[Channel]) -> String {
    let missing: Vec<&Channel> = all.iter().filter(|channel| !channels.contains(channel)).collect();
    let mut more: Vec<String> = match missing.as_slice() {
        [] => Vec::new(),
        [one] if channels.len() > 1 => vec![format!("not {one}")],
        _ => channels.iter().map(|channel| channel.name().to_owned()).collect(),
    };
    more.extend(Some(condition.name().to_owned()).filter(|words| !words.is_empty()));
    more.extend(after.map(|after| after.to_string()));
    if more.is_empty() { event.name().to_owned() } else { format!("{event} ({})", more.join(", ")) }
}

/// Returns the channels on which both ends of an edge are used.
pub fn shared_channels(lifecycle: &Lifecycle, from: Option<StateIndex>, to: StateIndex) -> Vec<Channel> {
    let both = |channel: &Channel| {
        lifecycle.uses(to, *channel) && from.is_none_or(|from| lifecycle.uses(from, *channel))
    };
    Channel::ALL.iter().copied().filter(both).collect()
}

/// Renders a Mermaid stateDiagram-v2.
pub fn mermaid(lifecycle: &Lifecycle) -> String {
    let mut lines = vec!["stateDiagram-v2".to_owned()];
    let alias = |state: StateIndex| match &lifecycle.states[state].name {
        name if is_plain(name) => name.to_string(),
        _ => format!("state_{}", state + 1),
    };
    for (index, state) in lifecycle.states.iter().enumerate() {
        lines.push(match is_plain(&state.name) {
            true => format!("    {}", state.name),
            false => format!("    state \"{}\" as {}", entities(&state.name), alias(index)),
        });
    }
    for arrow in arrows(lifecycle) {
        let from = arrow.from.map_or_else(|| "[*]".to_owned(), alias);
        lines.push(format!("    {from} --> {} : {}", alias(arrow.to), arrow.moves.join(", ")));
    }
    let closed = |(_, state): &(usize, &crate::domain::lifecycle::State)| state.phase == Phase::Closed;
    let ends = lifecycle.states.iter().enumerate().filter(closed);
    lines.extend(ends.map(|(state, _)| format!("    {} --> [*]", alias(state))));
    lines.join("\n")
}

/// Keywords of Mermaid that cannot be used as the name of a state.
const MERMAIDS: [&str; 14] = [
    "state",
    "note",
    "end",
    "as",
    "class",
    "classdef",
    "style",
    "click",
    "direction",
    "scale",
    "default",
    "title",
    "hide",
    "namespace",
];

/// Whether Mermaid accepts a name without quotes.
fn is_plain(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !lower.starts_with("state_")
        && !MERMAIDS.contains(&lower.as_str())
}

/// Escapes a name for Mermaid: punctuation becomes a numeric entity.
fn entities(name: &str) -> String {
    let safe =
        |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_' | '.' | ',' | '\'');
    name.chars()
        .map(|letter| if safe(&letter) { letter.to_string() } else { format!("#{};", u32::from(letter)) })
        .collect()
}

/// Renders a Graphviz digraph; shape and colour show the phase.
pub fn dot(lifecycle: &Lifecycle) -> String {
    let mut lines = vec![
        format!("digraph {} {{", quoted(&lifecycle.name)),
        "    rankdir = LR;".to_owned(),
        "    node [style = filled, fontname = \"sans-serif\"];".to_owned(),
        "    edge [fontname = \"sans-serif\", fontsize = 10];".to_owned(),
        "    start [shape = point, label = \"\"];".to_owned(),
    ];
    for (index, state) in lifecycle.states.iter().enumerate() {
        let (shape, colour) = appearance(state.phase);
        lines.push(format!(
            "    s{} [label = {}, tooltip = \"{}\", shape = {shape}, fillcolor = \"{colour}\"];",
            index + 1,
            quoted(&state.name),
            state.phase
        ));
    }
    for arrow in arrows(lifecycle) {
        let from = arrow.from.map_or_else(|| "start".to_owned(), |from| format!("s{}", from + 1));
        lines.push(format!("    {from} -> s{} [label = \"{}\"];", arrow.to + 1, arrow.moves.join("\\n")));
    }
    lines.push("}".to_owned());
    lines.join("\n")
}

/// Quotes text for Graphviz.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn appearance(phase: Phase) -> (&'static str, &'static str) {
    match phase {
        Phase::Bot => ("hexagon", "#e8e8e8"),
        Phase::Queued => ("box", "#fff3c4"),
        Phase::Dispatching => ("box", "#ffe08a"),
        Phase::Active => ("ellipse", "#c8e6c9"),
        Phase::Held => ("ellipse", "#dcedc8"),
        Phase::Parked => ("box", "#d6e4f5"),
        Phase::Departed => ("ellipse", "#f5d9c8"),
        Phase::Wrapup => ("ellipse", "#e1d5f0"),
        Phase::Closing => ("doublecircle", "#eeeeee"),
        Phase::Closed => ("doublecircle", "#ffffff"),
    }
}
