//! What may come next at the cursor, for completion and for the grey hint at the prompt.
//!
//! Invariant: the parser determines the answer, so nothing is offered that would not parse. This
//! module deliberately does not know which agents or queues exist, nor how the prompt displays
//! anything.

use super::catalogue::Catalogue;
pub use super::expected::Expectation;
use super::expected::expectations;
use super::matcher::MatcherRun;
use super::token::{Token, TokenKind, tokens};
use crate::domain::refusal::Place;

/// What may come at the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// Everything that may come next; empty inside a comment or after an error.
    pub expectations: Vec<Expectation>,
    /// The unfinished word, with its opening quote; may be empty.
    pub partial: String,
    /// The byte offset at which that word begins.
    pub start: usize,
}

impl Catalogue {
    /// Returns what may come after the beginning of a statement.
    pub fn expected_after(&self, prefix: &str) -> Expected {
        let Some((before, start)) = split_word(prefix) else {
            return Expected { start: prefix.len(), ..Expected::default() };
        };
        let mut run = MatcherRun::new(&self.lines);
        let expectations = match run.feed(&before) {
            Ok(()) => expectations(&self.lines, &run, &before),
            Err(_) => Vec::new(),
        };
        Expected { expectations, partial: prefix[start..].to_owned(), start }
    }

    /// Returns the rest of the statement if only one syntax line matches so far, to be shown right
    /// after the cursor.
    pub fn remaining(&self, prefix: &str) -> Option<String> {
        let (mut all, start) = split_word(prefix)?;
        let partial = &prefix[start..];
        if partial.starts_with(['\'', '"']) || (all.is_empty() && partial.is_empty()) {
            return None;
        }
        if partial.is_empty() {
            let rest = self.rest_after(&all)?;
            let glued = !prefix.ends_with(char::is_whitespace) && !rest.is_empty() && !prefix.ends_with('(');
            return Some(if glued { format!(" {rest}") } else { rest });
        }
        let whole = self.completed(partial, prefix);
        let ending = whole.get(partial.len()..).unwrap_or_default().to_owned();
        match tokens(&whole) {
            Ok(words) => all.extend(words),
            Err(_) => return None,
        }
        let rest = self.rest_after(&all)?;
        Some(if rest.is_empty() { ending } else { format!("{ending} {rest}") })
    }

    /// Returns the only keyword that begins with the unfinished word, or the word itself.
    fn completed(&self, partial: &str, prefix: &str) -> String {
        let expected = self.expected_after(prefix).expectations;
        let keywords: Vec<&String> = expected
            .iter()
            .filter_map(|next| match next {
                Expectation::Keyword(word) if begins(word, partial) => Some(word),
                _ => None,
            })
            .collect();
        match keywords.as_slice() {
            [word] => (*word).clone(),
            _ => partial.to_owned(),
        }
    }

    fn rest_after(&self, tokens: &[Token]) -> Option<String> {
        let mut run = MatcherRun::new(&self.lines);
        run.feed(tokens).ok()?;
        let first = run.arrivals.first()?;
        let alone = run.arrivals.iter().all(|thread| thread.line == first.line);
        alone.then(|| self.lines.program(first.line).remaining(first.step, first.used))
    }
}

fn begins(word: &str, partial: &str) -> bool {
    word.get(..partial.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(partial))
}

/// Returns the tokens before the unfinished word, and the offset of that word, or `None` if nothing
/// can be completed.
fn split_word(prefix: &str) -> Option<(Vec<Token>, usize)> {
    match tokens(prefix) {
        Ok(mut list) => {
            let touches = |token: &Token| {
                token.span.end == prefix.len()
                    && !matches!(token.kind, TokenKind::Symbol | TokenKind::Text | TokenKind::QuotedName)
            };
            let start = list.pop_if(|last| touches(last)).map_or(prefix.len(), |word| word.span.start);
            // If the cursor is inside a comment, nothing is being typed.
            let after_last = list.last().map_or(0, |last| last.span.end);
            let in_comment = start == prefix.len()
                && prefix[after_last..]
                    .rfind("--")
                    .is_some_and(|at| !prefix[after_last + at..].contains('\n'));
            (!in_comment).then_some((list, start))
        }
        Err(refusal) => {
            let Place::Span(span) = refusal.place else { return None };
            let before = prefix.get(..span.start)?;
            prefix[span.start..].starts_with(['\'', '"']).then_some((tokens(before).ok()?, span.start))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::grammar::{SlotKind, examples};

    fn check(prefix: &str, expected: &str) {
        let found = Catalogue::new(&examples::LINES).expected_after(prefix);
        let shown = found.expectations.iter().map(|next| match next {
            Expectation::Keyword(word) => word.clone(),
            Expectation::Slot { name, kind: SlotKind::Name(what) } => format!("{name}:{what}"),
            Expectation::Slot { name, kind: SlotKind::Settings(table) } => format!("{name}:{table}"),
            Expectation::Slot { name, .. } => format!("<{name}>"),
            Expectation::SettingValue { table, setting } => format!("{table}.{setting}"),
            Expectation::Symbol(symbol) => symbol.to_string(),
            Expectation::Unit => "unit".to_owned(),
            Expectation::End => "end".to_owned(),
        });
        let shown = format!("{}|{}@{}", shown.collect::<Vec<_>>().join(" "), found.partial, found.start);
        assert_eq!(shown, expected, "{prefix:?}");
    }

    fn remains(prefix: &str, expected: Option<&str>) {
        let rest = Catalogue::new(&examples::LINES).remaining(prefix);
        assert_eq!(rest.as_deref(), expected, "{prefix:?}");
    }

    #[test]
    fn the_parser_says_what_may_come() {
        check("assign 12 to ag", "AGENT QUEUE|ag@13");
        check("assign 12 to agent ", "agent:agent|@19");
        check("assign 12 to agent \"al", "agent:agent|\"al@19");
        check("assign 12 to agent alice ", "OVERRIDE end|@25");
        check("alter agent a set ", "settings:agent|@18");
        check("alter agent a set pres", "settings:agent|pres@18");
        check("alter agent a set presence = av", "agent.presence|av@29");
        check("hold 1 for 90 ", "unit|@14");
        check("pick ", "NEXT <conversation>|@5");
        check("create queue q with (a = 1 ", "unit , )|@27");
        check("nonsense ", "|@9");
        check("hold 1 /* a", "|@11");
        check("hold 1 -- a", "|@11");
        check("hold 1 -- a\n", "FOR end|@12");
        assert!(Catalogue::new(&examples::LINES).expected_after("").expectations.len() > 20);
    }

    #[test]
    fn the_hint_is_the_rest_of_the_only_line() {
        remains("ass", Some("IGN <conversation> TO (AGENT <agent> [OVERRIDE] | QUEUE <queue>)"));
        remains("assign ", Some("<conversation> TO (AGENT <agent> [OVERRIDE] | QUEUE <queue>)"));
        remains("assign 12", Some(" TO (AGENT <agent> [OVERRIDE] | QUEUE <queue>)"));
        remains("assign 12 to agent ", Some("<agent> [OVERRIDE]"));
        remains("assign 12 to agent al", Some(" [OVERRIDE]"));
        remains("assign 12 to queue q", Some(""));
        remains("add a", Some(" [, ...] TO <queue>"));
        remains("show ongoing last 1d ", Some("[QUEUE <queue>] [AGENT <agent>] [AS OF <moment>]"));
        remains("note 1 'x'", Some(" [KEY <key>]"));
        remains("alter agent a set x = ", Some("<value> [, ...]"));
        remains("", None);
        remains("show ", None);
        remains("nonsense ", None);
    }
}
