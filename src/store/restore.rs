//! `.restore`: replaces the content of a file by that of a verified backup.
//!
//! Invariant: the content is replaced in one transaction of the same file, so programs that
//! have it open continue with the restored content, and an interruption leaves the earlier content. What is replaced
//! is kept beside the file first. Only a file that SQLite cannot read is moved away instead.

use std::fs::{self, File, OpenOptions as FileOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Store;
use super::beside::{PARTS, beside, remove_copy, sync_folder};
use super::file::{self, OpenOptions};
use super::replica::Replica;
use super::sqlite_error::sqlite_fault;
use super::write_lock::WriteLock;
use crate::domain::progress::ProgressListener;
use crate::domain::refusal::{Code, Error, Fault, Refusal};

/// How long SQLite waits for other programs.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredFile {
    /// The number of entries.
    pub entries: i64,
    /// The hash of the last one, in hexadecimal.
    pub head: String,
    /// Where the earlier content is kept; `None` if there was no file.
    pub kept: Option<PathBuf>,
}

/// Restores a file from a backup, which is verified first.
///
/// # Errors
/// `broken_chain` and the faults of the backup; `busy`, `disk_full` and other faults of the file. In all
/// of these cases the file is as it was.
pub fn restore(path: &Path, backup: &Path) -> Result<RestoredFile, Error> {
    let path = file::resolve(path)?;
    if fs::canonicalize(backup).is_ok_and(|backup| backup == path) {
        return Err(
            Refusal::new(Code::InvalidValue, format!("{} is the file itself", backup.display())).into()
        );
    }
    let options = OpenOptions { readonly: true, ..OpenOptions::default() };
    let mut source = Store::open(backup, &options).map_err(of_backup)?;
    let verdict = source.verify(None, &ProgressListener::default())?;
    if let Some((entry, words)) = verdict.fault {
        let message = format!("{} is broken at entry {entry}: {words}", backup.display());
        return Err(Refusal::new(Code::BrokenChain, message)
            .hint("nothing was restored; use another backup")
            .into());
    }
    let mut lock = WriteLock::beside(&path, BUSY_TIMEOUT);
    lock.lock()?;
    if let Err(fault) = stands_alone(&path) {
        lock.unlock();
        return Err(fault.into());
    }
    let kept = replace(&path, &source.connection).map_err(|fault| in_words(&path, fault));
    lock.unlock();
    Ok(RestoredFile { entries: verdict.entries, head: verdict.head, kept: kept? })
}

/// Checks that a file is not a replica, whose content is that of its shared log. One that cannot be read may
/// be replaced.
fn stands_alone(path: &Path) -> Result<(), Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let replica =
        Connection::open_with_flags(path, flags).ok().and_then(|file| Replica::read(&file).ok()).flatten();
    match replica {
        Some(Replica { desk, .. }) => {
            let words = format!(
                "{} is a replica of the shared log {desk}, which a backup does not replace",
                path.display()
            );
            Err(Fault::new(Code::NotAllowed, words)
                .hint("move the file away and .desk join again; a backup of a replica in its place catches up by itself"))
        }
        None => Ok(()),
    }
}

/// Replaces the content of a file, and returns where the earlier content is.
fn replace(path: &Path, source: &Connection) -> Result<Option<PathBuf>, Fault> {
    if fs::symlink_metadata(path).is_err() {
        place(path, source)?;
        return Ok(None);
    }
    let kept = free_name(path);
    match readable(path)? {
        Some(mut live) => {
            let partial = beside(&kept, ".partial");
            written(&partial, &live)?;
            rename(&partial, &kept)?;
            copied(source, &mut live)?;
            // Only makes the write-ahead log small again.
            let _ = live.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
        None => {
            let mode = fs::metadata(path).map_or(0o600, |metadata| metadata.mode() & 0o777);
            for part in [""].iter().chain(&PARTS) {
                let (from, to) = (beside(path, part), beside(&kept, part));
                if fs::symlink_metadata(&from).is_ok() {
                    fs::rename(&from, &to).map_err(|error| failed(&from, &error))?;
                }
            }
            place(path, source)?;
            // Who could use the file can use the new one.
            fs::set_permissions(path, Permissions::from_mode(mode)).map_err(|error| failed(path, &error))?;
        }
    }
    Ok(Some(kept))
}

/// Opens a file as a database for writing, or returns `None` if it is not one or is too damaged to be
/// copied.
fn readable(path: &Path) -> Result<Option<Connection>, Fault> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(|live| {
        live.busy_timeout(BUSY_TIMEOUT)?;
        live.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
        live.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0))?;
        Ok(live)
    });
    match opened {
        Ok(live) => Ok(Some(live)),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Ok(None),
            _ => Err(sqlite_fault(error)),
        },
    }
}

/// Creates the file from the backup.
fn place(path: &Path, source: &Connection) -> Result<(), Fault> {
    let partial = beside(path, ".restore");
    written(&partial, source)?;
    rename(&partial, path)
}

/// Writes a database page by page into a new file of its owner alone, and syncs it.
fn written(target: &Path, source: &Connection) -> Result<(), Fault> {
    remove_copy(target);
    let done = || -> Result<(), Fault> {
        let file = FileOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(target)
            .map_err(|error| failed(target, &error))?;
        let mut copy = Connection::open(target).map_err(sqlite_fault)?;
        copied(source, &mut copy)?;
        copy.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).map_err(sqlite_fault)?;
        copy.close().map_err(|(_, error)| sqlite_fault(error))?;
        file.sync_all().map_err(|error| failed(target, &error))
    };
    done().inspect_err(|_| remove_copy(target))
}

/// Copies all pages in one transaction of the target.
fn copied(source: &Connection, target: &mut Connection) -> Result<(), Fault> {
    let backup = Backup::new(source, target).map_err(sqlite_fault)?;
    match backup.step(-1).map_err(sqlite_fault)? {
        StepResult::Done => Ok(()),
        _ => Err(Fault::new(Code::Busy, "another program is using the file").hint("try again")),
    }
}

/// Returns a name beside the file under which nothing is kept yet.
fn free_name(path: &Path) -> PathBuf {
    let mut name = beside(path, ".before-restore");
    for number in 2.. {
        if [""].iter().chain(&PARTS).all(|part| fs::symlink_metadata(beside(&name, part)).is_err()) {
            break;
        }
        name = beside(path, format!(".before-restore.{number}"));
    }
    name
}

fn rename(from: &Path, to: &Path) -> Result<(), Fault> {
    let renamed =
        fs::rename(from, to).and_then(|()| File::open(to)?.sync_all()).and_then(|()| sync_folder(to));
    renamed.map_err(|error| failed(to, &error))
}

fn failed(path: &Path, error: &io::Error) -> Fault {
    Fault::new(Code::of_io(error.kind()), format!("cannot write {}: {error}", path.display()))
}

/// A backup of an older format is not upgraded where it is.
fn of_backup(fault: Fault) -> Fault {
    match fault.code {
        Code::Readonly => {
            fault.hint("copy the backup, open the copy once, which upgrades it, and restore the copy")
        }
        _ => fault,
    }
}

fn in_words(path: &Path, fault: Fault) -> Fault {
    let message = format!("cannot restore {}: {}", path.display(), fault.message);
    Fault::new(fault.code, message).hint(fault.hint.unwrap_or_else(|| "the file is as it was".to_owned()))
}
