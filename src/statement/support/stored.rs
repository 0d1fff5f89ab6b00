//! Statements as the journal stores them: handles and texts are cited by their ids.
//!
//! Invariant: with its words put back, a stored statement is the canonical text of the statement
//! that was typed.

use crate::domain::handle::compared;
use crate::domain::refusal::Error;
use crate::language::arguments::{Argument, Arguments, Parameters, Part};
use crate::language::suggest::quote_text;
use crate::language::token::{TokenKind, tokens};
use crate::statement::catalogue;
use crate::statement::request::conversation_named;
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
    let mut whole = String::with_capacity(statement.len());
    let (mut from, mut erased) = (0, false);
    for token in tokens(statement)? {
        if token.kind != TokenKind::Parameter {
            continue;
        }
        let id = |prefix: &str| token.text.strip_prefix(prefix).and_then(|id| id.parse::<i64>().ok());
        let (words, select) = match (id("customer_"), id("text_"), id("select_"), id("key_")) {
            (Some(id), ..) => (snapshot.handle(id)?, false),
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

/// Returns whether a stored statement is about a conversation. `of_customer` says whether a statement
/// about a customer is.
///
/// # Errors
/// Faults of the file.
pub fn is_about(
    snapshot: &Snapshot<'_>,
    stored: &str,
    conversation: i64,
    of_customer: bool,
) -> Result<bool, Error> {
    // What the words are does not matter; they only have to parse.
    let mut whole = String::with_capacity(stored.len());
    let mut from = 0;
    for token in tokens(stored)?.iter().filter(|token| token.kind == TokenKind::Parameter) {
        whole.push_str(&stored[from..token.span.start]);
        whole.push_str(if token.text.starts_with("select_") { "SELECT 1" } else { "'-'" });
        from = token.span.end;
    }
    whole.push_str(&stored[from..]);
    let Ok((_, arguments)) = catalogue().parse(&whole, &Parameters::new()) else { return Ok(false) };
    Ok(match conversation_named(snapshot, &arguments)? {
        Some(named) => named == conversation,
        None => of_customer && arguments.customer("customer").is_some(),
    })
}

/// Returns whether a stored statement is the one with these arguments, in whatever order its parts were
/// typed. Handles are compared as those of customers are. A statement whose words were erased counts
/// as the same, because it can no longer be compared.
///
/// # Errors
/// Faults of the file.
pub fn is_the_same(snapshot: &Snapshot<'_>, stored: &str, arguments: &Arguments) -> Result<bool, Error> {
    let restored = with_words(snapshot, stored)?;
    if restored.erased {
        return Ok(true);
    }
    let Ok((_, before)) = catalogue().parse(&restored.text, &Parameters::new()) else { return Ok(false) };
    Ok(parts(&before) == parts(arguments))
}

/// Returns the keywords and values of a statement in an order of their own. A value is told apart by
/// its slot.
fn parts(arguments: &Arguments) -> Vec<String> {
    let mut parts: Vec<String> = arguments
        .parts()
        .iter()
        .filter_map(|part| match part {
            Part::Keyword { word, .. } => Some(word.to_ascii_uppercase()),
            Part::Symbol(_) => None,
            Part::Argument { slot, value: Argument::Customer(handle), .. } => {
                Some(format!("{slot} = {}", compared(handle)))
            }
            Part::Argument { slot, value: Argument::Name(name), .. } => {
                Some(format!("{slot} = {}", name.to_ascii_lowercase()))
            }
            Part::Argument { slot, value, .. } => Some(format!("{slot} = {value:?}")),
        })
        .collect();
    parts.sort_unstable();
    parts
}
