//! Wraps lines of text at words for narrow terminals.
//!
//! Invariant: only the blanks at which a line is broken are lost. `folded` never breaks a word: one
//! that does not fit stays whole. This module deliberately does not know what is prose; scripts and
//! diagrams must not be passed to it.

use super::width;

/// The minimum room for words, in columns. If a terminal leaves less, a line stays as it is.
const NARROWEST: usize = 20;

/// Wraps a line; continuation lines are indented to where its text begins. `width` 0: the width is
/// unknown, so the line stays as it is.
pub(super) fn folded(line: &str, width: usize) -> Vec<String> {
    let hang = hang(line);
    if width::width(line) <= width || width < hang + NARROWEST {
        return vec![line.to_owned()];
    }
    let (lead, text) = line.split_at(line.len() - line.trim_start().len());
    let mut lines = vec![lead.to_owned()];
    let mut room = width.saturating_sub(lead.len());
    for (index, word) in text.split(' ').enumerate() {
        let taken = width::width(word) + usize::from(index > 0);
        let last = lines.len() - 1;
        if index > 0 && taken > room && !word.is_empty() {
            let end = lines[last].trim_end().len();
            lines[last].truncate(end);
            lines.push(format!("{}{word}", " ".repeat(hang)));
            room = width.saturating_sub(hang + taken - 1);
        } else {
            lines[last].push_str(if index > 0 { " " } else { "" });
            lines[last].push_str(word);
            room = room.saturating_sub(taken);
        }
    }
    lines
}

/// Wraps text to a width at words. A word that does not fit is broken, so that nothing is lost.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut rest = word;
        let line = lines.len() - 1;
        let taken = width::width(&lines[line]);
        if taken > 0 && taken + 1 + width::width(rest) <= width {
            lines[line].push(' ');
            lines[line].push_str(rest);
            continue;
        }
        if taken > 0 {
            lines.push(String::new());
        }
        while width::width(rest) > width {
            let (head, tail) = width::split(rest, width);
            let line = lines.len() - 1;
            lines[line].push_str(head);
            lines.push(String::new());
            rest = tail;
        }
        let line = lines.len() - 1;
        lines[line].push_str(rest);
    }
    lines
}

/// Returns the indentation of continuation lines: after a label or a wide gap, otherwise where the
/// line's own text begins, or further if it is a syntax line.
fn hang(line: &str) -> usize {
    let lead = line.len() - line.trim_start().len();
    let text = &line[lead..];
    let gap = text.rfind("  ").map(|blanks| lead + blanks + 2);
    let label = ["= hint: ", "hint: ", "example: "].into_iter().find(|label| text.starts_with(label));
    match (gap, label) {
        (_, Some(label)) => lead + label.len(),
        (Some(column), None) if line.is_char_boundary(column) && line[..column].is_ascii() => column,
        _ if lead == 0 => 4,
        _ if text.split(' ').next().is_some_and(is_keyword) => lead + 4,
        _ => lead,
    }
}

/// Whether a word begins a syntax line.
fn is_keyword(word: &str) -> bool {
    word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebodys_text_is_broken_at_words_and_none_of_it_is_lost() {
        for (text, width, lines) in [
            ("", 10, &[""][..]),
            ("one two three", 7, &["one two", "three"]),
            ("a  b", 10, &["a  b"]),
            ("abcdefghij kl", 4, &["abcd", "efgh", "ij", "kl"]),
            ("x abcdefgh", 4, &["x", "abcd", "efgh"]),
        ] {
            assert_eq!(wrapped(text, width), lines, "{text:?} at {width}");
        }
    }

    fn check(line: &str, width: usize, expected: &[&str]) {
        assert_eq!(folded(line, width), expected, "{line:?} at {width}");
    }

    #[test]
    fn a_line_that_fits_or_has_no_room_stays() {
        check("Refund, please", 14, &["Refund, please"]);
        check("Refund, please", 13, &["Refund, please"]);
        check("Refund, please, and quickly", 0, &["Refund, please, and quickly"]);
        check("", 80, &[""]);
    }

    #[test]
    fn what_goes_on_stands_below_what_it_belongs_to() {
        check(
            "  hint: possible now: RELEASE 6, CLOSE 6, FORCE CLOSE 6",
            40,
            &["  hint: possible now: RELEASE 6, CLOSE", "        6, FORCE CLOSE 6"],
        );
        check(
            "    name   how people call the agent (text)",
            32,
            &["    name   how people call the", "           agent (text)"],
        );
        check("HOLD <conversation> [FOR <duration>]", 30, &["HOLD <conversation> [FOR", "    <duration>]"]);
        check(
            "  Puts a conversation on hold, or until RESUME.",
            30,
            &["  Puts a conversation on hold,", "  or until RESUME."],
        );
    }

    #[test]
    fn a_word_is_never_broken_and_wide_letters_count() {
        let word = "x".repeat(50);
        check(&format!("a {word} b"), 30, &["a", &format!("    {word}"), "    b"]);
        check("日本語日本語 日本語日本語 日本語", 26, &["日本語日本語 日本語日本語", "    日本語"]);
        check(
            "  one  two   three four five six seven",
            34,
            &["  one  two   three four five six", "             seven"],
        );
    }
}
