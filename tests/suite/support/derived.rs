//! The columns of `conversation` that are only derived from the log and that no rule reads.
//!
//! This is the only list of them. The triggers accept a change of one of these columns alone, and VERIFY JOURNAL
//! finds it; a change of any other column of any table is refused.

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
