//! The file of a session, opened when the first statement needs it.
//!
//! Invariant: a file that is not there is made only by a statement that creates something, or at
//! the prompt; and with `--atomic` the transaction begins with the opening, so no statement can run
//! outside of it. It deliberately does not know how anything is shown.

use std::path::{Path, PathBuf};

use super::options::{Access, OnError};
use crate::domain::refusal::{Code, Error, Refusal};
use crate::engine::{BatchEnd, Creation, OpenOptions, Prepared, Switchboard};

/// The file, open or not yet.
pub struct Database {
    path: PathBuf,
    access: Access,
    course: OnError,
    db: Option<Switchboard>,
}

impl Database {
    /// A file that nobody has opened yet.
    pub fn new(path: &Path, access: Access, course: OnError) -> Database {
        Database { path: path.to_owned(), access, course, db: None }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What may be done with it.
    pub fn access(&self) -> Access {
        self.access
    }

    /// Opens the file if it is not open yet.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn open(&mut self, creation: Creation) -> Result<&mut Switchboard, Error> {
        let opened = match self.db.take() {
            Some(db) => db,
            None => {
                let readonly = self.access == Access::LookOnly;
                let creation = if readonly { Creation::Never } else { creation };
                let mut db = Switchboard::open(
                    &self.path,
                    &OpenOptions { creation, readonly, ..OpenOptions::default() },
                )
                .map_err(|failure| failure.error)?;
                if self.course == OnError::Atomic {
                    db.begin_batch()?;
                }
                db
            }
        };
        Ok(self.db.insert(opened))
    }

    /// Opens the file for that statement, and creates it if the statement does that.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn open_for(&mut self, prepared: &Prepared) -> Result<&mut Switchboard, Error> {
        if self.db.is_some() {
            return self.open(Creation::Never);
        }
        let creates = prepared.traits().creates_file;
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
    /// It could not be committed: nothing was done.
    pub fn end_batch(&mut self, outcome: BatchEnd) -> Result<(), Error> {
        match self.db.as_mut() {
            Some(db) if self.course == OnError::Atomic => db.end_batch(outcome),
            _ => Ok(()),
        }
    }

    /// Whether that runner may set moments and actors: everybody, unless the file has a supervisor.
    ///
    /// # Errors
    /// A refusal if not, or what is wrong with the file.
    pub fn allow_replay(&mut self, actor: &str, login: &str) -> Result<(), Error> {
        let db = match self.open(Creation::Never) {
            Ok(db) => db,
            // A file that is still to be made has no supervisor.
            Err(error) if error.code() == Code::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        if !db.supervised()? || db.supervises(actor, Some(login))? {
            return Ok(());
        }
        let message =
            format!("only a supervisor may set timestamps, and {actor} is not a supervisor of this file");
        Err(Refusal::new(Code::NotAllowed, message).hint("use --as with the name of a supervisor").into())
    }
}

fn how_to_make(path: &Path) -> String {
    format!(
        "switchboard {} 'CREATE QUEUE front' creates it, as does any other CREATE statement",
        path.display()
    )
}
