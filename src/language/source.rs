//! A statement and where it stood in the input.
//!
//! Invariant: with a span of the statement this is enough to show the line of the input, with what
//! stands before the statement on it. It deliberately does not know files or streams.

/// A statement's text and its place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// The text from its first token to its last, without the `;`.
    pub text: String,
    /// The line of its first character, from 1.
    pub line: usize,
    /// The column of its first character, from 1, in characters.
    pub column: usize,
    /// What stands around it on its lines.
    pub lines: Surroundings,
}

impl Source {
    /// A statement that came alone, at line 1, column 1.
    pub fn alone(text: &str) -> Source {
        Source { text: text.to_owned(), line: 1, column: 1, lines: Surroundings::default() }
    }
}

/// What stands beside a statement on its first and its last line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// What stands before it on its first line; of a very long line only the end.
    pub before: String,
    /// What stands after its last token on that line, up to its `;`.
    pub after: String,
}
