//! Makes text from customers harmless for a terminal.
//!
//! Invariant: the result cannot move the cursor, change colours, or hide or reorder anything; a
//! replaced character stays visible as an escape. Text that is already harmless is not copied. This
//! module deliberately does not know where the text is written.

use std::borrow::Cow;
use std::fmt::Write;

pub(super) use crate::domain::json::acts;

/// Returns the text as one harmless line: line breaks and tabs become `\n` and `\t`, characters
/// that could affect a terminal become `\x1b` or `\u{202e}`.
pub fn harmless(text: &str) -> Cow<'_, str> {
    escaped(text, acts)
}

/// Returns harmless text of several lines (transcripts, excerpts): line breaks and tabs are kept.
pub fn harmless_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |character| acts(character) && !matches!(character, '\n' | '\t'))
}

fn escaped(text: &str, hostile: impl Fn(char) -> bool) -> Cow<'_, str> {
    let Some(first) = text.find(&hostile) else {
        return Cow::Borrowed(text);
    };
    let mut clean = String::with_capacity(text.len() + 16);
    clean.push_str(&text[..first]);
    for character in text[first..].chars() {
        if hostile(character) {
            push_escape(&mut clean, character);
        } else {
            clean.push(character);
        }
    }
    Cow::Owned(clean)
}

fn push_escape(clean: &mut String, character: char) {
    match character {
        '\n' => clean.push_str("\\n"),
        '\r' => clean.push_str("\\r"),
        '\t' => clean.push_str("\\t"),
        // Writing to a String cannot fail.
        '\0'..='\u{ff}' => _ = write!(clean, "\\x{:02x}", u32::from(character)),
        _ => _ = write!(clean, "\\u{{{:x}}}", u32::from(character)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_becomes_visible() {
        for (text, shown) in [
            ("\x1b[2Jann", r"\x1b[2Jann"),
            ("a\rb\nc\td\0", r"a\rb\nc\td\x00"),
            ("\u{9b}31m\u{7f}", r"\x9b31m\x7f"),
            ("txt.\u{202e}exe", r"txt.\u{202e}exe"),
            (
                "a\u{200b}b\u{2066}c\u{feff}d\u{61c}e\u{2028}f",
                r"a\u{200b}b\u{2066}c\u{feff}d\u{61c}e\u{2028}f",
            ),
            ("\u{e0001}\u{e007f}", r"\u{e0001}\u{e007f}"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }

    #[test]
    fn ordinary_text_of_any_script_is_borrowed() {
        for text in ["", "Refund", "e\u{301}te\u{301}", "👩\u{200d}🔧", "می\u{200c}خواهم", "日本語", "שלום"]
        {
            assert!(matches!(harmless(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn lines_keep_their_breaks_and_nothing_else() {
        assert_eq!(harmless_lines("a\n\tb\r\n\x1bc"), "a\n\tb\\r\n\\x1bc");
        assert!(matches!(harmless_lines("a\nb"), Cow::Borrowed(_)));
    }
}
