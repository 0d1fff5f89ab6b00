//! The kinds of values in syntax lines.
//!
//! Invariant: a kind that is not in the list is the kind of a name, so statement definitions can
//! use new kinds of objects without a change here. This module deliberately does not know which
//! objects exist.

use super::suggest::with_article;
use super::token::{Token, TokenKind};

/// The kind of value that a slot accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlotKind {
    /// `12`, `#12` or a topic id as text.
    Conversation,
    /// A name of an object of this kind (`agent`, `queue`, …; `name` for a new object).
    Name(String),
    /// Quoted text that may be personal.
    Text,
    /// Quoted text that is not personal (keys, skills, hashes).
    Plain,
    /// A customer's handle as text or a word; personal.
    Customer,
    /// The KEY of a statement as quoted text; it may be personal.
    Key,
    /// An integer.
    Integer,
    /// A duration: `90s`, bare or as text, or `90 SECONDS`.
    Duration,
    /// A timestamp as RFC 3339 text.
    Moment,
    /// A list `name = value, …` of settings in this table.
    Settings(String),
    /// The rest of the input, which is a statement.
    RestStatement,
    /// The rest of the input, which is SQL.
    RestSelect,
    /// The rest of the input, as words.
    RestWords,
}

impl SlotKind {
    /// Returns the kind that `<name:kind>` denotes.
    pub(super) fn of(name: &str, kind: &str) -> Result<SlotKind, String> {
        Ok(match (name, kind) {
            ("settings", table) => SlotKind::Settings(table.to_owned()),
            ("rest", "statement") => SlotKind::RestStatement,
            ("rest", "select") => SlotKind::RestSelect,
            ("rest", "words") => SlotKind::RestWords,
            ("rest", other) => return Err(format!("no rest is called {other}")),
            (_, "conversation" | "id") => SlotKind::Conversation,
            (_, "text") => SlotKind::Text,
            (_, "plain") => SlotKind::Plain,
            (_, "customer") => SlotKind::Customer,
            (_, "key") => SlotKind::Key,
            (_, "integer") => SlotKind::Integer,
            (_, "duration") => SlotKind::Duration,
            (_, "moment") => SlotKind::Moment,
            (_, what) => SlotKind::Name(what.to_owned()),
        })
    }

    /// Returns whether the slot takes everything up to the end.
    pub fn is_rest(&self) -> bool {
        matches!(self, SlotKind::RestStatement | SlotKind::RestSelect | SlotKind::RestWords)
    }

    /// Describes what is expected in a slot with this name: `a queue`.
    pub fn describe(&self, name: &str) -> String {
        match self {
            SlotKind::Conversation => "a conversation (12, #12 or its topic id)".to_owned(),
            SlotKind::Name(what) if what == "name" && name != "name" => format!("a name for the {name}"),
            SlotKind::Name(what) => with_article(what),
            SlotKind::Text | SlotKind::Plain | SlotKind::Key => format!("the {name} as 'text'"),
            SlotKind::Customer => "a customer".to_owned(),
            SlotKind::Integer => "a whole number".to_owned(),
            SlotKind::Duration => "a duration (90s, 3m, 1h30m)".to_owned(),
            SlotKind::Moment => "a moment ('2026-03-02T09:15:00Z')".to_owned(),
            SlotKind::Settings(_) => "a setting (name = value)".to_owned(),
            SlotKind::RestStatement => "a statement".to_owned(),
            SlotKind::RestSelect => "the rest of the query".to_owned(),
            SlotKind::RestWords => "words".to_owned(),
        }
    }

    /// Returns whether a single token of this form can be the whole value; its content is validated
    /// later.
    pub(super) fn takes(&self, token: &Token) -> bool {
        use TokenKind::{Hash, Number, Parameter, QuotedName, Text, Word};
        match self {
            SlotKind::Conversation => {
                matches!(token.kind, Hash | Text | Parameter) || token.is_whole_number()
            }
            SlotKind::Name(_) => matches!(token.kind, Word | QuotedName | Parameter),
            SlotKind::Text | SlotKind::Plain | SlotKind::Key | SlotKind::Moment => {
                matches!(token.kind, Text | Parameter)
            }
            SlotKind::Customer => matches!(token.kind, Text | Word | QuotedName | Parameter),
            SlotKind::Integer => token.kind == Parameter || token.is_whole_number(),
            SlotKind::Duration => {
                matches!(token.kind, Text | Parameter) || (token.kind == Number && !token.is_whole_number())
            }
            SlotKind::Settings(_) => matches!(token.kind, Word | QuotedName | Text | Number | Parameter),
            SlotKind::RestStatement | SlotKind::RestSelect | SlotKind::RestWords => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_described_in_words() {
        for (name, kind, expected) in [
            ("agent", "agent", "an agent"),
            ("queue", "queue", "a queue"),
            ("queue", "name", "a name for the queue"),
            ("name", "name", "a name"),
            ("body", "text", "the body as 'text'"),
            ("limit", "integer", "a whole number"),
        ] {
            assert_eq!(SlotKind::of(name, kind).unwrap().describe(name), expected);
        }
        assert!(SlotKind::of("rest", "other").is_err());
    }
}
