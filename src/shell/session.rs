//! Runs statements: their context, execution, reply, and counting.
//!
//! Invariant: every statement of a session, wherever it came from, is run here, one at a time, and
//! its reply is written before the next one begins. This module deliberately does not know where
//! statements come from, what they mean or how rows are rendered.

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use super::database::Database;
use super::input::NO_TEXT;
use super::interrupt::{Interrupts, Signal};
use super::options::{CommandLine, FarTimes, OnError, Replay, Timing};
use super::progress::StatementProgress;
use super::render::Problem;
use super::replies::Replies;
use super::stats::{RunStats, goes_on_after};
use crate::domain::context::Context;
use crate::domain::failure::Failure;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Code, Error, Fault, Refusal};
use crate::domain::reply::Reply;
use crate::engine::Prepared;
use crate::engine::clock;
use crate::language::arguments::Parameters;
use crate::language::diagnostic::{Style, locate, render, span_of};
use crate::language::script::{ScriptItem, Source};

/// Where a statement came from, for its errors and for the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Standard input, or the only argument.
    Input,
    /// One of several arguments, from 1.
    Argument(usize),
    /// A file read with `.read`.
    File(PathBuf),
    /// The prompt.
    Typed,
}

/// Why the input ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// A refusal or a fault.
    Refused,
    /// `.quit`.
    Left,
    /// The replies cannot be written any more.
    Unwritten,
    /// Ctrl-C or SIGTERM.
    Signal,
}

/// A run of statements on one file.
pub struct Session {
    /// Declared before the file, so that it is dropped first: after SQLite has freed thousands of
    /// small blocks, freeing its large buffers would make the allocator merge them all, at the very
    /// end of the program.
    pub(super) replies: Replies,
    pub(super) database: Database,
    pub(super) interrupts: Interrupts,
    pub(super) parameters: Parameters,
    pub(super) actor: String,
    pub(super) timing: Timing,
    pub(super) origin: Origin,
    pub(super) tally: RunStats,
    /// The number and the line of the row that is run, with `--each`.
    pub(super) row: Option<(u64, u64)>,
    /// The nesting depth of `.read`.
    pub(super) depth: usize,
    pub(super) login: String,
    on_error: OnError,
    replay: Replay,
    moment: Option<Moment>,
    far_times: FarTimes,
}

impl Session {
    /// Creates a session. `login` is the operating system's name of its user.
    pub fn new(options: &CommandLine, login: &str, replies: Replies, interrupts: Interrupts) -> Session {
        Session {
            database: Database::new(options, interrupts.clone()),
            replies,
            interrupts,
            parameters: options.parameters.clone(),
            actor: options.actor.clone().unwrap_or_else(|| login.to_owned()),
            timing: options.timing,
            origin: Origin::Input,
            tally: RunStats::default(),
            row: None,
            depth: 0,
            login: login.to_owned(),
            on_error: options.on_error,
            replay: options.replay,
            moment: None,
            far_times: options.far_times,
        }
    }

    /// Returns whether `@` lines are allowed.
    pub fn replays(&self) -> bool {
        self.replay == Replay::Allowed
    }

    /// Returns the effect of a refusal.
    pub fn on_error(&self) -> OnError {
        self.on_error
    }

    /// Runs a piece of the input.
    pub fn take(&mut self, piece: ScriptItem) -> ControlFlow<End> {
        if self.interrupts.received().is_some() {
            return ControlFlow::Break(End::Signal);
        }
        match piece {
            ScriptItem::Statement(source) => self.statement(&source),
            ScriptItem::Dot(source) => self.command(&source),
            ScriptItem::Moment { moment, actor, source } => self.moment(&moment, actor, &source),
        }
    }

    /// Runs a statement and writes its reply.
    pub fn statement(&mut self, source: &Source) -> ControlFlow<End> {
        match self.prepare(&source.text) {
            Ok(prepared) => self.prepared(source, &prepared),
            Err(failure) => self.refuse(source, failure),
        }
    }

    /// Runs a parsed statement and answers it.
    pub fn prepared(&mut self, source: &Source, prepared: &Prepared) -> ControlFlow<End> {
        let started = Instant::now();
        let result = self.run(prepared);
        let took = started.elapsed();
        let flow = match result {
            Ok(reply) if reply.follow.is_some() => self.follow(source, &reply),
            Ok(reply) => self.answer(source, &reply),
            Err(failure) => self.refuse(source, failure),
        };
        if self.timing == Timing::On {
            self.replies.note(&format!("{:.1} ms", took.as_secs_f64() * 1000.0));
        }
        flow
    }

    /// Parses a statement.
    ///
    /// # Errors
    /// Why it does not parse, and where.
    pub fn prepare(&self, text: &str) -> Result<Prepared, Failure> {
        check_text(text).map_err(|error| failure_of(error, text))?;
        Prepared::new(text, &self.parameters)
    }

    /// Runs a parsed statement without showing its result.
    ///
    /// # Errors
    /// Why it could not be done, and where.
    pub fn run(&mut self, prepared: &Prepared) -> Result<Reply, Failure> {
        let at = |error: Error| failure_of(error, prepared.text());
        if self.moment.is_some() {
            self.permit_replay().map_err(at)?;
        }
        let progress = StatementProgress::begin();
        let context = self.context().map_err(|fault| at(fault.into()))?;
        let context = Context { progress: progress.listener(), ..context };
        let db = self.database.open_for(prepared).map_err(at)?;
        let running = self.interrupts.running(db.stopper());
        let result = db.run_prepared(prepared, &context);
        drop(running);
        drop(progress);
        if self.replies.shows_clocks()
            && let Ok(zone) = db.time_zone()
        {
            self.replies.set_time_zone(&zone);
        }
        for warning in db.take_warnings() {
            self.replies.note(&format!("warning: {warning}"));
        }
        result
    }

    /// Parses and runs a statement without showing its result.
    ///
    /// # Errors
    /// Why it could not be done, and where.
    pub fn run_text(&mut self, text: &str) -> Result<Reply, Failure> {
        self.run(&self.prepare(text)?)
    }

    /// Whether a statement would be refused as things stand.
    pub fn would_refuse(&mut self, prepared: &Prepared) -> bool {
        let Ok(context) = self.context() else { return false };
        let Ok(db) = self.database.open_for(prepared) else { return false };
        db.would_refuse(prepared, &context).unwrap_or(false)
    }

    /// Counts a statement as refused and reports why. Returns whether the input continues.
    pub fn refuse(&mut self, source: &Source, failure: Failure) -> ControlFlow<End> {
        let code = failure.error.code();
        let location = locate(source, failure.span.clone());
        self.tally.refused(code, self.place(location.line));
        let problem = self.problem(source, &failure);
        if code == Code::Interrupted && self.interrupts.received() == Some(Signal::Interrupt) {
            self.replies.after_key();
        }
        self.replies.problem(&problem);
        if self.on_error == OnError::KeepGoing && goes_on_after(code) {
            return ControlFlow::Continue(());
        }
        self.tally.ended(code);
        ControlFlow::Break(End::Refused)
    }

    /// Returns the exit status.
    pub fn exit_status(&mut self, end: Option<End>) -> u8 {
        if let Some(status) = self.replies.unwritten(self.tally.successes()) {
            return status;
        }
        let stopped = end == Some(End::Signal) || self.tally.ended_by() == Some(Code::Interrupted);
        match self.interrupts.received() {
            Some(signal) if stopped => signal.exit_status(),
            _ => self.tally.exit_status(),
        }
    }

    /// Reports an error that does not belong to a statement.
    pub fn complain(&mut self, error: &Error) {
        let (message, hint) = (error.message(), error.hint());
        self.replies.problem(&Problem::without_place(error.code(), message.to_owned(), hint));
    }

    fn answer(&mut self, source: &Source, reply: &Reply) -> ControlFlow<End> {
        match self.replies.reply(reply, &source.text) {
            Ok(()) => self.tally.done(),
            Err(error) => return self.refuse(source, unwritten(source, &error)),
        }
        if self.replies.failure().is_some() {
            return ControlFlow::Break(End::Unwritten);
        }
        ControlFlow::Continue(())
    }

    /// Takes the time of what follows from the clock again.
    pub fn replay_now(&mut self) {
        self.moment = None;
    }

    /// Sets the moment of what follows.
    ///
    /// # Errors
    /// `not_allowed`; faults of the file.
    pub fn replay_at(&mut self, moment: Moment) -> Result<(), Error> {
        self.permit_replay()?;
        self.warn_of_future(moment);
        self.moment = Some(moment);
        Ok(())
    }

    /// Runs a line `@ <timestamp> [<actor>]`.
    fn moment(&mut self, text: &str, actor: Option<String>, source: &Source) -> ControlFlow<End> {
        let start = source.text.find(text).filter(|_| !text.is_empty());
        let span = start.map_or(0..source.text.len(), |start| start..start + text.len());
        let read = Moment::parse(text).map_err(|message| Refusal::new(Code::InvalidValue, message).into());
        match read.and_then(|moment| self.replay_at(moment)) {
            Ok(()) => {
                self.actor = actor.unwrap_or_else(|| std::mem::take(&mut self.actor));
                ControlFlow::Continue(())
            }
            Err(error) => {
                let code = error.code();
                // The following statements would get the wrong timestamp, so not even
                // `--keep-going` continues.
                let _ = self.refuse(source, Failure { error, span });
                self.tally.ended(code);
                ControlFlow::Break(End::Refused)
            }
        }
    }

    /// Checks that the user may set moments and actors.
    ///
    /// # Errors
    /// `not_allowed`; faults of the file.
    pub fn permit_replay(&mut self) -> Result<(), Error> {
        let has_written = self.tally.successes() > 0;
        self.database.allow_replay(&self.actor, &self.login, has_written)
    }

    pub(super) fn context(&self) -> Result<Context, Fault> {
        let seed = clock::seed()?;
        let accept_clock = self.far_times == FarTimes::Accepted;
        let documents = self.replies.document_writer();
        Ok(match self.moment {
            Some(moment) => Context { seed, accept_clock, documents, ..Context::given(moment, &self.actor) },
            None => Context {
                login: Some(self.login.clone()),
                accept_clock,
                documents,
                ..Context::live(clock::now, &self.actor, seed)
            },
        })
    }

    /// Counts a row as refused and reports why; `source` is the statement that was refused, if it was one.
    pub fn refuse_row(&mut self, source: Option<&Source>, failure: Failure) {
        self.tally.refused(failure.error.code(), self.place(1));
        let problem = match source {
            Some(source) => self.problem(source, &failure),
            None => {
                let (message, hint) = (self.in_row(failure.error.message()), failure.error.hint());
                let row = self.row.map(|(number, _)| number);
                Problem { row, ..Problem::without_place(failure.error.code(), message, hint) }
            }
        };
        self.replies.problem(&problem);
    }

    /// Names the row in a message.
    fn in_row(&self, message: &str) -> String {
        match self.row {
            Some((number, line)) => format!("row {number} (line {line}): {message}"),
            None => message.to_owned(),
        }
    }

    fn place(&self, line: usize) -> String {
        if let Some((number, _)) = self.row {
            return format!("row {number}");
        }
        match &self.origin {
            Origin::Input | Origin::Typed => format!("line {line}"),
            Origin::Argument(number) => format!("argument {number}"),
            Origin::File(path) => format!("line {line} of {}", path.display()),
        }
    }

    fn problem(&self, source: &Source, failure: &Failure) -> Problem {
        let (message, hint) = (self.in_row(failure.error.message()), failure.error.hint());
        // A refusal points at a word of the statement; a fault does not.
        let pointed = matches!(failure.error, Error::Refused(_));
        let code = failure.error.code();
        let location = locate(source, failure.span.clone()).within(self.replies.notes_width());
        let style = if self.origin == Origin::Typed { Style::Prompt } else { Style::File };
        Problem {
            code,
            excerpt: Some(render(code, &message, hint, pointed.then_some(&location), style)),
            message,
            hint: hint.map(str::to_owned),
            row: self.row.map(|(number, _)| number),
            line: Some(location.line),
            column: Some(location.column),
            statement: Some(source.text.clone()),
        }
    }
}

/// Refuses input that is not valid text.
fn check_text(text: &str) -> Result<(), Error> {
    let Some(at) = text.find(NO_TEXT) else { return Ok(()) };
    Err(Refusal::new(Code::Syntax, "the input is not valid UTF-8, or contains NUL")
        .hint("convert it with iconv -t UTF-8")
        .at_span(at..at + NO_TEXT.len_utf8())
        .into())
}

/// The error with its place in the text, before any argument is known.
fn failure_of(error: Error, text: &str) -> Failure {
    let span = match &error {
        Error::Refused(refusal) => span_of(&refusal.place, text, None),
        Error::Fault(_) => 0..text.len(),
    };
    Failure { error, span }
}

/// The failure of a statement whose answer could not be written.
pub(super) fn unwritten(source: &Source, error: &io::Error) -> Failure {
    let fault = Fault::new(
        Code::of_io(error.kind()),
        format!("the statement succeeded, but its result could not be written: {error}"),
    );
    Failure { error: fault.into(), span: 0..source.text.len() }
}
