//! Whether the files of an open database are still those that were opened.
//!
//! Invariant: nothing is written into a file that nobody can open any more: one that was removed,
//! replaced or moved away while it was open. SQLite itself does not notice that, and a program that
//! opened the new file would have other locks.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::beside::beside;
use crate::domain::refusal::{Code, Fault};

/// The files of a database that is open: itself, its write-ahead log, and the index of that.
const FILES: [&str; 3] = ["", "-wal", "-shm"];

/// The device and the number of a file.
type FileId = (u64, u64);

/// The files as they were first seen.
#[derive(Debug)]
pub struct Identity {
    path: PathBuf,
    seen: [Option<FileId>; FILES.len()],
}

impl Identity {
    /// Remembers the file that was opened.
    pub fn of(path: &Path) -> Identity {
        Identity { path: path.to_owned(), seen: [id(path), None, None] }
    }

    /// Checks that every file is the one that was seen first. It is called within a transaction that
    /// writes, when all of them exist, and costs three system calls.
    ///
    /// # Errors
    /// `not_found`.
    pub fn check(&mut self) -> Result<(), Fault> {
        for (suffix, seen) in FILES.iter().zip(&mut self.seen) {
            let path = beside(&self.path, suffix);
            let found = id(&path);
            if found.is_none() || seen.is_some_and(|seen| found != Some(seen)) {
                let what = if found.is_none() { "removed" } else { "replaced" };
                return Err(Fault::new(
                    Code::NotFound,
                    format!("{} was {what} while the database was open; nothing was written", path.display()),
                )
                .hint(
                    "open the database again, and never move or remove its files while a program has it open",
                ));
            }
            *seen = found;
        }
        Ok(())
    }
}

fn id(path: &Path) -> Option<FileId> {
    fs::symlink_metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}
