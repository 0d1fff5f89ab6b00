//! Several statements in one transaction.

use super::{Prepared, Switchboard};
use crate::domain::context::Context;
use crate::domain::failure::Failure;
use crate::domain::reply::Reply;
use crate::language::arguments::Parameters;
use crate::store::BatchEnd;

/// A transaction: all of its statements are committed, or none. Dropping it rolls it back.
///
/// It holds the write lock of the file until it ends, so keep it short. A refused statement changes
/// nothing and leaves the transaction as it was; a fault aborts it, so that it can only be rolled
/// back. Queries in it see its own changes.
///
/// Many statements in one transaction are several times faster than one by one, since only the
/// commit waits for the disk.
#[derive(Debug)]
pub struct Transaction<'a> {
    db: &'a mut Switchboard,
    ended: bool,
}

impl Switchboard {
    /// Begins a transaction, which waits for the write lock as a write does.
    ///
    /// # Errors
    /// `readonly` if the file was opened read-only; `busy`; other faults of the file.
    pub fn transaction(&mut self) -> Result<Transaction<'_>, Failure> {
        self.store.writable()?;
        self.store.begin_batch()?;
        Ok(Transaction { db: self, ended: false })
    }
}

impl Transaction<'_> {
    /// Runs one statement in the transaction.
    ///
    /// # Errors
    /// A refusal or a fault, with its place in the text. `not_allowed` for FOLLOW, which shows
    /// committed entries only.
    pub fn run(&mut self, text: &str, parameters: &Parameters, context: &Context) -> Result<Reply, Failure> {
        self.db.run(text, parameters, context)
    }

    /// Runs a statement that has been parsed, with the values that its parameters had then.
    ///
    /// # Errors
    /// As [`Transaction::run`].
    pub fn run_prepared(&mut self, prepared: &Prepared, context: &Context) -> Result<Reply, Failure> {
        self.db.run_prepared(prepared, context)
    }

    /// Commits the transaction. When this returns, the changes are on disk.
    ///
    /// # Errors
    /// `internal` if an earlier fault has aborted the transaction; faults of the file. Then nothing of
    /// the transaction is left.
    pub fn commit(mut self) -> Result<(), Failure> {
        self.ended = true;
        Ok(self.db.end_batch(BatchEnd::Commit)?)
    }

    /// Rolls back the transaction.
    ///
    /// # Errors
    /// Faults of the file; then nothing of the transaction is left either.
    pub fn rollback(mut self) -> Result<(), Failure> {
        self.ended = true;
        Ok(self.db.end_batch(BatchEnd::Rollback)?)
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.ended {
            // Nothing can be reported from here, and a failed rollback leaves nothing behind.
            let _ = self.db.end_batch(BatchEnd::Rollback);
        }
    }
}
