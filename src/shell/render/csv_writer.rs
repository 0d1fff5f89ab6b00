//! CSV and TSV: a header line, then the rows. Every statement has its own header.
//!
//! Invariant: the output has exactly the columns and values of the contract. A TSV row is always
//! one line (tabs, line breaks and backslashes are written as `\t`, `\n`, `\r`, `\\`); a quoted CSV
//! value may span lines. Null is an empty field, like an empty text; use JSON to distinguish them.
//! In a pipe all other characters are unchanged; at a terminal they are made harmless.
//! Deliberately, there is no byte order mark and no line between statements.

use std::borrow::Cow;
use std::io::{self, Write};

use super::cells;
use super::escape::{harmless, harmless_lines};
use super::{Audience, Header};
use crate::domain::reply::Reply;
use crate::domain::value::Value;

/// Writes the reply as CSV.
pub(super) fn csv(out: &mut dyn Write, reply: &Reply, people: Audience, header: Header) -> io::Result<()> {
    let field = |text: Cow<'_, str>| match people {
        Audience::People => harmless_lines(&text).into_owned(),
        Audience::Machines => text.into_owned(),
    };
    let mut writer = csv::Writer::from_writer(Unflushed(out));
    if header == Header::Wanted {
        writer.write_record(reply.columns.iter().map(|column| field(Cow::Borrowed(&column.name))))?;
    }
    for row in &reply.rows {
        writer.write_record(row.iter().map(|value| field(cells::exact(value))))?;
    }
    writer.flush()
}

/// Writes the reply as TSV.
pub(super) fn tsv(out: &mut dyn Write, reply: &Reply, people: Audience, header: Header) -> io::Result<()> {
    let mut line = String::new();
    let names = reply.columns.iter().map(|column| Value::from(column.name.as_str()));
    let header: Option<Vec<Value>> = (header == Header::Wanted).then(|| names.collect());
    for row in header.iter().chain(&reply.rows) {
        line.clear();
        for (index, value) in row.iter().enumerate() {
            if index > 0 {
                line.push('\t');
            }
            push_field(&mut line, &cells::exact(value), people);
        }
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

fn push_field(line: &mut String, text: &str, people: Audience) {
    if !text.contains(['\t', '\n', '\r', '\\']) {
        line.push_str(&for_audience(text, people));
        return;
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\\' => escaped.push_str("\\\\"),
            other => escaped.push(other),
        }
    }
    line.push_str(&for_audience(&escaped, people));
}

fn for_audience(text: &str, people: Audience) -> Cow<'_, str> {
    match people {
        Audience::People => harmless(text),
        Audience::Machines => Cow::Borrowed(text),
    }
}

/// Ignores flushes: the csv writer flushes its destination, but the caller decides when to flush.
struct Unflushed<'a>(&'a mut dyn Write);

impl Write for Unflushed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::shell::render::Format;
    use crate::shell::render::examples::{at_terminal, hostile, in_pipe, shown};

    #[test]
    fn csv_quotes_what_needs_it_and_keeps_every_byte_in_a_pipe() {
        let options = in_pipe(Format::Csv);
        assert_eq!(
            shown(&hostile(), &options),
            "id,body,agent\n1,\"\x1b[2Ja\rb\nc\td|`\"\"q\"\",\u{202e}\\\",\n"
        );
    }

    #[test]
    fn csv_at_a_terminal_shows_what_would_act_on_it() {
        let options = crate::shell::render::RenderOptions { format: Format::Csv, ..at_terminal(80) };
        assert_eq!(
            shown(&hostile(), &options),
            "id,body,agent\n1,\"\\x1b[2Ja\\rb\nc\td|`\"\"q\"\",\\u{202e}\\\",\n"
        );
    }

    #[test]
    fn a_tsv_row_is_one_line() {
        assert_eq!(
            shown(&hostile(), &in_pipe(Format::Tsv)),
            "id\tbody\tagent\n1\t\x1b[2Ja\\rb\\nc\\td|`\"q\",\u{202e}\\\\\t\n"
        );
        let options = crate::shell::render::RenderOptions { format: Format::Tsv, ..at_terminal(80) };
        assert_eq!(
            shown(&hostile(), &options),
            "id\tbody\tagent\n1\t\\x1b[2Ja\\rb\\nc\\td|`\"q\",\\u{202e}\\\\\t\n"
        );
    }
}
