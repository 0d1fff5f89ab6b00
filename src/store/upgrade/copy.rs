//! The copy of the old file that an upgrade leaves beside the new one.
//!
//! Invariant: a copy under its final name is complete and synced, and no existing file is
//! overwritten. This module deliberately does not know what is upgraded, nor how.

use std::fmt::Write;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::domain::refusal::{Code, Fault};
use crate::store::beside::{JOURNALS, beside, remove_copy, sync_folder};
use crate::store::file;
use crate::store::sqlite_error::sqlite_fault;

/// Writes a copy of the old file, `<file>.format-1`, and syncs it before the upgrade continues. An
/// existing copy from an interrupted upgrade is reused if it ends with the same entry; otherwise it
/// is kept and the copy gets another name.
pub(super) fn keep(path: &Path, from: i64, hash: &[u8; 32]) -> Result<PathBuf, Fault> {
    let named = |suffix: &str| beside(path, format!(".format-{from}{suffix}"));
    let partial = named(".partial");
    remove_copy(&partial);
    let mut target = named("");
    for number in 2.. {
        if !is_taken(&target) {
            break;
        }
        if is_the_same(&target, from, hash) {
            return Ok(target);
        }
        target = named(&format!(".{number}"));
    }
    let kept = write(path, &partial).and_then(|()| {
        fs::rename(&partial, &target).and_then(|()| sync_folder(&target)).map_err(no_copy(&target))
    });
    if kept.is_err() {
        remove_copy(&partial);
    }
    kept.map(|()| target)
}

/// Returns whether a path is taken, even if only by a file that SQLite would treat as part of a
/// database there.
fn is_taken(place: &Path) -> bool {
    [""].iter().chain(&JOURNALS).any(|part| fs::symlink_metadata(beside(place, part)).is_ok())
}

/// Returns whether a file has this format and ends with the entry of this hash. It is read without
/// a lock, so that no file of another program is changed or created.
fn is_the_same(copy: &Path, format: i64, hash: &[u8; 32]) -> bool {
    let has_part = |part: &&str| fs::metadata(beside(copy, part)).is_ok_and(|part| part.len() > 0);
    if JOURNALS.iter().any(has_part) {
        return false;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let last = Connection::open_with_flags(immutable(copy), flags).and_then(|copy| {
        let sql = "SELECT user_version, coalesce((SELECT hash FROM entry ORDER BY seq DESC LIMIT 1), (SELECT digest FROM genesis))
            FROM pragma_user_version";
        copy.query_row(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?)))
    });
    last.is_ok_and(|last| last == (format, *hash))
}

/// Returns the URI with which SQLite opens a file that nobody else writes.
fn immutable(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_bytes() {
        // Writing to memory cannot fail.
        let _ = match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.write_char(char::from(*byte))
            }
            other => write!(uri, "%{other:02X}"),
        };
    }
    uri + "?immutable=1"
}

/// Copies the file over a separate connection, because a connection that is writing cannot be
/// copied from. It sees what was committed last.
fn write(path: &Path, partial: &Path) -> Result<(), Fault> {
    let failed = |error: Fault| {
        Fault::new(error.code, format!("cannot keep a copy of the file: {}", error.message))
            .hint("the file was not upgraded; free some space beside it and try again")
    };
    let mode = fs::metadata(path).map_or(0o600, |metadata| metadata.mode() & 0o777);
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(partial)
        // The user's umask may have removed permissions when the file was created.
        .and_then(|file| file.set_permissions(Permissions::from_mode(mode)))
        .map_err(no_copy(partial))?;
    let file = file::reader(path)?;
    let mut copy = Connection::open(partial).map_err(|error| failed(sqlite_fault(error)))?;
    let backup = Backup::new(&file, &mut copy).map_err(|error| failed(sqlite_fault(error)))?;
    match backup.step(-1).map_err(|error| failed(sqlite_fault(error)))? {
        StepResult::Done => {}
        _ => return Err(failed(Fault::new(Code::Busy, "the file is locked by another program"))),
    }
    drop(backup);
    // SQLite has synced the copy; the removal of its journal is synced together with the rename.
    copy.close().map_err(|(_, error)| failed(sqlite_fault(error)))
}

fn no_copy(path: &Path) -> impl Fn(std::io::Error) -> Fault {
    let path = path.to_owned();
    move |error| {
        Fault::new(
            Code::of_io(error.kind()),
            format!("cannot keep a copy of the file as {}: {error}", path.display()),
        )
        .hint("the file was not upgraded; free some space beside it and try again")
    }
}
