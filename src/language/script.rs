//! Splits a stream of text into statements as it arrives, so that each runs as soon as its `;` was
//! read.
//!
//! Invariant: every character is examined once, however large the pieces are, and at most one
//! statement of the maximum length is buffered. The splitter agrees with the lexer about quotes and
//! comments. It deliberately does not know tokens, statements or what a dot command means.

use std::collections::VecDeque;

pub use super::source::{Source, Surroundings};
use super::token::{LONGEST_STATEMENT, is_blank};

/// How many bytes of a line before a statement are kept for displaying it.
const LINE_KEPT: usize = 640;

/// A piece of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptItem {
    /// A statement.
    Statement(Source),
    /// A line `@ <timestamp> [<actor>]`, which sets both for the following statements.
    Moment {
        /// The timestamp as written.
        moment: String,
        /// The actor; `None` if the line does not name one.
        actor: Option<String>,
        /// The whole line.
        source: Source,
    },
    /// A dot command.
    Dot(Source),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LexState {
    Plain,
    /// After a `-`, which may begin a comment.
    Dash,
    /// After a `/`, which may begin a comment.
    Slash,
    LineComment,
    Comment,
    /// After a `*` in a comment.
    CommentStar,
    Text,
    Name,
    /// In a dot command or an `@` line.
    Line,
}

/// Splits text into pieces as it arrives. Iterating returns the pieces that are complete.
#[derive(Debug)]
pub struct Splitter {
    replay: bool,
    state: LexState,
    /// The text of the current piece.
    held: String,
    /// Whether a statement has begun. A dash or slash that may still begin a comment does not
    /// count.
    begun: bool,
    /// Whether the current piece is too long and was already returned.
    swallowing: bool,
    start: Source,
    line: usize,
    column: usize,
    line_so_far: String,
    anything_read: bool,
    pieces: VecDeque<ScriptItem>,
}

impl Splitter {
    /// Creates a splitter at the beginning of its input. `replay`: whether `@` lines are
    /// recognized.
    pub fn new(replay: bool) -> Self {
        Splitter {
            replay,
            state: LexState::Plain,
            held: String::new(),
            begun: false,
            swallowing: false,
            start: Source::default(),
            line: 1,
            column: 1,
            line_so_far: String::new(),
            anything_read: false,
            pieces: VecDeque::new(),
        }
    }

    /// Adds text from the input.
    pub fn push(&mut self, text: &str) {
        for character in text.chars() {
            // A byte order mark at the very beginning is not part of a statement.
            if self.anything_read || character != '\u{feff}' {
                self.read(character);
                self.step_position(character);
            }
            self.anything_read = true;
        }
    }

    /// Returns the pieces that are left at the end of the input: complete ones first, then a last
    /// one without its `;`.
    pub fn finish(&mut self) -> Option<ScriptItem> {
        match self.state {
            LexState::Line => self.complete_line(),
            // From the opening mark alone the lexer reports that the comment is not closed.
            LexState::Comment | LexState::CommentStar if !self.begun => self.begin_with("/*"),
            LexState::Dash | LexState::Slash => self.begun = true,
            _ => {}
        }
        if self.begun {
            self.complete("");
        }
        self.state = LexState::Plain;
        self.pieces.pop_front()
    }

    /// Returns whether something other than blanks and comments has begun and is not complete.
    pub fn pending(&self) -> bool {
        self.begun || matches!(self.state, LexState::Dash | LexState::Slash | LexState::Line)
    }

    fn read(&mut self, character: char) {
        use LexState::{Comment, CommentStar, Dash, Line, LineComment, Name, Plain, Slash, Text};
        match (self.state, character) {
            (Plain, _) => return self.read_plain(character),
            (Dash, '-') => self.enter_comment(LineComment),
            (Slash, '*') => self.enter_comment(Comment),
            (Dash | Slash, _) => {
                self.begun = true;
                self.state = Plain;
                return self.read_plain(character);
            }
            (LineComment, '\n') | (Text, '\'') | (Name, '"') | (CommentStar, '/') => self.state = Plain,
            (Comment | CommentStar, '*') => self.state = CommentStar,
            (CommentStar, _) => self.state = Comment,
            (Line, '\n') => return self.complete_line(),
            (Line | LineComment | Comment | Text | Name, _) => {}
        }
        if self.begun || self.state == Line {
            self.hold(character);
        }
    }

    fn read_plain(&mut self, character: char) {
        if !self.begun {
            if character == ';' || is_blank(character) {
                return;
            }
            self.begin_with("");
            self.begun = match character {
                '-' | '/' | '.' => false,
                '@' => !self.replay,
                _ => true,
            };
        }
        self.state = match character {
            '\'' => LexState::Text,
            '"' => LexState::Name,
            '-' => LexState::Dash,
            '/' => LexState::Slash,
            ';' => return self.complete(";"),
            '.' | '@' if !self.begun => LexState::Line,
            _ => LexState::Plain,
        };
        self.hold(character);
    }

    fn enter_comment(&mut self, state: LexState) {
        self.state = state;
        if !self.begun {
            self.held.clear();
        }
    }

    fn begin_with(&mut self, text: &str) {
        self.begun = true;
        self.held = text.to_owned();
        if text.is_empty() {
            let lines = Surroundings { before: self.line_so_far.clone(), after: String::new() };
            self.start = Source { text: String::new(), line: self.line, column: self.column, lines };
        }
    }

    fn hold(&mut self, character: char) {
        if self.swallowing {
            return;
        }
        self.held.push(character);
        if self.held.len() > LONGEST_STATEMENT {
            // The lexer refuses it as too large. The rest is only scanned for its end.
            self.swallowing = true;
            let text = std::mem::take(&mut self.held);
            self.pieces.push_back(ScriptItem::Statement(Source { text, ..self.start.clone() }));
        }
    }

    fn complete(&mut self, end: &str) {
        self.begun = false;
        self.state = LexState::Plain;
        let held = std::mem::take(&mut self.held);
        if !std::mem::take(&mut self.swallowing) {
            let text = held.trim_end_matches(is_blank);
            let tail = format!("{}{end}", &held[text.len()..]);
            let mut source = Source { text: text.to_owned(), ..std::mem::take(&mut self.start) };
            source.lines.after = tail.lines().next().unwrap_or_default().trim_end().to_owned();
            self.pieces.push_back(ScriptItem::Statement(source));
        }
    }

    fn complete_line(&mut self) {
        self.state = LexState::Plain;
        let held = std::mem::take(&mut self.held);
        if std::mem::take(&mut self.swallowing) {
            return;
        }
        let text = held.trim_end_matches(is_blank).to_owned();
        let source = Source { text, ..std::mem::take(&mut self.start) };
        self.pieces.push_back(match source.text.strip_prefix('@') {
            Some(rest) => {
                let (moment, actor) = moment_and_actor(rest);
                ScriptItem::Moment { moment, actor, source }
            }
            None => ScriptItem::Dot(source),
        });
    }

    fn step_position(&mut self, character: char) {
        if character == '\n' {
            self.line += 1;
            self.column = 1;
            self.line_so_far.clear();
            return;
        }
        self.column += 1;
        self.line_so_far.push(character);
        if self.line_so_far.len() > 2 * LINE_KEPT {
            let cut = self.line_so_far.ceil_char_boundary(self.line_so_far.len() - LINE_KEPT);
            self.line_so_far.drain(..cut);
        }
    }
}

impl Iterator for Splitter {
    type Item = ScriptItem;

    /// Returns the next complete piece, or `None` until more text arrives.
    fn next(&mut self) -> Option<ScriptItem> {
        self.pieces.pop_front()
    }
}

/// Parses the text after the `@`: a timestamp, then optionally an actor, which may be quoted; a
/// comment may follow.
fn moment_and_actor(rest: &str) -> (String, Option<String>) {
    let rest = rest.trim_matches(is_blank);
    let (moment, after) = rest.split_once(is_blank).unwrap_or((rest, ""));
    let after = after.trim_start_matches(is_blank);
    let bare =
        || after.split("--").next().unwrap_or_default().trim_matches(|end| is_blank(end) || end == ';');
    let actor = quoted_name(after).unwrap_or_else(|| bare().to_owned());
    let moment = moment.trim_matches(|end| matches!(end, '\'' | ';')).to_owned();
    (moment, Some(actor).filter(|actor| !actor.is_empty()))
}

/// Returns the name in double quotes with which a text begins; inner quotes are doubled.
fn quoted_name(text: &str) -> Option<String> {
    let mut name = String::new();
    let mut characters = text.strip_prefix('"')?.chars().peekable();
    loop {
        match characters.next()? {
            '"' if characters.next_if_eq(&'"').is_none() => return Some(name),
            character => name.push(character),
        }
    }
}

#[cfg(test)]
#[path = "script/tests.rs"]
mod tests;
