//! Layer 3: the whole flow of a statement, from its text to its reply.
//!
//! Invariant: parse, query, decide, write, seal, reply; nothing is written before everything is
//! decided. This layer deliberately does not know any single statement, nor a terminal.

mod archiving;
mod candidates;
pub mod clock;
mod context;
mod execute;
mod prepared;
mod purging;
mod query;
mod replies;
mod routing;
mod services;
mod spans;
mod sweeping;
mod transaction;

use std::fmt;
use std::path::Path;

use crate::domain::context::Context;
use crate::domain::failure::Failure;
use crate::domain::follow::Follow;
use crate::domain::progress::ProgressListener;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::language::arguments::{Arguments, Parameters};
use crate::language::catalogue::Catalogue;
use crate::statement;
use crate::store::{RestoredFile, Store, restore};

pub use prepared::{Prepared, StatementTraits};
pub use transaction::Transaction;

use context::{reader, time_of_query};
use services::{EngineServices, not_committed};

pub use crate::store::{BatchEnd, Creation, OpenOptions, Savepoint, SharedDesk, SharedOptions, StaleQueries};

/// The maximum number of rows of a reply.
pub const MOST_ROWS: usize = 1_000_000;

/// An open file, on which statements are run.
///
/// It is `Send`, but not `Sync`: move it into the thread that uses it, or open the file once in
/// every thread.
///
/// A write waits for the write lock of the file, behind the writers that came before it, for 30 s or
/// as long as [`OpenOptions::busy_timeout`] says. Then it fails with `busy`, and nothing has changed.
/// Queries never wait for writers; they read the last state that was committed.
pub struct Switchboard {
    store: Store,
}

impl fmt::Debug for Switchboard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Switchboard").field("path", &self.store.path()).finish_non_exhaustive()
    }
}

/// Checks at compile time that a program can move an open file to another thread.
const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<Switchboard>();
};

impl Switchboard {
    /// Opens a file, or creates one if the options say so. A file of an older version is upgraded,
    /// and a copy is kept; [`Switchboard::take_warnings`] says so.
    ///
    /// # Errors
    /// `not_found`, `not_ours`, `newer`, `damaged`, `readonly`, `busy`, `disk_full`; other faults
    /// of the file.
    pub fn open(path: impl AsRef<Path>, options: &OpenOptions) -> Result<Switchboard, Failure> {
        Ok(Switchboard { store: Store::open(path.as_ref(), options)? })
    }

    /// Opens a replica of a log that several hosts share. A write goes through the log; a query shows
    /// what the log has.
    ///
    /// # Errors
    /// `not_allowed` if the file stands alone, or the program was built without the feature `shared`;
    /// `invalid_value` for the address; as [`Switchboard::open`].
    pub fn open_shared(
        path: impl AsRef<Path>,
        options: &OpenOptions,
        shared: &SharedOptions,
    ) -> Result<Switchboard, Failure> {
        Ok(Switchboard { store: Store::open_shared(path.as_ref(), options, shared)? })
    }

    /// Puts the journal of the file into an empty database as a log that several hosts share, and
    /// makes the file a replica of it. It is not open afterwards: [`Switchboard::open_shared`] opens it.
    ///
    /// # Errors
    /// `exists` if the database contains a shared log or the file is a replica; `broken_chain`; faults
    /// of the file and of the server.
    pub fn create_desk(
        path: impl AsRef<Path>,
        options: &OpenOptions,
        shared: &SharedOptions,
        context: &Context,
    ) -> Result<SharedDesk, Failure> {
        let mut store = Store::open(path.as_ref(), options)?;
        Ok(store.create_desk(shared, options.busy_timeout, &context.progress)?)
    }

    /// Makes a file a replica of a shared log, and brings it up to date: a new file, a backup of another
    /// replica, or the file whose journal was put there.
    ///
    /// # Errors
    /// `damaged` if the journal of the file is not the beginning of the log; faults of the file and of
    /// the server.
    pub fn join_desk(
        path: impl AsRef<Path>,
        options: &OpenOptions,
        shared: &SharedOptions,
        context: &Context,
    ) -> Result<SharedDesk, Failure> {
        Ok(Store::join_desk(path.as_ref(), options, shared, &context.progress)?)
    }

    /// Makes a replica stand alone, once it has all that the log has.
    ///
    /// # Errors
    /// `busy` if the log cannot be reached; faults of the file.
    pub fn leave_desk(mut self, context: &Context) -> Result<SharedDesk, Failure> {
        Ok(self.store.leave_desk(&context.actor)?)
    }

    /// Replaces the content of a file by that of a backup, which is verified first. Programs that
    /// have the file open continue with the restored content. What is replaced is kept beside the file.
    ///
    /// # Errors
    /// `broken_chain` and other faults of the backup; `busy`, `disk_full` and other faults of the file,
    /// which is then as it was.
    #[doc(hidden)]
    pub fn restore(path: &Path, backup: &Path) -> Result<RestoredFile, Error> {
        restore(path, backup)
    }

    /// Runs one statement. A `;` at its end and comments (`-- …`) are allowed. When a statement that
    /// writes returns, its changes are on disk, unless it is part of a [`Transaction`].
    ///
    /// # Errors
    /// A refusal or a fault, with its place in the text. Then the statement has changed nothing;
    /// timers that were due have fired even if it was refused. `busy` if the write lock was not
    /// available in time.
    pub fn run(&mut self, text: &str, parameters: &Parameters, context: &Context) -> Result<Reply, Failure> {
        self.run_prepared(&Prepared::new(text, parameters)?, context)
    }

    /// Runs a statement that has been parsed, with the values that its parameters had then.
    ///
    /// # Errors
    /// As [`Switchboard::run`].
    pub fn run_prepared(&mut self, prepared: &Prepared, context: &Context) -> Result<Reply, Failure> {
        let mut services = EngineServices { store: &mut self.store };
        services
            .run(&prepared.call(context))
            .map_err(|error| spans::failure(error, prepared.text(), Some(prepared.arguments())))
    }

    /// Returns what was committed after `follow.after`, in the rows of the statement FOLLOW.
    /// `follow` of the reply says where the next call continues. It does not wait: the reply has
    /// no rows if there is nothing new about what is followed.
    ///
    /// # Errors
    /// `not_allowed` in a transaction; faults of the file.
    pub fn follow(&mut self, follow: &Follow) -> Result<Reply, Failure> {
        if self.store.in_batch() {
            return Err(not_committed().into());
        }
        self.store.listen();
        let stale = self.store.pull(&ProgressListener::default())?;
        let mut reply = self.store.read(|snapshot| Ok(snapshot.poll(follow)?))?;
        reply.notes.extend(stale);
        Ok(reply)
    }

    /// Returns a number that changes with the commits of any other `Switchboard` on the file, also
    /// in this process, but not with those of this one. Only whether it has changed has a meaning.
    /// Reading it is much cheaper than [`Switchboard::follow`].
    ///
    /// # Errors
    /// Faults of the file.
    pub fn version(&mut self) -> Result<i64, Failure> {
        Ok(self.store.version()?)
    }

    /// Begins a batch: every statement until `end_batch` is one transaction.
    ///
    /// # Errors
    /// `busy`; faults of the file.
    #[doc(hidden)]
    pub fn begin_batch(&mut self) -> Result<(), Error> {
        Ok(self.store.begin_batch()?)
    }

    /// Ends the batch: commits it, or rolls it back.
    ///
    /// # Errors
    /// Faults of the file; then nothing of the batch is left.
    #[doc(hidden)]
    pub fn end_batch(&mut self, outcome: BatchEnd) -> Result<(), Error> {
        Ok(self.store.end_batch(outcome)?)
    }

    /// Returns how often the content of the file was replaced by a backup while it was open.
    #[doc(hidden)]
    pub fn replacements(&self) -> u64 {
        self.store.replacements()
    }

    /// Marks the present state of a batch.
    ///
    /// # Errors
    /// Faults of the file.
    #[doc(hidden)]
    pub fn savepoint(&mut self) -> Result<Savepoint, Error> {
        Ok(self.store.savepoint()?)
    }

    /// Keeps what was written since a savepoint, or rolls it back.
    ///
    /// # Errors
    /// Faults of the file; then the batch can only be rolled back.
    #[doc(hidden)]
    pub fn end_savepoint(&mut self, savepoint: Savepoint, outcome: BatchEnd) -> Result<(), Error> {
        match outcome {
            BatchEnd::Commit => self.store.release(savepoint)?,
            BatchEnd::Rollback => self.store.roll_back_to(savepoint)?,
        }
        Ok(())
    }

    /// Lets a writer that is waiting take the write lock, after a batch and before the next one.
    #[doc(hidden)]
    pub fn make_way(&self) {
        self.store.make_way();
    }

    /// Returns the path of the file, with its directory resolved.
    pub fn path(&self) -> &Path {
        self.store.path()
    }

    /// Returns the warnings about the file since the last call, one sentence each: that it was
    /// upgraded, or contains something of another program.
    pub fn take_warnings(&mut self) -> Vec<String> {
        self.store.take_warnings()
    }

    /// Whether the file has a supervisor.
    ///
    /// # Errors
    /// Faults of the file.
    #[doc(hidden)]
    pub fn supervised(&mut self) -> Result<bool, Error> {
        self.store.read(|snapshot| Ok(snapshot.supervisors()?.0 > 0))
    }

    /// Whether that name belongs to a supervisor and, if they have a login, `login` is it.
    ///
    /// `login` is the operating-system user; None skips that check.
    ///
    /// # Errors
    /// Faults of the file.
    #[doc(hidden)]
    pub fn supervises(&mut self, name: &str, login: Option<&str>) -> Result<bool, Error> {
        self.store.read(|snapshot| {
            let (actor, logins) = snapshot.actor(name)?;
            let is_it =
                login.is_none_or(|user| logins.is_empty() || logins.iter().any(|login| login == user));
            Ok(actor.supervisor && is_it)
        })
    }

    /// Returns the objects of that kind that are in use, each with its state in a few words.
    ///
    /// The kinds are agent, queue, workstream, customer, conversation and those of other named
    /// objects.
    ///
    /// # Errors
    /// Faults of the file.
    #[doc(hidden)]
    pub fn live(&mut self, kind: &str) -> Result<Vec<(String, String)>, Error> {
        self.store.read(|snapshot| candidates::live(snapshot, kind))
    }

    /// Returns whether the statement would be refused now, in this state of the file and for this
    /// actor. A query never is. Whether the file was opened read-only is not considered, so that a
    /// reader can ask what a writer could do.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn would_refuse(&mut self, prepared: &Prepared, context: &Context) -> Result<bool, Failure> {
        let mut services = EngineServices { store: &mut self.store };
        Ok(services.would_refuse(&prepared.call(context))?)
    }

    /// Whether every statement that continues the beginning would be refused now, so that
    /// completion need not offer it.
    ///
    /// # Errors
    /// Faults of the file.
    #[doc(hidden)]
    pub fn leads_nowhere(&mut self, beginning: &str, context: &Context) -> Result<bool, Error> {
        self.store.read(|snapshot| {
            let now = time_of_query(snapshot, context)?;
            let actor = reader(snapshot, context)?;
            let none = Arguments::default();
            statement::leads_nowhere(&query::request(snapshot, &none, &actor, now, context), beginning)
        })
    }

    /// Returns the text of docs/LIFECYCLES.md.
    ///
    /// # Errors
    /// Faults of the file.
    #[doc(hidden)]
    pub fn gallery(&mut self) -> Result<String, Error> {
        self.store.read(|snapshot| Ok(statement::gallery::document(&snapshot.built_in_lifecycles()?)))
    }

    /// Returns the IANA name of the site's time zone.
    ///
    /// # Errors
    /// Faults of the file.
    #[doc(hidden)]
    pub fn time_zone(&mut self) -> Result<String, Error> {
        self.store.read(|snapshot| Ok(snapshot.time_zone()?))
    }

    /// Returns a function with which another thread stops the statement that is running; it then
    /// fails with `interrupted` and has changed nothing. If none is running, the call does nothing.
    pub fn stopper(&self) -> Box<dyn Fn() + Send + Sync> {
        self.store.stopper()
    }

    /// Returns what has to be said about a replica that was opened without its log: of which log it is,
    /// and which state it has. `None` for any other file.
    ///
    /// # Errors
    /// Faults of the file.
    #[doc(hidden)]
    pub fn without_log(&mut self) -> Result<Option<String>, Error> {
        Ok(self.store.without_log()?)
    }

    /// Returns the views that SELECT can read, with their columns.
    ///
    /// # Errors
    /// Faults of the file.
    #[doc(hidden)]
    pub fn views(&mut self) -> Result<Vec<(String, Vec<String>)>, Error> {
        self.store.read(|snapshot| Ok(snapshot.views()?))
    }
}

/// Returns the parsed syntax lines of all statements.
pub fn catalogue() -> &'static Catalogue {
    statement::catalogue()
}

/// Returns the text of docs/REPORTS.md.
pub fn definitions() -> String {
    statement::support::columns::document()
}

/// Returns the text of docs/STATEMENTS.md; `views` are the names of the views with their columns.
pub fn manual(views: &[(String, Vec<String>)]) -> String {
    statement::support::manual::document(views)
}
