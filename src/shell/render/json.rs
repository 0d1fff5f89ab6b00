//! JSON (one array per statement) and JSON Lines (one object per row).
//!
//! Invariant: the output has exactly the columns of the contract in their order, with numbers as
//! numbers. This module deliberately does not distinguish replies from errors; see `problem`.

use std::io::{self, Write};

use crate::domain::json::scalar;
pub(super) use crate::domain::json::text;
use crate::domain::reply::Reply;
use crate::domain::value::Value;

/// Writes the rows as one array, one object per line; `[]` if there are none.
pub(super) fn array(out: &mut dyn Write, reply: &Reply) -> io::Result<()> {
    if reply.rows.is_empty() {
        return writeln!(out, "[]");
    }
    let names = names(reply);
    let mut before = "[\n  ";
    for row in &reply.rows {
        out.write_all(before.as_bytes())?;
        object(out, names.iter().zip(row))?;
        before = ",\n  ";
    }
    writeln!(out, "\n]")
}

/// Writes one object per line and row; nothing if there are none.
pub(super) fn lines(out: &mut dyn Write, reply: &Reply) -> io::Result<()> {
    let names = names(reply);
    reply.rows.iter().try_for_each(|row| {
        object(out, names.iter().zip(row))?;
        writeln!(out)
    })
}

/// Writes one object per line and row, without the columns that are null.
pub(super) fn events(out: &mut dyn Write, reply: &Reply) -> io::Result<()> {
    let names = names(reply);
    reply.rows.iter().try_for_each(|row| {
        let held = names.iter().zip(row).filter(|(_, value)| **value != Value::Null);
        object(out, held)?;
        writeln!(out)
    })
}

fn names(reply: &Reply) -> Vec<String> {
    reply.columns.iter().map(|column| text(&column.name)).collect()
}

fn object<'a>(out: &mut dyn Write, row: impl Iterator<Item = (&'a String, &'a Value)>) -> io::Result<()> {
    let mut before = '{';
    for (name, value) in row {
        write!(out, "{before}{name}:{}", scalar(value))?;
        before = ',';
    }
    if before == '{' {
        out.write_all(b"{")?;
    }
    out.write_all(b"}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::json::acts;
    use crate::shell::render::Format;
    use crate::shell::render::examples::{hostile, in_pipe, shown};

    #[test]
    fn values_keep_their_kind_and_columns_their_order() {
        let mut reply = Reply::with_columns(&["z", "a", "real", "odd", "none", "bytes"]);
        reply.rows.push(vec![
            Value::Integer(i64::MAX),
            Value::from("x"),
            Value::Real(0.8),
            Value::Real(f64::INFINITY),
            Value::Null,
            Value::Blob(vec![0xde, 0xad]),
        ]);
        let row = r#"{"z":9223372036854775807,"a":"x","real":0.8,"odd":null,"none":null,"bytes":"dead"}"#;
        assert_eq!(shown(&reply, &in_pipe(Format::Jsonl)), format!("{row}\n"));
        assert_eq!(shown(&reply, &in_pipe(Format::Json)), format!("[\n  {row}\n]\n"));
        reply.rows.clear();
        assert_eq!(shown(&reply, &in_pipe(Format::Jsonl)), "");
        assert_eq!(shown(&reply, &in_pipe(Format::Json)), "[]\n");
    }

    #[test]
    fn hostile_text_is_escaped_and_reads_back_the_same() {
        let line = shown(&hostile(), &in_pipe(Format::Jsonl));
        assert_eq!(
            line,
            "{\"id\":1,\"body\":\"\\u001b[2Ja\\rb\\nc\\td|`\\\"q\\\",\\u202e\\\\\",\"agent\":null}\n"
        );
        for content in ["\x1b\u{9b}\u{7f}\u{202e}\u{e0041}", "a\"\\b", "👩\u{200d}🔧"] {
            let read: serde_json::Value = serde_json::from_str(&text(content)).unwrap();
            assert_eq!(read, content);
            assert!(!text(content).contains(acts));
        }
    }
}
