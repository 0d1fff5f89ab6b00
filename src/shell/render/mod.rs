//! How replies and errors reach people and programs.
//!
//! Invariant: a renderer writes to the writer it is given and nowhere else, and never flushes.
//! Programs get exactly the contract's columns and values; people may be shown more, or shorter.
//! Nothing a customer wrote acts on a terminal: at one, every format shows such characters as
//! text (`clean`). It deliberately does not know statements, files or who is asking.

mod bars;
mod cells;
mod csv_writer;
pub mod escape;
mod events;
mod html;
mod json;
mod list;
mod markdown;
mod moves;
mod paint;
mod problem;
mod series;
mod table;
pub mod time;
mod width;
mod wrap;

#[cfg(test)]
mod examples;

use std::io::{self, Write};

pub use html::head as html_head;
pub use problem::{Problem, problem};

use time::DisplayClock;

use crate::domain::chart::{Chart, ChartPlacement};
use crate::domain::reply::{Reply, Shape};
use crate::domain::value::Value;

/// The longest heading of a result, in characters.
const LONGEST_HEADING: usize = 120;

/// How replies are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns.
    Table,
    /// A pipe table.
    Markdown,
    /// Comma-separated, with a header.
    Csv,
    /// Tab-separated, with a header.
    Tsv,
    /// An array of objects per statement.
    Json,
    /// An object per row.
    Jsonl,
    /// A `column: value` line each.
    List,
    /// A document to be read in a browser.
    Html,
}

impl Format {
    /// Every format, in the order in which the documents list them.
    pub const ALL: &'static [Format] = &[
        Format::Table,
        Format::Markdown,
        Format::Csv,
        Format::Tsv,
        Format::Json,
        Format::Jsonl,
        Format::List,
        Format::Html,
    ];

    /// The name after `--format` and `.mode`.
    pub fn name(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Markdown => "markdown",
            Format::Csv => "csv",
            Format::Tsv => "tsv",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::List => "list",
            Format::Html => "html",
        }
    }

    /// The format of that name, whatever its case.
    pub fn from_name(name: &str) -> Option<Format> {
        Format::ALL.iter().copied().find(|format| format.name().eq_ignore_ascii_case(name))
    }
}

/// Whether colour is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// ANSI colours.
    On,
    /// None.
    Off,
}

/// Who reads what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Somebody at a terminal.
    People,
    /// A pipe or a file.
    Machines,
}

/// Whether `--quiet` was given: no rows of statements that change something, no summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// It was.
    On,
    /// It was not.
    Off,
}

/// How replies are to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderOptions {
    /// The format.
    pub format: Format,
    /// The columns of the terminal; 0 where nobody knows.
    pub width: usize,
    /// Whether colour is written; rows are coloured for people only.
    pub color: Color,
    /// Who reads it.
    pub people: Audience,
    /// Whether less is said.
    pub quiet: Quiet,
    /// The clock by which people are shown moments.
    pub wall: DisplayClock,
    /// What is answered, for the heading in a document; empty where that needs no saying.
    pub statement: String,
}

impl RenderOptions {
    /// The columns there are to fill: a terminal that does not know its width has 80.
    fn columns(&self) -> usize {
        if self.width == 0 { 80 } else { self.width }
    }

    fn color_for_rows(&self) -> Color {
        match self.people {
            Audience::People => self.color,
            Audience::Machines => Color::Off,
        }
    }
}

/// What a follower has been told already, from one pass to the next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StreamState {
    /// The names of the columns.
    header: bool,
    /// The day.
    day: Option<String>,
}

/// Writes one pass of what is followed: rows alone, no frame and no sum, since more may come.
///
/// # Errors
/// What the writer says.
pub fn pass(
    out: &mut dyn Write,
    reply: &Reply,
    look: &RenderOptions,
    told: &mut StreamState,
) -> io::Result<()> {
    let header = Header::unless(std::mem::replace(&mut told.header, true));
    match look.format {
        // An array that never ends is none.
        Format::Json | Format::Jsonl => json::events(out, reply),
        Format::Csv => csv_writer::csv(out, reply, look.people, header),
        Format::Tsv => csv_writer::tsv(out, reply, look.people, header),
        Format::Table => events::write(out, reply, look, told),
        Format::Markdown | Format::List | Format::Html if reply.rows.is_empty() => Ok(()),
        Format::Html => html::write(out, reply, look),
        Format::Markdown => markdown::write(out, reply),
        Format::List => list::write(out, reply),
    }
}

/// Whether rows have the names of their columns before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Header {
    Wanted,
    StreamState,
}

impl Header {
    fn unless(told: bool) -> Header {
        if told { Header::StreamState } else { Header::Wanted }
    }
}

/// The statement as a heading: one line that fits the terminal, dim where there is colour.
pub fn heading(statement: &str, options: &RenderOptions) -> String {
    let line = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    let room = if options.width == 0 { LONGEST_HEADING } else { options.width.min(LONGEST_HEADING) };
    let line = format!("-- {}", escape::harmless(&line));
    let line = match line.chars().count() > room {
        true => format!("{}…", line.chars().take(room.saturating_sub(1)).collect::<String>()),
        false => line,
    };
    paint::Paint::Frame.on(&line, options.color).into_owned()
}

/// Writes one reply to stdout's writer.
///
/// # Errors
/// What the writer says.
pub fn reply(out: &mut dyn Write, reply: &Reply, look: &RenderOptions) -> io::Result<()> {
    if look.quiet == Quiet::On && reply.changed {
        return Ok(());
    }
    match (look.format, reply.shape) {
        (_, Shape::Events) => pass(out, reply, look, &mut StreamState::default()),
        (Format::Json, _) => json::array(out, reply),
        (Format::Jsonl, _) => json::lines(out, reply),
        _ if reply.columns.is_empty() => Ok(()),
        (Format::Csv, _) => csv_writer::csv(out, reply, look.people, Header::Wanted),
        (Format::Html, _) => html::write(out, reply, look),
        (_, Shape::Lines | Shape::Prose) => lines(out, reply, look),
        (Format::Tsv, _) => csv_writer::tsv(out, reply, look.people, Header::Wanted),
        (Format::Markdown, _) => markdown::write(out, reply),
        (Format::List, _) => list::write(out, reply),
        (Format::Table, Shape::Moves) if look.people == Audience::People => moves::write(out, reply, look),
        (Format::Table, _) => match drawn(reply, look) {
            Some(chart) if bars::write(out, reply, chart, look)? => Ok(()),
            _ => table::write(out, reply, look),
        },
    }
}

/// The drawing that people at a terminal see in place of the rows.
fn drawn<'a>(reply: &'a Reply, look: &RenderOptions) -> Option<&'a Chart> {
    let seen = look.people == Audience::People && !reply.rows.is_empty();
    reply.chart.as_ref().filter(|chart| seen && chart.standing == ChartPlacement::InTheirPlace)
}

/// Writes the reply's sentences to stderr's writer, one per line.
///
/// # Errors
/// What the writer says.
pub fn notes(out: &mut dyn Write, reply: &Reply) -> io::Result<()> {
    reply.notes.iter().try_for_each(|note| writeln!(out, "{}", escape::harmless(note)))
}

/// Lines as they are (a script must come out as it was written), harmless at a terminal, where prose is broken at words.
fn lines(out: &mut dyn Write, reply: &Reply, look: &RenderOptions) -> io::Result<()> {
    reply.rows.iter().filter_map(|row| row.first()).try_for_each(|value: &Value| {
        let line = cells::exact(value);
        match (look.people, reply.shape) {
            (Audience::Machines, _) => writeln!(out, "{line}"),
            (Audience::People, Shape::Prose) => {
                let lines = wrap::folded(&escape::harmless_lines(&line), look.width);
                lines.iter().try_for_each(|line| writeln!(out, "{line}"))
            }
            (Audience::People, _) => writeln!(out, "{}", escape::harmless_lines(&line)),
        }
    })
}
