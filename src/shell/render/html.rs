//! HTML: one self-contained document per output, one section per reply.
//!
//! Invariant: no text from the file is ever markup: every text passes through [`escaped`], and
//! control or invisible characters are shown as escapes. In addition the document forbids scripts
//! and network access. Its head is written once, before the first reply; the end tags of `html` and
//! `body` are optional, so the document is complete after every reply. This module deliberately
//! does not know whether the head has been written; the owner of the output does.

mod chart;
mod document;
mod scale;

pub use document::page;

use std::fmt::Write as _;
use std::io::{self, Write};

use super::cells::{self, NOTHING, Nature, Shown};
use super::escape::{harmless, harmless_lines};
use super::time::DisplayClock;
use super::{Quiet, RenderOptions, moves, width};
use crate::domain::moment::Moment;
use crate::domain::reply::{ColumnKind, Reply, Shape};
use crate::domain::value::Value;

/// The style for light and dark screens and for paper.
const STYLE: &str = include_str!("html/style.css");

/// The length in bytes from which a text is laid out as prose, so that phones give it enough room.
const LONG: usize = 24;

/// The maximum length of a section's heading, in columns.
const LONGEST_TITLE: usize = 200;

/// The width in columns below which a line of transitions is not broken.
const MOVES_WIDTH: usize = 120;

/// Writes the head of the document, with the name of the database file and the time.
///
/// # Errors
/// Those of the writer.
pub fn head(out: &mut dyn Write, file: &str, at: Moment, display_clock: &DisplayClock) -> io::Result<()> {
    let (file, exact) = (escaped(&harmless(file)), at.to_string());
    let (written, zone) = (display_clock.calendar.written(at), display_clock.calendar.zone());
    let shown = written.get(..16).unwrap_or(&written);
    write!(
        out,
        "<!DOCTYPE html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Switchboard, {file}</title>\n\
         <style>\n{STYLE}</style>\n\
         </head>\n\
         <body>\n\
         <header><h1>Switchboard</h1>\
         <p>{file}, <time datetime=\"{exact}\" title=\"{exact}\">{shown} {zone}</time></p></header>\n"
    )
}

/// Writes the reply as a section.
pub(super) fn write(out: &mut dyn Write, reply: &Reply, options: &RenderOptions) -> io::Result<()> {
    writeln!(out, "<section>")?;
    if !options.statement.is_empty() {
        let words: Vec<&str> = options.statement.split_whitespace().collect();
        let line = words.join(" ");
        let title = escaped(&harmless(&width::shortened(&line, LONGEST_TITLE)));
        writeln!(out, "<h2><code>{title}</code></h2>")?;
    }
    if let Some(chart) = &reply.chart {
        chart::write(out, reply, chart)?;
    }
    match reply.shape {
        Shape::Lines => lines(out, reply, "lines"),
        Shape::Prose => lines(out, reply, "prose"),
        _ if reply.rows.is_empty() => writeln!(out, "<p class=\"foot\">nothing</p>"),
        Shape::Moves => moved(out, reply, options),
        Shape::Rows | Shape::Events => table(out, reply, options),
    }?;
    writeln!(out, "</section>")
}

/// Escapes text between tags or in a quoted attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

fn lines(out: &mut dyn Write, reply: &Reply, class: &str) -> io::Result<()> {
    // A line break right after <pre> is not part of the text.
    writeln!(out, "<pre class=\"{class}\" tabindex=\"0\">")?;
    reply.rows.iter().filter_map(|row| row.first()).try_for_each(|value| {
        let line = cells::exact(value);
        writeln!(out, "{}", escaped(&harmless_lines(&line)))
    })?;
    writeln!(out, "</pre>")
}

fn moved(out: &mut dyn Write, reply: &Reply, options: &RenderOptions) -> io::Result<()> {
    let mut text = Vec::new();
    moves::write(&mut text, reply, &RenderOptions { width: MOVES_WIDTH, ..options.clone() })?;
    let text = escaped(&String::from_utf8_lossy(&text));
    writeln!(out, "<pre class=\"lines\" tabindex=\"0\">\n{text}</pre>")
}

fn table(out: &mut dyn Write, reply: &Reply, options: &RenderOptions) -> io::Result<()> {
    let columns: Vec<TableColumn<'_>> = columns(reply, options);
    writeln!(out, "<div class=\"box\" role=\"region\" aria-label=\"rows\" tabindex=\"0\"><table>")?;
    let mut line = String::from("<thead><tr>");
    columns.iter().for_each(|column| column.push_header(&mut line));
    writeln!(out, "{line}</tr></thead>\n<tbody>")?;
    for (number, row) in reply.rows.iter().enumerate() {
        line.clear();
        columns.iter().for_each(|column| column.push_cell(&mut line, number, row));
        writeln!(out, "<tr>{line}</tr>")?;
    }
    writeln!(out, "</tbody>\n</table></div>")?;
    foot(out, reply, &columns, options)
}

fn foot(
    out: &mut dyn Write,
    reply: &Reply,
    columns: &[TableColumn<'_>],
    options: &RenderOptions,
) -> io::Result<()> {
    let count = reply.rows.len();
    if options.quiet == Quiet::On || (count == 1 && reply.tells_change) {
        return Ok(());
    }
    let rows = if count == 1 { "row" } else { "rows" };
    let has_moments = columns.iter().any(|column| column.kind == ColumnKind::Moment && !column.labelled);
    let zone = if has_moments {
        format!(", moments in {}", options.display_clock.calendar.zone())
    } else {
        String::new()
    };
    writeln!(out, "<p class=\"foot\">{count} {rows}{zone}</p>")
}

/// A column of the table as it is written.
struct TableColumn<'a> {
    index: usize,
    name: &'a str,
    kind: ColumnKind,
    shown: Shown,
    /// Whether its cells are the labels of the rows.
    labelled: bool,
    class: &'static str,
}

fn columns<'a>(reply: &'a Reply, options: &RenderOptions) -> Vec<TableColumn<'a>> {
    let column = |(place, (index, mut shown)): (usize, (usize, Shown))| {
        let (name, kind) = (reply.columns[index].name.as_str(), reply.columns[index].kind);
        if kind == ColumnKind::Plain && shown.nature == Nature::Number {
            align(&mut shown.cells);
        }
        let labelled = cells::labels(reply, name).is_some();
        let long = shown.cells.iter().any(|cell| cell.len() > LONG);
        let class = match shown.nature {
            // The label of a row stays visible while the table is scrolled sideways.
            Nature::Number if place == 0 => "n key",
            Nature::Number => "n",
            Nature::Whole | Nature::Text if labelled && place == 0 && !long => "w key",
            Nature::Whole => "w",
            Nature::Text if long => "t long",
            Nature::Text => "t",
        };
        TableColumn { index, name, kind, shown, labelled, class }
    };
    cells::for_later(reply, &options.display_clock).into_iter().enumerate().map(column).collect()
}

/// Pads fractions to the same number of decimals, so that their points are aligned.
fn align(cells: &mut [String]) {
    let decimals = |cell: &String| cell.split_once('.').map(|(_, decimals)| decimals.len());
    if cells.iter().any(|cell| cell.contains(['e', 'I'])) {
        return;
    }
    let most = cells.iter().filter_map(decimals).max().unwrap_or(0);
    for cell in cells {
        let missing = decimals(cell).map_or(0, |decimals| most - decimals);
        cell.push_str(&"0".repeat(missing));
    }
}

impl TableColumn<'_> {
    fn push_header(&self, line: &mut String) {
        let (name, shown) = (escaped(&harmless(self.name)), escaped(&self.shown.header));
        // Writing to a String cannot fail.
        _ = write!(line, "<th scope=\"col\" class=\"{}\" title=\"{name}\">{shown}</th>", self.class);
    }

    fn push_cell(&self, line: &mut String, number: usize, row: &[Value]) {
        let value = row.get(self.index).unwrap_or(&Value::Null);
        let (class, exact) = (self.class, escaped(&harmless(&cells::exact(value))));
        let shown = escaped(&self.shown.cells[number]);
        _ = match (value, self.kind) {
            (Value::Null, _) => write!(line, "<td class=\"{class} none\">{NOTHING}</td>"),
            (Value::Text(text), ColumnKind::Moment) if Moment::parse(text).is_ok() => {
                let time = format!("<time datetime=\"{exact}\" title=\"{exact}\">{shown}</time>");
                write!(line, "<td class=\"{class}\">{time}</td>")
            }
            (Value::Text(text), _) if !self.labelled => {
                let text = text.replace("\r\n", "\n");
                write!(line, "<td class=\"{class}\">{}</td>", escaped(&harmless_lines(&text)))
            }
            (_, ColumnKind::DurationMs) => {
                write!(line, "<td class=\"{class}\" title=\"{exact} ms\">{shown}</td>")
            }
            _ if shown == exact => write!(line, "<td class=\"{class}\">{shown}</td>"),
            _ => write!(line, "<td class=\"{class}\" title=\"{exact}\">{shown}</td>"),
        };
    }
}

#[cfg(test)]
mod tests;
