//! HELP: the manual, page by page, from the pages themselves.

use super::settings::{self, Setting};
use super::{Act, Asked, Chapter, Page, definitions, pages, vocabulary};
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::Reply;
use crate::domain::rights::Right;
use crate::language::suggest::nearest;

pub(super) const PAGES: &[Page] = &[Page {
    chapter: Chapter::Looking,
    syntax: "HELP [<rest:words>]",
    summary: "The statements; of the words given: syntax, settings and an example. HELP ERRORS: the codes; HELP and a column of a report: what it is.",
    example: "HELP ASSIGN",
    right: Right::Anybody,
    act: Act::Look(help),
}];

fn help(asked: &Asked<'_>) -> Result<Reply, Error> {
    let words: Vec<String> = asked
        .arguments
        .rest("rest")
        .unwrap_or_default()
        .split_whitespace()
        .map(|word| word.trim_end_matches(';').to_ascii_uppercase())
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() {
        return Ok(Reply::prose("help", &contents()));
    }
    if words == ["ERRORS"] || words == ["CODES"] {
        return Ok(Reply::prose("help", &codes()));
    }
    let found: Vec<&Page> = pages().iter().copied().filter(|page| is_about(page, &words)).collect();
    if found.is_empty() {
        let named = definitions::named(&words.join("_"));
        if !named.is_empty() {
            return Ok(Reply::prose("help", &named.join("\n\n")));
        }
        return Err(unknown(&words).into());
    }
    Ok(Reply::prose("help", &found.iter().map(|page| entry(page)).collect::<Vec<_>>().join("\n\n")))
}

/// Whether every word stands among the keywords of the page, the first of them as its first or second.
fn is_about(page: &Page, words: &[String]) -> bool {
    let keywords = keywords(page);
    keywords.iter().take(2).any(|keyword| *keyword == words[0])
        && words.iter().all(|word| keywords.contains(&word.as_str()))
}

fn keywords(page: &Page) -> Vec<&'static str> {
    page.syntax.split(|letter: char| !letter.is_ascii_uppercase()).filter(|word| word.len() > 1).collect()
}

fn unknown(words: &[String]) -> Refusal {
    let refusal =
        Refusal::new(Code::InvalidValue, format!("there is no statement {}", words.join(" "))).at("rest");
    let firsts = pages().iter().filter_map(|page| page.syntax.split(' ').next());
    match nearest(&words[0], firsts) {
        Some(near) => refusal.hint(format!("HELP {near}")),
        None => refusal.hint("HELP lists the statements"),
    }
}

/// The syntax as people read it.
pub(super) fn syntax(page: &Page) -> String {
    let place = pages().iter().position(|other| other.syntax == page.syntax);
    place.and_then(|place| super::catalogue().written(place)).unwrap_or(page.syntax).to_owned()
}

fn contents() -> String {
    let mut lines = Vec::new();
    for chapter in Chapter::ALL {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(chapter.heading().to_owned());
        lines.extend(
            pages().iter().filter(|page| page.chapter == chapter).map(|page| format!("  {}", syntax(page))),
        );
    }
    lines.push(String::new());
    lines.push("HELP and the first words of a statement tell more; HELP ERRORS lists the codes; HELP and a figure (HELP service_level) says what it is.".to_owned());
    lines.join("\n")
}

fn entry(page: &Page) -> String {
    let mut lines = vec![syntax(page), format!("  {}", page.summary)];
    if let Some(table) = settings_of(page) {
        let width = table.iter().map(|setting| setting.name.len()).max().unwrap_or_default();
        for setting in table {
            lines.push(format!("    {:width$}  {}", setting.name, described(setting)));
        }
    }
    let columns = definitions::of(page.syntax);
    let width = columns.iter().map(|(column, _)| column.len()).max().unwrap_or_default();
    lines.extend(columns.iter().map(|(column, definition)| format!("    {column:width$}  {definition}")));
    for list in lists_of(page) {
        let width = list.words.iter().map(|(word, _)| word.len()).max().unwrap_or_default();
        lines.push(format!("  {}:", list.heading));
        lines.extend(list.words.iter().map(|(word, meaning)| format!("    {word:width$}  {meaning}")));
    }
    lines.push(format!("  example: {};", page.example));
    lines.join("\n")
}

/// A closed list of words that a page asks for.
pub(super) struct List {
    /// What the words are.
    pub(super) word: &'static str,
    /// What is said of them.
    pub(super) about: &'static str,
    /// Both as a line before them.
    pub(super) heading: &'static str,
    /// The words, each with what is to be said of it.
    pub(super) words: Vec<(&'static str, &'static str)>,
}

/// The closed lists that a page's syntax names and that nothing else explains.
pub(super) fn lists_of(page: &Page) -> Vec<List> {
    let phases = || List {
        word: "phase",
        about: "means",
        heading: "phases, and what they mean",
        words: vocabulary::phases(),
    };
    let events = || List {
        word: "event",
        about: "made by",
        heading: "events, and what makes them happen",
        words: vocabulary::events(),
    };
    let mut lists = Vec::new();
    lists.extend(page.syntax.contains("<phase>").then(phases));
    lists.extend(page.syntax.contains("<event>").then(events));
    lists
}

/// What a setting is for, what it takes, and its default.
pub(super) fn described(setting: &Setting) -> String {
    let default =
        if setting.default.is_empty() { String::new() } else { format!("; default {}", setting.default) };
    format!("{} ({}{default})", setting.help, setting.kind.takes())
}

/// The table of settings that a page's syntax names.
pub(super) fn settings_of(page: &Page) -> Option<&'static [Setting]> {
    let (_, rest) = page.syntax.split_once("<settings:")?;
    Some(settings::table(rest.split('>').next()?))
}

fn codes() -> String {
    let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or_default();
    let line =
        |code: &Code| format!("{:width$}  exit {:3}  {}", code.name(), code.exit_status(), code.meaning());
    Code::ALL.iter().map(line).collect::<Vec<_>>().join("\n")
}
