//! HELP: the manual, page by page, from the pages themselves.

use super::settings::{self, SettingDef};
use super::{Chapter, Handler, Request, StatementDef, definitions, statements, vocabulary};
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::Reply;
use crate::language::suggest::nearest;

pub(super) const STATEMENTS: &[StatementDef] = &[StatementDef {
    chapter: Chapter::Looking,
    syntax: "HELP [<rest:words>]",
    summary: "Lists the statements, or shows the syntax, settings and an example of those that begin with the given words. HELP ERRORS lists the codes; HELP and a column of a report explains the column.",
    example: "HELP ASSIGN",
    right: Right::Anybody,
    handler: Handler::Read(help),
}];

fn help(request: &Request<'_>) -> Result<Reply, Error> {
    let words: Vec<String> = request
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
    let found: Vec<&StatementDef> =
        statements().iter().copied().filter(|definition| is_about(definition, &words)).collect();
    if found.is_empty() {
        let named = definitions::named(&words.join("_"));
        if !named.is_empty() {
            return Ok(Reply::prose("help", &named.join("\n\n")));
        }
        return Err(unknown(&words).into());
    }
    Ok(Reply::prose(
        "help",
        &found.iter().map(|definition| entry(definition)).collect::<Vec<_>>().join("\n\n"),
    ))
}

/// Whether every word stands among the keywords of the page, the first of them as its first or second.
fn is_about(definition: &StatementDef, words: &[String]) -> bool {
    let keywords = keywords(definition);
    keywords.iter().take(2).any(|keyword| *keyword == words[0])
        && words.iter().all(|word| keywords.contains(&word.as_str()))
}

fn keywords(definition: &StatementDef) -> Vec<&'static str> {
    definition
        .syntax
        .split(|letter: char| !letter.is_ascii_uppercase())
        .filter(|word| word.len() > 1)
        .collect()
}

fn unknown(words: &[String]) -> Refusal {
    let refusal =
        Refusal::new(Code::InvalidValue, format!("there is no help for {}", words.join(" "))).at("rest");
    let firsts = statements().iter().filter_map(|definition| definition.syntax.split(' ').next());
    match nearest(&words[0], firsts) {
        Some(near) => refusal.hint(format!("HELP {near}")),
        None => refusal.hint("HELP lists the statements"),
    }
}

/// The syntax as people read it.
pub(super) fn syntax(definition: &StatementDef) -> String {
    let place = statements().iter().position(|other| other.syntax == definition.syntax);
    place.and_then(|place| super::catalogue().written(place)).unwrap_or(definition.syntax).to_owned()
}

fn contents() -> String {
    let mut lines = Vec::new();
    for chapter in Chapter::ALL {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(chapter.heading().to_owned());
        lines.extend(
            statements()
                .iter()
                .filter(|definition| definition.chapter == chapter)
                .map(|definition| format!("  {}", syntax(definition))),
        );
    }
    lines.push(String::new());
    lines.push("HELP and the first words of a statement shows more; HELP ERRORS lists the codes; HELP and a figure (HELP service_level) explains it.".to_owned());
    lines.join("\n")
}

fn entry(definition: &StatementDef) -> String {
    let mut lines = vec![syntax(definition), format!("  {}", definition.summary)];
    if let Some(table) = settings_of(definition) {
        let width = table.iter().map(|setting| setting.name.len()).max().unwrap_or_default();
        for setting in table {
            lines.push(format!("    {:width$}  {}", setting.name, described(setting)));
        }
    }
    let columns = definitions::of(definition.syntax);
    let width = columns.iter().map(|(column, _)| column.len()).max().unwrap_or_default();
    lines.extend(columns.iter().map(|(column, definition)| format!("    {column:width$}  {definition}")));
    for list in lists_of(definition) {
        let width = list.words.iter().map(|(word, _)| word.len()).max().unwrap_or_default();
        lines.push(format!("  {}:", list.heading));
        lines.extend(list.words.iter().map(|(word, meaning)| format!("    {word:width$}  {meaning}")));
    }
    lines.push(format!("  example: {};", definition.example));
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
pub(super) fn lists_of(definition: &StatementDef) -> Vec<List> {
    let phases = || List {
        word: "phase",
        about: "means",
        heading: "phases, and what they mean",
        words: vocabulary::phases(),
    };
    let events = || List {
        word: "event",
        about: "caused by",
        heading: "events, and what makes them happen",
        words: vocabulary::events(),
    };
    let mut lists = Vec::new();
    lists.extend(definition.syntax.contains("<phase>").then(phases));
    lists.extend(definition.syntax.contains("<event>").then(events));
    lists
}

/// What a setting is for, what it takes, and its default.
pub(super) fn described(setting: &SettingDef) -> String {
    let default =
        if setting.default.is_empty() { String::new() } else { format!("; default {}", setting.default) };
    format!("{} ({}{default})", setting.help, setting.kind.takes())
}

/// The table of settings that a page's syntax names.
pub(super) fn settings_of(definition: &StatementDef) -> Option<&'static [SettingDef]> {
    let (_, rest) = definition.syntax.split_once("<settings:")?;
    Some(settings::table(rest.split('>').next()?))
}

fn codes() -> String {
    let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or_default();
    let line =
        |code: &Code| format!("{:width$}  exit {:3}  {}", code.name(), code.exit_status(), code.meaning());
    Code::ALL.iter().map(line).collect::<Vec<_>>().join("\n")
}
