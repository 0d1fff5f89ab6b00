//! What a statement is: one definition that the parser, errors, completion, HELP, the manual and the
//! engine are driven by.
//!
//! Invariant: everything that is specific to one statement is in its definition or its handler.
//! This module deliberately does not know any statement.

use super::request::{Decision, Request};
use super::support::purging::PurgedCount;
use crate::domain::change::Transition;
use crate::domain::context::Context;
use crate::domain::document::Document;
use crate::domain::moment::Moment;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::language::arguments::{Arguments, Parameters};
use crate::store::{BackedUp, HeadLine, Verdict};
use std::path::Path;

/// The chapters of the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chapter {
    /// Queues, people, workstreams, lifecycles, reports.
    SettingUp,
    /// From opening to closing.
    Conversations,
    /// Routing and timers.
    Running,
    /// Queries.
    Looking,
    /// Erasing.
    Care,
}

impl Chapter {
    /// Every chapter, in order.
    pub const ALL: [Chapter; 5] =
        [Chapter::SettingUp, Chapter::Conversations, Chapter::Running, Chapter::Looking, Chapter::Care];

    /// The heading.
    pub fn heading(self) -> &'static str {
        match self {
            Chapter::SettingUp => "Setting up",
            Chapter::Conversations => "Conversations",
            Chapter::Running => "Running",
            Chapter::Looking => "Looking",
            Chapter::Care => "Care for the data",
        }
    }
}

/// How the program treats a statement beyond running it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traits {
    /// Creates the file if there is none.
    pub creates_file: bool,
    /// Cannot be undone: a prompt asks before it runs, and it is never repeated.
    pub confirm: bool,
    /// Its reply says how many timers are overdue.
    pub reports_overdue: bool,
    /// Shows committed entries and continues until it is stopped, so it cannot run in a transaction.
    pub follows: bool,
    /// Which agent is there because they act by it.
    pub acts: Acts,
}

/// The agent who acts by a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Acts {
    /// The actor, if it is about their own work or presence.
    #[default]
    Actor,
    /// The agent named in this slot or, if it is left out, the actor.
    By(&'static str),
    /// Nobody: the statement itself is about the connection.
    Nobody,
}

impl Traits {
    /// None of them.
    pub const NONE: Traits = Traits {
        creates_file: false,
        confirm: false,
        reports_overdue: false,
        follows: false,
        acts: Acts::Actor,
    };
    /// The CREATE statements.
    pub const CREATE: Traits = Traits { creates_file: true, ..Traits::NONE };
    /// What cannot be undone.
    pub const CONFIRM: Traits = Traits { confirm: true, ..Traits::NONE };
    /// The SHOW statements.
    pub const SHOW: Traits = Traits { reports_overdue: true, ..Traits::NONE };
    /// What an agent does: `BY <agent>`, `FROM AGENT <agent>`.
    pub const BY_AGENT: Traits = Traits { acts: Acts::By("agent"), ..Traits::NONE };
    /// What a person does: `BY <name>`.
    pub const BY_PERSON: Traits = Traits { acts: Acts::By("name"), ..Traits::NONE };
    /// DISCONNECT and RECONNECT.
    pub const CONNECTION: Traits = Traits { acts: Acts::Nobody, ..Traits::NONE };
    /// FOLLOW.
    pub const FOLLOW: Traits = Traits { follows: true, ..Traits::NONE };
}

/// A column and what it holds.
pub type ColumnDef = (&'static str, &'static str);

/// What is known about the columns of a reply.
pub struct Columns {
    /// The columns that need an explanation, for HELP and docs/REPORTS.md.
    pub explained: fn() -> Vec<ColumnDef>,
    /// The columns that remain on a narrow terminal; empty: all.
    pub narrow: &'static [&'static str],
}

impl Columns {
    /// Nothing to explain, nothing left out.
    pub const ALL: Columns = Columns { explained: Vec::new, narrow: &[] };

    /// Nothing to explain; these remain on a narrow terminal.
    pub const fn narrow(narrow: &'static [&'static str]) -> Columns {
        Columns { explained: Vec::new, narrow }
    }
}

/// Queries a snapshot.
pub type ReadHandler = fn(&Request<'_>) -> Result<Reply, Error>;
/// Decides what changes.
pub type WriteHandler = fn(&Request<'_>) -> Result<Decision, Error>;
/// Uses services of the engine.
pub type DirectHandler = fn(&mut dyn Services, &Call<'_>) -> Result<Reply, Error>;

/// What runs a statement.
#[derive(Clone, Copy)]
pub enum Handler {
    /// Queries one snapshot of the file.
    Read(ReadHandler),
    /// Decides what changes; the engine writes it.
    Write(WriteHandler),
    /// Uses services of the engine, e.g. SELECT and SWEEP.
    Direct {
        /// Runs the statement.
        run: DirectHandler,
        /// Runs it for EXPLAIN and leaves nothing behind; none: the statement is read-only.
        explain: Option<DirectHandler>,
        /// Whether it writes.
        writes: bool,
    },
}

/// One statement.
pub struct StatementDef {
    /// The chapter of the manual.
    pub chapter: Chapter,
    /// The syntax line.
    pub syntax: &'static str,
    /// What it does, in a few sentences.
    pub summary: &'static str,
    /// A statement that runs on the file that `support/desk.script` sets up; others may come before it.
    pub example: &'static str,
    /// Who may run it.
    pub right: Right,
    /// How the program treats it.
    pub traits: Traits,
    /// What is known about the columns of its reply.
    pub columns: Columns,
    /// What runs it.
    pub handler: Handler,
}

impl StatementDef {
    /// The leading keywords of the syntax line, e.g. `CREATE QUEUE`.
    pub fn name(&self) -> &'static str {
        let keyword = |word: &str| word.bytes().all(|byte| byte.is_ascii_uppercase());
        let mut end = 0;
        for word in self.syntax.split(' ').take_while(|word| keyword(word)) {
            end += word.len() + usize::from(end > 0);
        }
        &self.syntax[..end]
    }

    /// Whether it changes nothing.
    pub fn is_read_only(&self) -> bool {
        match self.handler {
            Handler::Read(_) => true,
            Handler::Write(_) => false,
            Handler::Direct { writes, .. } => !writes,
        }
    }
}

/// A statement that is being run, as a direct handler gets it.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The definition.
    pub definition: &'static StatementDef,
    /// The statement's text.
    pub text: &'a str,
    /// The parsed arguments.
    pub arguments: &'a Arguments,
    /// The values for `:name`.
    pub parameters: &'a Parameters,
    /// Time, actor and randomness.
    pub context: &'a Context,
}

/// The timers that a sweep fired.
pub struct Fired {
    /// The transitions, in order.
    pub transitions: Vec<Transition>,
    /// Whether an entry was written, of timers or of the archive.
    pub changed: bool,
    /// A warning about the clock.
    pub warning: Option<String>,
}

/// Looks up a query parameter.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// What the engine offers to a statement that neither only queries a snapshot nor only decides what
/// changes. Each service keeps the rules of the engine: one transaction, rights checked, time fixed when
/// the lock is held.
pub trait Services {
    /// Queries one snapshot of the file.
    ///
    /// # Errors
    /// What `query` returns; faults of the file.
    fn read(
        &mut self,
        call: &Call<'_>,
        query: &mut dyn FnMut(&Request<'_>) -> Result<(), Error>,
    ) -> Result<(), Error>;

    /// Runs a SELECT over the views on the guarded connection.
    ///
    /// # Errors
    /// `sql`, `unknown_parameter`, `too_large`, `interrupted`; faults of the file.
    fn select(&mut self, call: &Call<'_>, sql: &str, parameters: Lookup<'_>) -> Result<Reply, Error>;

    /// Fires the timers that are due, at most `limit` of them, and archives if none is left. A dry
    /// run leaves nothing behind.
    ///
    /// # Errors
    /// `not_allowed`, `clock`; faults of the file.
    fn fire_timers(&mut self, call: &Call<'_>, limit: Option<i64>, dry_run: bool) -> Result<Fired, Error>;

    /// Purges the conversations that closed before a moment, in several transactions unless there is
    /// one already. Returns how much was purged, and warnings.
    ///
    /// # Errors
    /// `not_allowed`, `clock`, `interrupted`; faults of the file. What was purged before stays purged.
    fn purge(&mut self, call: &Call<'_>, before: Moment) -> Result<(PurgedCount, Vec<String>), Error>;

    /// Verifies the journal and the state.
    ///
    /// # Errors
    /// Faults of the file.
    fn verify(&mut self, call: &Call<'_>, head: Option<&HeadLine>) -> Result<Verdict, Error>;

    /// Returns the hosts that share the log.
    ///
    /// # Errors
    /// `busy` if the shared log cannot be reached.
    fn hosts(&mut self) -> Result<Reply, Error>;

    /// Verifies the entries of the journal after a head.
    ///
    /// # Errors
    /// Faults of the file.
    fn verify_since(&mut self, head: &HeadLine) -> Result<Verdict, Error>;

    /// Writes a document into a new file and returns its size in bytes.
    ///
    /// # Errors
    /// `exists`; faults of that file.
    fn write_document(&mut self, call: &Call<'_>, target: &Path, document: &Document) -> Result<u64, Error>;

    /// Writes a verified backup of the file.
    ///
    /// # Errors
    /// `exists`, `in_use`, `not_allowed`, `not_ours`, `broken_chain`; faults of either file.
    fn backup(&mut self, call: &Call<'_>, target: &Path, overwrite: bool) -> Result<BackedUp, Error>;

    /// Explains the statement that begins at byte `offset` of the call's text.
    ///
    /// # Errors
    /// What the statement's parser and its explanation return.
    fn explain(&mut self, call: &Call<'_>, text: &str, offset: usize) -> Result<Reply, Error>;
}
