//! The dry run of EXPLAIN: writes as a statement does, and leaves nothing behind.
//!
//! Invariant: a file that was opened read-only is not written, not even in a transaction that is rolled
//! back; the statement runs on a copy in memory. This module deliberately does not know what is explained.

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::batch::Batch;
use super::snapshot::{Cache, read_head};
use super::sqlite_error::sqlite_fault;
use super::{Store, Writer, archive, file, select};
use crate::domain::refusal::{Code, Error, Fault};

impl Store {
    /// Runs `decide` as `change` does, then rolls back what it wrote. EXPLAIN uses it for its dry
    /// run.
    ///
    /// # Errors
    /// Those of `decide`, and faults of the file.
    pub fn dry_run<T>(
        &mut self,
        decide: impl FnOnce(&mut Writer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.readonly {
            return self.on_copy(decide);
        }
        let alone = self.batch == Batch::None;
        self.execute(if alone { "BEGIN DEFERRED" } else { "SAVEPOINT dry_run" })?;
        if alone {
            self.version = None;
        }
        let answer = if alone { self.refresh() } else { Ok(()) };
        let answer = answer
            .and_then(|()| read_head(&self.connection))
            .map_err(Error::from)
            .and_then(|head| decide(&mut Writer::new(&self.connection, &self.cache, self.format, head)));
        let back = if alone { "ROLLBACK" } else { "ROLLBACK TO dry_run; RELEASE dry_run" };
        self.cache.clear();
        let ended = file::end(&self.connection, back);
        // What failed first is the reason.
        answer.and_then(|answer| Ok(ended.map(|()| answer)?))
    }

    /// Runs `decide` on a copy of the file in memory.
    fn on_copy<T>(&mut self, decide: impl FnOnce(&mut Writer<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let copy = self.in_memory()?;
        let cache = Cache::default();
        archive::add_unpacked(&copy)?;
        select::add_now(&copy, cache.now.clone())?;
        copy.execute_batch("BEGIN").map_err(sqlite_fault)?;
        let head = read_head(&copy)?;
        decide(&mut Writer::new(&copy, &cache, self.format, head))
    }

    /// Copies the file as it is now into memory.
    fn in_memory(&self) -> Result<Connection, Fault> {
        let mut copy = Connection::open_in_memory().map_err(sqlite_fault)?;
        let backup = Backup::new(&self.connection, &mut copy).map_err(sqlite_fault)?;
        match backup.step(-1).map_err(sqlite_fault)? {
            StepResult::Done => {}
            _ => return Err(Fault::new(Code::Busy, "another program is using the file").hint("try again")),
        }
        drop(backup);
        file::harden(&copy, true).map_err(sqlite_fault)?;
        Ok(copy)
    }
}
