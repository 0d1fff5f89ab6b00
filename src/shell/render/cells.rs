//! Values as text: exact for programs, short and readable for people.
//!
//! Invariant: every cell is harmless and a single line, whoever reads it. Values are only
//! formatted, never computed. This module deliberately does not know the width of anything.

use std::borrow::Cow;

use super::escape::harmless;
use super::time::{self, DisplayClock};
use crate::domain::moment::Moment;
use crate::domain::reply::{Column, ColumnKind, Reply};
use crate::domain::value::Value;

/// How a column is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// Aligned left; may be shortened.
    Text,
    /// Aligned left; never shortened.
    Whole,
    /// Aligned right; never shortened.
    Number,
}

/// A column of a reply as it is displayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// The header.
    pub header: String,
    /// How it is laid out.
    pub nature: Nature,
    /// The cells, in the order of the rows.
    pub cells: Vec<String>,
}

/// The text displayed for null.
pub(super) const NOTHING: &str = "–";

/// Returns the columns of a table for people: with ages and times of day, without duplicate
/// timestamps in ms.
pub(super) fn for_people(reply: &Reply, display_clock: &DisplayClock) -> Vec<Shown> {
    let clocks = |moments: &[_]| display_clock.clocks(moments);
    let mut columns: Vec<Shown> =
        untwinned(reply).map(|index| friendly(reply, index, display_clock, &clocks)).collect();
    number_sign(columns.iter_mut());
    columns
}

/// Returns the same columns with their index in the reply, for output that is read later:
/// timestamps always include the date.
pub(super) fn for_later(reply: &Reply, display_clock: &DisplayClock) -> Vec<(usize, Shown)> {
    let dated = |moments: &[_]| display_clock.dated(moments);
    let mut columns: Vec<(usize, Shown)> =
        untwinned(reply).map(|index| (index, friendly(reply, index, display_clock, &dated))).collect();
    number_sign(columns.iter_mut().map(|(_, column)| column));
    columns
}

/// Returns the columns of a table in a pipe: exact, without duplicate timestamps in ms.
pub(super) fn for_machines(reply: &Reply) -> Vec<Shown> {
    untwinned(reply).map(|index| exact_column(reply, index, NOTHING)).collect()
}

/// Returns all columns, exact; null is an empty text. Backslashes are doubled, so that a line end
/// (`\n`) differs from a written backslash and n (`\\n`).
pub(super) fn in_full(reply: &Reply) -> Vec<Shown> {
    let mut columns: Vec<Shown> =
        (0..reply.columns.len()).map(|index| exact_column(reply, index, "")).collect();
    for (index, column) in columns.iter_mut().enumerate() {
        for (cell, value) in column.cells.iter_mut().zip(values(reply, index)) {
            if let Value::Text(text) = value
                && text.contains('\\')
            {
                *cell = harmless(&text.replace('\\', "\\\\")).into_owned();
            }
        }
    }
    columns
}

/// Returns the header of a column for people.
pub(super) fn header(column: &Column) -> String {
    let name = harmless(&column.name);
    let unit = if column.kind == ColumnKind::DurationMs { "_ms" } else { "" };
    name.strip_suffix(unit).unwrap_or(&name).replace('_', " ")
}

/// Returns how a column is laid out; it is numeric if all its values are numbers.
pub(super) fn nature(reply: &Reply, index: usize) -> Nature {
    let mut held = values(reply, index).filter(|value| **value != Value::Null).peekable();
    match reply.columns[index].kind {
        // A shortened head would be useless for verification.
        ColumnKind::Plain if matches!(&*reply.columns[index].name, "head" | "hash") => Nature::Whole,
        ColumnKind::Moment => Nature::Whole,
        ColumnKind::DurationMs | ColumnKind::Share | ColumnKind::MomentMs => Nature::Number,
        ColumnKind::Plain if held.peek().is_none() => Nature::Text,
        ColumnKind::Plain if held.all(|value| matches!(value, Value::Integer(_) | Value::Real(_))) => {
            Nature::Number
        }
        ColumnKind::Plain => Nature::Text,
    }
}

/// Returns the exact text of a value: null is empty, bytes are lower-case hexadecimal. It is not
/// made harmless yet.
pub(super) fn exact(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::Integer(number) => Cow::Owned(number.to_string()),
        Value::Real(number) if number.is_nan() => Cow::Borrowed(""),
        Value::Real(number) if number.is_infinite() => {
            Cow::Borrowed(if *number > 0.0 { "Inf" } else { "-Inf" })
        }
        Value::Real(number) => Cow::Owned(format!("{number:?}")),
        Value::Text(text) => Cow::Borrowed(text),
        Value::Blob(bytes) => Cow::Owned(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
    }
}

/// Returns the values of a column, in the order of the rows.
pub(super) fn values(reply: &Reply, index: usize) -> impl Iterator<Item = &Value> {
    reply.rows.iter().map(move |row| row.get(index).unwrap_or(&Value::Null))
}

/// Uses `#` as the header of the first column with a conversation's id; others keep their name.
fn number_sign<'a>(mut columns: impl Iterator<Item = &'a mut Shown>) {
    if let Some(column) = columns.find(|column| matches!(&*column.header, "conversation" | "id")) {
        column.header = "#".to_owned();
    }
}

/// Returns the columns without those that repeat a timestamp as a number.
fn untwinned(reply: &Reply) -> impl Iterator<Item = usize> {
    (0..reply.columns.len()).filter(|index| {
        let column = &reply.columns[*index];
        let has_text = |stem: &str| {
            reply.columns.iter().any(|other| other.kind == ColumnKind::Moment && other.name == stem)
        };
        column.kind != ColumnKind::MomentMs || !column.name.strip_suffix("_ms").is_some_and(has_text)
    })
}

fn exact_column(reply: &Reply, index: usize, nothing: &str) -> Shown {
    let cell = |value: &Value| match value {
        Value::Null => nothing.to_owned(),
        other => harmless(&exact(other)).into_owned(),
    };
    Shown {
        header: harmless(&reply.columns[index].name).into_owned(),
        nature: nature(reply, index),
        cells: values(reply, index).map(cell).collect(),
    }
}

/// Formats timestamps that are displayed together.
type Clocks<'a> = &'a dyn Fn(&[Option<Moment>]) -> Vec<Option<String>>;

fn friendly(reply: &Reply, index: usize, display_clock: &DisplayClock, clocks: Clocks<'_>) -> Shown {
    let column = &reply.columns[index];
    let mut shown = exact_column(reply, index, NOTHING);
    shown.header = header(column);
    match column.kind {
        ColumnKind::DurationMs => {
            overwrite(&mut shown, reply, index, |value| value.as_integer().map(time::age));
        }
        ColumnKind::Share => overwrite(&mut shown, reply, index, percent),
        ColumnKind::Moment => {
            let texts = values(reply, index).map(Value::as_text);
            let moments: Vec<_> = texts.map(|text| Moment::parse(text?).ok()).collect();
            // A future timestamp may be on a day other than the reader's.
            let to_come = reply.columns[index].name == "due_at";
            let clocks = if to_come { display_clock.dated(&moments) } else { clocks(&moments) };
            for (cell, clock) in shown.cells.iter_mut().zip(clocks) {
                *cell = clock.unwrap_or_else(|| std::mem::take(cell));
            }
        }
        ColumnKind::Plain | ColumnKind::MomentMs => overwrite(&mut shown, reply, index, rounded),
    }
    if let Some(labels) = labels(reply, &column.name) {
        shown.cells = labels;
    }
    shown
}

/// Returns the labels of the rows, if `column` is the horizontal axis of the reply's chart.
pub(super) fn labels(reply: &Reply, column: &str) -> Option<Vec<String>> {
    let chart = reply.chart.as_ref()?;
    let whole = chart.along == column && chart.labels.len() == reply.rows.len();
    whole.then(|| chart.labels.iter().map(|label| harmless(label).into_owned()).collect())
}

fn overwrite(shown: &mut Shown, reply: &Reply, index: usize, text: impl Fn(&Value) -> Option<String>) {
    for (cell, value) in shown.cells.iter_mut().zip(values(reply, index)) {
        *cell = text(value).unwrap_or_else(|| std::mem::take(cell));
    }
}

/// Formats a share with one decimal, which is enough for people.
fn percent(value: &Value) -> Option<String> {
    match value {
        Value::Real(share) if share.is_finite() => Some(format!("{:.1} %", share * 100.0)),
        _ => None,
    }
}

/// Formats a number with four decimals, which is enough for people. Very small and very large
/// numbers stay exact.
fn rounded(value: &Value) -> Option<String> {
    match value {
        Value::Real(number) if (1e-3..1e9).contains(&number.abs()) => {
            let rounded = (number * 1e4).round() / 1e4;
            Some(format!("{rounded:?}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(column: &str, value: Value) -> Shown {
        let mut reply = Reply::with_columns(&[column]);
        reply.rows.push(vec![value]);
        for_people(&reply, &DisplayClock::anywhere()).remove(0)
    }

    #[test]
    fn people_see_ages_times_and_dashes() {
        for (column, value, header, cell) in [
            ("average_wait_ms", Value::Integer(250_000), "average wait", "4m 10s"),
            ("wait_ms", Value::from("soon"), "wait", "soon"),
            ("opened_at", Value::from("2026-03-02T09:14:07.000Z"), "opened at", "09:14:07"),
            ("opened_at", Value::from("no\x1bmoment"), "opened at", r"no\x1bmoment"),
            ("opened_at_ms", Value::Integer(7), "opened at ms", "7"),
            ("agent", Value::Null, "agent", "–"),
            ("conversation", Value::Integer(12), "#", "12"),
            ("service_level", Value::Real(0.833_333_333), "service level", "0.8333"),
            ("tiny", Value::Real(1e-7), "tiny", "1e-7"),
            ("bytes", Value::Blob(vec![0, 0xab]), "bytes", "00ab"),
            ("a\x1bb", Value::from("a\nb"), r"a\x1bb", r"a\nb"),
        ] {
            let shown = one(column, value);
            assert_eq!((shown.header.as_str(), shown.cells[0].as_str()), (header, cell));
        }
    }

    #[test]
    fn a_list_keeps_line_ends_apart_from_what_was_written() {
        let mut reply = Reply::with_columns(&["body"]);
        reply.rows.push(vec![Value::from("a\nb\\nc")]);
        assert_eq!(in_full(&reply)[0].cells[0], r"a\nb\\nc");
    }

    #[test]
    fn a_moments_number_is_left_out_of_tables_beside_its_text() {
        let reply = Reply::with_columns(&["at", "at_ms", "due_at_ms", "id"]);
        let headers =
            |columns: Vec<Shown>| columns.into_iter().map(|column| column.header).collect::<Vec<_>>();
        assert_eq!(headers(for_people(&reply, &DisplayClock::anywhere())), ["at", "due at ms", "#"]);
        assert_eq!(headers(for_machines(&reply)), ["at", "due_at_ms", "id"]);
        assert_eq!(headers(in_full(&reply)), ["at", "at_ms", "due_at_ms", "id"]);
    }

    #[test]
    fn numbers_are_what_holds_only_numbers() {
        let mut reply = Reply::with_columns(&["a", "b", "c", "wait_ms"]);
        reply.rows.push(vec![Value::Integer(1), Value::Integer(1), Value::Null, Value::Null]);
        reply.rows.push(vec![Value::Null, Value::from("x"), Value::Null, Value::Null]);
        let natures: Vec<_> = (0..4).map(|index| nature(&reply, index)).collect();
        assert_eq!(natures, [Nature::Number, Nature::Text, Nature::Text, Nature::Number]);
    }
}
