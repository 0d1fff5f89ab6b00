//! A document of EXPORT as a page: a section per part, the parts of its documents under their names.
//!
//! Invariant: everything that the JSON document contains is on the page, except values that are null. This module deliberately does
//! not know what a document is about.

use std::io::{self, Write};

use crate::domain::document::{Document, DocumentPart};
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::shell::render::RenderOptions;

/// Writes a document as a page of its own, with the name of the database file.
///
/// # Errors
/// Those of the writer.
pub fn page(out: &mut dyn Write, document: &Document, file: &str, options: &RenderOptions) -> io::Result<()> {
    let at = options.display_clock.now.unwrap_or_default();
    super::head(out, file, at, &options.display_clock)?;
    sections(out, document, "", options)
}

/// Writes the parts of a document; the values that stand together are one table.
fn sections(
    out: &mut dyn Write,
    document: &Document,
    under: &str,
    options: &RenderOptions,
) -> io::Result<()> {
    let section = |out: &mut dyn Write, title: &str, rows: &Reply| {
        let statement =
            [under, title].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": ");
        super::write(out, rows, &RenderOptions { statement, ..options.clone() })
    };
    let mut values = Reply::with_columns(&["field", "value"]);
    for (name, part) in &document.parts {
        if let DocumentPart::Value(value) = part
            && *value != Value::Null
        {
            values.rows.push(vec![name.as_str().into(), value.clone()]);
        }
    }
    if !values.rows.is_empty() {
        section(out, if under.is_empty() { "customer" } else { "" }, &values)?;
    }
    for (name, part) in &document.parts {
        match part {
            DocumentPart::Value(_) => {}
            DocumentPart::Rows(rows) => section(out, name, rows)?,
            DocumentPart::Documents(documents) => {
                for document in documents {
                    sections(out, document, &title(name, document), options)?;
                }
            }
        }
    }
    Ok(())
}

/// Names a document by its first value: `conversation 12`.
fn title(list: &str, document: &Document) -> String {
    let name = list.strip_suffix('s').unwrap_or(list);
    match document.parts.first() {
        Some((_, DocumentPart::Value(Value::Integer(id)))) => format!("{name} {id}"),
        _ => name.to_owned(),
    }
}
