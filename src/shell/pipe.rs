//! A non-interactive run: statements from arguments or from standard input.
//!
//! Invariant: a statement runs when its `;` was read, and its reply is written before more is read.
//! With `--atomic` nothing is written or committed before all statements have run. This module
//! deliberately does not know what a statement means.

use std::io;
use std::ops::ControlFlow;

use super::input::{Arrival, Decoder, Input};
use super::options::OnError;
use super::render::Quiet;
use super::session::{End, Origin, Session};
use crate::domain::failure::Failure;
use crate::domain::refusal::{Code, Fault};
use crate::engine::BatchEnd;
use crate::language::script::{Source, Splitter};

/// Runs each argument as a text of its own, and returns the exit status.
pub fn arguments(session: &mut Session, statements: &[String]) -> u8 {
    begin(session);
    if statements.len() > 1 {
        session.replies.expect_several();
    }
    let mut end = None;
    for (index, statement) in statements.iter().enumerate() {
        let several = statements.len() > 1;
        session.origin = if several { Origin::Argument(index + 1) } else { Origin::Input };
        if let ControlFlow::Break(reason) = session.text(statement) {
            end = Some(reason);
            break;
        }
    }
    let alone = session.tally.statements() <= 1;
    conclude(session, end, if alone { Summary::Unneeded } else { Summary::Wanted })
}

/// Runs the statements of an input, and returns the exit status.
pub fn input(session: &mut Session, input: &mut dyn Input) -> u8 {
    begin(session);
    session.replies.expect_several();
    let end = match session.feed(input) {
        ControlFlow::Break(reason) => Some(reason),
        ControlFlow::Continue(()) => None,
    };
    conclude(session, end, Summary::Wanted)
}

impl Session {
    /// Runs the statements of a text.
    pub fn text(&mut self, text: &str) -> ControlFlow<End> {
        let mut splitter = Splitter::new(self.replays());
        splitter.push(text);
        self.rest(&mut splitter)
    }

    /// Runs the statements of an input as they become complete.
    pub fn feed(&mut self, input: &mut dyn Input) -> ControlFlow<End> {
        let mut splitter = Splitter::new(self.replays());
        let mut decoder = Decoder::default();
        loop {
            match input.more() {
                Arrival::Bytes(bytes) => splitter.push(&decoder.decode(&bytes)),
                Arrival::End => break,
                Arrival::Stopped => return ControlFlow::Break(End::Signal),
                Arrival::Failed(error) => return self.refuse(&Source::alone(""), unreadable(&error)),
            }
            for piece in splitter.by_ref() {
                self.take(piece)?;
            }
        }
        splitter.push(&decoder.end());
        self.rest(&mut splitter)
    }

    fn rest(&mut self, splitter: &mut Splitter) -> ControlFlow<End> {
        while let Some(piece) = splitter.next().or_else(|| splitter.finish()) {
            self.take(piece)?;
        }
        ControlFlow::Continue(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Summary {
    Wanted,
    Unneeded,
}

fn begin(session: &mut Session) {
    if session.on_error() == OnError::Atomic {
        session.replies.keep();
    }
}

fn conclude(session: &mut Session, end: Option<End>, summary: Summary) -> u8 {
    let rolled_back = session.on_error() == OnError::Atomic && !commit(session, end);
    let said = summary == Summary::Wanted && session.tally.statements() > 0;
    if end == Some(End::Signal) {
        session.replies.after_key();
    }
    if session.replies.quiet() == Quiet::Off && (said || rolled_back) && end != Some(End::Unwritten) {
        let counted = session.tally.summary();
        let stopped = if end == Some(End::Signal) { ", stopped" } else { "" };
        let undone = if rolled_back { undone(session) } else { "" };
        session.replies.note(&format!("{counted}{stopped}{undone}"));
    }
    session.exit_status(end)
}

/// Says what became of a transaction that was not answered with success.
pub fn undone(session: &Session) -> &'static str {
    match session.tally.ended_by() {
        Some(Code::Unknown) => "; whether they were done is not known",
        _ => "; rolled back, nothing was changed",
    }
}

/// Ends the transaction of `--atomic`. Returns whether it was committed.
pub fn commit(session: &mut Session, end: Option<End>) -> bool {
    let failed = !matches!(end, None | Some(End::Left));
    // A Ctrl-C during the last statement still counts here; after the commit it would not.
    let stopped = failed || session.interrupts.received().is_some();
    let outcome = if stopped { BatchEnd::Rollback } else { BatchEnd::Commit };
    match session.database.end_batch(outcome) {
        Ok(()) if outcome == BatchEnd::Commit => session.replies.release(),
        Ok(()) => session.replies.discard(),
        Err(error) => {
            session.replies.discard();
            session.complain(&error);
            session.tally.refused(error.code(), "the end".to_owned());
            session.tally.ended(error.code());
            return false;
        }
    }
    outcome == BatchEnd::Commit
}

fn unreadable(error: &io::Error) -> Failure {
    let fault = Fault::new(Code::NotFound, format!("cannot read standard input: {error}"));
    Failure { error: fault.into(), span: 0..0 }
}

#[cfg(test)]
#[path = "pipe/tests.rs"]
mod tests;
