//! The texts of HELP, rendered from the definitions of the statements.

use crate::domain::refusal::{Code, Refusal};
use crate::language::suggest::nearest;
use crate::statement::support::lifecycles::vocabulary;
use crate::statement::support::settings::{self, SettingDef};
use crate::statement::{Chapter, StatementDef, statements};

/// Whether every word is a keyword of the statement, and the first word its first or second one.
pub fn is_about(definition: &StatementDef, words: &[String]) -> bool {
    let keywords = keywords(definition);
    keywords.iter().take(2).any(|keyword| *keyword == words[0])
        && words.iter().all(|word| keywords.contains(&word.as_str()))
}

pub fn keywords(definition: &StatementDef) -> Vec<&'static str> {
    definition
        .syntax
        .split(|letter: char| !letter.is_ascii_uppercase())
        .filter(|word| word.len() > 1)
        .collect()
}

pub fn unknown(words: &[String]) -> Refusal {
    let refusal =
        Refusal::new(Code::InvalidValue, format!("there is no help for {}", words.join(" "))).at("rest");
    let firsts = statements().iter().filter_map(|definition| definition.syntax.split(' ').next());
    match nearest(&words[0], firsts) {
        Some(near) => refusal.hint(format!("did you mean HELP {near}?")),
        None => refusal.hint("HELP lists the statements"),
    }
}

/// Returns the syntax line as HELP prints it.
pub fn syntax(definition: &StatementDef) -> String {
    let place = statements().iter().position(|other| other.syntax == definition.syntax);
    place
        .and_then(|place| crate::statement::catalogue().written(place))
        .unwrap_or(definition.syntax)
        .to_owned()
}

/// Returns the keywords with which a syntax line begins: `SHOW ONGOING`.
pub fn first_words(definition: &StatementDef) -> String {
    let keyword = |word: &&str| word.chars().all(|letter| letter.is_ascii_uppercase());
    definition.syntax.split(' ').take_while(keyword).collect::<Vec<_>>().join(" ")
}

pub fn contents() -> String {
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

pub fn entry(definition: &StatementDef) -> String {
    let mut lines = vec![syntax(definition), format!("  {}", definition.summary)];
    if let Some(table) = settings_of(definition) {
        let width = table.iter().map(|setting| setting.name.len()).max().unwrap_or_default();
        for setting in table {
            lines.push(format!("    {:width$}  {}", setting.name, described(setting)));
        }
    }
    let columns = (definition.columns.explained)();
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

/// A closed list of words that a syntax line refers to.
pub struct List {
    /// What each word is, e.g. `phase`; the heading of the first column.
    pub word: &'static str,
    /// What is said about each word, e.g. `means`; the heading of the second column.
    pub about: &'static str,
    /// The line before the list in HELP.
    pub heading: &'static str,
    /// The words, each with its explanation.
    pub words: Vec<(&'static str, &'static str)>,
}

/// Returns the closed lists that a syntax line names and that nothing else explains.
pub fn lists_of(definition: &StatementDef) -> Vec<List> {
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

/// Describes what a setting is for, what it takes, and its default.
pub fn described(setting: &SettingDef) -> String {
    let default =
        if setting.default.is_empty() { String::new() } else { format!("; default {}", setting.default) };
    format!("{} ({}{default})", setting.help, setting.kind.takes())
}

/// Returns the tables of settings, each with the first statement that takes it.
pub fn setting_tables() -> Vec<(&'static StatementDef, &'static [SettingDef])> {
    let mut tables: Vec<(&'static StatementDef, &'static [SettingDef])> = Vec::new();
    for definition in statements() {
        let Some(table) = settings_of(definition) else { continue };
        if !tables.iter().any(|(_, known)| std::ptr::eq(known.as_ptr(), table.as_ptr())) {
            tables.push((*definition, table));
        }
    }
    tables
}

/// Returns the table of settings that the syntax line names, if it names one.
pub fn settings_of(definition: &StatementDef) -> Option<&'static [SettingDef]> {
    let (_, rest) = definition.syntax.split_once("<settings:")?;
    Some(settings::table(rest.split('>').next()?))
}

pub fn codes() -> String {
    let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or_default();
    let line =
        |code: &Code| format!("{:width$}  exit {:3}  {}", code.name(), code.exit_status(), code.meaning());
    Code::ALL.iter().map(line).collect::<Vec<_>>().join("\n")
}
