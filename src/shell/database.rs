//! The database file of a session, opened when the first statement needs it.
//!
//! Invariant: a file that does not exist is created only by a statement that creates something, or
//! at the prompt. With `--atomic` the transaction begins when the file is opened, so no statement
//! can run outside of it. This module deliberately does not know how anything is displayed.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::interrupt::{Interrupts, Running};
use super::options::{Access, CommandLine, OnError};
use crate::domain::refusal::{Code, Error, Refusal};
use crate::engine::{BatchEnd, Creation, OpenOptions, Prepared, SharedOptions, StaleQueries, Switchboard};

/// The database file, open or not yet.
pub struct Database {
    path: PathBuf,
    access: Access,
    log: Option<SharedOptions>,
    stale: StaleQueries,
    interrupts: Interrupts,
    on_error: OnError,
    db: Option<Switchboard>,
    replay: Option<ReplayRight>,
}

/// Whether timestamps and actors may be set.
struct ReplayRight {
    /// Who began to.
    actor: String,
    /// The version of the file, if it was open, as of which they might; `None`: they might not.
    granted: Option<Option<i64>>,
}

impl Database {
    /// Creates the value without opening the file.
    pub fn new(options: &CommandLine, interrupts: Interrupts) -> Database {
        let CommandLine { file, access, log, stale, on_error, .. } = options;
        Database {
            path: file.clone(),
            access: *access,
            log: log.clone(),
            stale: *stale,
            interrupts,
            on_error: *on_error,
            db: None,
            replay: None,
        }
    }

    /// Returns the address of the shared log, if one was given.
    pub fn log(&self) -> Option<&SharedOptions> {
        self.log.as_ref()
    }

    /// Lets queries show the last known state while the shared log is away.
    pub fn show_stale(&mut self) {
        self.stale = StaleQueries::Told;
        if let Some(log) = &mut self.log {
            log.stale = StaleQueries::Told;
        }
    }

    /// Returns how the file is opened.
    pub fn open_options(&self, creation: Creation) -> OpenOptions {
        let readonly = self.access == Access::ReadOnly;
        let creation = if readonly { Creation::Never } else { creation };
        OpenOptions { creation, readonly, upgrading: Some(tell_upgrade), ..OpenOptions::default() }
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the access mode.
    pub fn access(&self) -> Access {
        self.access
    }

    /// Opens the file if it is not open yet.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn open(&mut self, creation: Creation) -> Result<&mut Switchboard, Error> {
        let opened = match self.db.take() {
            Some(db) => db,
            None => {
                let options = self.open_options(creation);
                let opened = match &self.log {
                    Some(log) => Switchboard::open_shared(&self.path, &options, log),
                    None => Switchboard::open(&self.path, &options),
                };
                let mut db = opened.map_err(|failure| self.in_words(failure.error))?;
                self.check_replica(&mut db)?;
                if self.on_error == OnError::Atomic {
                    let running = self.listening(&db);
                    db.begin_batch()?;
                    drop(running);
                }
                db
            }
        };
        Ok(self.db.insert(opened))
    }

    /// Checks that a replica is not read as if it were all there is: without the address of its log it
    /// may be old.
    fn check_replica(&self, db: &mut Switchboard) -> Result<(), Error> {
        let Some(note) = db.without_log()? else { return Ok(()) };
        if self.stale == StaleQueries::Told || self.access == Access::ReadOnly {
            return Ok(());
        }
        Err(Refusal::new(Code::NotAllowed, note)
            .hint("use --log, or SWITCHBOARD_LOG, with the address of the log; --stale shows that state")
            .into())
    }

    /// Says how a replica is made, of a file that does not exist.
    fn in_words(&self, error: Error) -> Error {
        match error {
            Error::Fault(fault)
                if fault.code == Code::NotFound && self.log.is_some() && !self.path.exists() =>
            {
                fault.hint(how_to_join(&self.path)).into()
            }
            other => other,
        }
    }

    /// Returns the file, which is open.
    ///
    /// # Errors
    /// Faults of the file, if it is opened again.
    pub fn opened(&mut self) -> Result<&mut Switchboard, Error> {
        self.open(Creation::Never)
    }

    /// Opens the file for that statement, and creates it if the statement does that.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn open_for(&mut self, prepared: &Prepared) -> Result<&mut Switchboard, Error> {
        if self.db.is_some() {
            return self.open(Creation::Never);
        }
        let creates = prepared.traits().creates_file && self.log.is_none();
        let path = self.path.clone();
        let opened = self.open(if creates { Creation::IfMissing } else { Creation::Never });
        opened.map_err(|error| match error {
            Error::Fault(fault) if fault.code == Code::NotFound && fault.hint.is_none() => {
                fault.hint(how_to_make(&path)).into()
            }
            other => other,
        })
    }

    /// Ends the transaction of `--atomic`, if it has begun.
    ///
    /// # Errors
    /// The fault that prevented the commit. Nothing was changed then.
    pub fn end_batch(&mut self, outcome: BatchEnd) -> Result<(), Error> {
        let running = self.db.as_ref().and_then(|db| self.listening(db));
        let ended = match self.db.as_mut() {
            Some(db) if self.on_error == OnError::Atomic => db.end_batch(outcome),
            _ => Ok(()),
        };
        drop(running);
        ended
    }

    /// Begins the transaction of some rows of `--each`.
    ///
    /// # Errors
    /// `busy`; faults of the file.
    pub fn begin_rows(&mut self) -> Result<(), Error> {
        let running = self.db.as_ref().and_then(|db| self.listening(db));
        let begun = self.opened()?.begin_batch();
        drop(running);
        begun
    }

    /// Commits it.
    ///
    /// # Errors
    /// The fault that prevented the commit.
    pub fn commit_rows(&mut self) -> Result<(), Error> {
        let running = self.db.as_ref().and_then(|db| self.listening(db));
        let ended = self.opened()?.end_batch(BatchEnd::Commit);
        drop(running);
        ended
    }

    /// Lets a signal end what waits for the shared log: the gate, or a commit that nobody confirms.
    pub fn listening(&self, db: &Switchboard) -> Option<Running> {
        self.log.as_ref().map(|_| self.interrupts.running(db.stopper()))
    }

    /// Closes the file. The next statement opens it again.
    pub fn close(&mut self) {
        self.db = None;
    }

    /// Returns whether the user is a supervisor of the file, or the file has none.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn supervised_by(&mut self, actor: &str, login: &str) -> Result<bool, Error> {
        let db = match self.open(Creation::Never) {
            Ok(db) => db,
            // A file that does not exist yet has no supervisor.
            Err(error) if error.code() == Code::NotFound => return Ok(true),
            Err(error) => return Err(error),
        };
        Ok(!db.supervised()? || db.supervises(actor, Some(login))?)
    }

    /// Returns the version of the file, if it is open.
    fn version(&mut self) -> Result<Option<i64>, Error> {
        self.db.as_mut().map(|db| db.version().map_err(|failure| failure.error)).transpose()
    }

    /// Checks that the user may set timestamps and actors. A replay may change who is a supervisor,
    /// its own actor included, so the right stays until another program has written.
    ///
    /// # Errors
    /// `not_allowed` if they may not; faults of the file.
    pub fn allow_replay(&mut self, actor: &str, login: &str, has_written: bool) -> Result<(), Error> {
        let first = || ReplayRight { actor: actor.to_owned(), granted: None };
        let ReplayRight { actor, granted } = self.replay.take().unwrap_or_else(first);
        let stays = match granted {
            None => false,
            Some(None) => has_written,
            Some(version) => version == self.version()?,
        };
        let may = stays || self.supervised_by(&actor, login)?;
        let granted = if may { Some(self.version()?) } else { None };
        self.replay = Some(ReplayRight { actor: actor.clone(), granted });
        if may {
            return Ok(());
        }
        let message =
            format!("only a supervisor may set timestamps, and {actor} is not a supervisor of this file");
        Err(Refusal::new(Code::NotAllowed, message).hint("use --as with the name of a supervisor").into())
    }
}

/// Says at a terminal why the first statement takes longer.
fn tell_upgrade(path: &Path, from: i64, to: i64) {
    if io::stderr().is_terminal() {
        let path = path.display();
        // Nobody is left to be told if stderr is closed.
        let _ = writeln!(
            io::stderr(),
            "upgrading {path} from format {from} to {to}; a copy of the file is kept beside it"
        );
    }
}

fn how_to_join(path: &Path) -> String {
    format!("switchboard {} '.desk join', with the same --log, makes it a new replica", path.display())
}

fn how_to_make(path: &Path) -> String {
    format!(
        "switchboard {} 'CREATE QUEUE front' creates it, as does any other CREATE statement",
        path.display()
    )
}
