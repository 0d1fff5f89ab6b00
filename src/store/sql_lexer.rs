//! Splits a SELECT into the words that its guard needs: names and symbols, without comments and
//! literals.
//!
//! Invariant: it splits text as SQLite does: names can be quoted in any of SQLite's ways, and a
//! comment separates words.

use std::ops::Range;

/// A name, a keyword or a symbol, in lower case, with its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlWord {
    /// The name without quotes, the symbol, or the parameter with its sign.
    pub text: String,
    /// Whether it was quoted, so that it can only be a name.
    pub quoted: bool,
    /// The byte range in the text.
    pub place: Range<usize>,
}

/// Returns the words of a SELECT.
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
            // SQLite accepts a string literal as a name where only a name is possible.
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
        b':' | b'@' | b'$' | b'#' => end_of_parameter(bytes, at, &in_name),
        byte if in_name(&byte) => at + bytes[at..].iter().take_while(|byte| in_name(byte)).count(),
        _ => at + 1,
    }
}

/// Returns the end of a parameter, which can have the name of a keyword. Like SQLite, it takes
/// `$a::b(c)`, a variable of Tcl, for one.
fn end_of_parameter(bytes: &[u8], at: usize, in_name: &dyn Fn(&u8) -> bool) -> usize {
    let mut end = at + 1;
    loop {
        match &bytes[end.min(bytes.len())..] {
            [byte, ..] if in_name(byte) => end += 1,
            [b':', b':', ..] => end += 2,
            [b'(', rest @ ..] if end > at + 1 => {
                let is_end = |byte: &u8| *byte == b')' || byte.is_ascii_whitespace();
                let closing = rest.iter().position(is_end).unwrap_or(rest.len());
                let closes = rest.get(closing) == Some(&b')');
                return end + 1 + closing + usize::from(closes);
            }
            _ => return end,
        }
    }
}

/// Returns the names of the table expressions (`name AS (`, `name (columns) AS (`). Window
/// definitions look the same and are included.
pub fn table_expressions(words: &[SqlWord]) -> Vec<&SqlWord> {
    (0..words.len()).filter(|index| is_table_expression(words, *index)).map(|index| &words[index]).collect()
}

fn is_table_expression(words: &[SqlWord], index: usize) -> bool {
    let is =
        |index: usize, text: &str| words.get(index).is_some_and(|word| !word.quoted && word.text == text);
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
    is(next, "as") && is(body, "(")
}

/// The state of the scan within one pair of parentheses, or in the whole query.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Whether a FROM clause is open, so that commas and joins are followed by sources.
    from: bool,
    /// Whether a source comes next.
    source: bool,
}

/// Returns the names used as tables: in a FROM clause, or alone after IN. Of `main.name` it returns
/// the second part.
pub fn sources(words: &[SqlWord]) -> Vec<&SqlWord> {
    let mut found = Vec::new();
    let mut levels = vec![Level::default()];
    let text = |index: usize| words.get(index).filter(|word| !word.quoted).map_or("", |word| &word.text);
    for (index, word) in words.iter().enumerate() {
        let depth = levels.len() - 1;
        let level = &mut levels[depth];
        let awaited = std::mem::take(&mut level.source);
        match text(index) {
            // Where a source is expected, parentheses contain sources, unless they contain a query.
            "(" => levels.push(Level { from: awaited, source: awaited }),
            ")" if depth > 0 => drop(levels.pop()),
            "select" | "values" => *level = Level::default(),
            // Elsewhere SQLite accepts these two words as names.
            "with" if index == 0 || text(index - 1) == "(" => *level = Level::default(),
            "window" if text(index + 2) == "as" => level.from = false,
            // `a IS DISTINCT FROM b` is a comparison.
            "from" if index == 0 || text(index - 1) != "distinct" => {
                *level = Level { from: true, source: true }
            }
            "join" | "," if level.from => level.source = true,
            "in" if text(index + 1) != "(" => level.source = true,
            "where" | "group" | "having" | "order" | "limit" | "union" | "intersect" | "except" => {
                level.from = false;
            }
            _ if awaited && text(index + 1) == "." => found.extend(words.get(index + 2)),
            _ if awaited => found.push(word),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poses(text: &str) -> bool {
        table_expressions(&words(text)).iter().any(|word| word.text == "ongoing")
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
        for (text, found) in [
            ("SELECT a, b FROM x JOIN/**/\"Y\" ON f(1, c), (z) -- FROM w", "x y z"),
            (
                "SELECT count(a), (SELECT b FROM x) FROM (y, z JOIN (v)) WHERE c IN (d, e) ORDER BY f, g",
                "x y z v",
            ),
            (
                "SELECT a FROM x NATURAL JOIN main.y, 'z' WHERE a IS NOT DISTINCT FROM b AND c IN main.v",
                "x y z v",
            ),
            (
                "WITH a AS (SELECT 1 FROM x), b (c, d) AS (VALUES (1, 2)) SELECT e, f FROM b UNION SELECT g, h",
                "x b",
            ),
            ("SELECT sum(a) OVER (PARTITION BY b, c) FROM json_each(d, e), x", "json_each x"),
            ("SELECT a FROM ((SELECT b, c FROM x), (y))", "x y"),
            ("VALUES ((SELECT 1 FROM x)), (2)", "x"),
            ("SELECT 1 FROM x window, y AS with, z WINDOW w AS (ORDER BY a), v AS (b)", "x y z"),
        ] {
            let split = words(text);
            let names: Vec<&str> = sources(&split).iter().map(|word| word.text.as_str()).collect();
            assert_eq!(names.join(" "), found, "{text}");
        }
    }
}
