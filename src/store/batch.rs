//! Transactions of several statements, and what a refusal does inside one.

use std::time::Duration;

use super::scrub::Scrub;
use super::snapshot::Head;
use super::{Store, file};
use crate::domain::refusal::{Code, Fault};

/// How long a writer takes to wake up and take the write lock.
const WAY: Duration = Duration::from_millis(1);

/// Whether statements are one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Batch {
    /// Each statement is its own transaction.
    None,
    /// All statements until the end of the batch are one transaction.
    Running,
    /// A fault with this code left half a statement in it: it can only be rolled back.
    Aborted(Code),
}

/// Why an aborted batch takes no more statements.
pub(super) fn aborted(code: Code) -> Fault {
    Fault::new(code, "the transaction was aborted by an earlier error")
        .hint("it was rolled back; run it again")
}

/// What a refusal does to what was written before it in the same statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnRefusal {
    /// It is rolled back.
    RollBack,
    /// It stays: timers that were due happen in any case.
    Keep,
}

/// How a batch ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchEnd {
    /// Its changes are committed.
    Commit,
    /// Its changes are rolled back.
    Rollback,
}

/// The state of a batch to which it can return.
#[derive(Debug)]
pub struct Savepoint {
    head: Option<Head>,
    scrub: Scrub,
}

impl Store {
    /// Marks the present state of a batch.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn savepoint(&mut self) -> Result<Savepoint, Fault> {
        self.execute("SAVEPOINT part")?;
        Ok(Savepoint { head: self.head.clone(), scrub: self.scrub })
    }

    /// Keeps what was written since a savepoint.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn release(&mut self, _savepoint: Savepoint) -> Result<(), Fault> {
        self.execute("RELEASE part")
    }

    /// Rolls back to a savepoint. The batch can go on, even after a fault.
    ///
    /// # Errors
    /// Faults of the file, or of one that has ended the whole transaction.
    pub fn roll_back_to(&mut self, savepoint: Savepoint) -> Result<(), Fault> {
        if self.connection.is_autocommit() {
            let code = if let Batch::Aborted(code) = self.batch { code } else { Code::IoError };
            return Err(aborted(code));
        }
        file::end(&self.connection, "ROLLBACK TO part; RELEASE part")?;
        self.cache.clear();
        self.head = savepoint.head;
        self.scrub = savepoint.scrub;
        self.batch = Batch::Running;
        Ok(())
    }

    /// Lets a writer that is waiting take the write lock, after a batch and before the next one.
    pub fn make_way(&self) {
        std::thread::sleep(WAY);
    }

    /// Begins a batch: all statements until `end_batch` are one transaction.
    ///
    /// # Errors
    /// `busy`, and faults of the file.
    pub fn begin_batch(&mut self) -> Result<(), Fault> {
        if !self.readonly {
            self.begin()?;
        } else {
            self.execute("BEGIN DEFERRED")?;
        }
        self.batch = Batch::Running;
        self.refresh().inspect_err(|_| {
            self.batch = Batch::None;
            self.rollback();
        })
    }

    /// Ends the batch: commits it or rolls it back.
    ///
    /// # Errors
    /// The code of an earlier fault that has aborted the batch; faults of the file. In both cases
    /// nothing of the batch is kept.
    pub fn end_batch(&mut self, outcome: BatchEnd) -> Result<(), Fault> {
        let batch = std::mem::replace(&mut self.batch, Batch::None);
        match (batch, outcome) {
            (Batch::None, _) => Ok(()),
            (Batch::Running, BatchEnd::Commit) => self.commit(),
            (Batch::Aborted(code), BatchEnd::Commit) => {
                self.rollback();
                Err(aborted(code))
            }
            (_, BatchEnd::Rollback) => {
                self.rollback();
                Ok(())
            }
        }
    }
}
