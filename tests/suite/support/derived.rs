//! The columns of `conversation` that only derive from the log and decide no rule.
//!
//! What matters: this list is the only one. A change of one of these columns alone passes the triggers, and VERIFY
//! JOURNAL, which makes the state again from the log, finds it; every other column of every table is refused.

/// Why no trigger guards them.
///
/// A rule that held them to the log would say a second time, case by case, how they follow from it (from event, phase,
/// state and moment, from the last message, from all sessions): what it costs every move is more than what it gives,
/// since no rule of another row reads them, and VERIFY JOURNAL finds what was changed.
pub const DERIVED: [&str; 11] = [
    "last_agent",
    "arrival",
    "entered_at",
    "first_assigned_at",
    "handled_ms",
    "ended_at",
    "closed_at",
    "state_since",
    "touched_at",
    "disconnected_at",
    "message",
];

/// Whether a column is one of them.
pub fn is_derived(table: &str, column: &str) -> bool {
    table == "conversation" && DERIVED.contains(&column)
}
