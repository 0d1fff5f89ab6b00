//! Renders replies and errors for people and programs.
//!
//! Invariant: a renderer only writes to the writer it is given, and never flushes. Programs get
//! exactly the columns and values of the contract; people may see more, or shortened values. Text
//! from customers cannot affect a terminal: every format writes such characters as visible text
//! (`escape`). This module deliberately does not know statements, files or who runs them.

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

pub use html::{head as html_head, page as html_page};
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
    /// A Markdown table.
    Markdown,
    /// Comma-separated values with a header.
    Csv,
    /// Tab-separated values with a header.
    Tsv,
    /// One array of objects per statement.
    Json,
    /// One object per row.
    Jsonl,
    /// One `column: value` line per value.
    List,
    /// A document for a browser.
    Html,
}

impl Format {
    /// All formats, in the order in which the documents list them.
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

    /// Returns the name used with `--format` and `.mode`.
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

    /// Returns the format with that name, in any case.
    pub fn from_name(name: &str) -> Option<Format> {
        Format::ALL.iter().copied().find(|format| format.name().eq_ignore_ascii_case(name))
    }
}

/// Whether colour is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// ANSI colours.
    On,
    /// No colours.
    Off,
}

/// Who reads the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// A person at a terminal.
    People,
    /// A program behind a pipe, or a file.
    Machines,
}

/// Whether `--quiet` was given: no rows of statements that change something, no summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// It was given.
    On,
    /// It was not given.
    Off,
}

/// Whether `--safe-cells` was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpreadsheetCells {
    /// Every value is unchanged.
    Exact,
    /// A text that a spreadsheet would run as a formula begins with an apostrophe.
    Safe,
}

/// How replies are rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderOptions {
    /// The format.
    pub format: Format,
    /// The width of the terminal in columns; 0 if unknown.
    pub width: usize,
    /// Whether colour is written; rows are coloured for people only.
    pub color: Color,
    /// Who reads the output.
    pub people: Audience,
    /// Whether `--quiet` was given.
    pub quiet: Quiet,
    /// Whether CSV and TSV cells are safe for spreadsheets.
    pub cells: SpreadsheetCells,
    /// The time zone and current time for timestamps that people see.
    pub display_clock: DisplayClock,
    /// The statement, used as a heading in a document; empty: no heading.
    pub statement: String,
}

impl RenderOptions {
    /// Returns the usable width in columns; 80 if the terminal's width is unknown.
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

/// What has been written in earlier passes of FOLLOW.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StreamState {
    /// Whether the header has been written.
    header: bool,
    /// The last date that was written.
    day: Option<String>,
}

/// Writes one pass of FOLLOW: only rows, without a frame or a summary, because more may follow.
///
/// # Errors
/// Those of the writer.
pub fn pass(
    out: &mut dyn Write,
    reply: &Reply,
    options: &RenderOptions,
    stream: &mut StreamState,
) -> io::Result<()> {
    let header = Header::unless(std::mem::replace(&mut stream.header, true));
    match options.format {
        // An array that never ends would not be valid JSON.
        Format::Json | Format::Jsonl => json::events(out, reply),
        Format::Csv => csv_writer::csv(out, reply, options, header),
        Format::Tsv => csv_writer::tsv(out, reply, options, header),
        Format::Table => events::write(out, reply, options, stream),
        Format::Markdown | Format::List | Format::Html if reply.rows.is_empty() => Ok(()),
        Format::Html => html::write(out, reply, options),
        Format::Markdown => markdown::write(out, reply),
        Format::List => list::write(out, reply),
    }
}

/// Whether the names of the columns are written before the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Header {
    Wanted,
    Written,
}

impl Header {
    fn unless(stream: bool) -> Header {
        if stream { Header::Written } else { Header::Wanted }
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

/// Writes a reply that continues the rows of another one with the same columns: without their names.
///
/// # Errors
/// Those of the writer.
pub fn continued(out: &mut dyn Write, reply: &Reply, options: &RenderOptions) -> io::Result<()> {
    match options.format {
        _ if options.quiet == Quiet::On && reply.tells_change => Ok(()),
        Format::Csv => csv_writer::csv(out, reply, options, Header::Written),
        Format::Tsv => csv_writer::tsv(out, reply, options, Header::Written),
        _ => self::reply(out, reply, options),
    }
}

/// Writes one reply to stdout's writer.
///
/// # Errors
/// Those of the writer.
pub fn reply(out: &mut dyn Write, reply: &Reply, options: &RenderOptions) -> io::Result<()> {
    if options.quiet == Quiet::On && reply.tells_change {
        return Ok(());
    }
    match (options.format, reply.shape) {
        (_, Shape::Events) => pass(out, reply, options, &mut StreamState::default()),
        (Format::Json, _) => json::array(out, reply),
        (Format::Jsonl, _) => json::lines(out, reply),
        _ if reply.columns.is_empty() => Ok(()),
        (Format::Csv, _) => csv_writer::csv(out, reply, options, Header::Wanted),
        (Format::Html, _) => html::write(out, reply, options),
        (_, Shape::Lines | Shape::Prose) => lines(out, reply, options),
        (Format::Tsv, _) => csv_writer::tsv(out, reply, options, Header::Wanted),
        (Format::Markdown, _) => markdown::write(out, reply),
        (Format::List, _) => list::write(out, reply),
        (Format::Table, Shape::Moves) if options.people == Audience::People => {
            moves::write(out, reply, options)
        }
        (Format::Table, _) => match drawn(reply, options) {
            Some(chart) if bars::write(out, reply, chart, options)? => Ok(()),
            _ => table::write(out, reply, options),
        },
    }
}

/// Returns the chart that people at a terminal see in place of the rows.
fn drawn<'a>(reply: &'a Reply, options: &RenderOptions) -> Option<&'a Chart> {
    let seen = options.people == Audience::People && !reply.rows.is_empty();
    reply.chart.as_ref().filter(|chart| seen && chart.placement == ChartPlacement::InTheirPlace)
}

/// Writes the notes of the reply to the writer for stderr, one per line.
///
/// # Errors
/// Those of the writer.
pub fn notes(out: &mut dyn Write, reply: &Reply, width: usize) -> io::Result<()> {
    reply.notes.iter().try_for_each(|text| note(out, text, width))
}

/// Writes a note; unless the width is 0, it is wrapped at words.
///
/// # Errors
/// Those of the writer.
pub fn note(out: &mut dyn Write, text: &str, width: usize) -> io::Result<()> {
    let text = escape::harmless(text);
    wrap::folded(&text, width).iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// Writes lines unchanged (a script must be reproduced exactly). At a terminal they are made
/// harmless, and prose is wrapped at words.
fn lines(out: &mut dyn Write, reply: &Reply, options: &RenderOptions) -> io::Result<()> {
    reply.rows.iter().filter_map(|row| row.first()).try_for_each(|value: &Value| {
        let line = cells::exact(value);
        match (options.people, reply.shape) {
            (Audience::Machines, _) => writeln!(out, "{line}"),
            (Audience::People, Shape::Prose) => {
                let lines = wrap::folded(&escape::harmless_lines(&line), options.width);
                lines.iter().try_for_each(|line| writeln!(out, "{line}"))
            }
            (Audience::People, _) => writeln!(out, "{}", escape::harmless_lines(&line)),
        }
    })
}
