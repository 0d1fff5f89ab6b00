//! The engine's side of the services for statements, and the choice of the handler that runs.

use super::context::{reader, time_of_query};
use super::execute::LastIds;
use super::prepared::Prepared;
use super::query::request;
use super::sweeping::{Backlog, Firing};
use super::{MOST_ROWS, execute, purging, query, sweeping};
use crate::domain::document::Document;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::Reply;
use crate::statement::definition::{Fired, Lookup, Services};
use crate::statement::{self, Call, Handler, PurgedCount, Request};
use crate::store::{BackedUp, HeadLine, Query, Store, Verdict};
use std::path::Path;

/// The engine's services, on one file.
pub struct EngineServices<'a> {
    pub store: &'a mut Store,
}

impl EngineServices<'_> {
    /// Runs a statement. A query first brings a replica up to date, or says in its reply that it could
    /// not; a statement that writes does so behind the gate.
    ///
    /// # Errors
    /// A refusal or a fault; then nothing has changed.
    pub fn run(&mut self, call: &Call<'_>) -> Result<Reply, Error> {
        let definition = call.definition;
        if definition.traits.follows && self.store.in_batch() {
            return Err(not_committed().into());
        }
        let stale = match definition.handler {
            Handler::Write(_) | Handler::Direct { writes: true, .. } => None,
            Handler::Read(_) | Handler::Direct { .. } => self.store.pull(&call.context.progress)?,
        };
        let mut reply = self.handled(call)?;
        reply.notes.extend(stale);
        Ok(reply)
    }

    fn handled(&mut self, call: &Call<'_>) -> Result<Reply, Error> {
        let definition = call.definition;
        match definition.handler {
            Handler::Read(handler) => self
                .store
                .read(|snapshot| query::run(snapshot, definition, handler, call.arguments, call.context)),
            Handler::Write(decide) => {
                self.check_stored_select(call)?;
                let firing = self.firing();
                loop {
                    let done =
                        self.store.change_keeping(|writer| execute::change(writer, call, decide, firing))?;
                    match done {
                        Some(reply) => return Ok(reply),
                        // What was due before the statement is fired in parts; others get in between.
                        None => self.store.make_way(),
                    }
                }
            }
            Handler::Direct { run, .. } => run(self, call),
        }
    }

    /// Returns in how many transactions timers fire: in one, if it is the caller's.
    fn firing(&self) -> Firing {
        if self.store.in_batch() { Firing::AtOnce } else { Firing::InParts }
    }

    /// Fires the timers that are due, in parts, so that others get in between.
    fn sweep(&mut self, call: &Call<'_>, limit: Option<i64>) -> Result<Fired, Error> {
        let (firing, mut left) = (self.firing(), limit);
        let mut all: Option<Fired> = None;
        loop {
            let (fired, count, backlog) =
                self.store.change(|writer| sweeping::sweep(writer, call, left, firing))?;
            match &mut all {
                Some(all) => {
                    all.transitions.extend(fired.transitions);
                    all.changed |= fired.changed;
                }
                None => all = Some(fired),
            }
            left = left.map(|left| left - count);
            if backlog == Backlog::Empty || left == Some(0) {
                return Ok(all.unwrap_or(Fired { transitions: Vec::new(), changed: false, warning: None }));
            }
            self.store.make_way();
        }
    }

    /// Whether the statement would be refused now, by that actor.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn would_refuse(&mut self, call: &Call<'_>) -> Result<bool, Error> {
        self.store.read(|snapshot| {
            let now = time_of_query(snapshot, call.context)?;
            let actor = reader(snapshot, call.context)?;
            let words = execute::cited(snapshot, call.arguments, &LastIds::default())?;
            let request =
                Request { words: &words, ..request(snapshot, call.arguments, &actor, now, call.context) };
            statement::is_refused(&request, call.definition)
        })
    }

    /// A SELECT that a statement stores must run with the parameters that it will have. A refusal
    /// of the statement itself has precedence.
    fn check_stored_select(&mut self, call: &Call<'_>) -> Result<(), Error> {
        let Some((sql, start)) = call.arguments.rest("rest").zip(call.arguments.rest_offset("rest")) else {
            return Ok(());
        };
        // Whether it is refused is a question of the present state.
        self.store.pull(&call.context.progress)?;
        if self.would_refuse(call)? {
            return Ok(());
        }
        let query = Query {
            text: sql,
            offset: 0,
            parameters: &statement::report_parameter,
            now: Moment(0),
            rows_limit: MOST_ROWS,
        };
        let checked = self.store.check_select(&query).map_err(statement::of_stored_select);
        checked.map_err(|error| error.shifted(0, start))
    }
}

impl Services for EngineServices<'_> {
    fn read(
        &mut self,
        call: &Call<'_>,
        query: &mut dyn FnMut(&Request<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.store.read(|snapshot| {
            let now = time_of_query(snapshot, call.context)?;
            let actor = reader(snapshot, call.context)?;
            query(&request(snapshot, call.arguments, &actor, now, call.context))
        })
    }

    fn select(&mut self, call: &Call<'_>, sql: &str, parameters: Lookup<'_>) -> Result<Reply, Error> {
        let now = self.store.read(|snapshot| Ok(time_of_query(snapshot, call.context)?))?;
        self.store.select(&Query { text: sql, offset: 0, parameters, now, rows_limit: MOST_ROWS })
    }

    fn fire_timers(&mut self, call: &Call<'_>, limit: Option<i64>, dry_run: bool) -> Result<Fired, Error> {
        if dry_run {
            self.store.dry_run(|writer| sweeping::dry_run(writer, call, limit))
        } else {
            self.sweep(call, limit)
        }
    }

    fn purge(&mut self, call: &Call<'_>, before: Moment) -> Result<(PurgedCount, Vec<String>), Error> {
        purging::purge(self.store, call, before)
    }

    fn verify(&mut self, call: &Call<'_>, head: Option<&HeadLine>) -> Result<Verdict, Error> {
        self.store.verify(head, &call.context.progress)
    }

    fn hosts(&mut self) -> Result<Reply, Error> {
        self.store.hosts()
    }

    fn verify_since(&mut self, head: &HeadLine) -> Result<Verdict, Error> {
        self.store.verify_since(head)
    }

    fn write_document(&mut self, call: &Call<'_>, target: &Path, document: &Document) -> Result<u64, Error> {
        self.store.write_new(target, &|out| (call.context.documents.0)(out, document))
    }

    fn backup(&mut self, call: &Call<'_>, target: &Path, overwrite: bool) -> Result<BackedUp, Error> {
        self.store.backup(target, overwrite, &call.context.progress)
    }

    fn explain(&mut self, call: &Call<'_>, text: &str, offset: usize) -> Result<Reply, Error> {
        let inner = Prepared::parse(text, call.parameters).map_err(|error| error.shifted(0, offset))?;
        let inner = inner.call(call.context);
        let explained = match inner.definition.handler {
            Handler::Write(decide) => {
                self.check_stored_select(&inner).map_err(|error| error.shifted(0, offset))?;
                self.store.dry_run(|writer| execute::dry_run(writer, &inner, decide))
            }
            Handler::Direct { explain: Some(explain), writes, .. } => {
                let explained = explain(self, &inner);
                // The SELECT itself is wrong, so EXPLAIN fails like the SELECT would.
                if !writes {
                    return explained.map_err(|error| error.shifted(0, offset));
                }
                explained
            }
            Handler::Read(_) | Handler::Direct { explain: None, .. } => {
                Ok(Reply::prose("explanation", "this statement is read-only"))
            }
        };
        match explained {
            Err(Error::Refused(refusal)) => Ok(statement::would_be_refused(&refusal)),
            other => other,
        }
    }
}

/// Returns the refusal of FOLLOW inside a transaction.
pub fn not_committed() -> Refusal {
    Refusal::new(Code::NotAllowed, "FOLLOW shows committed entries and cannot run inside a transaction")
        .hint("run FOLLOW on its own, without --atomic")
}
