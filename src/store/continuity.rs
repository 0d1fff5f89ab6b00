//! Whether the log of the file still continues the one that was seen before.
//!
//! Invariant: entries never change, so the last one that was seen is still there, unless the content of
//! the file was replaced by that of a backup. A program that continues at an entry has to know that. This
//! module deliberately does not know what is continued.

use rusqlite::{Connection, OptionalExtension};

use super::Store;
use super::sqlite_error::sqlite_fault;
use crate::domain::journal::Hash;
use crate::domain::refusal::Fault;

/// The last entry that was seen: its number and hash.
pub type LastSeen = (i64, Hash);

impl Store {
    /// Returns how often the content of the file was replaced while it was open.
    pub fn replacements(&self) -> u64 {
        self.replacements
    }

    /// Compares the log with what was seen before. Another connection has written since.
    pub(super) fn look_for_replacement(&mut self) -> Result<(), Fault> {
        let known = self.head.as_ref().map(|head| (head.entry, head.hash)).or(self.last_seen);
        if let Some((seq, hash)) = known.filter(|(seq, _)| *seq > 0)
            && entry(&self.connection, "seq = ?1", seq)? != Some((seq, hash))
        {
            self.replacements += 1;
            self.warnings.push(
                "the content of the file was replaced by that of a backup while it was open".to_owned(),
            );
        }
        self.last_seen = entry(&self.connection, "?1 = 0 ORDER BY seq DESC LIMIT 1", 0)?;
        Ok(())
    }
}

/// Returns the number and hash of an entry that fulfils a condition about ?1.
pub(super) fn entry(connection: &Connection, condition: &str, seq: i64) -> Result<Option<LastSeen>, Fault> {
    connection
        .prepare_cached(&format!("SELECT seq, hash FROM entry WHERE {condition}"))
        .and_then(|mut sql| sql.query_row([seq], |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .map_err(sqlite_fault)
}
