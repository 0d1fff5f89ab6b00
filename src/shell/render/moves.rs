//! Transitions for people: one line each, `12  Open → Active   dana   billing   09:14:07`.
//!
//! Invariant: a column that is empty in every row is omitted, so a single transition is one short
//! line. This module deliberately does not know which transitions a lifecycle allows.

use std::io::{self, Write};

use super::cells::{self, NOTHING, Nature, Shown};
use super::table::{self, Spacing};
use super::{Quiet, RenderOptions};
use crate::domain::moment::Moment;
use crate::domain::reply::Reply;
use crate::domain::value::Value;

use super::escape::harmless;

/// The maximum width of a cell: two long names of states with their arrow.
const WIDEST: usize = 48;

const MOVES: Spacing = Spacing { leading: 0, first: 2, others: 3 };

/// Writes the transitions without a header or a summary.
pub(super) fn write(out: &mut dyn Write, reply: &Reply, options: &RenderOptions) -> io::Result<()> {
    if reply.rows.is_empty() {
        // Without output it would be unclear whether the statement was run.
        return if options.quiet == Quiet::On { Ok(()) } else { writeln!(out, "nothing") };
    }
    let count = reply.rows.len();
    let moves = (0..count).map(|row| movement(reply, row)).collect();
    let mut columns = vec![
        plain(reply, "conversation", Nature::Number),
        Shown { header: String::new(), nature: Nature::Whole, cells: moves },
        plain(reply, "agent", Nature::Text),
        plain(reply, "queue", Nature::Text),
        clock(reply, options),
    ];
    columns.retain(|column| column.cells.iter().any(|cell| cell != NOTHING));
    table::shorten(&mut columns, |_| WIDEST);
    // If even shortened names do not fit, the terminal breaks the line; there is no better layout.
    table::fit(&mut columns, options.columns(), MOVES);
    table::grid(&columns, None, MOVES).try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

fn text(reply: &Reply, row: usize, column: &str) -> String {
    match reply.value(row, column) {
        None | Some(Value::Null) => NOTHING.to_owned(),
        Some(value) => harmless(&cells::exact(value)).into_owned(),
    }
}

fn plain(reply: &Reply, name: &str, nature: Nature) -> Shown {
    let cells = (0..reply.rows.len()).map(|row| text(reply, row, name)).collect();
    Shown { header: String::new(), nature, cells }
}

fn movement(reply: &Reply, row: usize) -> String {
    let (from, to) = (text(reply, row, "from_state"), text(reply, row, "to_state"));
    if from == NOTHING {
        format!("→ {to}")
    } else if from == to {
        format!("{from} → {to} ({})", text(reply, row, "event"))
    } else {
        format!("{from} → {to}")
    }
}

fn clock(reply: &Reply, options: &RenderOptions) -> Shown {
    let at = |row| reply.value(row, "at").and_then(Value::as_text);
    let moments: Vec<_> = (0..reply.rows.len()).map(|row| Moment::parse(at(row)?).ok()).collect();
    let clocks = options.display_clock.clocks(&moments).into_iter().enumerate();
    let cells = clocks.map(|(row, clock)| clock.unwrap_or_else(|| text(reply, row, "at"))).collect();
    Shown { header: String::new(), nature: Nature::Whole, cells }
}

#[cfg(test)]
mod tests {
    use crate::shell::render::examples::{at_terminal, moves, shown};

    #[test]
    fn moves_are_aligned_lines() {
        let reply = moves(&[
            ("12", "assign", Some("Open"), "Active", Some("billing"), Some("dana")),
            ("7", "open", None, "Open", Some("front"), None),
            ("9", "assign_queue", Some("Open"), "Open", Some("billing"), None),
        ]);
        assert_eq!(
            shown(&reply, &at_terminal(80)),
            "12  Open → Active                dana   billing   09:14:07\n \
             7  → Open                       –      front     09:14:07\n \
             9  Open → Open (assign_queue)   –      billing   09:14:07\n"
        );
    }

    #[test]
    fn what_no_row_has_is_not_there() {
        let reply = moves(&[("11", "force_close", Some("Wrap-up"), "Closed", None, None)]);
        assert_eq!(shown(&reply, &at_terminal(80)), "11  Wrap-up → Closed   09:14:07\n");
        assert_eq!(shown(&moves(&[]), &at_terminal(80)), "nothing\n");
    }

    #[test]
    fn hostile_names_stay_on_their_line_and_long_ones_are_cut() {
        let long = "q".repeat(1_000_000);
        let reply = moves(&[("1", "x", Some("a\nb"), "\x1b[2J", Some(&long), Some("dana"))]);
        assert_eq!(
            shown(&reply, &at_terminal(60)),
            "1  a\\nb → \\x1b[2J   dana   qqqqqqqqqqqqqqqqqqqqq…   09:14:07\n"
        );
    }
}
