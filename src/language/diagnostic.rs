//! Shows where an error is in the input: the line, with carets under the place.
//!
//! Invariant: the carets are at the right place even if the line had to be changed for display
//! (tabs, control characters, cut ends), and nothing from the input can move a terminal's cursor or
//! change the direction of text. This module deliberately does not know colours or where the result
//! is printed.

use std::ops::Range;

use super::arguments::Arguments;
use super::script::Source;
use crate::domain::refusal::{Code, Place};

/// The maximum length of the displayed line, in characters.
const LONGEST_LINE: usize = 160;

/// The minimum length to which a line is cut, however narrow the terminal is.
const SHORTEST_LINE: usize = 40;

/// The width of the frame before the line, with a long line number.
const FRAME: usize = 8;

/// The place of an error in the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The line in the input, from 1.
    pub line: usize,
    /// The column in that line, from 1, in characters.
    pub column: usize,
    /// The line as displayed: harmless, and cut if it is very long.
    pub text_line: String,
    /// The number of characters of the displayed line before the carets.
    pub offset: usize,
    /// The number of carets.
    pub width: usize,
}

impl Location {
    /// Cuts the line to a terminal's width, keeping the carets under their place. `columns` 0: the
    /// width is unknown.
    pub fn within(self, columns: usize) -> Location {
        if columns == 0 {
            return self;
        }
        let most = columns.saturating_sub(FRAME).clamp(SHORTEST_LINE, LONGEST_LINE);
        let (text_line, offset, width) = cut(&self.text_line, self.offset, self.width, most);
        Location { text_line, offset, width, ..self }
    }
}

/// How an error is displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// With line and column, for a script.
    File,
    /// Without them, for a line that has just been typed at the prompt.
    Prompt,
}

/// Converts a byte range of a statement to its place in the input.
pub fn locate(source: &Source, span: Range<usize>) -> Location {
    let text = source.text.as_str();
    let start = text.floor_char_boundary(span.start.min(text.len()));
    let end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let newline = text[start..].find('\n').map(|length| start + length);
    let line_end = newline.unwrap_or(text.len());
    let first_line = line_start == 0;
    let before = if first_line { source.lines.before.as_str() } else { "" };
    let after = if newline.is_none() { source.lines.after.as_str() } else { "" };

    let lead = harmless(before) + &harmless(&text[line_start..start]);
    let marked = harmless(&text[start..end.min(line_end)]);
    let trail = harmless(text[end.min(line_end)..line_end].trim_end_matches('\r')) + &harmless(after);
    let column = text[line_start..start].chars().count() + if first_line { source.column.max(1) } else { 1 };
    let offset = lead.chars().count();
    let width = marked.chars().count().max(1);
    let (text_line, offset, width) = cut(&(lead + &marked + &trail), offset, width, LONGEST_LINE);
    let line = source.line.max(1) + text[..start].matches('\n').count();
    Location { line, column, text_line, offset, width }
}

/// Returns the byte range of the statement for the place of a refusal.
pub fn span_of(place: &Place, text: &str, arguments: Option<&Arguments>) -> Range<usize> {
    let found = match place {
        Place::Span(span) => Some(span.clone()),
        Place::Argument(name) => arguments.and_then(|arguments| arguments.span(name)),
        Place::Setting(name) => arguments.and_then(|arguments| arguments.setting_span(name)),
        Place::Statement => None,
    };
    let first_word = || text.find(|end: char| !end.is_alphanumeric()).unwrap_or(text.len());
    let span = found.unwrap_or_else(|| 0..first_word());
    text.floor_char_boundary(span.start)..text.ceil_char_boundary(span.end)
}

/// Formats an error for people, without a newline at the end.
pub fn render(
    code: Code,
    message: &str,
    hint: Option<&str>,
    location: Option<&Location>,
    style: Style,
) -> String {
    let mut lines = vec![format!("error[{code}]: {}", harmless(message))];
    let hint = hint.map(harmless);
    let Some(location) = location else {
        lines.extend(hint.map(|hint| format!("  hint: {hint}")));
        return lines.join("\n");
    };
    let caret = format!("{}{}", " ".repeat(location.offset), "^".repeat(location.width));
    match style {
        Style::File => {
            let number = location.line.to_string();
            let gutter = " ".repeat(number.len());
            lines.push(format!("{gutter}--> line {number}, column {}", location.column));
            lines.push(format!("{gutter} |"));
            lines.push(format!("{number} | {}", location.text_line));
            lines.push(format!("{gutter} | {caret}"));
            lines.extend(hint.map(|hint| format!("{gutter} = hint: {hint}")));
        }
        Style::Prompt => {
            lines.push(format!("  {}", location.text_line));
            lines.push(format!("  {caret}"));
            lines.extend(hint.map(|hint| format!("  hint: {hint}")));
        }
    }
    lines.join("\n")
}

/// Returns text that cannot affect a terminal: tabs are replaced with spaces, control and direction
/// characters with escapes such as `\u{1b}`.
pub fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => shown.push(' '),
            harmful if is_harmful(harmful) => shown.extend(harmful.escape_unicode()),
            _ => shown.push(character),
        }
    }
    shown
}

fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Cuts a long line around its carets.
fn cut(line: &str, offset: usize, width: usize, most: usize) -> (String, usize, usize) {
    let length = line.chars().count();
    if length <= most {
        return (line.to_owned(), offset, width);
    }
    let width = width.min(most / 2);
    let inside = most - 2;
    let wanted = (offset + width / 2).saturating_sub(inside / 2);
    let from = if wanted <= 1 { 0 } else { wanted.min(length - inside) };
    let mut shown: String = if from > 0 { "…".to_owned() } else { String::new() };
    shown.extend(line.chars().skip(from).take(inside));
    if from + inside < length {
        shown.push('…');
    }
    let offset = offset.saturating_sub(from) + usize::from(from > 0);
    (shown, offset, width)
}

#[cfg(test)]
#[path = "diagnostic/tests.rs"]
mod tests;
