//! `--each`: runs the statements once for each row of a file, with its fields as parameters.
//!
//! Invariant: a row is done as a whole or not at all. Rows are committed in batches that hold the write
//! lock for a short time; what is said about a row is said after its commit. This module deliberately
//! does not know how rows are written in a file.

mod refused;
mod rows;
mod sources;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use refused::RefusedRows;
use rows::{InputRow, RowReader};
use sources::RowInput;

use super::interrupt::Interrupts;
use super::options::{Each, OnError};
use super::pipe;
use super::progress::Progress;
use super::render::Quiet;
use super::replies::rows::ColumnsNamed;
use super::session::{End, Session};
use super::stats::goes_on_after;
use crate::domain::failure::Failure;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Code, Error, Fault, Refusal};
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::engine::{BatchEnd, Savepoint};
use crate::language::arguments::Parameters;
use crate::language::script::Source;

/// How long a batch goes on before it is committed. With the commit and the row that is running, others
/// wait at most about 50 ms.
const BATCH: Duration = Duration::from_millis(30);

/// Runs the statements of the arguments, or of standard input, for each row. Returns the exit status.
pub fn run(session: &mut Session, each: &Each, arguments: &[String], interrupts: &Interrupts) -> u8 {
    let prepared = sources::statements(session, arguments, interrupts).and_then(|statements| {
        let mut work = EachRow::new(session, each, statements, interrupts)?;
        let end = work.rows(each.from);
        work.conclude(end);
        Ok(end)
    });
    match prepared {
        Ok(end) => session.exit_status(end),
        Err(error) => {
            session.complain(&error);
            session.tally.refused(error.code(), "the beginning".to_owned());
            session.exit_status(Some(End::Refused))
        }
    }
}

/// The work for all rows.
struct EachRow<'a> {
    session: &'a mut Session,
    statements: Vec<Source>,
    reader: RowReader,
    refused: Option<RefusedRows>,
    progress: Progress,
    named: ColumnsNamed,
    /// The parameters and the actor of the command line.
    given: Parameters,
    actor: String,
    /// How often the content of the file was replaced before the first row.
    replacements: Option<u64>,
    /// When the present batch began.
    batch: Option<Instant>,
    /// The rows that were done and are not counted yet.
    done: u64,
    /// The last row that was dealt with.
    last: u64,
    /// The last row of the batches that were committed.
    committed: u64,
    /// The rows that were done before, under the same KEY.
    again: u64,
}

impl<'a> EachRow<'a> {
    fn new(
        session: &'a mut Session,
        each: &Each,
        statements: Vec<Source>,
        interrupts: &Interrupts,
    ) -> Result<Self, Error> {
        let RowInput { bytes, format, size } = sources::rows(&each.rows, interrupts)?;
        let reader = RowReader::new(bytes, format)?;
        let refused = each.refused.as_ref();
        let refused = refused.map(|path| RefusedRows::new(path, reader.header())).transpose()?;
        if session.on_error() == OnError::Atomic {
            session.replies.keep();
        }
        let (given, actor) = (session.parameters.clone(), session.actor.clone());
        Ok(EachRow {
            session,
            statements,
            reader,
            refused,
            progress: Progress::of(size),
            named: ColumnsNamed::default(),
            given,
            actor,
            replacements: None,
            batch: None,
            done: 0,
            last: each.from - 1,
            committed: each.from - 1,
            again: 0,
        })
    }

    /// Runs all rows from one on. Returns why it ended early.
    fn rows(&mut self, from: u64) -> Option<End> {
        let end = loop {
            if self.session.interrupts.received().is_some() {
                break Some(End::Signal);
            }
            let row = match self.reader.next() {
                Ok(Some(row)) if row.number < from => continue,
                Ok(Some(row)) => row,
                Ok(None) => break None,
                Err(_) if self.session.interrupts.received().is_some() => break Some(End::Signal),
                Err(error) => {
                    self.session.row = Some((self.last + 1, 0));
                    break Some(self.give_up(&error));
                }
            };
            let number = row.number;
            if let ControlFlow::Break(end) = self.row(row) {
                break Some(end);
            }
            self.last = number;
            if self.batch.is_none_or(|begun| begun.elapsed() >= BATCH) {
                if let Err(end) = self.commit() {
                    break Some(end);
                }
                self.report();
            }
        };
        let end = self.commit().err().or(end);
        self.progress.end();
        end
    }

    /// Runs the statements for a row.
    fn row(&mut self, row: InputRow) -> ControlFlow<End> {
        self.session.row = Some((row.number, row.line));
        let raw = row.raw;
        let fields = match row.fields {
            Ok(fields) => fields,
            Err(refusal) => return self.refuse(raw, None, failure(refusal.into())),
        };
        if let Err(error) = self.set(fields) {
            return self.refuse(raw, None, failure(error));
        }
        let mut savepoint = None;
        let mut replies = Vec::new();
        for index in 0..self.statements.len() {
            match self.statement(index, &mut savepoint) {
                Ok(reply) => replies.push(reply),
                Err(failure) => {
                    if let Some(savepoint) = savepoint
                        && let Err(error) = self.end(savepoint, BatchEnd::Rollback)
                    {
                        return ControlFlow::Break(self.lost(&error));
                    }
                    return self.refuse(raw, Some(index), failure);
                }
            }
        }
        if let Some(savepoint) = savepoint
            && let Err(error) = self.end(savepoint, BatchEnd::Commit)
        {
            return ControlFlow::Break(self.lost(&error));
        }
        self.done += 1;
        self.again += u64::from(replies.iter().all(|reply| reply.tells_change && !reply.changed));
        for (reply, source) in replies.iter().zip(&self.statements) {
            if let Err(error) = self.session.replies.row_reply(reply, &source.text, &mut self.named) {
                let fault =
                    Fault::new(Code::of_io(error.kind()), format!("cannot write the result: {error}"));
                return ControlFlow::Break(self.give_up(&fault.into()));
            }
        }
        ControlFlow::Continue(())
    }

    /// Sets the fields of a row as parameters and, in a replay, its moment and actor.
    fn set(&mut self, fields: Vec<(String, Value)>) -> Result<(), Error> {
        let mut parameters = self.given.clone();
        // A row without these fields has those of the command line, not those of the row before it.
        self.session.actor.clone_from(&self.actor);
        self.session.replay_now();
        if self.session.replays() {
            self.session.permit_replay()?;
        }
        for (name, value) in fields {
            if self.session.replays() && (name == "at" || name == "actor") {
                let Some(text) = value.as_text() else {
                    return Err(Refusal::new(Code::InvalidValue, format!("field {name} is empty")).into());
                };
                match name.as_str() {
                    "at" => {
                        let moment =
                            Moment::parse(text).map_err(|words| Refusal::new(Code::InvalidValue, words))?;
                        self.session.replay_at(moment)?;
                    }
                    _ => text.clone_into(&mut self.session.actor),
                }
            }
            parameters.insert(&name, value);
        }
        self.session.parameters = parameters;
        Ok(())
    }

    /// Runs a statement, in a batch that is begun if necessary.
    fn statement(&mut self, index: usize, savepoint: &mut Option<Savepoint>) -> Result<Reply, Failure> {
        let source = &self.statements[index];
        let prepared = self.session.prepare(&source.text)?;
        let whole = |error: Error| Failure { error, span: 0..source.text.len() };
        let context = self.session.context().map_err(|fault| whole(fault.into()))?;
        let atomic = self.session.on_error() == OnError::Atomic;
        let database = &mut self.session.database;
        database.open_for(&prepared).map_err(whole)?;
        if self.batch.is_none() && !atomic {
            database.begin_rows().map_err(whole)?;
            let db = database.opened().map_err(whole)?;
            let replacements = db.replacements();
            if replacements > *self.replacements.get_or_insert(replacements) {
                // Nothing is written in this batch, which ends with the error.
                db.end_batch(BatchEnd::Rollback).map_err(whole)?;
                let words = "the content of the file was replaced by that of a backup; rows that were done may be gone";
                return Err(whole(
                    Fault::new(Code::NotFound, words)
                        .hint("run all rows again; those under a KEY that are still there are not done twice")
                        .into(),
                ));
            }
            self.session.replies.keep();
            self.batch = Some(Instant::now());
        }
        let db = self.session.database.opened().map_err(whole)?;
        if savepoint.is_none() {
            *savepoint = Some(db.savepoint().map_err(whole)?);
        }
        db.run_prepared(&prepared, &context)
    }

    fn end(&mut self, savepoint: Savepoint, outcome: BatchEnd) -> Result<(), Error> {
        self.session.database.opened()?.end_savepoint(savepoint, outcome)
    }

    /// Reports a refused row, and goes on with the next one if that is asked for.
    fn refuse(&mut self, raw: rows::RawRow, index: Option<usize>, failure: Failure) -> ControlFlow<End> {
        let code = failure.error.code();
        let source = index.map(|index| &self.statements[index]);
        let session = &mut *self.session;
        self.progress.aside(|| session.refuse_row(source, failure));
        // A statement that does not parse would be refused for every row.
        if session.on_error() == OnError::KeepGoing && goes_on_after(code) && code != Code::Syntax {
            if let Some(refused) = &mut self.refused {
                refused.push(raw);
            }
            return ControlFlow::Continue(());
        }
        session.tally.ended(code);
        ControlFlow::Break(End::Refused)
    }

    /// Commits the batch, if one has begun, with all that is said about its rows.
    fn commit(&mut self) -> Result<(), End> {
        if self.batch.take().is_some() {
            let database = &mut self.session.database;
            let ended = database.commit_rows().and_then(|()| database.opened()).map(|db| {
                db.make_way();
                db.take_warnings()
            });
            let warnings = match ended {
                Ok(warnings) => warnings,
                Err(error) => return Err(self.lost(&error)),
            };
            self.session.replies.release();
            for warning in warnings {
                let replies = &mut self.session.replies;
                self.progress.aside(|| replies.note(&format!("warning: {warning}")));
            }
        }
        self.session.tally.rows_done(std::mem::take(&mut self.done));
        let written = self.refused.as_mut().map_or(Ok(()), RefusedRows::write);
        if let Err(error) = written {
            return Err(self.give_up(&error));
        }
        self.committed = self.last;
        match self.session.replies.failure() {
            Some(_) => Err(End::Unwritten),
            None => Ok(()),
        }
    }

    /// Reports that a batch could not be committed: none of its rows is done.
    fn lost(&mut self, error: &Error) -> End {
        self.batch = None;
        self.done = 0;
        self.session.replies.discard();
        if let Some(refused) = &mut self.refused {
            refused.forget();
        }
        if let Ok(db) = self.session.database.opened() {
            // The error that is reported is the first one.
            let _ = db.end_batch(BatchEnd::Rollback);
        }
        self.give_up(error)
    }

    fn give_up(&mut self, error: &Error) -> End {
        let session = &mut *self.session;
        self.progress.aside(|| session.complain(error));
        session.tally.refused(error.code(), format!("row {}", session.row.map_or(1, |(number, _)| number)));
        session.tally.ended(error.code());
        End::Refused
    }

    fn report(&mut self) {
        let rows = self.last;
        self.progress.reached(self.reader.bytes_read(), |elapsed| {
            format!("{rows} rows, {:.0}/s", rows as f64 / elapsed.as_secs_f64())
        });
    }

    /// Ends the transaction of `--atomic`, and says what was done and how to go on.
    fn conclude(&mut self, end: Option<End>) {
        let session = &mut *self.session;
        let rolled_back = session.on_error() == OnError::Atomic && !pipe::commit(session, end);
        if end == Some(End::Signal) {
            session.replies.after_key();
        }
        if session.replies.quiet() == Quiet::On || end == Some(End::Unwritten) {
            return;
        }
        let mut line = session.tally.summary();
        if self.again > 0 {
            line.push_str(&format!(", {} of them done before", self.again));
        }
        if rolled_back {
            line.push_str(pipe::undone(session));
        } else if session.tally.ended_by() == Some(Code::Unknown) {
            let from = self.committed + 1;
            line.push_str(&format!("; whether rows from {from} to {} are done is not known: look before you continue with --from-row {from}", self.last));
        } else if end.is_some() {
            let stopped = if end == Some(End::Signal) { ", stopped" } else { "" };
            let done = match self.committed {
                0 => "no row is done".to_owned(),
                number => format!("rows up to {number} are done"),
            };
            line.push_str(&format!("{stopped}; {done}, continue with --from-row {}", self.committed + 1));
        }
        session.replies.note(&line);
    }
}

fn failure(error: Error) -> Failure {
    Failure { error, span: 0..0 }
}
