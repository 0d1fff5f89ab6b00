//! Assistance at the prompt: completion, hints, colours, and detection of complete input.
//!
//! Invariant: nothing here changes the file, and a query that fails yields no candidates instead of
//! an error. This module deliberately does not know how a statement runs.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};

use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Context, Helper};

use super::completion::{begun, candidates};
use super::highlight::{grey, highlighted};
use super::render::Color;
use super::terminal;
use crate::domain::context::Context as EngineContext;
use crate::engine::clock;
use crate::engine::{OpenOptions, Prepared, Switchboard, catalogue};
use crate::language::arguments::Parameters;
use crate::language::complete::Expectation;
use crate::language::script::Splitter;

/// The length below which a shortened hint is useless.
const SHORTEST_HINT: usize = 6;

/// The helper of the line editor.
pub struct Assist {
    path: PathBuf,
    color: Color,
    /// A separate connection to the file, because the editor calls while the session is not
    /// accessible.
    reader: RefCell<Option<Switchboard>>,
    /// The width of the prompt, in columns.
    pub prompt_columns: Cell<usize>,
    /// The name of the actor.
    pub actor: RefCell<String>,
}

impl Assist {
    /// Creates the helper for a file.
    pub fn new(path: &Path, color: Color) -> Assist {
        Assist {
            path: path.to_owned(),
            color,
            reader: RefCell::new(None),
            prompt_columns: Cell::new(0),
            actor: RefCell::default(),
        }
    }

    fn live(&self, kind: &str) -> Vec<(String, String)> {
        self.query(|db| db.live(kind).ok()).unwrap_or_default()
    }

    fn query<T>(&self, question: impl FnOnce(&mut Switchboard) -> Option<T>) -> Option<T> {
        let mut reader = self.reader.try_borrow_mut().ok()?;
        if reader.is_none() {
            let options = OpenOptions { readonly: true, ..OpenOptions::default() };
            *reader = Switchboard::open(&self.path, &options).ok();
        }
        reader.as_mut().and_then(question)
    }

    /// Removes the candidates that would be refused. If all would be, they are kept, so that the
    /// refusal can explain why.
    fn legal(&self, before: &str, pairs: Vec<Pair>) -> Vec<Pair> {
        let statement = &before[begun(before)..];
        let actor = self.actor.borrow().clone();
        let refused = |pair: &Pair| {
            let whole = format!("{statement}{}", pair.replacement.trim_end());
            let context = EngineContext::live(clock::now, &actor, [0; 32]);
            self.query(|db| match Prepared::new(&whole, &Parameters::new()) {
                Ok(prepared) => db.would_refuse(&prepared, &context).ok(),
                Err(_) => db.leads_nowhere(&whole, &context).ok(),
            })
            .unwrap_or(false)
        };
        let refusals: Vec<bool> = pairs.iter().map(refused).collect();
        if refusals.iter().all(|refused| *refused) {
            return pairs;
        }
        pairs.into_iter().zip(refusals).filter(|(_, refused)| !refused).map(|(pair, _)| pair).collect()
    }

    /// Returns the part of a hint that fits on the line.
    fn fitting(&self, line: &str, hint: &str) -> Option<String> {
        let columns = terminal::size().map_or(80, |size| size.columns);
        let (before, last) =
            line.rsplit_once('\n').map_or((self.prompt_columns.get(), line), |(_, last)| (0, last));
        let room = columns - (before + last.chars().count()) % columns - 1;
        if hint.chars().count() <= room {
            return Some(hint.to_owned());
        }
        let cut: String = hint.chars().take(room.saturating_sub(1)).collect();
        (room >= SHORTEST_HINT).then(|| format!("{}…", cut.trim_end()))
    }
}

impl Helper for Assist {}

impl Completer for Assist {
    type Candidate = Pair;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, pairs) = candidates(line, cursor, &|kind| self.live(kind));
        Ok((start, self.legal(&line[..start], pairs)))
    }
}

/// The rest of a statement, shown in grey.
pub struct Rest(String);

impl Hint for Rest {
    fn display(&self) -> &str {
        &self.0
    }

    /// A placeholder such as `<agent>` cannot be inserted.
    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Assist {
    type Hint = Rest;

    fn hint(&self, line: &str, cursor: usize, _: &Context<'_>) -> Option<Rest> {
        // Without colour a hint could not be told from what was typed.
        if self.color == Color::Off || cursor < line.len() {
            return None;
        }
        rest_of(line).and_then(|hint| self.fitting(line, &hint)).map(Rest)
    }
}

/// Returns the rest of the statement after this line.
fn rest_of(line: &str) -> Option<String> {
    let text = &line[begun(line)..];
    if text.trim().is_empty() || text.trim_start().starts_with('.') {
        return None;
    }
    let ends = || catalogue().expected_after(&format!("{text} ")).expectations.contains(&Expectation::End);
    if text.ends_with('\n') && ends() {
        return Some("; runs it".to_owned());
    }
    let rest = catalogue().remaining(text)?;
    if rest.is_empty() {
        return Some(";".to_owned());
    }
    // If the last word was begun in lower case, its rest is lower case, too.
    let ending = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let small = text.ends_with(|last: char| last.is_lowercase());
    Some(if small { rest[..ending].to_lowercase() + &rest[ending..] } else { rest })
}

impl Highlighter for Assist {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        match self.color {
            Color::On => Cow::Owned(highlighted(line)),
            Color::Off => Cow::Borrowed(line),
        }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(grey(hint))
    }

    fn highlight_candidate<'c>(&self, candidate: &'c str, _: CompletionType) -> Cow<'c, str> {
        match (self.color, candidate.split_once("  ")) {
            (Color::On, Some((name, state))) => Cow::Owned(format!("{name}{}", grey(&format!("  {state}")))),
            _ => Cow::Borrowed(candidate),
        }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.color == Color::On && kind != CmdKind::MoveCursor
    }
}

impl Validator for Assist {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if is_complete(context.input()) {
            ValidationResult::Valid(None)
        } else {
            ValidationResult::Incomplete
        })
    }
}

/// Returns the command for something that people type out of habit, without a dot or a semicolon.
pub fn bare_command(line: &str) -> Option<&'static str> {
    match line.trim().trim_end_matches(';').trim_end() {
        "quit" | "exit" | "QUIT" | "EXIT" | "\\q" => Some(".quit"),
        "help" | "HELP" | "?" => Some("HELP;"),
        _ => None,
    }
}

/// Returns whether Enter runs the text: every statement ends with `;`, or it is a dot command.
fn is_complete(text: &str) -> bool {
    if bare_command(text).is_some() {
        return true;
    }
    let mut splitter = Splitter::new(true);
    splitter.push(text);
    splitter.push("\n");
    !splitter.pending()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_runs_what_is_complete() {
        for (text, complete) in [
            ("", true),
            ("  \n", true),
            ("show agents", false),
            ("show agents;", true),
            ("show agents; show", false),
            ("note 1 'a; b", false),
            ("note 1 'it''s; fine';", true),
            ("note 1 'a' -- ;", false),
            (".help", true),
            ("-- nothing", true),
            ("@ 2026-03-01T09:00:00Z", true),
        ] {
            assert_eq!(is_complete(text), complete, "{text:?}");
        }
    }

    #[test]
    fn the_hint_is_what_is_missing() {
        for (line, rest) in [
            ("", None),
            (".mode ", None),
            ("nonsense ", None),
            ("show ag", Some("ents [AS OF <moment>]")),
            ("HOL", Some("D <conversation> [FOR <duration>]")),
            ("show agents; assign 12 ", Some("TO (AGENT <agent> [OVERRIDE] | QUEUE <queue>)")),
            ("explain assign 12 to queue ", Some("<queue>")),
            ("assign 12 to queue q", Some(";")),
            ("show ongoing\n", Some("; runs it")),
            ("assign 12\n", Some("TO (AGENT <agent> [OVERRIDE] | QUEUE <queue>)")),
            ("assign 12 to queue q;", None),
        ] {
            assert_eq!(rest_of(line).as_deref(), rest, "{line:?}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_has_no_candidates() {
        let assist = Assist::new(Path::new("/nowhere/at/all.db"), Color::Off);
        assert!(assist.live("agent").is_empty());
    }
}
