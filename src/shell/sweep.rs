//! Runs due timeouts before a query at the prompt.
//!
//! Invariant: a query never fails because of this, and transitions are reported. This module
//! deliberately does not know which timers exist.

use super::options::Access;
use super::session::Session;
use crate::domain::reply::Reply;
use crate::domain::value::Value;

impl Session {
    /// Runs the due timeouts and reports the transitions.
    pub fn sweep(&mut self) {
        // If the user may not run them, or the file is busy, the query shows the state without
        // them.
        if self.database.access() == Access::Full
            && let Ok(reply) = self.run_text("SWEEP TIMEOUTS")
        {
            for note in moved(&reply) {
                self.replies.note(&note);
            }
        }
    }
}

/// Returns `meanwhile customer_timeout: 3 conversations, Active → Departed`, one line per kind of
/// transition.
fn moved(reply: &Reply) -> Vec<String> {
    let word = |row, column| reply.value(row, column).and_then(Value::as_text).unwrap_or("–");
    let line = |row| {
        let count = reply.value(row, "conversations").and_then(Value::as_integer).unwrap_or(0);
        let plural = if count == 1 { "" } else { "s" };
        let (event, from, to) = (word(row, "event"), word(row, "from_state"), word(row, "to_state"));
        (count > 0).then(|| format!("meanwhile {event}: {count} conversation{plural}, {from} → {to}"))
    };
    (0..reply.rows.len()).filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_is_a_line_each() {
        let mut reply = Reply::with_columns(&["event", "from_state", "to_state", "conversations"]);
        for (event, from, to, count) in
            [("customer_timeout", "Active", "Departed", 3), ("wrapup_timeout", "Wrap-up", "Closed", 1)]
        {
            let words = [event, from, to].map(Value::from);
            reply.rows.push([words.to_vec(), vec![Value::Integer(count)]].concat());
        }
        assert_eq!(
            moved(&reply),
            [
                "meanwhile customer_timeout: 3 conversations, Active → Departed",
                "meanwhile wrapup_timeout: 1 conversation, Wrap-up → Closed"
            ]
        );
        assert!(moved(&Reply::with_columns(&[])).is_empty());
    }
}
