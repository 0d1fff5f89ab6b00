//! BACKUP TO: a compact, verified copy of the file, while others write.
//!
//! Invariant: under the name of the backup there is either what was there before or a whole backup
//! that was verified and synced. The copy is one snapshot, so its journal is a prefix of that of the
//! file. No file that is not a Switchboard file is overwritten.

use std::fs::{self, File, Metadata, OpenOptions as FileOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::Ordering;

use rusqlite::Connection;
use rusqlite::ffi;
use rusqlite::limits::Limit;
use rustix::fs::{FlockOperation, OFlags, flock};

use super::Store;
use super::beside::{PARTS, beside, remove_copy, remove_parts, sync_folder};
use super::file::OpenOptions;
use super::schema::APPLICATION_ID;
use super::sqlite_error::sqlite_fault;
use crate::domain::progress::{ProgressListener, Step, Unit};
use crate::domain::refusal::{Code, Error, Fault, Refusal};

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    /// The number of entries.
    pub entries: i64,
    /// The hash of the last one, in hexadecimal.
    pub head: String,
    /// The size in bytes.
    pub bytes: u64,
}

impl Store {
    /// Writes a backup of the file, and verifies it.
    ///
    /// # Errors
    /// `exists`, `in_use`, `not_allowed`, `broken_chain`; `not_ours` if something else would be
    /// overwritten; faults of either file.
    pub fn backup(
        &mut self,
        target: &Path,
        overwrite: bool,
        progress: &ProgressListener,
    ) -> Result<BackedUp, Error> {
        if self.in_batch() {
            let words = "BACKUP copies what is committed and cannot run inside a transaction";
            return Err(Refusal::new(Code::NotAllowed, words).hint("run BACKUP on its own").into());
        }
        self.stopped.store(false, Ordering::Relaxed);
        free(target, &self.path, overwrite)?;
        let partial = beside(target, ".partial");
        // Held until the end, so that no other backup to the same name writes or renames it.
        let _lock = reserved(&partial, target)?;
        let made = free(target, &self.path, overwrite)
            .and_then(|()| self.copy_to(&partial, progress))
            .and_then(|made| {
                let renamed = fs::rename(&partial, target).and_then(|()| sync_folder(target));
                renamed.map_err(|error| failed(target, &error))?;
                Ok(made)
            });
        if made.is_err() {
            remove_copy(&partial);
        }
        made
    }

    /// Returns about how large a copy without free space will be.
    fn used_bytes(&self) -> Result<u64, Fault> {
        let sql = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
        let bytes: i64 = self.connection.query_row(sql, [], |row| row.get(0)).map_err(sqlite_fault)?;
        Ok(u64::try_from(bytes).unwrap_or_default())
    }

    /// Reports how large the copy is while SQLite writes it, and stops that if it was interrupted.
    fn watch_copy(&mut self, copy: &Path, total: u64, progress: &ProgressListener) -> Result<(), Fault> {
        let (copy, progress, stopped) = (copy.to_owned(), progress.clone(), self.stopped.clone());
        let report = move || {
            if progress.0.is_some() {
                let done = fs::metadata(&copy).map_or(0, |copy| copy.len()).min(total);
                progress.tell(Step { doing: "copying", done, total: Some(total), unit: Unit::Bytes });
            }
            stopped.load(Ordering::Relaxed)
        };
        self.connection.progress_handler(STEPS, Some(report)).map_err(sqlite_fault)
    }

    /// Writes the copy under its temporary name.
    fn copy_to(&mut self, partial: &Path, progress: &ProgressListener) -> Result<BackedUp, Error> {
        let limit = self.connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 1).map_err(sqlite_fault)?;
        let total = self.used_bytes()?;
        self.watch_copy(partial, total, progress)?;
        let copied = self.connection.execute("VACUUM INTO ?1", [partial.to_string_lossy()]);
        self.connection.progress_handler(0, None::<fn() -> bool>).map_err(sqlite_fault)?;
        self.connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, limit).map_err(sqlite_fault)?;
        copied.map_err(|error| in_words(partial, not_copied(error)))?;
        write_ahead(partial).map_err(|error| in_words(partial, sqlite_fault(error)))?;
        let options = OpenOptions { readonly: true, format: Some(self.format), ..OpenOptions::default() };
        let mut copy = Store::open(partial, &options)?;
        copy.stopped = self.stopped.clone();
        let verdict = copy.verify_until_stopped(None, progress)?;
        drop(copy);
        if let Some((entry, words)) = verdict.fault {
            let message = format!("the file is broken at entry {entry}: {words}; no backup was made");
            return Err(Refusal::new(Code::BrokenChain, message).hint("VERIFY JOURNAL").into());
        }
        let bytes = File::open(partial)
            .and_then(|file| file.sync_all().and_then(|()| file.metadata()))
            .map_err(|error| failed(partial, &error))?
            .len();
        remove_parts(partial);
        Ok(BackedUp { entries: verdict.entries, head: verdict.head, bytes })
    }
}

/// How many steps of SQLite's programs run between two reports: some milliseconds.
pub(super) const STEPS: i32 = 100_000;

/// Creates the temporary file of a backup, or takes over what an interrupted backup has left, and
/// locks it.
fn reserved(partial: &Path, target: &Path) -> Result<File, Error> {
    loop {
        let file = FileOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(OFlags::NOFOLLOW.bits() as i32)
            .open(partial)
            .map_err(|error| failed(partial, &error))?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let words = format!("another program is writing a backup to {}", target.display());
            return Err(Refusal::new(Code::InUse, words)
                .hint("use another name, or wait until it is finished")
                .at("file")
                .into());
        }
        // Until it was locked, its last owner may have renamed it.
        let locked = file.metadata().map_err(|error| failed(partial, &error))?;
        if fs::symlink_metadata(partial).is_ok_and(|named| is_one_file(&named, &locked)) {
            file.set_len(0).map_err(|error| failed(partial, &error))?;
            remove_parts(partial);
            return Ok(file);
        }
    }
}

fn is_one_file(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Checks that a backup may be written there.
fn free(target: &Path, source: &Path, overwrite: bool) -> Result<(), Error> {
    let shown = target.display();
    let Ok(found) = fs::metadata(target) else { return Ok(()) };
    if fs::metadata(source).is_ok_and(|source| is_one_file(&source, &found)) {
        return Err(Refusal::new(Code::InvalidValue, format!("{shown} is the file itself"))
            .at("file")
            .into());
    }
    if !overwrite {
        return Err(Refusal::new(Code::Exists, format!("{shown} already exists"))
            .hint("use another name, or OVERWRITE to replace an earlier backup")
            .at("file")
            .into());
    }
    if !is_ours(target) {
        return Err(Fault::new(Code::NotOurs, format!("{shown} is not a Switchboard file"))
            .hint("OVERWRITE replaces only backups; use another name")
            .into());
    }
    if PARTS.iter().any(|part| fs::metadata(beside(target, part)).is_ok_and(|part| part.len() > 0)) {
        return Err(Refusal::new(Code::InUse, format!("{shown} is in use"))
            .hint("use another name, or wait until no program has it open")
            .at("file")
            .into());
    }
    Ok(())
}

/// Returns whether a file is a Switchboard file, without opening it as a database.
fn is_ours(path: &Path) -> bool {
    use std::io::Read;
    let mut header = [0; 72];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok()
        && header.starts_with(b"SQLite format 3\0")
        && header[68..72] == (APPLICATION_ID as u32).to_be_bytes()
}

/// Switches a copy to the write-ahead log, as the file is.
fn write_ahead(path: &Path) -> rusqlite::Result<()> {
    let copy = Connection::open(path)?;
    copy.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
    copy.close().map_err(|(_, error)| error)
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Fault::new(Code::of_io(error.kind()), format!("cannot write {}: {error}", path.display()))
        .hint("no backup was made")
        .into()
}

/// Converts an error of VACUUM INTO. Of a file whose size it cannot read, SQLite says that it exists; it
/// does, and is empty and locked.
fn not_copied(error: rusqlite::Error) -> Fault {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) if failure.code == rusqlite::ErrorCode::Unknown => {
            sqlite_fault(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR_FSTAT), None))
        }
        other => sqlite_fault(other),
    }
}

/// Names the backup in a fault that would otherwise speak of the file.
fn in_words(path: &Path, fault: Fault) -> Error {
    let message = format!("cannot write {}: {}", path.display(), fault.message);
    Fault::new(fault.code, message).hint("no backup was made").into()
}
