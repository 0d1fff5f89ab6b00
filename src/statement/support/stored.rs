//! Statements as the journal stores them: handles and texts are cited by their ids.
//!
//! Invariant: with its words put back, a stored statement is the canonical text of the statement
//! that was typed.

use crate::domain::refusal::Error;
use crate::language::arguments::{Argument, Arguments, Part};
use crate::language::suggest::quote_text;
use crate::language::token::{TokenKind, tokens};
use crate::store::Snapshot;

/// What stands for words that were erased.
const ERASED: &str = "(erased)";

/// A stored statement with its words put back.
pub struct Restored {
    /// The statement.
    pub text: String,
    /// Whether words are missing because they were erased.
    pub erased: bool,
}

/// Returns a stored statement with its handles, texts and key (`:customer_5`, `:text_17`, `:key_30`)
/// put back in.
///
/// # Errors
/// Faults of the file.
pub fn with_words(snapshot: &Snapshot<'_>, statement: &str) -> Result<Restored, Error> {
    restored(snapshot, statement, true)
}

/// The same, but with handles only if `handles` is true.
fn restored(snapshot: &Snapshot<'_>, statement: &str, handles: bool) -> Result<Restored, Error> {
    let mut whole = String::with_capacity(statement.len());
    let (mut from, mut erased) = (0, false);
    for token in tokens(statement)? {
        if token.kind != TokenKind::Parameter {
            continue;
        }
        let id = |prefix: &str| token.text.strip_prefix(prefix).and_then(|id| id.parse::<i64>().ok());
        let (words, select) = match (id("customer_"), id("text_"), id("select_"), id("key_")) {
            (Some(id), ..) if handles => (snapshot.handle(id)?, false),
            (_, Some(id), ..) => (snapshot.text(id)?, false),
            (.., Some(id), _) => (snapshot.text(id)?, true),
            (.., Some(id)) => (snapshot.key(id)?, false),
            _ => continue,
        };
        erased |= words.is_none();
        whole.push_str(&statement[from..token.span.start]);
        whole.push_str(&match (words, select) {
            // The line break ends a comment that the SELECT may end with.
            (Some(words), true) => format!("{words}\n"),
            (Some(words), false) => quote_text(&words),
            // Each stays another customer, and another key.
            (None, false) if !token.text.starts_with("text_") => {
                let (what, id) = token.text.split_once('_').unwrap_or_default();
                quote_text(&format!("(erased {what} {id})"))
            }
            (None, true) => format!("SELECT {}", quote_text(ERASED)),
            (None, false) => quote_text(ERASED),
        });
        from = token.span.end;
    }
    whole.push_str(&statement[from..]);
    Ok(Restored { text: whole, erased })
}

/// Returns whether a stored statement is the one with these arguments. Handles are compared by whom
/// they name. A statement whose words were erased counts as the same, because it can no longer be
/// compared.
///
/// # Errors
/// Faults of the file.
pub fn is_the_same(snapshot: &Snapshot<'_>, stored: &str, arguments: &Arguments) -> Result<bool, Error> {
    let restored = restored(snapshot, stored, false)?;
    let mut named = Vec::new();
    for part in arguments.parts() {
        if let Part::Argument { slot, value: Argument::Customer(handle), .. } = part
            && let Some(id) = snapshot.handle_named(handle)?
        {
            named.push((slot.as_str(), handle.as_str(), id));
        }
    }
    let canonical = arguments.canonical(&mut |slot, text| {
        let of_slot = named.iter().find(|(of, handle, _)| *of == slot && *handle == text)?;
        Some(format!(":customer_{}", of_slot.2))
    });
    Ok(restored.erased || restored.text == canonical)
}
