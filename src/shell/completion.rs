//! Tab completion: the words, names and ids that are legal at the cursor.
//!
//! Invariant: the parser determines what may come next, so nothing is offered that would not parse.
//! Names that a terminal could not display are not offered. This module deliberately does not know
//! where existing names and ids come from.

use rustyline::completion::Pair;

use super::dot::{COMMANDS, VIEWS};
use super::render::Format;
use super::render::escape::harmless;
use crate::domain::closed_lists::{Channel, Event, Phase, Presence};
use crate::engine::catalogue;
use crate::language::complete::{Expectation, Expected};
use crate::language::grammar::SlotKind;
use crate::language::script::Splitter;
use crate::language::suggest::{quote_name, quote_text, write_name};
use crate::language::token::{is_bare_word, tokens};

mod settled;

/// Units of time, written out.
const UNITS: &[&str] = &["SECONDS", "MINUTES", "HOURS", "DAYS"];

/// Returns the existing names or ids of a kind, each with a short description of its state; empty
/// if they cannot be queried.
pub type CandidateSource<'a> = &'a dyn Fn(&str) -> Vec<(String, String)>;

/// Returns the position at which the last, unfinished statement of a text begins.
pub fn begun(text: &str) -> usize {
    let mut splitter = Splitter::new(true);
    let mut start = 0;
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        splitter.push(&text[at..end]);
        if splitter.by_ref().last().is_some() {
            start = end;
        }
    }
    start + wrapped(&text[start..])
}

/// Returns the length of what precedes a nested statement: `EXPLAIN`, `HELP`, `.watch 5`.
fn wrapped(text: &str) -> usize {
    let mut rest = text;
    while let Some(inside) = inside_of(rest) {
        rest = inside;
    }
    text.len() - rest.len()
}

fn inside_of(text: &str) -> Option<&str> {
    let (first, after) = text.trim_start().split_once(char::is_whitespace)?;
    match first.to_ascii_uppercase().as_str() {
        "EXPLAIN" | "HELP" => Some(after),
        ".WATCH" => after.trim_start().split_once(char::is_whitespace).map(|(_, inside)| inside),
        _ => None,
    }
}

/// Returns what may come at the cursor, and the start of the word that it replaces.
pub fn candidates(line: &str, cursor: usize, look: CandidateSource<'_>) -> (usize, Vec<Pair>) {
    let Some(before) = line.get(..cursor) else { return (cursor, Vec::new()) };
    let begun = begun(before);
    let text = &before[begun..];
    if text.trim_start().starts_with('.') {
        let (start, pairs) = dots(text, look);
        return (begun + start, pairs);
    }
    // A `#` alone is not a token yet.
    let marked = text.ends_with('#');
    let mut expected = catalogue().expected_after(text.strip_suffix('#').unwrap_or(text));
    if marked {
        expected.partial = "#".to_owned();
    }
    let partial = Partial::new(&expected.partial, text);
    let mut pairs = Vec::new();
    for next in &expected.expectations {
        pairs.extend(offered(next, &expected, text, &partial, look));
    }
    pairs.dedup_by(|one, other| one.replacement == other.replacement);
    if pairs.len() == 1 && partial.word.is_empty() && expected.expectations.contains(&Expectation::End) {
        // The statement may end here: show the only possible word (OVERRIDE, for example) instead
        // of inserting it.
        pairs.push(Pair { display: ";".to_owned(), replacement: ";".to_owned() });
    }
    (begun + expected.start, aligned(pairs))
}

/// The word before the cursor.
struct Partial<'a> {
    quote: Option<char>,
    word: &'a str,
    lower: bool,
}

impl Partial<'_> {
    fn new<'a>(partial: &'a str, text: &str) -> Partial<'a> {
        let quote = partial.chars().next().filter(|first| matches!(first, '\'' | '"' | '#'));
        let word = quote.map_or(partial, |quote| &partial[quote.len_utf8()..]);
        // If the word is still empty, its case follows the first word of the statement.
        let model = if partial.is_empty() { text.trim_start() } else { partial };
        Partial { quote, word, lower: model.starts_with(|first: char| first.is_lowercase()) }
    }

    fn fits(&self, name: &str) -> bool {
        let mut letters = name.chars().flat_map(char::to_lowercase);
        self.word.chars().flat_map(char::to_lowercase).all(|typed| letters.next() == Some(typed))
    }

    fn keyword(&self, word: &str) -> Option<Pair> {
        let word = if self.lower { word.to_lowercase() } else { word.to_owned() };
        (self.quote.is_none() && self.fits(&word)).then(|| pair(&word, "", &word))
    }
}

fn pair(name: &str, state: &str, written: &str) -> Pair {
    Pair { display: format!("{name}\t{state}"), replacement: format!("{written} ") }
}

fn offered(
    next: &Expectation,
    expected: &Expected,
    text: &str,
    partial: &Partial<'_>,
    look: CandidateSource<'_>,
) -> Vec<Pair> {
    match next {
        Expectation::Keyword(word) => partial.keyword(word).into_iter().collect(),
        Expectation::Unit => UNITS.iter().filter_map(|unit| partial.keyword(unit)).collect(),
        Expectation::Symbol(symbol) if expected.expectations.len() == 1 && partial.word.is_empty() => {
            vec![Pair { display: symbol.to_string(), replacement: symbol.to_string() }]
        }
        Expectation::Slot { kind: SlotKind::RestSelect, .. } => views(&text[..expected.start], partial),
        Expectation::Slot { kind: SlotKind::Settings(table), .. } => settled::names(table, partial),
        Expectation::Slot { kind: SlotKind::Name(what), .. } if what == "state" => {
            settled::states(&text[..expected.start], partial)
        }
        Expectation::Slot { kind, .. } => things(kind, partial, look),
        Expectation::SettingValue { table, setting } => settled::values(table, setting, partial, look),
        Expectation::Symbol(_) | Expectation::End => Vec::new(),
    }
}

/// Returns existing names or ids, or the words of a closed list.
fn things(kind: &SlotKind, partial: &Partial<'_>, look: CandidateSource<'_>) -> Vec<Pair> {
    let (found, write): (_, fn(&str) -> String) = match (kind, partial.quote) {
        (SlotKind::Name(_), Some('\'' | '#')) => return Vec::new(),
        (SlotKind::Name(what), quote) => {
            (named(what, look), if quote.is_some() { quote_name } else { write_name })
        }
        (SlotKind::Conversation, Some('#')) => (look("conversation"), |id| format!("#{id}")),
        (SlotKind::Conversation, None) => (look("conversation"), str::to_owned),
        (SlotKind::Customer, Some('\'')) => (look("customer"), quote_text),
        (SlotKind::Customer, None) => (look("customer"), write_customer),
        _ => return Vec::new(),
    };
    let shown = |name: &str| !name.chars().any(char::is_control);
    let fitting = found.iter().filter(|(name, _)| shown(name) && partial.fits(name));
    fitting.map(|(name, state)| pair(&harmless(name), &harmless(state), &write(name))).collect()
}

fn named(what: &str, look: CandidateSource<'_>) -> Vec<(String, String)> {
    let words: Vec<&str> = match what {
        // `inactive` cannot be set by a person.
        "presence" => {
            let settable = |presence: &&Presence| **presence != Presence::Inactive;
            Presence::ALL.iter().filter(settable).map(|word| word.name()).collect()
        }
        "channel" => Channel::ALL.iter().map(|word| word.name()).collect(),
        "phase" => Phase::ALL.iter().map(|word| word.name()).collect(),
        "event" => Event::ALL.iter().map(|word| word.name()).collect(),
        _ => return look(what),
    };
    words.into_iter().map(|word| (word.to_owned(), String::new())).collect()
}

fn write_customer(handle: &str) -> String {
    if is_bare_word(handle) { handle.to_owned() } else { quote_text(handle) }
}

/// Returns the views, after FROM or JOIN in a SELECT.
fn views(before: &str, partial: &Partial<'_>) -> Vec<Pair> {
    let last = tokens(before).ok().and_then(|mut tokens| tokens.pop());
    if !last.is_some_and(|last| last.is_keyword("FROM") || last.is_keyword("JOIN")) {
        return Vec::new();
    }
    VIEWS.iter().filter(|view| partial.fits(view)).map(|view| pair(view, "", view)).collect()
}

fn dots(text: &str, look: CandidateSource<'_>) -> (usize, Vec<Pair>) {
    let line = text.trim_start();
    let blanks = text.len() - line.len();
    let Some((command, typed)) = line.split_once(' ') else {
        let names = COMMANDS.iter().map(|command| format!(".{}", command.name));
        let fitting = names.filter(|name| name.starts_with(&line.to_ascii_lowercase()));
        return (blanks, fitting.map(|name| pair(&name, "", &name)).collect());
    };
    let choices: Vec<(String, String)> = match command.to_ascii_lowercase().as_str() {
        ".mode" => Format::ALL.iter().map(|format| (format.name().to_owned(), String::new())).collect(),
        ".timing" | ".echo" => ["on", "off"].map(|word| (word.to_owned(), String::new())).to_vec(),
        ".help" => COMMANDS.iter().map(|command| (command.name.to_owned(), String::new())).collect(),
        ".as" => ["agent", "supervisor", "service"].iter().flat_map(|kind| look(kind)).collect(),
        _ => Vec::new(),
    };
    let start = text.len() - typed.trim_start().len();
    let partial = Partial::new(&text[start..], text);
    let fitting = choices.iter().filter(|(name, _)| is_bare_word(name) && partial.fits(name));
    (start, aligned(fitting.map(|(name, state)| pair(name, &harmless(state), name)).collect()))
}

/// Aligns the candidates: names in one column, states in the next.
fn aligned(mut pairs: Vec<Pair>) -> Vec<Pair> {
    let name = |pair: &Pair| pair.display.split('\t').next().unwrap_or_default().chars().count();
    let stated = |pair: &Pair| pair.display.split_once('\t').is_some_and(|(_, state)| !state.is_empty());
    let width = pairs.iter().filter(|pair| stated(pair)).map(name).max().unwrap_or(0);
    for pair in &mut pairs {
        if let Some((name, state)) = pair.display.split_once('\t') {
            pair.display = if state.is_empty() { name.to_owned() } else { format!("{name:width$}  {state}") };
        }
    }
    pairs
}

#[cfg(test)]
#[path = "completion/tests.rs"]
mod tests;
