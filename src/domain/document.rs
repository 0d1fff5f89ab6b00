//! A document of several parts, for EXPORT: values, rows, and documents within it.
//!
//! Invariant: parts keep their order, and their names are those of the contract. This module
//! deliberately does not know what a document is about.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use super::json;
use super::reply::Reply;
use super::value::Value;

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum DocumentPart {
    /// A value.
    Value(Value),
    /// Rows.
    Rows(Reply),
    /// Documents.
    Documents(Vec<Document>),
}

/// A document: parts with their names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// The parts.
    pub parts: Vec<(String, DocumentPart)>,
}

/// Writes a document in some format.
#[derive(Clone)]
pub struct DocumentWriter(pub Arc<WriteDocument>);

type WriteDocument = dyn Fn(&mut dyn Write, &Document) -> io::Result<()> + Send + Sync;

impl Default for DocumentWriter {
    fn default() -> Self {
        DocumentWriter(Arc::new(|out, document| {
            document.write_json(out, 0)?;
            writeln!(out)
        }))
    }
}

impl fmt::Debug for DocumentWriter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DocumentWriter")
    }
}

impl Document {
    /// Adds a value.
    pub fn value(&mut self, name: &str, value: impl Into<Value>) {
        self.parts.push((name.to_owned(), DocumentPart::Value(value.into())));
    }

    /// Adds the values of the first row of a reply, by column.
    pub fn values(&mut self, reply: &Reply) {
        let values = reply.rows.first().into_iter().flatten();
        for (column, value) in reply.columns.iter().zip(values) {
            self.value(&column.name, value.clone());
        }
    }

    /// Adds rows.
    pub fn rows(&mut self, name: &str, rows: Reply) {
        self.parts.push((name.to_owned(), DocumentPart::Rows(rows)));
    }

    /// Writes the document as a JSON object, indented by that many levels.
    fn write_json(&self, out: &mut dyn Write, level: usize) -> io::Result<()> {
        let indent = "  ".repeat(level + 1);
        let mut before = "{\n";
        for (name, part) in &self.parts {
            write!(out, "{before}{indent}{}: ", json::text(name))?;
            before = ",\n";
            match part {
                DocumentPart::Value(value) => write!(out, "{}", json::scalar(value))?,
                DocumentPart::Rows(rows) => list(out, &indent, &rows.rows, |out, row| {
                    let values: Vec<String> = rows
                        .columns
                        .iter()
                        .zip(row)
                        .map(|(column, value)| {
                            format!("{}: {}", json::text(&column.name), json::scalar(value))
                        })
                        .collect();
                    write!(out, "{{{}}}", values.join(", "))
                })?,
                DocumentPart::Documents(documents) => {
                    list(out, &indent, documents, |out, document| document.write_json(out, level + 2))?;
                }
            }
        }
        write!(out, "\n{}}}", "  ".repeat(level))
    }
}

/// Writes a JSON array, one item per line.
fn list<T>(
    out: &mut dyn Write,
    indent: &str,
    items: &[T],
    mut item: impl FnMut(&mut dyn Write, &T) -> io::Result<()>,
) -> io::Result<()> {
    if items.is_empty() {
        return write!(out, "[]");
    }
    let mut before = "[\n";
    for one in items {
        write!(out, "{before}{indent}  ")?;
        item(out, one)?;
        before = ",\n";
    }
    write!(out, "\n{indent}]")
}
