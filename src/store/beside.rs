//! Files beside a database: what SQLite keeps there, and temporary copies.
//!
//! Invariant: only names are formed here, from the whole name of the database, so that nothing
//! belongs to two databases. This module deliberately does not know what a copy is for.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The suffixes of journals, which SQLite treats as part of the database beside them.
pub(super) const JOURNALS: [&str; 2] = ["-wal", "-journal"];

/// The suffixes of everything that SQLite keeps beside a database that is in use.
pub(super) const PARTS: [&str; 3] = ["-wal", "-journal", "-shm"];

/// Returns the path with a suffix.
pub(super) fn beside(path: &Path, suffix: impl AsRef<OsStr>) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes what an interrupted copy has left beside its temporary name. A journal would otherwise
/// be applied to the next copy. Errors are ignored: if nothing can be removed, writing fails as well
/// and is reported.
pub(super) fn remove_parts(copy: &Path) {
    for part in PARTS {
        let _ = fs::remove_file(beside(copy, part));
    }
}

/// Removes an interrupted copy and its parts.
pub(super) fn remove_copy(copy: &Path) {
    let _ = fs::remove_file(copy);
    remove_parts(copy);
}

/// Syncs the folder of a file, so that its name survives a power cut.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
