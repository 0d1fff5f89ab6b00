//! What a statement answers: columns and rows, and how a person would like to see them.
//!
//! Invariant: columns and values are exactly the contract's; a renderer may show people more, or
//! shorter, but never has to compute anything. It deliberately does not know any output format.

use super::chart::Chart;
use super::follow::Follow;
use super::value::Value;

/// What a column holds, so that people can be shown ages and clock times instead of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Anything: shown as it is; numbers to the right.
    Plain,
    /// A duration, integer milliseconds.
    DurationMs,
    /// A part of a whole, 0 to 1: people are shown percent.
    Share,
    /// A moment, RFC 3339 text.
    Moment,
    /// A moment, integer milliseconds since 1970: the machine's twin of a `Moment` column.
    MomentMs,
}

/// A column of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The contract's name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
}

impl Column {
    /// A column whose kind follows from its name: `…_ms`, `at`, `since`, `…_at`, `…_since` (the contract's endings).
    pub fn new(name: &str) -> Self {
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
    /// What happened, entry by entry: a row each of several kinds, a column that a kind does not have is null.
    Events,
    /// One column of lines to be shown as they are (a script, a drawing).
    Lines,
    /// One column of lines to be read: a narrow terminal breaks them at words (help, an explanation).
    Prose,
}

/// What a statement answers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Reply {
    /// The columns, in the contract's order.
    pub columns: Vec<Column>,
    /// The rows; each has as many values as there are columns.
    pub rows: Vec<Vec<Value>>,
    /// What the rows are.
    pub shape: Shape,
    /// Whether the statement changed something (`--quiet` leaves those rows out).
    pub changed: bool,
    /// Sentences for stderr that belong to the answer (what was left out, what is overdue).
    pub notes: Vec<String>,
    /// The columns that people are shown, in this order, where there is no room for all.
    pub brief: &'static [&'static str],
    /// The column whose text is there to be read: people are shown all of it, in several lines where it is long.
    pub prose: Option<&'static str>,
    /// How the rows may be drawn for people, where they may.
    pub chart: Option<Chart>,
    /// FOLLOW alone: where it goes on.
    pub follow: Option<Follow>,
}

impl Reply {
    /// A result set with these columns, no rows yet.
    pub fn rows(columns: &[&str]) -> Self {
        Reply {
            columns: columns.iter().map(|name| Column::new(name)).collect(),
            rows: Vec::new(),
            shape: Shape::Rows,
            changed: false,
            notes: Vec::new(),
            brief: &[],
            prose: None,
            chart: None,
            follow: None,
        }
    }

    /// Lines to be shown as they are, in one column of that name.
    pub fn lines(column: &str, text: &str) -> Self {
        Reply {
            columns: vec![Column { name: column.to_owned(), kind: ColumnKind::Plain }],
            // Not `lines()`, which would drop the carriage return of a text's own line ends.
            rows: text.split('\n').map(|line| vec![Value::from(line)]).collect(),
            shape: Shape::Lines,
            changed: false,
            notes: Vec::new(),
            brief: &[],
            prose: None,
            chart: None,
            follow: None,
        }
    }

    /// Lines to be read, in one column of that name.
    pub fn prose(column: &str, text: &str) -> Self {
        Reply { shape: Shape::Prose, ..Reply::lines(column, text) }
    }

    /// The reply with its brief columns alone, without those that hold nothing; none where it has no brief form.
    pub fn in_brief(&self) -> Option<Reply> {
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

    /// The value in that row and column, for programs and tests.
    pub fn value(&self, row: usize, column: &str) -> Option<&Value> {
        let index = self.columns.iter().position(|candidate| candidate.name == column)?;
        self.rows.get(row)?.get(index)
    }
}
