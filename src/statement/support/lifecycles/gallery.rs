//! docs/LIFECYCLES.md: the built-in lifecycles, rendered from their rows.
//!
//! Invariant: the file in docs equals this text; a test compares them.

use super::charts::{mermaid, shared_channels};
use crate::domain::closed_lists::Channel;
use crate::domain::lifecycle::{Edge, Lifecycle};

/// One sentence for each built-in lifecycle, in their order.
const ABOUT: [&str; 4] = [
    "The state graph of 2019, with the report of ongoing conversations and with disconnected chats.",
    "A bot first, then a dispatch pool with a limit, from which the router assigns.",
    "The state depends on who is present: the customer, an agent, or both.",
    "The state graph of 2025, one for all channels.",
];

/// Returns the text of docs/LIFECYCLES.md.
pub fn document(built_in: &[impl AsRef<Lifecycle>]) -> String {
    let mut text = String::from(
        "# The built-in lifecycles\n\nRendered from the rows of a new file. `SHOW LIFECYCLE … AS MERMAID`, `AS DOT` and `AS SCRIPT` show any\nlifecycle in these forms, and `CREATE LIFECYCLE` defines more (STATEMENTS.md). An edge applies to every\nchannel on which both its states are used, unless channels are named. A timeout without a time is off\nunless the workstream sets one.\n",
    );
    for (lifecycle, about) in built_in.iter().zip(ABOUT) {
        text.push_str(&section(lifecycle.as_ref(), about));
    }
    text
}

fn section(lifecycle: &Lifecycle, about: &str) -> String {
    let mut text = format!("\n## `{}`\n\n{about}\n\n{}\n", lifecycle.name, options(lifecycle));
    text.push_str("\n| state | phase | channels |\n|---|---|---|\n");
    for state in &lifecycle.states {
        text.push_str(&format!("| {} | {} | {} |\n", state.name, state.phase, list(&state.channels)));
    }
    text.push_str(&format!("\n```mermaid\n{}\n```\n", mermaid(lifecycle)));
    text.push_str("\n| event | from → to | channels | if | after |\n|---|---|---|---|---|\n");
    for row in edges(lifecycle) {
        text.push_str(&row);
    }
    text
}

fn options(lifecycle: &Lifecycle) -> String {
    let options = lifecycle.options;
    let mut words = Vec::new();
    words.extend(options.one_per_customer.then(|| "`one_per_customer = on`".to_owned()));
    words.extend(options.ends_by_sessions.then(|| "`ends_by_sessions = on`".to_owned()));
    words.extend(options.customer_timeout.map(|time| format!("`customer_timeout = '{time}'`")));
    words.extend(options.transfer_to_any_presence.then(|| "`transfer_presences = any`".to_owned()));
    if words.is_empty() { "No options.".to_owned() } else { format!("Options: {}.", words.join(", ")) }
}

fn list(channels: &[Channel]) -> String {
    let on = Channel::ALL.iter().filter(|channel| channels.contains(channel));
    let on: Vec<&str> = on.map(|channel| channel.name()).collect();
    if on.len() == Channel::ALL.len() { "all".to_owned() } else { on.join(", ") }
}

/// Returns one table row per edge, with its channels combined, ordered by state and event.
fn edges(lifecycle: &Lifecycle) -> Vec<String> {
    let mut sorted: Vec<&Edge> = lifecycle.edges().iter().collect();
    sorted.sort_by_key(|edge| {
        (edge.from, edge.event, edge.to, edge.condition.name(), edge.after, edge.channel)
    });
    let same = |one: &&Edge, other: &&Edge| {
        let what = |edge: &Edge| (edge.from, edge.event, edge.to, edge.condition, edge.after);
        what(one) == what(other)
    };
    let row = |group: &[&Edge]| {
        let edge = group.first()?;
        let channels: Vec<Channel> = group.iter().map(|edge| edge.channel).collect();
        let shared = shared_channels(lifecycle, edge.from, edge.to);
        let from = edge.from.map_or("", |from| &*lifecycle.states[from].name);
        let after = edge.after.map_or(String::new(), |after| after.to_string());
        Some(format!(
            "| {} | {from} → {} | {} | {} | {after} |\n",
            edge.event,
            lifecycle.states[edge.to].name,
            if channels == shared { String::new() } else { list(&channels) },
            edge.condition.name(),
        ))
    };
    sorted.chunk_by(same).filter_map(row).collect()
}
