//! The manual page, in roff: what `switchboard --man` prints.
//!
//! Invariant: options, statements, settings, dot commands and codes are rendered from the
//! definitions that the program itself uses, so the page cannot disagree with it. The page is ASCII,
//! because not every formatter reads anything else. This module deliberately does not know where the
//! page is installed.

mod notes;

use std::io;

use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use super::{dot, options};
use crate::domain::refusal::Code;
use crate::statement::support::{help, manual};
use crate::statement::{Chapter, statements};

/// The day of the last change to the texts of the page.
const REVISED: &str = "2026-11-29";

/// The longest line of prose in the source of the page; `mandoc -T lint` reports lines above 80.
const COLUMNS: usize = 72;

/// After how many columns a syntax line may be broken; every change of font makes it longer.
const SYNTAX_COLUMNS: usize = 24;

/// Returns the whole page.
pub fn text() -> String {
    let mut page = of_the_options();
    let mut roff = Roff::new();
    describe_statements(&mut roff);
    describe_settings(&mut roff);
    describe_dot_commands(&mut roff);
    describe_codes(&mut roff);
    notes::write(&mut roff);
    page.push_str(&body(&roff.render()));
    portable(&page)
}

/// The title and the sections that follow from the options.
fn of_the_options() -> String {
    // One section, in the order of the help, instead of a section for each of its headings.
    let command = options::command()
        .about("runs the conversations of a small contact centre")
        .mut_args(|argument| argument.help_heading(None));
    let man = Man::new(command).title("SWITCHBOARD").date(REVISED).manual("User Commands");
    let mut page = section(|out| man.render_title(out));
    for text in [
        section(|out| man.render_name_section(out)),
        section(|out| man.render_synopsis_section(out)),
        description(),
        section(|out| man.render_options_section(out)),
    ] {
        page.push_str(&body(&text));
    }
    page
}

fn description() -> String {
    let mut roff = Roff::new();
    roff.control("SH", ["DESCRIPTION"]);
    for (index, paragraph) in notes::DESCRIPTION.iter().enumerate() {
        if index > 0 {
            roff.control("PP", []);
        }
        roff.text([roman(prose(paragraph))]);
    }
    roff.render()
}

fn section(render: impl Fn(&mut dyn io::Write) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    // Memory is always written.
    render(&mut bytes).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns a document without the definition of the apostrophe, which the page begins with once.
fn body(text: &str) -> String {
    text.strip_prefix(&Roff::new().render()).unwrap_or(text).to_owned()
}

/// Writes what roff would set as typographic signs, or might not read, by its name.
fn portable(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    for letter in page.chars() {
        match letter {
            '…' => text.push_str("\\&..."),
            '~' => text.push_str("\\(ti"),
            '^' => text.push_str("\\(ha"),
            '`' => text.push_str("\\(ga"),
            _ if letter.is_ascii() => text.push(letter),
            _ => text.push_str(&format!("\\[u{:04X}]", u32::from(letter))),
        }
    }
    text
}

/// Breaks prose into short lines, which are filled again when the page is shown.
fn prose(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < COLUMNS => {
                line.push_str(if line.is_empty() { "" } else { " " });
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

/// Writes a term and, indented, what is said about it.
fn entry(roff: &mut Roff, term: impl Into<Vec<Inline>>, text: &str) {
    roff.control("TP", []).text(term).text([roman(prose(text))]);
}

fn describe_statements(roff: &mut Roff) {
    roff.control("SH", ["STATEMENTS"]).text([roman(prose(notes::NOTATION))]);
    for chapter in Chapter::ALL {
        roff.control("SS", [chapter.heading()]);
        let of_chapter = statements().iter().filter(|definition| definition.chapter == chapter);
        for (index, definition) in of_chapter.enumerate() {
            // A paragraph instead of a term: many syntax lines are longer than a line of the page.
            if index > 0 {
                roff.control("PP", []);
            }
            set_syntax(roff, &help::syntax(definition));
            let text = format!("{} {}", definition.summary, manual::right(definition.right));
            roff.control("RS", ["4"]).text([roman(prose(&text))]).control("RE", []);
        }
    }
}

/// Writes a syntax line: keywords in bold, what stands for a value in italics. Long ones take several
/// lines of the source.
fn set_syntax(roff: &mut Roff, line: &str) {
    let mut rest = line;
    while !rest.is_empty() {
        let (piece, more) = rest.split_at(end_of_piece(rest));
        roff.text(piece.trim_end().split_inclusive([' ', '>']).flat_map(set_word).collect::<Vec<_>>());
        rest = more;
    }
}

/// Returns where a line of the source ends: after a blank, but not after an ellipsis, which roff would
/// take for the end of a sentence.
fn end_of_piece(line: &str) -> usize {
    let fitting = |end: &usize| *end > SYNTAX_COLUMNS && !line[..*end].ends_with(". ");
    line.match_indices(' ').map(|(at, _)| at + 1).find(fitting).unwrap_or(line.len())
}

fn set_word(word: &str) -> impl Iterator<Item = Inline> {
    let (words, slot) = word.find('<').map_or((word, ""), |at| word.split_at(at));
    let start = words.find(|letter: char| letter.is_ascii_uppercase()).unwrap_or(words.len());
    let (before, rest) = words.split_at(start);
    let end = rest.find(|letter: char| !letter.is_ascii_uppercase()).unwrap_or(rest.len());
    let (keyword, after) = rest.split_at(end);
    let parts =
        [(before, roman(before)), (keyword, bold(keyword)), (after, roman(after)), (slot, italic(slot))];
    parts.into_iter().filter(|(text, _)| !text.is_empty()).map(|(_, part)| part)
}

fn describe_settings(roff: &mut Roff) {
    roff.control("SH", ["SETTINGS"]).text([roman(prose(notes::SETTINGS))]);
    for (definition, table) in help::setting_tables() {
        roff.control("SS", [help::first_words(definition).as_str()]);
        for setting in table {
            entry(roff, [bold(setting.name)], &help::described(setting));
        }
    }
}

fn describe_dot_commands(roff: &mut Roff) {
    roff.control("SH", ["DOT COMMANDS"]).text([roman(prose(notes::DOT_COMMANDS))]);
    for command in dot::COMMANDS {
        let name = bold(format!(".{}", command.name));
        let arguments = (!command.syntax.is_empty()).then(|| roman(format!(" {}", command.syntax)));
        entry(roff, [name].into_iter().chain(arguments).collect::<Vec<_>>(), command.help);
    }
}

fn describe_codes(roff: &mut Roff) {
    roff.control("SH", ["CODES"]).text([roman(prose(notes::CODES))]);
    for code in Code::ALL {
        let status = format!(" (exit {})", code.exit_status());
        entry(roff, [bold(code.name()), roman(status)], code.meaning());
    }
}

#[cfg(test)]
#[path = "man_page/tests.rs"]
mod tests;
