//! Several statements in one transaction.

use super::{Failure, Prepared, Switchboard};
use crate::domain::context::Context;
use crate::domain::reply::Reply;
use crate::language::arguments::Parameters;
use crate::store::BatchEnd;

/// A transaction: all of its statements are committed, or none. Dropping it rolls it back.
///
/// It holds the write lock of the file until it ends. A refused statement changes nothing and
/// leaves the transaction as it was; a fault aborts it.
#[derive(Debug)]
pub struct Transaction<'a> {
    db: &'a mut Switchboard,
    ended: bool,
}

impl Switchboard {
    /// Begins a transaction.
    ///
    /// # Errors
    /// `busy`, `readonly`; faults of the file.
    pub fn transaction(&mut self) -> Result<Transaction<'_>, Failure> {
        self.begin_batch().map_err(Failure::of_file)?;
        Ok(Transaction { db: self, ended: false })
    }
}

impl Transaction<'_> {
    /// Runs one statement in the transaction.
    ///
    /// # Errors
    /// A refusal or a fault, with its place in the text.
    pub fn run(&mut self, text: &str, parameters: &Parameters, context: &Context) -> Result<Reply, Failure> {
        self.db.run(text, parameters, context)
    }

    /// Runs a statement that has been parsed.
    ///
    /// # Errors
    /// A refusal or a fault, with its place in the text.
    pub fn run_prepared(&mut self, prepared: &Prepared, context: &Context) -> Result<Reply, Failure> {
        self.db.run_prepared(prepared, context)
    }

    /// Commits the transaction. When this returns, the changes are on disk.
    ///
    /// # Errors
    /// Faults of the file; then nothing of the transaction is left.
    pub fn commit(mut self) -> Result<(), Failure> {
        self.ended = true;
        self.db.end_batch(BatchEnd::Commit).map_err(Failure::of_file)
    }

    /// Rolls back the transaction.
    ///
    /// # Errors
    /// Faults of the file; then nothing of the transaction is left either.
    pub fn rollback(mut self) -> Result<(), Failure> {
        self.ended = true;
        self.db.end_batch(BatchEnd::Rollback).map_err(Failure::of_file)
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
