//! Removes erased words from the free space of the file and from its write-ahead log.
//!
//! Invariant: from before the commit of an erasure until its words are gone from every byte, a file
//! `<file>-erase` exists. While it exists, the next program that opens the database for writing
//! continues. This module deliberately does not know what was erased.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::limits::Limit;

use super::Store;
use super::beside::{beside, sync_folder};
use super::sqlite_error::sqlite_fault;
use crate::domain::refusal::{Code, Fault};

/// How long readers may take to finish.
const READERS: Duration = Duration::from_secs(1);

/// When erased words are removed from the free space.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scrub {
    /// Nothing was erased.
    #[default]
    None,
    /// After later transactions. The marker is there from the commit on.
    Later,
    /// At the commit.
    AtCommit,
}

impl Store {
    /// Continues what an interrupted erasure has left undone, if nobody else is writing.
    pub(super) fn continue_scrub(&mut self) {
        if self.readonly || !is_pending(&self.path) || self.write_lock.lock().is_err() {
            return;
        }
        self.warnings.extend(finish(&self.connection, &self.path));
        self.write_lock.unlock();
    }

    /// Removes purged words from the free space of the file; in a batch, at its commit.
    ///
    /// # Errors
    /// `busy`. The next program that opens the file for writing removes them.
    pub fn scrub(&mut self) -> Result<(), Fault> {
        if self.in_batch() {
            self.scrub = Scrub::AtCommit;
            return Ok(());
        }
        self.write_lock.lock()?;
        self.warnings.extend(finish(&self.connection, &self.path));
        self.version = None;
        self.write_lock.unlock();
        Ok(())
    }
}

fn marker(path: &Path) -> PathBuf {
    beside(path, "-erase")
}

/// Returns whether erased words may still be in the file.
pub(super) fn is_pending(path: &Path) -> bool {
    marker(path).exists()
}

/// Notes durably that words are about to be erased.
///
/// # Errors
/// `disk_full` or another fault of the file system; then nothing may be committed.
pub(super) fn announce(path: &Path) -> Result<(), Fault> {
    let marker = marker(path);
    if marker.exists() {
        return Ok(());
    }
    let noted = || -> io::Result<()> {
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&marker)?.sync_all()?;
        sync_folder(path)
    };
    noted().map_err(|error| {
        Fault::new(Code::of_io(error.kind()), format!("cannot create {}: {error}", marker.display()))
            .hint("nothing was erased")
    })
}

/// Writes the whole database again without free space, and truncates the write-ahead log. Returns a
/// warning if that has to be continued later.
pub(super) fn finish(connection: &Connection, path: &Path) -> Option<String> {
    let done = vacuum(connection).and_then(|()| truncated(connection)).and_then(|held| match held {
        true => Ok(true),
        false => synced(connection).map(|()| false),
    });
    let done = done.map_err(sqlite_fault);
    let what = match done {
        Ok(false) => {
            // The words are gone; a marker that stays costs the next writer the same work again.
            let _ = std::fs::remove_file(marker(path)).and_then(|()| sync_folder(path));
            return None;
        }
        Ok(true) => "another program is still reading".to_owned(),
        Err(fault) => fault.message,
    };
    Some(format!(
        "erased words may still be in free space of the file: {what}; the next statement that opens it for writing removes them"
    ))
}

/// Writes the database again. SQLite attaches a temporary one for it, in memory.
fn vacuum(connection: &Connection) -> rusqlite::Result<()> {
    let limit = connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 1)?;
    let done = connection.execute_batch("VACUUM");
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, limit)?;
    done
}

/// Truncates the write-ahead log. Returns true if a reader prevents it; other writers wait meanwhile,
/// so it does not wait long.
fn truncated(connection: &Connection) -> rusqlite::Result<bool> {
    let timeout: i64 = connection.pragma_query_value(None, "busy_timeout", |row| row.get(0))?;
    connection.busy_timeout(READERS)?;
    let held = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
    connection.busy_timeout(Duration::from_millis(timeout.unsigned_abs()))?;
    held
}

/// Makes the truncation of the write-ahead log durable, since SQLite does not sync it: a power cut could
/// bring the log back. The smallest transaction syncs it.
fn synced(connection: &Connection) -> rusqlite::Result<()> {
    let level: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    let format: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let written = connection.pragma_update(None, "user_version", format);
    connection.pragma_update(None, "synchronous", level)?;
    written
}
