//! Tables, and how they are fitted to a narrow terminal.
//!
//! Invariant: for people no line is wider than the terminal if this can be avoided. First the
//! longest texts are shortened; if that is not enough, each row becomes a block of lines. Words are
//! never broken into narrow columns. In a pipe nothing is fitted. This module deliberately does not
//! know how values become text.

use std::borrow::Cow;
use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, TableStyle};

use super::cells::{self, Nature, Shown};
use super::paint::Paint;
use super::{Audience, Quiet, RenderOptions, list, width, wrap};
use crate::domain::reply::Reply;

/// The minimum width to which a text column is shortened.
const NARROWEST: usize = 10;

/// The maximum width of a cell, even in a pipe: the layout counts in sixteen bits, and one long
/// message would pad all other rows.
const WIDEST: usize = 1_000;

/// The maximum width of a header for people: a computed column of a SELECT has its whole formula as
/// its name. The longest name in the contract fits.
const WIDEST_HEADER: usize = 24;

/// The minimum width of wrapped text.
const NARROWEST_PROSE: usize = 20;

/// The minimum number of columns of a brief table; with fewer, each row becomes a block of lines.
const FEWEST: usize = 4;

/// The blanks of a layout.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spacing {
    /// The number of blanks before the first column.
    pub leading: u16,
    /// The number of blanks between the first and the second column.
    pub first: u16,
    /// The number of blanks between all other columns.
    pub others: u16,
}

const ROWS: Spacing = Spacing { leading: 1, first: 2, others: 2 };

/// Writes the rows as a table; for people, the number of rows follows.
pub(super) fn write(out: &mut dyn Write, reply: &Reply, options: &RenderOptions) -> io::Result<()> {
    match options.people {
        Audience::Machines => {
            let mut columns = cells::for_machines(reply);
            shorten_headers(&mut columns, WIDEST);
            shorten(&mut columns, |_| WIDEST);
            draw(out, &columns, options)
        }
        Audience::People if reply.rows.is_empty() => summary(out, "nothing", options),
        Audience::People => {
            rows_for_people(out, reply, options)?;
            match reply.rows.len() {
                // A change returns one row for what it created, so the number is superfluous.
                1 if reply.tells_change => Ok(()),
                1 => summary(out, "1 row", options),
                count => summary(out, &format!("{count} rows"), options),
            }
        }
    }
}

fn rows_for_people(out: &mut dyn Write, reply: &Reply, options: &RenderOptions) -> io::Result<()> {
    let mut columns = cells::for_people(reply, &options.display_clock);
    shorten_headers(&mut columns, WIDEST_HEADER);
    if let Some(prose) = reply.prose {
        unfold(&mut columns, prose, options.columns());
    }
    // If the reply has brief columns, fewer columns are better than shortened ones.
    if total(&widths(&columns), ROWS) > options.columns()
        && let Some(brief) = reply.in_brief()
    {
        let mut columns = cells::for_people(&brief, &options.display_clock);
        // The last columns matter least.
        while columns.len() >= FEWEST {
            if fit(&mut columns, options.columns(), ROWS) {
                return draw(out, &columns, options);
            }
            columns.pop();
        }
    }
    if fit(&mut columns, options.columns(), ROWS) {
        return draw(out, &columns, options);
    }
    let name_width = columns.iter().map(|column| width::width(&column.header)).max().unwrap_or(0);
    let room = options.columns().saturating_sub(name_width + 2).max(NARROWEST);
    shorten(&mut columns, |_| room);
    list::blocks(out, &columns)
}

/// Wraps the texts of a column at words, so that each is shown in full; the other cells are on the
/// first line. If too little room is left, nothing is done.
fn unfold(columns: &mut [Shown], header: &str, room: usize) {
    let Some(prose) = columns.iter().position(|column| column.header == header) else { return };
    let others: usize = total(&widths(columns), ROWS) - widths(columns)[prose];
    let width = room.saturating_sub(others);
    if width < NARROWEST_PROSE {
        return;
    }
    let wrapped: Vec<Vec<String>> =
        columns[prose].cells.iter().map(|text| wrap::wrapped(text, width)).collect();
    for (place, column) in columns.iter_mut().enumerate() {
        let cells = std::mem::take(&mut column.cells);
        for (cell, lines) in cells.into_iter().zip(&wrapped) {
            match place == prose {
                true => column.cells.extend(lines.iter().cloned()),
                false => {
                    column.cells.push(cell);
                    column.cells.extend(lines.iter().skip(1).map(|_| String::new()));
                }
            }
        }
    }
}

fn summary(out: &mut dyn Write, text: &str, options: &RenderOptions) -> io::Result<()> {
    match options.quiet {
        Quiet::On => Ok(()),
        Quiet::Off => writeln!(out, "{}", Paint::Frame.on(text, options.color_for_rows())),
    }
}

fn draw(out: &mut dyn Write, columns: &[Shown], options: &RenderOptions) -> io::Result<()> {
    let headers: Vec<&str> = columns.iter().map(|column| column.header.as_str()).collect();
    let total = total(&widths(columns), ROWS) - usize::from(ROWS.leading);
    let mut lines = grid(columns, Some(&headers), ROWS);
    if let Some(header) = lines.next() {
        writeln!(out, "{}", header.trim_end())?;
        writeln!(out, " {}", Paint::Frame.on(&"─".repeat(total), options.color_for_rows()))?;
    }
    lines.try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

/// Returns the aligned lines of the rows, preceded by a line of headers if there are any.
pub(super) fn grid(
    columns: &[Shown],
    headers: Option<&[&str]>,
    spacing: Spacing,
) -> impl Iterator<Item = String> + use<> {
    let mut table = Table::new();
    table.force_no_tty().load_style(TableStyle::new());
    if let Some(headers) = headers {
        table.set_header(headers.to_vec());
    }
    let count = columns.first().map_or(0, |column| column.cells.len());
    for row in 0..count {
        table.add_row(columns.iter().map(|column| &column.cells[row]));
    }
    for (index, column) in columns.iter().enumerate() {
        let Some(layout) = table.column_mut(index) else { continue };
        let before = if index == 0 { spacing.leading } else { 0 };
        let after = if index == 0 { spacing.first } else { spacing.others };
        layout.set_padding((before, after));
        layout.set_cell_alignment(match column.nature {
            Nature::Number => CellAlignment::Right,
            Nature::Text | Nature::Whole => CellAlignment::Left,
        });
    }
    // The lines must be collected before the table is dropped.
    table.lines().collect::<Vec<_>>().into_iter()
}

/// Shortens the longest texts until everything fits, and returns whether it does. If it does not,
/// the columns are unchanged.
pub(super) fn fit(columns: &mut [Shown], room: usize, spacing: Spacing) -> bool {
    let mut wanted = widths(columns);
    let floors: Vec<usize> = columns.iter().zip(&wanted).map(floor).collect();
    if total(&floors, spacing) > room {
        return false;
    }
    while total(&wanted, spacing) > room {
        let longest = (0..wanted.len()).filter(|index| wanted[*index] > floors[*index]);
        match longest.max_by_key(|index| wanted[*index]) {
            Some(index) => wanted[index] -= 1,
            None => break,
        }
    }
    shorten(columns, |index| wanted[index]);
    true
}

/// Returns the minimum width of a column, which is never less than its header.
fn floor((column, width): (&Shown, &usize)) -> usize {
    match column.nature {
        Nature::Text => NARROWEST.max(width::width(&column.header)).min(*width),
        Nature::Whole | Nature::Number => *width,
    }
}

/// Returns the width of each column, at most the maximum width of a cell.
fn widths(columns: &[Shown]) -> Vec<usize> {
    let widest = |column: &Shown| {
        let texts = column.cells.iter().chain([&column.header]);
        texts.map(|text| width::width(text).min(WIDEST)).max().unwrap_or(0)
    };
    columns.iter().map(widest).collect()
}

fn total(widths: &[usize], spacing: Spacing) -> usize {
    let gaps = match widths.len() {
        0 | 1 => 0,
        count => usize::from(spacing.first) + (count - 2) * usize::from(spacing.others),
    };
    usize::from(spacing.leading) + widths.iter().sum::<usize>() + gaps
}

/// Shortens the cells of each column to its limit; headers are handled separately.
pub(super) fn shorten(columns: &mut [Shown], limit: impl Fn(usize) -> usize) {
    for (index, column) in columns.iter_mut().enumerate() {
        for cell in &mut column.cells {
            if let Cow::Owned(short) = width::shortened(cell, limit(index)) {
                *cell = short;
            }
        }
    }
}

fn shorten_headers(columns: &mut [Shown], limit: usize) {
    for column in columns {
        if let Cow::Owned(short) = width::shortened(&column.header, limit) {
            column.header = short;
        }
    }
}
