//! Lists: one `column: value` line per value, for rows that are read one at a time.
//!
//! Invariant: a value is always a single line, so no value can look like another column. This
//! module deliberately shortens nothing.

use std::io::{self, Write};

use super::cells::{self, Shown};
use super::width;
use crate::domain::reply::Reply;

/// Writes every column, exact; null is an empty value.
pub(super) fn write(out: &mut dyn Write, reply: &Reply) -> io::Result<()> {
    blocks(out, &cells::in_full(reply))
}

/// Writes the rows as blocks of lines, separated by blank lines.
pub(super) fn blocks(out: &mut dyn Write, columns: &[Shown]) -> io::Result<()> {
    let name_width = columns.iter().map(|column| width::width(&column.header)).max().unwrap_or(0);
    let count = columns.first().map_or(0, |column| column.cells.len());
    let names: Vec<String> = columns.iter().map(|column| width::right(&column.header, name_width)).collect();
    for row in 0..count {
        if row > 0 {
            writeln!(out)?;
        }
        for (name, column) in names.iter().zip(columns) {
            match column.cells[row].as_str() {
                "" => writeln!(out, "{name}:")?,
                value => writeln!(out, "{name}: {value}")?,
            }
        }
    }
    Ok(())
}
