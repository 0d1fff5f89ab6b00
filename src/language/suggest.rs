//! Suggests corrections, and writes values in the form in which they are parsed.
//!
//! Invariant: the lexer reads what is written here as the same value. This module deliberately does
//! not know what the words denote.

use super::token::is_bare_word;

/// Returns the candidate nearest to a misspelt word, if one is near enough.
///
/// One edit is allowed in up to four letters, two in up to seven, three in longer words. Case is
/// ignored.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let letters = word.chars().count();
    let allowed = match letters {
        0..=4 => 1,
        5..=7 => 2,
        _ => 3,
    };
    let lower = word.to_lowercase();
    candidates
        // The distance is at least the difference in length; this filter keeps long words cheap.
        .filter(|candidate| candidate.chars().count().abs_diff(letters) <= allowed)
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns text in single quotes, with inner quotes doubled.
pub fn quote_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Returns a name as a bare word if possible, otherwise in double quotes.
pub fn write_name(name: &str) -> String {
    if is_bare_word(name) { name.to_owned() } else { quote_name(name) }
}

/// Returns a name in double quotes, with inner quotes doubled.
pub fn quote_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Returns the beginning of a value, for a message.
pub(super) fn short(given: &str) -> String {
    match given.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &given[..end]),
        None => given.to_owned(),
    }
}

/// Appends a piece to a line, separated by a space except inside parentheses and before a comma.
pub(super) fn append(line: &mut String, piece: &str) {
    let tight =
        line.is_empty() || line.ends_with('(') || piece == "," || piece == ")" || piece.starts_with(", ");
    if !tight && !piece.is_empty() {
        line.push(' ');
    }
    line.push_str(piece);
}

/// Returns e.g. `an agent` or `a queue`.
pub fn with_article(what: &str) -> String {
    let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let words = ["AGENT", "QUEUE", "BY", "WORKSTREAM"];
        for (word, expected) in [
            ("qeue", Some("QUEUE")),
            ("agnet", Some("AGENT")),
            ("yb", Some("BY")),
            ("wrokstraem", Some("WORKSTREAM")),
            ("x", None),
            ("bill", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, words.into_iter()), expected, "{word}");
        }
    }

    #[test]
    fn a_very_long_word_costs_nothing() {
        assert_eq!(nearest(&"q".repeat(200_000), ["QUEUE"; 50].into_iter()), None);
    }

    #[test]
    fn values_are_quoted_only_where_they_must_be() {
        assert_eq!(quote_text("it's"), "'it''s'");
        assert_eq!(write_name("alice"), "alice");
        assert_eq!(write_name("Alice Ng"), "\"Alice Ng\"");
        assert_eq!(write_name("a\"b"), "\"a\"\"b\"");
        assert_eq!(write_name(""), "\"\"");
    }
}
