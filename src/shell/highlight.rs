//! Colours for a statement that is being typed.
//!
//! Invariant: without the colours the text is unchanged, character by character; otherwise the
//! editor would lose its position. This module deliberately does not know whether the statement is
//! valid.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::domain::refusal::Place;
use crate::engine::catalogue;
use crate::language::token::{Token, TokenKind, tokens};

/// The words of SQL that people type in a SELECT.
const SQL: &str = "SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT OFFSET JOIN LEFT INNER CROSS ON USING AS AND OR NOT \
                   NULL IS IN LIKE BETWEEN EXISTS CASE WHEN THEN ELSE END DISTINCT UNION ALL WITH RECURSIVE VALUES \
                   ASC DESC OVER PARTITION";

/// The maximum length of coloured text, in bytes. A longer text was pasted, and typing must not
/// lag.
const LONGEST: usize = 20_000;

const BOLD: &str = "1";
const GREEN: &str = "32";
const CYAN: &str = "36";
const GREY: &str = "90";

/// Returns the text with colours.
pub fn highlighted(text: &str) -> String {
    if text.len() > LONGEST || text.trim_start().starts_with('.') {
        return text.to_owned();
    }
    let (list, read) = readable(text);
    let mut shown = String::with_capacity(text.len() * 2);
    let mut at = 0;
    for token in &list {
        between(&mut shown, &text[at..token.span.start]);
        let written = &text[token.span.clone()];
        match color_of(token) {
            Some(code) => paint(&mut shown, code, written),
            None => shown.push_str(written),
        }
        at = token.span.end;
    }
    between(&mut shown, &text[at..read]);
    // What the lexer cannot read is an unclosed text or comment.
    let open = &text[read..];
    paint(&mut shown, if open.starts_with('/') { GREY } else { GREEN }, open);
    shown
}

/// Returns the text in grey.
pub fn grey(text: &str) -> String {
    let mut shown = String::new();
    paint(&mut shown, GREY, text);
    shown
}

/// Returns the tokens, and the position up to which the text could be split.
fn readable(text: &str) -> (Vec<Token>, usize) {
    match tokens(text) {
        Ok(list) => (list, text.len()),
        Err(refusal) => {
            let start = match refusal.place {
                Place::Span(span) => text.floor_char_boundary(span.start),
                _ => 0,
            };
            (tokens(&text[..start]).unwrap_or_default(), start)
        }
    }
}

fn color_of(token: &Token) -> Option<&'static str> {
    match token.kind {
        TokenKind::Text => Some(GREEN),
        TokenKind::Number | TokenKind::Hash => Some(CYAN),
        TokenKind::Word if keywords().contains(token.text.to_ascii_uppercase().as_str()) => Some(BOLD),
        _ => None,
    }
}

/// Returns the keywords of all syntax lines, without the placeholders in `<…>`.
fn keywords() -> &'static BTreeSet<&'static str> {
    static WORDS: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let lines = (0..).map_while(|line| catalogue().written(line));
        let words = lines.flat_map(|line| line.split(|end: char| !end.is_ascii_uppercase() && end != '_'));
        words.chain(SQL.split_whitespace()).filter(|word| word.len() > 1).collect()
    })
}

/// Colours blanks and comments.
fn between(shown: &mut String, text: &str) {
    let code = if text.trim().is_empty() { "" } else { GREY };
    paint(shown, code, text);
}

fn paint(shown: &mut String, code: &str, text: &str) {
    if text.is_empty() || code.is_empty() {
        shown.push_str(text);
        return;
    }
    shown.push_str("\x1b[");
    shown.push_str(code);
    shown.push('m');
    shown.push_str(text);
    shown.push_str("\x1b[0m");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_texts_numbers_and_comments_have_a_colour() {
        assert_eq!(
            highlighted("assign 12 to agent alice -- why"),
            "\x1b[1massign\x1b[0m \x1b[36m12\x1b[0m \x1b[1mto\x1b[0m \x1b[1magent\x1b[0m alice\x1b[90m -- why\x1b[0m"
        );
        assert_eq!(highlighted(".mode csv"), ".mode csv");
    }

    #[test]
    fn without_colours_it_is_the_same_text() {
        for text in
            ["", "note 1 'it''s", "a \"b", "x /* c", "é 日本 ☹ 'ü'", "\u{1b}[2J a", "a; 'b'; c", "@ x"]
        {
            let mut plain = highlighted(text);
            for code in [BOLD, GREEN, CYAN, GREY, "0"] {
                plain = plain.replace(&format!("\x1b[{code}m"), "");
            }
            assert_eq!(plain, text);
        }
    }
}
