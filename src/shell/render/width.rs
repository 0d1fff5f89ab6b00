//! The width of text on a terminal, and shortening to a width.
//!
//! Invariant: width is measured as comfy-table measures it when it lays out tables, so shortened
//! text fits. Text must be harmless already. This module deliberately knows no tables.

use std::borrow::Cow;

use comfy_table::Table;

/// The mark of a shortened text; one column wide.
const CUT: char = '…';

/// The maximum number of characters per column of a shortened text. Combining marks take no column,
/// so without a limit a narrow cell could contain a megabyte of them.
const MARKS_PER_COLUMN: usize = 8;

/// Returns the number of columns that the text takes on a terminal.
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    let mut ruler = Table::new();
    ruler.force_no_tty().add_row([text]);
    ruler.column_max_content_widths().first().copied().unwrap_or(0).into()
}

/// Returns the text, or its beginning and `…`, in at most `limit` columns.
pub(super) fn shortened(text: &str, limit: usize) -> Cow<'_, str> {
    let most = limit.saturating_mul(MARKS_PER_COLUMN);
    let long = text.char_indices().nth(most).map(|(end, _)| end);
    if long.is_none() && width(text) <= limit {
        return Cow::Borrowed(text);
    }
    let head = &text[..long.unwrap_or(text.len())];
    let ends: Vec<usize> = head.char_indices().map(|(start, _)| start).chain([head.len()]).collect();
    let room = limit.saturating_sub(1);
    let fitting = ends.partition_point(|end| width(&head[..*end]) <= room);
    Cow::Owned(format!("{}{CUT}", head[..ends[fitting.saturating_sub(1)]].trim_end()))
}

/// Splits the text after at most `limit` columns, but at least one character.
pub(super) fn split(text: &str, limit: usize) -> (&str, &str) {
    let most = limit.saturating_mul(MARKS_PER_COLUMN).max(1);
    let long = text.char_indices().nth(most).map_or(text.len(), |(end, _)| end);
    let ends: Vec<usize> =
        text[..long].char_indices().map(|(start, _)| start).skip(1).chain([long]).collect();
    let fitting = ends.partition_point(|end| width(&text[..*end]) <= limit);
    text.split_at(ends.get(fitting.saturating_sub(1)).copied().unwrap_or(text.len()))
}

/// Pads the text on the left with blanks to `columns`.
pub(super) fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Pads the text on the right with blanks to `columns`.
pub(super) fn left(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_where_its_columns_are_used_up() {
        for (text, limit, parts) in [
            ("abcdef", 4, ("abcd", "ef")),
            ("日本語", 5, ("日本", "語")),
            ("日本", 1, ("日", "本")),
            ("ab", 9, ("ab", "")),
        ] {
            assert_eq!(split(text, limit), parts, "{text} at {limit}");
        }
    }

    #[test]
    fn width_is_what_a_terminal_shows() {
        for (text, columns) in [("", 0), ("ann", 3), ("日本", 4), ("e\u{301}", 1), ("é", 1), ("☹", 1)] {
            assert_eq!(width(text), columns, "{text}");
        }
    }

    #[test]
    fn a_text_is_cut_at_whole_characters() {
        for (text, limit, shown) in [
            ("Refund", 6, "Refund"),
            ("Refund please", 8, "Refund…"),
            ("日本語日本語", 6, "日本…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("ab", 0, "…"),
        ] {
            assert_eq!(shortened(text, limit), shown);
        }
    }

    #[test]
    fn a_megabyte_of_marks_does_not_pass() {
        let marks = "e".to_owned() + &"\u{301}".repeat(500_000);
        assert!(shortened(&marks, 12).len() < 300);
        assert_eq!(shortened(&"x".repeat(1_000_000), 12), "xxxxxxxxxxx…");
    }
}
