//! `.watch`: repeats a statement at a terminal until Ctrl-C.
//!
//! Invariant: each reply is drawn over the previous one in a single write, so that nothing flickers
//! or scrolls. This module deliberately does not know what the statement shows.

use std::ops::ControlFlow;
use std::time::Duration;

use super::interrupt::Signal;
use super::render::escape::harmless;
use super::session::{End, Session};
use super::terminal;
use crate::domain::failure::Failure;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::reply::Reply;
use crate::engine::StatementTraits;
use crate::language::script::Source;

/// Clears the screen.
const CLEAR: &str = "\x1b[2J";
/// Moves the cursor to the upper left corner.
const HOME: &str = "\x1b[H";
/// Clears the rest of the line.
const END_OF_LINE: &str = "\x1b[K";
/// Clears everything below the cursor.
const END_OF_SCREEN: &str = "\x1b[J";

/// Returns the refusal if a statement with these traits must not be repeated.
fn unwatched(traits: StatementTraits) -> Option<Refusal> {
    let because = |words| Refusal::new(Code::NotAllowed, words);
    if traits.follows {
        Some(because("FOLLOW already continues by itself").hint("run it without .watch"))
    } else {
        traits.confirm.then(|| because("this statement cannot be undone and must not be repeated"))
    }
}

impl Session {
    /// Runs a statement repeatedly and shows its reply.
    pub fn watch(&mut self, every: Duration, statement: &str) -> ControlFlow<End> {
        let source = Source::alone(statement);
        let prepared = match self.prepare(statement) {
            Ok(prepared) => prepared,
            Err(failure) => return self.refuse(&source, failure),
        };
        if let Some(refusal) = unwatched(prepared.traits()) {
            return self.refuse(&source, Failure { error: refusal.into(), span: 0..statement.len() });
        }
        self.replies.paint(CLEAR.as_bytes());
        loop {
            self.sweep();
            match self.run(&prepared) {
                Ok(reply) => {
                    let rows = self.replies.rendered(&reply);
                    let picture = self.picture(every, statement, &String::from_utf8_lossy(&rows), &reply);
                    self.replies.paint(picture.as_bytes());
                }
                // Ctrl-C during the statement ends `.watch`, as it does between two runs.
                Err(failure) if failure.error.code() == Code::Interrupted => {}
                Err(failure) => return self.refuse(&source, failure),
            }
            if self.replies.failure().is_some() {
                return ControlFlow::Break(End::Unwritten);
            }
            match self.interrupts.wait(every) {
                None => {}
                Some(Signal::Interrupt) => {
                    self.interrupts.forget();
                    return ControlFlow::Continue(());
                }
                Some(Signal::Terminate) => return ControlFlow::Break(End::Signal),
            }
        }
    }

    fn picture(&self, every: Duration, statement: &str, rows: &str, reply: &Reply) -> String {
        let (now, zone) = self.replies.clock();
        let head =
            format!("{now} {zone}   every {}s: {}   (Ctrl-C ends)", every.as_secs(), harmless(statement));
        let (columns, room) = match terminal::size() {
            Some(size) => (size.columns, size.rows.saturating_sub(3)),
            None => (80, 21),
        };
        let short = |line: &str| line.chars().take(columns.saturating_sub(1)).collect::<String>();
        let note = reply.notes.last().map_or_else(String::new, |note| harmless(note).into_owned());
        let (head, note) = (short(&head), short(&note));
        let mut picture = format!("{HOME}{head}{END_OF_LINE}\n{note}{END_OF_LINE}\n");
        for line in rows.lines().take(room) {
            picture.push_str(line);
            picture.push_str(END_OF_LINE);
            picture.push('\n');
        }
        picture + END_OF_SCREEN
    }
}
