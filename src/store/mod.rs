//! Floor 1: the file. Every SELECT is a typed question of `Look`, every INSERT a `record` of `Writer`.
//!
//! Invariant: a statement's changes reach the disk together with its entry and its seal, or not at all. It
//! deliberately does not know any statement, nor why a change is wanted: triggers and the domain decide that.

mod archive;
mod builtin;
mod failure;
mod file;
mod gate;
mod look;
mod past;
mod reports;
mod rows;
mod schema;
mod select;
mod verify;
mod words;
mod writer;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;

use crate::domain::refusal::{Broken, Code, Error};
use crate::domain::reply::Reply;

pub use file::{Creation, OpenOptions};
pub use look::{Due, Head, Line, Look, PastStatement, Place, Promises, RoutedQueue, Said, Whose};
pub use past::Past;
pub use reports::Report;
pub use schema::{SCHEMA, fingerprint_of};
pub use select::Query;
pub use verify::{HeadLine, Verdict};
pub use writer::{NewEntry, Writer};

use failure::broken;
use gate::Gate;
use look::Cache;
use select::Selection;

/// An open file.
pub struct Store {
    connection: Connection,
    path: PathBuf,
    gate: Gate,
    cache: Cache,
    readonly: bool,
    batch: Batch,
    head: Option<(i64, Head)>,
    warnings: Vec<String>,
    selection: Option<Rc<Selection>>,
    selecting: Arc<Mutex<Option<rusqlite::InterruptHandle>>>,
}

impl Store {
    /// Opens a file, or makes one.
    ///
    /// # Errors
    /// `not_found`, `not_ours`, `newer`, `damaged`, `readonly`, `busy`: what is wrong with the file.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Store, Broken> {
        let opened = file::open(path, options)?;
        let cache = Cache::default();
        select::add_now(&opened.connection, cache.now.clone())?;
        archive::add_unpacked(&opened.connection)?;
        Ok(Store {
            gate: Gate::beside(&opened.path),
            connection: opened.connection,
            path: opened.path,
            cache,
            readonly: options.readonly,
            batch: Batch::None,
            head: None,
            warnings: opened.warnings,
            selection: None,
            selecting: Arc::default(),
        })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it may only be read.
    pub fn readonly(&self) -> bool {
        self.readonly
    }

    /// What is unusual about the file, a sentence each; told once.
    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// What stops the running statement, for another thread to call (Ctrl-C).
    pub fn stopper(&self) -> Box<dyn Fn() + Send + Sync> {
        let (own, selecting) = (self.connection.get_interrupt_handle(), self.selecting.clone());
        Box::new(move || {
            own.interrupt();
            if let Ok(selecting) = selecting.lock()
                && let Some(handle) = selecting.as_ref()
            {
                handle.interrupt();
            }
        })
    }

    /// Looks at a consistent state of the file.
    ///
    /// # Errors
    /// What `question` returns, and accidents of the file.
    pub fn look<T>(&mut self, question: impl FnOnce(&Look<'_>) -> Result<T, Error>) -> Result<T, Error> {
        if self.batch != Batch::None {
            return question(&Look::new(&self.connection, &self.cache));
        }
        self.connection.execute_batch("BEGIN DEFERRED").map_err(broken)?;
        let answer = question(&Look::new(&self.connection, &self.cache));
        self.connection.execute_batch("ROLLBACK").map_err(broken)?;
        answer
    }

    /// Whether a batch is going on: what is seen is not committed yet.
    pub fn in_batch(&self) -> bool {
        self.batch != Batch::None
    }

    /// A number that changes when another connection has written, and costs next to nothing to ask for.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn version(&self) -> Result<i64, Broken> {
        look::data_version(&self.connection)
    }

    /// Holds the file for one writer, hands it to `decide`, and commits what was recorded; rolls back on any error.
    ///
    /// # Errors
    /// What `decide` returns, and accidents of the file.
    pub fn change<T>(
        &mut self,
        decide: impl FnOnce(&mut Writer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.readonly {
            return Err(Broken::new(
                Code::Readonly,
                format!("{} was opened to be read only", self.path.display()),
            )
            .hint("leave --readonly out")
            .into());
        }
        let alone = match self.batch {
            Batch::None => true,
            Batch::Running => false,
            Batch::Spoiled => return Err(spoiled().into()),
        };
        if alone {
            self.begin()?;
        }
        let before = match self.head() {
            Ok(head) => head,
            Err(error) => return Err(self.give_up(alone, error.into())),
        };
        let mut writer = Writer::new(&self.connection, &self.cache, before.clone());
        let answer = decide(&mut writer);
        let after = writer.finish();
        match answer {
            Ok(answer) => match self.keep_head(after) {
                Ok(()) if alone => self.commit().map(|()| answer).map_err(Error::from),
                Ok(()) => Ok(answer),
                Err(error) => Err(self.give_up(alone, error.into())),
            },
            // A refusal comes before anything is written, and leaves a batch as it was.
            Err(error @ Error::Refused(_)) if !alone && after == before => Err(error),
            Err(error) => Err(self.give_up(alone, error)),
        }
    }

    /// Takes back what was written: the statement's transaction, or, half a statement being in it, the whole batch.
    fn give_up(&mut self, alone: bool, error: Error) -> Error {
        if alone {
            self.rollback();
        } else {
            self.batch = Batch::Spoiled;
        }
        error
    }

    /// Runs `decide` as `change` does, then takes back what it wrote: what EXPLAIN shows.
    ///
    /// # Errors
    /// What `decide` returns, and accidents of the file.
    pub fn rehearse<T>(
        &mut self,
        decide: impl FnOnce(&mut Writer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let alone = self.batch == Batch::None;
        self.connection
            .execute_batch(if alone { "BEGIN DEFERRED" } else { "SAVEPOINT rehearsal" })
            .map_err(broken)?;
        let head = look::read_head(&self.connection);
        let answer = head
            .map_err(Error::from)
            .and_then(|head| decide(&mut Writer::new(&self.connection, &self.cache, head)));
        let back = if alone { "ROLLBACK" } else { "ROLLBACK TO rehearsal; RELEASE rehearsal" };
        self.cache.clear();
        self.connection.execute_batch(back).map_err(broken)?;
        answer
    }

    /// Begins a batch: every statement until `end_batch` is one transaction.
    ///
    /// # Errors
    /// `busy`, and accidents of the file.
    pub fn begin_batch(&mut self) -> Result<(), Broken> {
        if !self.readonly {
            self.begin()?;
        } else {
            self.connection.execute_batch("BEGIN DEFERRED").map_err(broken)?;
        }
        // Others may have written since: within the batch nobody can.
        self.head = None;
        self.batch = Batch::Running;
        Ok(())
    }

    /// Ends the batch: commits it, or takes all of it back.
    ///
    /// # Errors
    /// Accidents of the file; then nothing of the batch is left.
    pub fn end_batch(&mut self, outcome: Outcome) -> Result<(), Broken> {
        let batch = std::mem::replace(&mut self.batch, Batch::None);
        match (batch, outcome) {
            (Batch::None, _) => Ok(()),
            (Batch::Running, Outcome::Commit) => {
                if let Some((_, head)) = self.head.take() {
                    self.keep_head(head)?;
                }
                self.commit()
            }
            (Batch::Spoiled, Outcome::Commit) => {
                self.rollback();
                Err(spoiled())
            }
            (_, Outcome::TakeBack) => {
                self.rollback();
                Ok(())
            }
        }
    }

    fn begin(&mut self) -> Result<(), Broken> {
        self.gate.lock()?;
        self.connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([])).map_err(
            |error| {
                self.gate.unlock();
                broken(error)
            },
        )?;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Broken> {
        let committed = self.connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]));
        match committed {
            Ok(_) => {
                self.gate.unlock();
                Ok(())
            }
            Err(error) => {
                self.rollback();
                Err(broken(error))
            }
        }
    }

    fn rollback(&mut self) {
        // A failed ROLLBACK means that SQLite has rolled back by itself (a full disk does that).
        let _ = self.connection.execute_batch("ROLLBACK");
        self.cache.clear();
        self.head = None;
        self.gate.unlock();
    }

    /// The head of the log; read again only if another connection has written since we did.
    fn head(&mut self) -> Result<Head, Broken> {
        if let Some((version, head)) = &self.head
            && (self.batch != Batch::None || look::data_version(&self.connection)? == *version)
        {
            return Ok(head.clone());
        }
        look::read_head(&self.connection)
    }

    /// Keeps the head for the next statement. The version is read while the file is still locked: after the commit it
    /// could be another writer's already.
    fn keep_head(&mut self, head: Head) -> Result<(), Broken> {
        let version = if self.batch != Batch::None { 0 } else { look::data_version(&self.connection)? };
        self.head = Some((version, head));
        Ok(())
    }

    /// Runs a user's SELECT: read-only, over the views alone.
    ///
    /// # Errors
    /// `sql`, where SQLite or the guard refuses it; `interrupted` after the time limit.
    pub fn select(&mut self, query: &Query<'_>) -> Result<Reply, Error> {
        if self.batch == Batch::None {
            return self.selection()?.run(query);
        }
        let selection = self.selection()?.clone();
        self.cache.now.store(query.now.0, std::sync::atomic::Ordering::Relaxed);
        selection.run_within(&mut self.connection, query)
    }

    /// Looks whether that is a SELECT that could be run.
    ///
    /// # Errors
    /// As [`Store::select`].
    pub fn check_select(&mut self, query: &Query<'_>) -> Result<(), Error> {
        self.selection()?.check(query)
    }

    fn selection(&mut self) -> Result<&Rc<Selection>, Broken> {
        let opened = match self.selection.take() {
            Some(selection) => selection,
            None => {
                let selection = Selection::open(&self.path)?;
                if let Ok(mut selecting) = self.selecting.lock() {
                    *selecting = Some(selection.interrupt_handle());
                }
                Rc::new(selection)
            }
        };
        Ok(self.selection.insert(opened))
    }

    /// Verifies the whole journal.
    ///
    /// # Errors
    /// Accidents of the file. A broken chain is a verdict, not an error.
    pub fn verify(&mut self, against: Option<&HeadLine>) -> Result<Verdict, Error> {
        self.look(|look| verify::verify(look.connection(), against))
    }
}

/// Whether statements are one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Batch {
    /// Each is its own.
    None,
    /// All until the end of the batch.
    Running,
    /// An accident left half a statement in it: it can only be taken back.
    Spoiled,
}

fn spoiled() -> Broken {
    Broken::new(Code::Internal, "an accident has spoiled this batch")
        .hint("all of it is taken back; run it again")
}

/// How a batch ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// What it wrote stays.
    Commit,
    /// What it wrote is taken back.
    TakeBack,
}
