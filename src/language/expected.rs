//! What could come at the place of a syntax error, and the refusal that says so.
//!
//! Invariant: everything in the message comes from the threads alive at that place, so it names
//! what would have been accepted. This module deliberately does not know how the refusal is
//! displayed.

use super::lines::Lines;
use super::matcher::MatcherRun;
use super::program::{Instruction, SlotPart};
use super::slot::SlotKind;
use super::suggest::{nearest, quote_name, quote_text, short};
use super::token::{Token, TokenKind, is_blank};
use crate::domain::closed_lists::Channel;
use crate::domain::refusal::{Code, Refusal};

/// Something that may come next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// A keyword, in upper case.
    Keyword(String),
    /// A value of a slot; for settings, the name of one.
    Slot {
        /// The name of the slot.
        name: String,
        /// The kind of its value.
        kind: SlotKind,
    },
    /// The value of a setting.
    SettingValue {
        /// The table of settings.
        table: String,
        /// The setting's name as typed.
        setting: String,
    },
    /// A unit word after a number (`SECONDS`).
    Unit,
    /// A symbol of the grammar.
    Symbol(char),
    /// The end of the statement.
    End,
}

impl Expectation {
    fn describe(&self) -> String {
        match self {
            Expectation::Keyword(word) => word.clone(),
            Expectation::Slot { name, kind } => kind.describe(name),
            Expectation::SettingValue { setting, .. } => format!("a value for {}", short(setting)),
            Expectation::Unit => "a unit of time (SECONDS, MINUTES, HOURS, DAYS)".to_owned(),
            Expectation::Symbol(',') => "a comma".to_owned(),
            Expectation::Symbol(symbol) => symbol.to_string(),
            Expectation::End => ";".to_owned(),
        }
    }
}

/// What the threads of a run would take next, each once, in the order of the syntax lines.
pub(super) fn expectations(lines: &Lines, run: &MatcherRun<'_>, before: &[Token]) -> Vec<Expectation> {
    let mut list = Vec::new();
    for thread in &run.threads {
        let program = lines.program(thread.line);
        let next = match &program.steps[thread.step] {
            Instruction::Keyword(word) => Expectation::Keyword(word.clone()),
            Instruction::Symbol(symbol) => Expectation::Symbol(*symbol),
            Instruction::Slot { slot, piece } => {
                let (name, kind) = &program.slots[*slot];
                match (kind, piece) {
                    (_, SlotPart::Unit) => Expectation::Unit,
                    (SlotKind::Settings(table), SlotPart::Count | SlotPart::SettingValue) => {
                        let setting = before.iter().rev().nth(1).map(|token| token.text.clone());
                        let setting = setting.unwrap_or_default();
                        Expectation::SettingValue { table: table.clone(), setting }
                    }
                    _ => Expectation::Slot { name: name.clone(), kind: kind.clone() },
                }
            }
            _ => Expectation::End,
        };
        if !list.contains(&next) {
            list.push(next);
        }
    }
    list
}

/// Returns the refusal of a statement in which no thread accepted the token at index `at`. If `at`
/// is the number of tokens, the statement ended too early.
pub(super) fn refusal(
    lines: &Lines,
    run: &MatcherRun<'_>,
    text: &str,
    tokens: &[Token],
    at: usize,
) -> Refusal {
    if let Some(earlier) = misread(lines, tokens, at) {
        return refusal(lines, &earlier, text, tokens, at - 1);
    }
    let found = tokens.get(at);
    let span = match (found, tokens.last()) {
        (Some(token), _) => token.span.clone(),
        (None, Some(last)) => last.span.end..last.span.end,
        (None, None) => 0..0,
    };
    let list = expectations(lines, run, &tokens[..at]);
    let message = match found {
        None if at == 0 => "the statement is empty".to_owned(),
        Some(token) if at == 0 && token.kind != TokenKind::Word => {
            "a statement must begin with a keyword".to_owned()
        }
        Some(token) if at == 0 => format!("unknown statement {}", short(&token.text)),
        Some(_) => format!("expected {}", sentence(&list)),
        None => format!("unexpected end of statement; expected {}", sentence(&list)),
    };
    let hint = unended(lines, text, tokens, at)
        .or_else(|| meant(found, &list))
        .or_else(|| apostrophe(tokens, at))
        .or_else(|| unquoted(text, tokens, at))
        .or_else(|| text_in_name(found?, &list))
        .or_else(|| name_in_text(found?, &list))
        .or_else(|| name_of_two_words(lines, tokens, at, &list))
        .or_else(|| value_of_two_words(tokens, at))
        .unwrap_or_else(|| syntax(lines, run, tokens, at));
    Refusal::new(Code::Syntax, message).hint(hint).at_span(span)
}

/// The run up to the word before, where that word was taken for a channel, is none, and stands where a keyword like it
/// could: `CHANNEL chat, STAT Ready …` goes wrong at STAT, not after it.
fn misread<'a>(lines: &'a Lines, tokens: &[Token], at: usize) -> Option<MatcherRun<'a>> {
    let word = tokens.get(at.checked_sub(1)?).filter(|token| token.kind == TokenKind::Word)?;
    let mut run = MatcherRun::new(lines);
    run.feed(&tokens[..at - 1]).ok()?;
    let list = expectations(lines, &run, &tokens[..at - 1]);
    let channel = |next: &Expectation| matches!(next, Expectation::Slot { kind: SlotKind::Name(what), .. } if what == "channel");
    let misread = list.iter().any(channel)
        && Channel::from_name(&word.text).is_none()
        && !list.iter().any(|next| matches!(next, Expectation::Keyword(keyword) if word.is_keyword(keyword)))
        && meant(Some(word), &list).is_some();
    misread.then_some(run)
}

/// Formats a list of alternatives: `; or OVERRIDE`, `AGENT or QUEUE`, `SUBJECT, QUEUE, KEY or ;`.
fn sentence(list: &[Expectation]) -> String {
    let others = list.iter().filter(|next| !matches!(next, Expectation::End | Expectation::Unit));
    let mut words: Vec<String> = Vec::new();
    for word in others.map(Expectation::describe) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if list.contains(&Expectation::End) {
        words.insert(if words.len() == 1 { 0 } else { words.len() }, Expectation::End.describe());
    }
    match words.split_last() {
        // A unit word is only mentioned if nothing else is possible.
        None => Expectation::Unit.describe(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

fn meant(found: Option<&Token>, list: &[Expectation]) -> Option<String> {
    let token = found.filter(|token| token.kind == TokenKind::Word)?;
    let keywords = list.iter().filter_map(|next| match next {
        Expectation::Keyword(word) => Some(word.as_str()),
        _ => None,
    });
    nearest(&token.text, keywords).map(|word| format!("did you mean {word}?"))
}

/// Detects punctuation right after a word, such as in a mail address without quotes.
fn unquoted(text: &str, tokens: &[Token], at: usize) -> Option<String> {
    let found = tokens.get(at).filter(|token| token.kind == TokenKind::Symbol)?;
    let before = tokens.get(at.checked_sub(1)?)?;
    let loose =
        matches!(before.kind, TokenKind::Word | TokenKind::Number) && before.span.end == found.span.start;
    if !loose || matches!(found.text.as_str(), "(" | ")" | "," | "=") {
        return None;
    }
    let whole = &text[before.span.start..];
    let ends = |next: char| is_blank(next) || matches!(next, ',' | ';' | '\'' | '"' | ')');
    let run = &whole[..whole.find(ends).unwrap_or(whole.len())];
    (run.len() <= 60).then(|| format!("text must be quoted: '{run}'"))
}

/// Detects a name in the quotes of a text.
fn name_in_text(found: &Token, list: &[Expectation]) -> Option<String> {
    let name = |next: &Expectation| matches!(next, Expectation::Slot { kind: SlotKind::Name(_), .. });
    let meant = found.kind == TokenKind::Text && list.iter().any(name) && found.text.len() <= 60;
    meant.then(|| format!("a name must be in double quotes: {}", quote_name(&found.text)))
}

/// Detects text in the quotes of a name.
fn text_in_name(found: &Token, list: &[Expectation]) -> Option<String> {
    let text = |next: &Expectation| matches!(next, Expectation::Slot { kind: SlotKind::Text, .. });
    let meant = found.kind == TokenKind::QuotedName && list.iter().any(text) && found.text.len() <= 60;
    meant.then(|| format!("text must be in single quotes: {}", quote_text(&found.text)))
}

/// Detects a line that begins with the first word of a statement: the line before lacks its `;`.
fn unended(lines: &Lines, text: &str, tokens: &[Token], at: usize) -> Option<String> {
    let found = tokens.get(at).filter(|_| at > 0)?;
    let line = text[..found.span.start].rfind('\n')? + 1;
    let begins = text[line..found.span.start].chars().all(is_blank) && lines.begin_with(found);
    begins.then(|| format!("is a ; missing before {}?", found.text))
}

/// Detects an apostrophe that ended a text early.
fn apostrophe(tokens: &[Token], at: usize) -> Option<String> {
    let [before, found] = tokens.get(at.checked_sub(1)?..=at)? else { return None };
    let adjacent = before.kind == TokenKind::Text && before.span.end == found.span.start;
    (adjacent && found.kind == TokenKind::Word)
        .then(|| "an apostrophe within text must be doubled: 'it''s'".to_owned())
}

/// Two words as the value of a setting: `name = Ann Smith`.
fn value_of_two_words(tokens: &[Token], at: usize) -> Option<String> {
    let [equals, first, second] = tokens.get(at.checked_sub(2)?..=at)? else { return None };
    let words = [first, second].iter().all(|token| token.kind == TokenKind::Word);
    let whole = format!("{} {}", first.text, second.text);
    (equals.is_symbol('=') && words && whole.len() <= 60)
        .then(|| format!("text of several words must be in single quotes: {}", quote_text(&whole)))
}

/// Two words where one is a name, before what may follow that name: `STATE Waiting room PHASE`.
fn name_of_two_words(lines: &Lines, tokens: &[Token], at: usize, list: &[Expectation]) -> Option<String> {
    let [first, second] = tokens.get(at.checked_sub(1)?..=at)? else { return None };
    let words = [first, second].iter().all(|token| token.kind == TokenKind::Word);
    let follows = match tokens.get(at + 1) {
        Some(next) => list.iter().any(|one| match one {
            Expectation::Keyword(word) => next.is_keyword(word),
            Expectation::Symbol(symbol) => next.kind == TokenKind::Symbol && next.text == symbol.to_string(),
            _ => false,
        }),
        None => list.contains(&Expectation::End),
    };
    if !words || !follows {
        return None;
    }
    let mut run = MatcherRun::new(lines);
    run.feed(&tokens[..at - 1]).ok()?;
    // In a list of known names, the comma may be missing instead.
    let in_list = list.contains(&Expectation::Symbol(','));
    let chosen = |next: &Expectation| {
        matches!(next, Expectation::Slot { kind: SlotKind::Name(what), .. }
            if !in_list || matches!(what.as_str(), "name" | "state"))
    };
    let whole = format!("{} {}", first.text, second.text);
    let named = expectations(lines, &run, &tokens[..at - 1]).iter().any(chosen) && whole.len() <= 60;
    named.then(|| format!("a name of several words must be in double quotes: {}", quote_name(&whole)))
}

fn syntax(lines: &Lines, run: &MatcherRun<'_>, tokens: &[Token], at: usize) -> String {
    if at == 0 {
        return "HELP lists the statements".to_owned();
    }
    let mut pages: Vec<usize> = run.threads.iter().map(|thread| thread.line).collect();
    pages.dedup();
    match pages.as_slice() {
        [page] => lines.program(*page).written.clone(),
        _ => {
            let first = tokens.first().map(|token| token.text.to_ascii_uppercase()).unwrap_or_default();
            format!("HELP {first} shows the syntax")
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::refusal::Place;
    use crate::language::arguments::Parameters;
    use crate::language::catalogue::Catalogue;
    use crate::language::grammar::examples;

    fn check(text: &str, message: &str, span: &str, hint: &str) {
        let refusal = Catalogue::new(&examples::LINES).parse(text, &Parameters::new()).unwrap_err();
        assert_eq!(refusal.message, message, "{text}");
        let Place::Span(place) = &refusal.place else { panic!("{refusal} has no span") };
        assert_eq!(&text[place.clone()], span, "{text}");
        assert!(refusal.hint.clone().unwrap_or_default().starts_with(hint), "{:?}", refusal.hint);
    }

    #[test]
    fn the_message_names_what_would_be_taken() {
        check("transfer 9 to qeue billing", "expected AGENT or QUEUE", "qeue", "did you mean QUEUE?");
        check(
            "assign x",
            "expected a conversation (12, #12 or its topic id)",
            "x",
            "ASSIGN <conversation> TO (",
        );
        check("assign 12 to queue 7", "expected a queue", "7", "ASSIGN");
        check("assign 12 to agent alice 5", "expected ; or OVERRIDE", "5", "ASSIGN");
        check(
            "create queue 'x'",
            "expected IF or a name for the queue",
            "'x'",
            "a name must be in double quotes",
        );
        check("create queue if not exist x", "expected EXISTS", "exist", "did you mean EXISTS?");
        check(
            "create queue 'a b'",
            "expected IF or a name for the queue",
            "'a b'",
            "a name must be in double quotes: \"a b\"",
        );
        check(
            "create queue a b",
            "expected ; or WITH",
            "b",
            "a name of several words must be in double quotes: \"a b\"",
        );
        check(
            "create queue a b with (c = 1)",
            "expected ; or WITH",
            "b",
            "a name of several words must be in double quotes: \"a b\"",
        );
        check("create queue a b (c = 1)", "expected ; or WITH", "b", "CREATE QUEUE");
        check("add a b to c", "expected a comma or TO", "b", "ADD");
        check("alter agent a set b c", "expected =", "c", "ALTER AGENT");
        check("alter agent a set b = (", "expected a value for b", "(", "ALTER AGENT");
        check("create queue q with (a = 3 b)", "expected a comma or )", "b", "CREATE QUEUE");
        check("note 12 hello", "expected the body as 'text'", "hello", "NOTE");
        check("show ongoing agent", "unexpected end of statement; expected an agent", "", "SHOW ONGOING");
        check(
            "create qeue x",
            "expected QUEUE, AGENT, WORKSTREAM, LIFECYCLE or REPORT",
            "qeue",
            "did you mean",
        );
        check("create 5", "expected QUEUE, AGENT, WORKSTREAM, LIFECYCLE or REPORT", "5", "HELP CREATE");
        check(
            "note 12 \"hello\"",
            "expected the body as 'text'",
            "\"hello\"",
            "text must be in single quotes: 'hello'",
        );
        check("note 12 'it's late", "expected ; or KEY", "s", "an apostrophe within text must be doubled");
        check(
            "alter agent a set b = Ann Smith",
            "expected ; or a comma",
            "Smith",
            "text of several words must be in single quotes: 'Ann Smith'",
        );
        check(
            "assign 12 to agent Ann Smith",
            "expected ; or OVERRIDE",
            "Smith",
            "a name of several words must be in double quotes: \"Ann Smith\"",
        );
        check(
            "note 12 'hello'\n  pick next by a",
            "expected ; or KEY",
            "pick",
            "is a ; missing before pick?",
        );
        check("note 12 'hello' pick next by a", "expected ; or KEY", "pick", "NOTE");
        check("explain", "unexpected end of statement; expected a statement", "", "EXPLAIN");
    }

    #[test]
    fn a_keyword_taken_for_a_channel_is_noticed() {
        let list = "create lifecycle l (state a phase queued channel chat, sms,";
        check(
            &format!("{list} stat b phase closed)"),
            "expected a channel, STATE or ON",
            "stat",
            "did you mean STATE?",
        );
        check(&format!("{list} fax b phase closed)"), "expected a comma or )", "b", "CREATE LIFECYCLE");
        check(&format!("{list} on open b)"), "expected FROM or TO", "b", "CREATE LIFECYCLE");
    }

    #[test]
    fn the_first_word_is_told_apart() {
        check("asign 12", "unknown statement asign", "asign", "did you mean ASSIGN?");
        check("insert into x", "unknown statement insert", "insert", "HELP lists the statements");
        check("12", "a statement must begin with a keyword", "12", "HELP lists the statements");
        check("", "the statement is empty", "", "HELP lists the statements");
        check(
            "route; route",
            "unexpected text after the end of the statement",
            ";",
            "only one statement is allowed here",
        );
    }

    #[test]
    fn an_address_without_quotes_is_noticed() {
        let message = "expected SUBJECT, QUEUE, PRIORITY, SKILLS, BY, KEY or ;";
        check("open on c for ann@example.com by a", message, "@", "text must be quoted: 'ann@example.com'");
    }
}
