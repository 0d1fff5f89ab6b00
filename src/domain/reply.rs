//! The reply to a statement: columns and rows, and how people would like to see them.
//!
//! Invariant: columns and values are exactly those of the contract. A renderer may shorten them or
//! add to them for people, but never has to compute anything. This module deliberately does not
//! know any output format.

use super::chart::Chart;
use super::follow::Follow;
use super::value::Value;

/// What a column contains, so that people can be shown ages and clock times instead of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Any value, shown as it is; numbers are aligned right.
    Plain,
    /// A duration in integer milliseconds.
    DurationMs,
    /// A share of a whole, from 0 to 1; people see per cent.
    Share,
    /// A timestamp as RFC 3339 text, UTC.
    Moment,
    /// A timestamp in integer milliseconds since 1970 UTC: the machine-readable twin of a `Moment`
    /// column.
    MomentMs,
}

/// A column of a reply; its values have its place in each row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name, as in the contract.
    pub name: String,
    /// How people are shown its values.
    #[doc(hidden)]
    pub kind: ColumnKind,
}

impl Column {
    /// Creates a column whose kind follows from its name: `…_ms`, `at`, `since`, `…_at`, `…_since`
    /// (the endings of the contract).
    pub(crate) fn new(name: &str) -> Self {
        let kind = if matches!(name, "at_ms" | "since_ms")
            || name.ends_with("_at_ms")
            || name.ends_with("_since_ms")
        {
            ColumnKind::MomentMs
        } else if name.ends_with("_ms") {
            ColumnKind::DurationMs
        } else if matches!(name, "at" | "since") || name.ends_with("_at") || name.ends_with("_since") {
            ColumnKind::Moment
        } else {
            ColumnKind::Plain
        };
        Column { name: name.to_owned(), kind }
    }
}

/// What the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A result set.
    Rows,
    /// Transitions: `conversation, event, from_state, to_state, queue, agent, at`.
    Moves,
    /// Events, entry by entry. Rows are of several kinds; a column that a kind does not have is
    /// null.
    Events,
    /// One column of lines to be shown unchanged (a script, a diagram).
    Lines,
    /// One column of lines of prose, wrapped at words on a narrow terminal (help, an explanation).
    Prose,
}

/// The reply to a statement: rows, read with [`Reply::iter`] or [`Reply::first`], and notes.
///
/// The columns of each statement are listed in docs/STATEMENTS.md and are part of its contract.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Reply {
    /// The columns, in the order of the contract.
    pub columns: Vec<Column>,
    /// The rows; each has as many values as there are columns.
    pub rows: Vec<Vec<Value>>,
    /// What the rows are.
    #[doc(hidden)]
    pub shape: Shape,
    /// Whether the statement changed anything, that is, wrote an entry of the journal. Not so for a
    /// query, for a duplicate KEY (the rows are then the first result) and if there was nothing to
    /// do. Timers that were due are entries of their own and do not count.
    pub changed: bool,
    /// Whether the rows say what a statement that writes has done. People are not told their number,
    /// and `--quiet` omits them.
    #[doc(hidden)]
    pub tells_change: bool,
    /// Notes for people, one sentence each: what was left out, which timers are overdue, whether the
    /// clock is behind. Programs need not read them, except that a query of more than 1,000,000 rows
    /// says here that it was cut.
    pub notes: Vec<String>,
    /// The columns that people see, in this order, if there is no room for all.
    #[doc(hidden)]
    pub brief: &'static [&'static str],
    /// The column of free text: people see all of it, on several lines if it is long.
    #[doc(hidden)]
    pub prose: Option<&'static str>,
    /// How the rows may be drawn for people; `None`: not as a chart.
    #[doc(hidden)]
    pub chart: Option<Chart>,
    /// Where the next pass continues; set by FOLLOW and [`Switchboard::follow`](crate::Switchboard::follow) only.
    pub follow: Option<Follow>,
}

impl Reply {
    /// Creates an empty result set with these columns.
    pub(crate) fn with_columns(columns: &[&str]) -> Self {
        Reply {
            columns: columns.iter().map(|name| Column::new(name)).collect(),
            rows: Vec::new(),
            shape: Shape::Rows,
            changed: false,
            tells_change: false,
            notes: Vec::new(),
            brief: &[],
            prose: None,
            chart: None,
            follow: None,
        }
    }

    /// Creates a reply of lines to be shown unchanged, in one column.
    pub(crate) fn lines(column: &str, text: &str) -> Self {
        Reply {
            columns: vec![Column { name: column.to_owned(), kind: ColumnKind::Plain }],
            // `lines()` would drop the carriage returns at the line ends of a text.
            rows: text.split('\n').map(|line| vec![Value::from(line)]).collect(),
            shape: Shape::Lines,
            changed: false,
            tells_change: false,
            notes: Vec::new(),
            brief: &[],
            prose: None,
            chart: None,
            follow: None,
        }
    }

    /// Creates a reply of prose, in one column.
    pub(crate) fn prose(column: &str, text: &str) -> Self {
        Reply { shape: Shape::Prose, ..Reply::lines(column, text) }
    }

    /// Returns the reply reduced to its brief columns, without those that are null in every row.
    /// Returns `None` if it has no brief form.
    pub(crate) fn in_brief(&self) -> Option<Reply> {
        let place = |name: &&str| self.columns.iter().position(|column| column.name == *name);
        let says_something = |index: &usize| self.rows.iter().any(|row| row[*index] != Value::Null);
        let kept: Vec<usize> = self.brief.iter().filter_map(place).filter(says_something).collect();
        if kept.is_empty() {
            return None;
        }
        let columns = kept.iter().map(|index| self.columns[*index].clone()).collect();
        let rows =
            self.rows.iter().map(|row| kept.iter().map(|index| row[*index].clone()).collect()).collect();
        Some(Reply { columns, rows, ..self.clone() })
    }

    /// Returns the value in a row, counted from 0, and a column.
    pub fn value(&self, row: usize, column: &str) -> Option<&Value> {
        let index = self.columns.iter().position(|candidate| candidate.name == column)?;
        self.rows.get(row)?.get(index)
    }
}
