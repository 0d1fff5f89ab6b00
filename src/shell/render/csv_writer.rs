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
use super::{Audience, Header, RenderOptions, SpreadsheetCells};
use crate::domain::reply::Reply;
use crate::domain::value::Value;

/// Writes the reply as CSV.
pub(super) fn csv(
    out: &mut dyn Write,
    reply: &Reply,
    options: &RenderOptions,
    header: Header,
) -> io::Result<()> {
    let field = |text: Cow<'_, str>| match options.people {
        Audience::People => harmless_lines(&text).into_owned(),
        Audience::Machines => text.into_owned(),
    };
    let mut writer = csv::Writer::from_writer(Unflushed(out));
    if header == Header::Wanted {
        writer.write_record(reply.columns.iter().map(|column| field(Cow::Borrowed(&column.name))))?;
    }
    for row in &reply.rows {
        writer.write_record(row.iter().map(|value| field(cell(value, options.cells))))?;
    }
    writer.flush()
}

/// Writes the reply as TSV.
pub(super) fn tsv(
    out: &mut dyn Write,
    reply: &Reply,
    options: &RenderOptions,
    header: Header,
) -> io::Result<()> {
    let mut line = String::new();
    let names = reply.columns.iter().map(|column| Value::from(column.name.as_str()));
    let header: Option<Vec<Value>> = (header == Header::Wanted).then(|| names.collect());
    for row in header.iter().chain(&reply.rows) {
        line.clear();
        for (index, value) in row.iter().enumerate() {
            if index > 0 {
                line.push('\t');
            }
            push_field(&mut line, &cell(value, options.cells), options.people);
        }
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// Characters with which a spreadsheet begins a formula, also in their full-width forms.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Returns the text of a value. Numbers are never changed.
fn cell(value: &Value, cells: SpreadsheetCells) -> Cow<'_, str> {
    match (value, cells) {
        (Value::Text(text), SpreadsheetCells::Safe) if text.starts_with(FORMULA) => {
            Cow::Owned(format!("'{text}"))
        }
        _ => cells::exact(value),
    }
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
    use super::SpreadsheetCells;
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
    fn a_formula_gets_an_apostrophe_if_that_is_asked_for() {
        let mut reply = crate::domain::reply::Reply::with_columns(&["a", "b", "c"]);
        let texts = ["=1+1", "@x", "plain"];
        reply.rows.push(texts.map(crate::domain::value::Value::from).to_vec());
        reply.rows.push(vec!["-2".into(), (-2).into(), crate::domain::value::Value::Null]);
        for (cells, csv, tsv) in [
            (
                SpreadsheetCells::Exact,
                "a,b,c\n=1+1,@x,plain\n-2,-2,\n",
                "a\tb\tc\n=1+1\t@x\tplain\n-2\t-2\t\n",
            ),
            (
                SpreadsheetCells::Safe,
                "a,b,c\n'=1+1,'@x,plain\n'-2,-2,\n",
                "a\tb\tc\n'=1+1\t'@x\tplain\n'-2\t-2\t\n",
            ),
        ] {
            for (format, expected) in [(Format::Csv, csv), (Format::Tsv, tsv)] {
                let options = crate::shell::render::RenderOptions { cells, ..in_pipe(format) };
                assert_eq!(shown(&reply, &options), expected);
            }
        }
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
