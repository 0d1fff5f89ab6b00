//! Layer 1: the file. Statements read through the typed queries of `Snapshot` and write through
//! `Writer::record`.
//!
//! Invariant: the changes of a statement reach the disk together with its entry and the entry's
//! hash, or not at all. This layer deliberately does not know any statement, nor why a change is
//! made: triggers and the domain decide that.

mod archive;
mod as_of;
mod backup;
mod batch;
mod beside;
mod continuity;
mod convert;
mod dry_run;
mod export;
mod file;
mod format;
mod genesis;
mod identity;
mod listing;
mod log_reader;
mod replica;
mod restore;
mod schema;
mod scrub;
mod select;
#[cfg(not(feature = "shared"))]
#[path = "shared/absent.rs"]
mod shared;
#[cfg(feature = "shared")]
mod shared;
mod snapshot;
mod sql_lexer;
mod sqlite_error;
mod upgrade;
mod verify;
mod write_lock;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;

use crate::domain::refusal::{Code, Error, Fault};

pub use as_of::AsOf;
pub use backup::BackedUp;
pub use batch::{BatchEnd, Savepoint};
pub use file::{Creation, OpenOptions};
pub use format::{Formats, Migration, Released, SCHEMA};
pub use listing::Listing;
pub use replica::{SharedDesk, SharedOptions, StaleQueries};
pub use restore::{RestoredFile, restore};
pub use schema::format_of;
pub use select::Query;
pub use snapshot::{
    Due, Head, KeyUse, PastStatement, RoutedQueue, Snapshot, WaitingLine, WaitingPosition, Whose,
};
pub use sqlite_error::tolerate_contradictions;
pub use verify::{HeadLine, Verdict};

pub use writer::{NewEntry, Writer};

use batch::{Batch, OnRefusal, aborted};
use continuity::LastSeen;
use identity::Identity;
use replica::Replica;
use scrub::Scrub;
use select::Guard;
use shared::SharedLog;
use snapshot::Cache;
use sqlite_error::sqlite_fault;
use write_lock::WriteLock;

/// An open file.
pub struct Store {
    connection: Connection,
    path: PathBuf,
    write_lock: WriteLock,
    identity: Identity,
    last_seen: Option<LastSeen>,
    replacements: u64,
    cache: Cache,
    readonly: bool,
    format: &'static Formats,
    batch: Batch,
    /// The end of the log, as long as no other connection has written.
    head: Option<Head>,
    /// The value of `PRAGMA data_version` when the caches were last known to be valid.
    version: Option<i64>,
    warnings: Vec<String>,
    guard: Option<Guard>,
    /// What the transaction erases.
    scrub: Scrub,
    /// Whether a stopper was called, for work that a second connection does.
    stopped: Arc<AtomicBool>,
    /// Whether the file is a replica of a shared log.
    replica: Option<Replica>,
    /// That log, if the file was opened with it.
    shared: Option<Box<SharedLog>>,
}

impl Store {
    /// Opens a file, or creates it.
    ///
    /// # Errors
    /// `not_found`, `not_ours`, `newer`, `damaged`, `readonly`, `busy`: what is wrong with the
    /// file.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Store, Fault> {
        let opened = file::open(path, options)?;
        let cache = Cache::default();
        select::add_now(&opened.connection, cache.now.clone())?;
        archive::add_unpacked(&opened.connection)?;
        let mut store = Store {
            write_lock: WriteLock::beside(&opened.path, options.busy_timeout),
            identity: Identity::of(&opened.path),
            last_seen: None,
            replacements: 0,
            connection: opened.connection,
            path: opened.path,
            cache,
            readonly: options.readonly,
            format: options.known(),
            batch: Batch::None,
            head: None,
            version: None,
            warnings: opened.warnings,
            guard: None,
            scrub: Scrub::None,
            stopped: Arc::default(),
            replica: None,
            shared: None,
        };
        store.continue_scrub();
        Ok(store)
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is unusual about the file, a sentence each; told once.
    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Returns a function that interrupts the running statement from another thread (Ctrl-C).
    pub fn stopper(&self) -> Box<dyn Fn() + Send + Sync> {
        let (handle, stopped) = (self.connection.get_interrupt_handle(), self.stopped.clone());
        Box::new(move || {
            stopped.store(true, Ordering::Relaxed);
            handle.interrupt();
        })
    }

    /// Runs queries on one consistent snapshot of the file.
    ///
    /// # Errors
    /// Those of `query`, and faults of the file.
    pub fn read<T>(&mut self, query: impl FnOnce(&Snapshot<'_>) -> Result<T, Error>) -> Result<T, Error> {
        if self.batch != Batch::None {
            return query(&Snapshot::new(&self.connection, &self.cache, self.format));
        }
        self.execute("BEGIN DEFERRED")?;
        let answer = self
            .refresh()
            .map_err(Error::from)
            .and_then(|()| query(&Snapshot::new(&self.connection, &self.cache, self.format)));
        let ended = file::end(&self.connection, "ROLLBACK");
        // What failed first is the reason.
        answer.and_then(|answer| Ok(ended.map(|()| answer)?))
    }

    fn execute(&self, sql: &str) -> Result<(), Fault> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]))
            .map(|_| ())
            .map_err(sqlite_fault)
    }

    /// Clears the caches if another connection has written since. The transaction has just begun,
    /// so nobody can write meanwhile. A newer program may have upgraded the file; this is reported,
    /// too.
    fn refresh(&mut self) -> Result<(), Fault> {
        let version = snapshot::data_version(&self.connection)?;
        if self.version == Some(version) {
            return Ok(());
        }
        let (found, known) = (upgrade::format_of(&self.connection)?, self.format.newest.number);
        if found != known {
            return Err(file::newer(&self.path, found, known));
        }
        self.cache.clear();
        self.look_for_replacement()?;
        self.replica = Replica::read(&self.connection)?;
        self.take_over();
        self.head = None;
        self.version = Some(version);
        Ok(())
    }

    /// Returns whether a batch is running, so that queries see uncommitted changes.
    pub fn in_batch(&self) -> bool {
        self.batch != Batch::None
    }

    /// Returns a number that changes when another connection has written. Reading it is cheap.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn version(&mut self) -> Result<i64, Fault> {
        Ok(snapshot::data_version(&self.connection)? + self.notified())
    }

    /// Checks that the file was not opened read-only.
    ///
    /// # Errors
    /// `readonly`.
    pub fn writable(&self) -> Result<(), Fault> {
        match self.readonly {
            true => Err(Fault::new(Code::Readonly, format!("{} was opened read-only", self.path.display()))
                .hint("open it without --readonly")),
            false => Ok(()),
        }
    }

    /// Takes the write lock, calls `decide`, and commits what it recorded. On an error, everything
    /// is rolled back.
    ///
    /// # Errors
    /// Those of `decide`, and faults of the file.
    pub fn change<T>(
        &mut self,
        decide: impl FnOnce(&mut Writer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.write(OnRefusal::RollBack, decide)
    }

    /// As `change`, but a refusal keeps what was written before it: timers that were due happen
    /// whether or not the statement is refused.
    ///
    /// # Errors
    /// What `decide` returns, and faults of the file.
    pub fn change_keeping<T>(
        &mut self,
        decide: impl FnOnce(&mut Writer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.write(OnRefusal::Keep, decide)
    }

    fn write<T>(
        &mut self,
        on_refusal: OnRefusal,
        decide: impl FnOnce(&mut Writer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.writable()?;
        let alone = match self.batch {
            Batch::None => true,
            Batch::Running => false,
            Batch::Aborted(code) => return Err(aborted(code).into()),
        };
        if alone {
            self.begin()?;
        }
        let before = match self.head() {
            Ok(head) => head,
            Err(error) => return Err(self.give_up(alone, error.into())),
        };
        let allowed = match &self.replica {
            Some(replica) if self.shared.is_none() => Err(replica.without_log()),
            _ => self.hold(),
        };
        if let Err(fault) = allowed {
            return Err(self.give_up(alone, fault.into()));
        }
        // While a host decides, it keeps the gate.
        self.decide(true);
        let mut writer = Writer::new(&self.connection, &self.cache, self.format, before.clone());
        let answer = decide(&mut writer);
        let (after, scrub) = writer.finish();
        self.decide(false);
        let keep = match &answer {
            Ok(_) => true,
            Err(Error::Refused(_)) => on_refusal == OnRefusal::Keep,
            Err(Error::Fault(_)) => false,
        };
        if keep {
            self.head = Some(after);
            self.scrub = self.scrub.max(scrub);
            if alone && let Err(fault) = self.commit() {
                // Whatever became of timers that were due, the statement was refused.
                match answer {
                    Err(_) if fault.code == Code::Unknown => self.warnings.push(fault.message),
                    _ => return Err(fault.into()),
                }
            }
            return answer;
        }
        match answer {
            Ok(answer) => Ok(answer),
            // A refusal comes before anything is written, and leaves a batch as it was.
            Err(error @ Error::Refused(_)) if !alone && after == before => Err(error),
            Err(error) => Err(self.give_up(alone, error)),
        }
    }

    /// Rolls back the transaction of a single statement. In a batch, half a statement may have been
    /// written, so the whole batch is marked as aborted.
    fn give_up(&mut self, alone: bool, error: Error) -> Error {
        if alone {
            self.rollback();
        } else {
            self.batch = Batch::Aborted(error.code());
        }
        error
    }

    fn begin(&mut self) -> Result<(), Fault> {
        self.write_lock.lock()?;
        self.execute("BEGIN IMMEDIATE").inspect_err(|_| self.write_lock.unlock())?;
        let begun = self.identity.check().and_then(|()| self.enter());
        begun.inspect_err(|_| self.rollback())
    }

    fn commit(&mut self) -> Result<(), Fault> {
        self.identity.check().inspect_err(|_| self.rollback())?;
        let scrub = std::mem::take(&mut self.scrub);
        if scrub > Scrub::None {
            scrub::announce(&self.path).inspect_err(|_| self.rollback())?;
        }
        let published = self.publish();
        let published = published.inspect_err(|_| self.rollback())?;
        match self.execute("COMMIT") {
            Ok(()) => {
                if scrub == Scrub::AtCommit {
                    self.warnings.extend(scrub::finish(&self.connection, &self.path));
                    self.version = None;
                }
                self.write_lock.unlock();
                Ok(())
            }
            Err(error) => {
                self.rollback();
                if !published {
                    return Err(error);
                }
                let words = "the statement is done and in the shared log, but the file could not be written";
                self.warnings.push(format!("{words} ({}); a later statement brings it", error.message));
                Ok(())
            }
        }
    }

    fn rollback(&mut self) {
        // A failed ROLLBACK means that SQLite has already rolled back (as it does on a full disk).
        let _ = file::end(&self.connection, "ROLLBACK");
        self.leave_gate();
        self.note_unknown();
        self.cache.clear();
        self.head = None;
        self.scrub = Scrub::None;
        self.write_lock.unlock();
    }

    /// Returns the end of the log. It is read again only if another connection has written since.
    fn head(&mut self) -> Result<Head, Fault> {
        if self.batch == Batch::None {
            self.refresh()?;
        }
        match &self.head {
            Some(head) => Ok(head.clone()),
            None => snapshot::read_head(&self.connection),
        }
    }
}
