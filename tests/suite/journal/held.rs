//! Every value of the current state that the log says is held against it, and every built-in row against the chain.
//!
//! What matters: whichever is changed by hand, with the triggers put aside, VERIFY JOURNAL finds it.

use super::tampering::{Finding, Original, changed_values, columns};

/// What stands in the state and is held against the log. What is left follows from it (arrival, handled_ms, ended_at,
/// touched_at, disconnected_at), or is the key of its row.
const HELD: [(&str, &[&str]); 12] = [
    (
        "conversation",
        &[
            "state",
            "phase",
            "workstream",
            "customer",
            "opened_at",
            "queue",
            "agent",
            "last_agent",
            "units",
            "priority",
            "skills",
            "subject",
            "sentiment",
            "entered_at",
            "first_assigned_at",
            "closed_at",
            "state_since",
            "transition",
            "visit",
            "message",
            "archived",
        ],
    ),
    ("archive", &["conversation", "bodies", "change"]),
    (
        "agent",
        &[
            "agent",
            "name",
            "capacity",
            "presence",
            "skills",
            "login",
            "connected",
            "offline_at",
            "dropped",
            "change",
        ],
    ),
    ("supervisor", &["supervisor", "name", "login", "dropped", "change"]),
    ("service", &["service", "login", "dropped", "change"]),
    ("report", &["report", "question", "dropped", "change"]),
    ("queue", &["queue", "priority", "service_level_ms", "short_abandon_ms", "method", "dropped", "change"]),
    (
        "workstream",
        &[
            "workstream",
            "channel",
            "lifecycle",
            "queue",
            "mode",
            "units",
            "bot",
            "presences",
            "skills",
            "wrapup",
            "change",
        ],
    ),
    ("queue_member", &["member", "change"]),
    ("channel_session", &["status", "since", "change"]),
    ("timer", &["due_at", "remaining_ms", "visit", "change"]),
    ("offer", &["agent", "units", "since", "change"]),
];
/// Under the chain as what the first entry follows.
const FROZEN: [&str; 8] =
    ["channel", "phase", "event", "timer_kind", "lifecycle", "state", "edge", "change_kind"];

#[test]
fn the_state_is_held_against_the_log_and_the_built_in_rows_against_the_chain() {
    let original = Original::new();
    let (_, connection) = original.copy();
    let mut places: Vec<(&str, String)> = Vec::new();
    for (table, columns) in HELD {
        places.extend(columns.iter().map(|column| (table, (*column).to_owned())));
    }
    for table in FROZEN {
        places.extend(columns(&connection, table).into_iter().map(|(column, _)| (table, column)));
    }
    drop(connection);
    let mut faults = Vec::new();
    for (table, column) in &places {
        for (what, _, finding) in changed_values(&original, table, column, "0") {
            if !matches!(&finding, Finding::Broken(code, _) if code == "broken_chain") {
                faults.push(format!("{what}: {finding:?}"));
            }
        }
    }
    println!("{} columns changed", places.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
