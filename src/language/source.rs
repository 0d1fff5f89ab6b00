//! A statement and its position in the input.
//!
//! Invariant: together with a byte range of the statement, this is enough to display the line of
//! the input, including what precedes the statement on it. This module deliberately does not know
//! files or streams.

/// A statement's text and its position in the input.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// The text from its first token to its last, without the `;`.
    pub text: String,
    /// The line of its first character, from 1.
    pub line: usize,
    /// The column of its first character, from 1, in characters.
    pub column: usize,
    /// The text around it on its lines.
    pub lines: Surroundings,
}

impl Source {
    /// Creates the source of a statement on its own, at line 1, column 1.
    pub fn alone(text: &str) -> Source {
        Source { text: text.to_owned(), line: 1, column: 1, lines: Surroundings::default() }
    }
}

/// The text beside a statement on its first and its last line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// The text before it on its first line; only the end of a very long line.
    pub before: String,
    /// The text after its last token on that line, up to its `;`.
    pub after: String,
}
