//! Markdown: a pipe table to paste into a ticket or a page.
//!
//! Invariant: a value stays in its cell and stays text: pipes, backticks and other Markdown
//! characters are escaped, and a line break is `<br>`. This module deliberately does not align the
//! source.

use std::borrow::Cow;
use std::io::{self, Write};

use super::cells::{self, Nature};
use super::escape::harmless;
use crate::domain::reply::Reply;

/// Writes the columns of the contract, exact; null is an empty cell.
pub(super) fn write(out: &mut dyn Write, reply: &Reply) -> io::Result<()> {
    row(out, reply.columns.iter().map(|column| cell(&column.name)))?;
    row(
        out,
        (0..reply.columns.len()).map(|index| match cells::nature(reply, index) {
            Nature::Number => "---:".to_owned(),
            Nature::Text | Nature::Whole => "---".to_owned(),
        }),
    )?;
    reply
        .rows
        .iter()
        .try_for_each(|values| row(out, values.iter().map(|value| cell(&cells::exact(value)))))?;
    // Without a blank line the next table would continue this one.
    writeln!(out)
}

fn row(out: &mut dyn Write, mut cells: impl Iterator<Item = String>) -> io::Result<()> {
    cells.try_for_each(|cell| write!(out, "| {cell} "))?;
    writeln!(out, "|")
}

fn cell(text: &str) -> String {
    let joined: Cow<'_, str> =
        if text.contains(['\n', '\r', '\t']) { Cow::Owned(unified(text)) } else { Cow::Borrowed(text) };
    let lines: Vec<String> = joined.split('\n').map(|line| escaped(&harmless(line))).collect();
    lines.join("<br>")
}

fn unified(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ")
}

fn escaped(line: &str) -> String {
    let mut safe = String::with_capacity(line.len() + 8);
    for character in line.chars() {
        if matches!(character, '\\' | '|' | '`' | '*' | '[' | '<' | '&') {
            safe.push('\\');
        }
        safe.push(character);
    }
    safe
}

#[cfg(test)]
mod tests {
    use crate::shell::render::Format;
    use crate::shell::render::examples::{hostile, in_pipe, shown};

    #[test]
    fn hostile_text_stays_in_its_cell() {
        assert_eq!(
            shown(&hostile(), &in_pipe(Format::Markdown)),
            "| id | body | agent |\n| ---: | --- | --- |\n\
             | 1 | \\\\x1b\\[2Ja<br>b<br>c d\\|\\`\"q\",\\\\u{202e}\\\\ |  |\n\n"
        );
    }
}
