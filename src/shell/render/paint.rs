//! The colours of the output.
//!
//! Invariant: only text that was made harmless is coloured, and no information is conveyed by
//! colour alone. This module deliberately does not know when colour is used; [`Color`] says so.

use std::borrow::Cow;

use super::Color;

/// A kind of text that has a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    /// `error[code]`.
    Fault,
    /// The carets under the place of an error.
    Caret,
    /// The hint.
    Hint,
    /// The frame of the rows: the line under the header, the number of rows.
    Frame,
}

impl Paint {
    fn code(self) -> &'static str {
        match self {
            Paint::Fault => "1;31",
            Paint::Caret => "31",
            Paint::Hint => "36",
            Paint::Frame => "2",
        }
    }

    /// Returns the text in its colour, or unchanged if colour is off.
    pub(super) fn on(self, text: &str, color: Color) -> Cow<'_, str> {
        match color {
            Color::On if !text.is_empty() => Cow::Owned(format!("\x1b[{}m{text}\x1b[0m", self.code())),
            _ => Cow::Borrowed(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_put_around_text_or_not_at_all() {
        assert_eq!(Paint::Fault.on("error", Color::On), "\x1b[1;31merror\x1b[0m");
        assert_eq!(Paint::Fault.on("error", Color::Off), "error");
        assert_eq!(Paint::Hint.on("", Color::On), "");
    }
}
