//! How many columns a text takes on a terminal, and how it is cut to fewer.
//!
//! Invariant: measured with the same ruler that lays out the tables (comfy-table's), so what was
//! cut to fit does fit. Text must be harmless already. It deliberately knows no table.

use std::borrow::Cow;

use comfy_table::Table;

/// The mark of a text that was cut; one column wide.
const CUT: char = '…';

/// A character can take no column at all (combining marks); more than this many for each column
/// that is wanted are noise, and would make a megabyte out of a narrow cell.
const MARKS_PER_COLUMN: usize = 8;

/// The columns this text takes on a terminal.
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    let mut ruler = Table::new();
    ruler.force_no_tty().add_row([text]);
    ruler.column_max_content_widths().first().copied().unwrap_or(0).into()
}

/// The text, or its beginning and `…`, in at most `limit` columns.
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

/// The beginning of the text that takes at most so many columns, at least a character, and the rest.
pub(super) fn split(text: &str, limit: usize) -> (&str, &str) {
    let most = limit.saturating_mul(MARKS_PER_COLUMN).max(1);
    let long = text.char_indices().nth(most).map_or(text.len(), |(end, _)| end);
    let ends: Vec<usize> =
        text[..long].char_indices().map(|(start, _)| start).skip(1).chain([long]).collect();
    let fitting = ends.partition_point(|end| width(&text[..*end]) <= limit);
    text.split_at(ends.get(fitting.saturating_sub(1)).copied().unwrap_or(text.len()))
}

/// The text with blanks before it, `columns` wide.
pub(super) fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text with blanks after it, `columns` wide.
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
