//! The columns of `conversation` that are only derived from the log and that no rule reads.
//!
//! This is the only list of them. The triggers accept a change of one of these columns alone, and
//! VERIFY JOURNAL finds it; a change of any other column of any table is refused.

/// The columns that no trigger guards.
///
/// A rule for them would repeat, case by case, how they follow from the log: from the event, phase,
/// state and time, from the last message, from all sessions. That costs every transition more than
/// it gains, since no other rule reads them, and VERIFY JOURNAL finds any difference.
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

pub fn is_derived(table: &str, column: &str) -> bool {
    table == "conversation" && DERIVED.contains(&column)
}
