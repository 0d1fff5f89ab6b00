//! The words of a SELECT, as far as its guard needs them: names, without comments and literals.
//!
//! Invariant: sees what SQLite sees: a name may be quoted in any of SQLite's ways, and a comment parts words.

use std::collections::HashSet;
use std::ops::Range;

/// A name, a keyword or a symbol, in lower case, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlWord {
    /// The name without its quotes, or the symbol.
    pub text: String,
    /// Whether it can only be a name.
    pub quoted: bool,
    /// Where it stands.
    pub place: Range<usize>,
}

/// The words of a SELECT.
pub fn words(text: &str) -> Vec<SqlWord> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = end_of_word(bytes, at);
        let word = |from: usize, to: usize, quoted: bool| SqlWord {
            text: text.get(from..to).unwrap_or_default().to_lowercase(),
            quoted,
            place: at..end,
        };
        match bytes[at] {
            b'-' if bytes.get(at + 1) == Some(&b'-') => {}
            b'/' if bytes.get(at + 1) == Some(&b'*') => {}
            byte if byte.is_ascii_whitespace() => {}
            b'"' | b'`' | b'[' => found.push(word(at + 1, end.saturating_sub(1).max(at + 1), true)),
            // SQLite takes a literal for a name where only a name can stand.
            b'\'' => found.push(word(at + 1, end.saturating_sub(1).max(at + 1), true)),
            _ => found.push(word(at, end, false)),
        }
        at = end;
    }
    found
}

fn end_of_word(bytes: &[u8], at: usize) -> usize {
    let until = |stop: &[u8], from: usize| {
        let rest = &bytes[from.min(bytes.len())..];
        rest.windows(stop.len())
            .position(|window| window == stop)
            .map_or(bytes.len(), |place| from + place + stop.len())
    };
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'$' || *byte >= 0x80;
    match bytes[at] {
        b'-' if bytes.get(at + 1) == Some(&b'-') => until(b"\n", at + 2),
        b'/' if bytes.get(at + 1) == Some(&b'*') => until(b"*/", at + 2),
        quote @ (b'"' | b'`' | b'\'') => until(&[quote], at + 1),
        b'[' => until(b"]", at + 1),
        byte if in_name(&byte) => at + bytes[at..].iter().take_while(|byte| in_name(byte)).count(),
        _ => at + 1,
    }
}

/// The first table expression (`name AS (`, `name (columns) AS (`) that has a view's name, and where it stands.
pub fn table_expression(words: &[SqlWord], views: &HashSet<String>) -> Option<(String, Range<usize>)> {
    let is =
        |index: usize, text: &str| words.get(index).is_some_and(|word| !word.quoted && word.text == text);
    for (index, word) in words.iter().enumerate().filter(|(_, word)| views.contains(&word.text)) {
        let mut next = index + 1;
        if is(next, "(") {
            next += words[next..]
                .iter()
                .position(|word| !word.quoted && word.text == ")")
                .map_or(1, |place| place + 1);
        }
        let mut body = next + 1;
        while is(body, "not") || is(body, "materialized") {
            body += 1;
        }
        if is(next, "as") && is(body, "(") {
            return Some((word.text.clone(), word.place.clone()));
        }
    }
    None
}

/// The names that stand where a table may stand: after FROM, JOIN, IN, and after a comma or an opening parenthesis
/// within a FROM. (A column may have a table's name: `SELECT state, agent FROM …` names no table but what follows.)
pub fn sources(words: &[SqlWord]) -> HashSet<String> {
    let mut found = HashSet::new();
    let mut in_from = vec![false];
    let (mut table_next, mut was_table, mut before) = (false, false, "");
    for word in words {
        let text = if word.quoted { "" } else { word.text.as_str() };
        let inside = in_from.last().copied().unwrap_or(false);
        let next = match text {
            "from" => before != "distinct",
            "join" | "in" => true,
            "," => inside,
            "(" => table_next && before != "in",
            "." => was_table,
            _ => false,
        };
        was_table = table_next && !matches!(text, "(" | ".");
        if was_table {
            found.insert(word.text.clone());
        }
        match text {
            "(" => in_from.push(next),
            ")" => in_from.truncate(in_from.len().saturating_sub(1).max(1)),
            "from" | "join" => *in_from.last_mut().unwrap_or(&mut false) |= next,
            // Only words that SQLite never takes for an alias.
            "select" | "where" | "group" | "order" | "having" | "limit" => {
                *in_from.last_mut().unwrap_or(&mut false) = false;
            }
            _ => {}
        }
        (table_next, before) = (next, text);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poses(text: &str) -> bool {
        let views = HashSet::from(["ongoing".to_owned()]);
        table_expression(&words(text), &views).is_some()
    }

    #[test]
    fn a_table_expression_of_a_views_name_is_seen_however_it_is_written() {
        for text in [
            "WITH ongoing AS (SELECT 1)",
            "with \"OnGoing\"(a, b) as (select 1)",
            "WITH x AS (SELECT 1), ongoing/**/AS/* ; */NOT MATERIALIZED (SELECT 1)",
            "WITH [ongoing] AS MATERIALIZED (SELECT 1)",
            "WITH `ongoing` -- so\n AS (SELECT 1)",
            "WITH 'ongoing' AS (SELECT 1)",
        ] {
            assert!(poses(text), "{text}");
        }
        for text in
            ["SELECT * FROM ongoing AS o", "WITH ongoing_2 AS (SELECT 1) SELECT 1", "SELECT 'ongoing' AS x"]
        {
            assert!(!poses(text), "{text}");
        }
    }

    #[test]
    fn what_stands_for_a_table_is_found() {
        let found = sources(&words("SELECT a, b FROM x JOIN/**/\"Y\" ON 1, (z) -- FROM w"));
        assert!(["x", "y", "z"].iter().all(|name| found.contains(*name)) && !found.contains("w"));
        for text in [
            "SELECT 1 FROM main . t",
            "SELECT 1 FROM a AS b, t",
            "SELECT 1 FROM a JOIN b ON f(a, b), t",
            "SELECT 1 FROM ((t))",
            "SELECT 1 FROM (a, t)",
            "SELECT 1 FROM (SELECT 2 FROM t)",
            "SELECT 1 FROM a WHERE x IN t",
            "SELECT 1 FROM a WHERE x IN main.t",
            "SELECT (SELECT 1 FROM t), u FROM a",
            "SELECT 1 FROM a WHERE x IS DISTINCT FROM 1 AND EXISTS (SELECT 1 FROM t)",
            "WITH q AS (SELECT 1 FROM t) SELECT 1 FROM q",
            "SELECT 1 FROM a UNION SELECT 1 FROM t",
        ] {
            assert!(sources(&words(text)).contains("t"), "{text}");
        }
        for text in [
            "SELECT a, t FROM x",
            "SELECT f(t) FROM x",
            "SELECT x.t FROM x WHERE (t) = 1 AND y IN (t, 2) ORDER BY a, t",
            "SELECT 1 FROM x JOIN y ON f(a, t) GROUP BY a, t",
            "SELECT a IS DISTINCT FROM b, t FROM x",
        ] {
            assert!(!sources(&words(text)).contains("t"), "{text}");
        }
    }
}
