//! Layer 3: the whole flow of a statement, from its text to its reply.
//!
//! Invariant: parse, query, decide, write, seal, reply; nothing is written before everything is
//! decided. This layer deliberately does not know any single statement, nor a terminal.

mod archiving;
mod candidates;
mod context;
mod execute;
mod prepared;
mod query;
mod replies;
mod routing;
mod services;
mod spans;
mod sweeping;

use std::ops::Range;
use std::path::Path;

use crate::domain::context::Context;
use crate::domain::follow::Follow;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::language::arguments::{Arguments, Parameters};
use crate::language::matcher::Catalogue;
use crate::statement;
use crate::store::Store;

pub use prepared::{Prepared, StatementTraits};

use context::{reader, time_of_query};
use services::{EngineServices, not_committed};

pub use crate::store::{BatchEnd, Creation, OpenOptions};

/// The most rows that one statement answers.
pub const MOST_ROWS: usize = 1_000_000;

/// Why a statement has no reply, and where in its text the fault lies (bytes).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Failure {
    /// What.
    pub error: Error,
    /// Where in the statement's text.
    pub span: Range<usize>,
}

/// An open file, and the statements that work it.
pub struct Switchboard {
    store: Store,
}

impl Switchboard {
    /// Opens a file, or makes one.
    ///
    /// # Errors
    /// `not_found`, `not_ours`, `newer`, `damaged`, `readonly`, `busy`, `disk_full`: what is wrong with the file.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Switchboard, Error> {
        Ok(Switchboard { store: Store::open(path, options)? })
    }

    /// Runs one statement.
    ///
    /// # Errors
    /// A refusal or a fault, with its place in the text. Then nothing has changed.
    pub fn run(&mut self, text: &str, parameters: &Parameters, context: &Context) -> Result<Reply, Failure> {
        self.run_prepared(&Prepared::new(text, parameters)?, context)
    }

    /// Runs a statement that has been parsed.
    ///
    /// # Errors
    /// A refusal or a fault, with its place in the text. Then nothing has changed.
    pub fn run_prepared(&mut self, prepared: &Prepared, context: &Context) -> Result<Reply, Failure> {
        let mut services = EngineServices { store: &mut self.store };
        services
            .run(&prepared.call(context))
            .map_err(|error| spans::failure(error, prepared.text(), Some(prepared.arguments())))
    }

    /// What was committed since the last pass of a FOLLOW: a reply like that of the statement itself, which says where
    /// the next one goes on.
    ///
    /// # Errors
    /// `not_allowed` within a batch; accidents of the file.
    pub fn follow(&mut self, follow: &Follow) -> Result<Reply, Error> {
        if self.store.in_batch() {
            return Err(not_committed().into());
        }
        self.store.read(|snapshot| Ok(snapshot.pass(follow)?))
    }

    /// A number that changes when another program has written, for whoever waits: much cheaper than a pass.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn version(&self) -> Result<i64, Error> {
        Ok(self.store.version()?)
    }

    /// Begins a batch: every statement until `end_batch` is one transaction.
    ///
    /// # Errors
    /// `busy`, and accidents of the file.
    pub fn begin_batch(&mut self) -> Result<(), Error> {
        Ok(self.store.begin_batch()?)
    }

    /// Ends the batch: commits it, or takes all of it back.
    ///
    /// # Errors
    /// Accidents of the file; then nothing of the batch is left.
    pub fn end_batch(&mut self, outcome: BatchEnd) -> Result<(), Error> {
        Ok(self.store.end_batch(outcome)?)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        self.store.path()
    }

    /// What is unusual about the file, a sentence each; told once.
    pub fn take_warnings(&mut self) -> Vec<String> {
        self.store.take_warnings()
    }

    /// Whether the file has a supervisor.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn supervised(&mut self) -> Result<bool, Error> {
        self.store.read(|snapshot| Ok(snapshot.supervisors()?.0 > 0))
    }

    /// Whether that name is a supervisor, and, where that one has a login, the operating-system user is it.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn supervises(&mut self, name: &str, login: Option<&str>) -> Result<bool, Error> {
        self.store.read(|snapshot| {
            let (actor, logins) = snapshot.actor(name)?;
            let is_it =
                login.is_none_or(|user| logins.is_empty() || logins.iter().any(|login| login == user));
            Ok(actor.supervisor && is_it)
        })
    }

    /// The live things of that kind (agent, queue, workstream, conversation, …), each with its state in a few words.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn live(&mut self, kind: &str) -> Result<Vec<(String, String)>, Error> {
        self.store.read(|snapshot| candidates::live(snapshot, kind))
    }

    /// Whether that statement would be refused now. One that is read-only would not be.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn would_refuse(&mut self, prepared: &Prepared, context: &Context) -> Result<bool, Error> {
        EngineServices { store: &mut self.store }.would_refuse(&prepared.call(context))
    }

    /// Whether whatever continues that beginning would be refused now: what completion need not offer.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn leads_nowhere(&mut self, beginning: &str, context: &Context) -> Result<bool, Error> {
        self.store.read(|snapshot| {
            let now = time_of_query(snapshot, context)?;
            let actor = reader(snapshot, context)?;
            let none = Arguments::default();
            statement::leads_nowhere(&query::request(snapshot, &none, &actor, now, context), beginning)
        })
    }

    /// The text of docs/LIFECYCLES.md.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn gallery(&mut self) -> Result<String, Error> {
        self.store.read(|snapshot| Ok(statement::gallery::document(&snapshot.built_in_lifecycles()?)))
    }

    /// The site's time zone, by its IANA name.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn time_zone(&mut self) -> Result<String, Error> {
        self.store.read(|snapshot| Ok(snapshot.time_zone()?))
    }

    /// A function that stops the running statement, for another thread to call.
    pub fn stopper(&self) -> Box<dyn Fn() + Send + Sync> {
        self.store.stopper()
    }

    /// The views that SELECT reads, with their columns.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn views(&mut self) -> Result<Vec<(String, Vec<String>)>, Error> {
        self.store.read(|snapshot| Ok(snapshot.views()?))
    }
}

/// The syntax of all statements.
pub fn catalogue() -> &'static Catalogue {
    statement::catalogue()
}

/// The text of docs/REPORTS.md.
pub fn definitions() -> String {
    statement::support::columns::document()
}

/// The text of docs/STATEMENTS.md.
pub fn manual(views: &[(String, Vec<String>)]) -> String {
    statement::support::manual::document(views)
}
