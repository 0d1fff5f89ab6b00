//! Writes a document beside the database: a new file that is whole or does not exist.
//!
//! Invariant: no existing file is overwritten. This module deliberately does not know the content.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::Store;
use super::beside::{beside, sync_folder};
use crate::domain::refusal::{Code, Error, Fault, Refusal};

/// The endings of names that belong to a database beside them.
const TAKEN: [&str; 5] = ["-wal", "-shm", "-journal", "-lock", "-erase"];

impl Store {
    /// Creates a file that only its owner can read, and returns its size in bytes.
    ///
    /// # Errors
    /// `exists`; `invalid_value` for a name that belongs to the database; `disk_full` and `not_found` if
    /// it cannot be written.
    pub fn write_new(
        &self,
        target: &Path,
        write: &dyn Fn(&mut dyn Write) -> io::Result<()>,
    ) -> Result<u64, Error> {
        let folder =
            target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let placed = folder.canonicalize().map(|folder| folder.join(target.file_name().unwrap_or_default()));
        let belongs = |placed: &Path| TAKEN.iter().any(|ending| beside(self.path(), ending) == placed);
        if placed.is_ok_and(|placed| belongs(&placed)) {
            return Err(Refusal::new(
                Code::InvalidValue,
                format!("{} belongs to the database", target.display()),
            )
            .hint("use another name")
            .at("file")
            .into());
        }
        write_new(target, write)
    }
}

fn write_new(target: &Path, write: &dyn Fn(&mut dyn Write) -> io::Result<()>) -> Result<u64, Error> {
    if fs::symlink_metadata(target).is_ok() {
        return Err(Refusal::new(Code::Exists, format!("{} already exists", target.display()))
            .hint("use another name")
            .at("file")
            .into());
    }
    let partial = beside(target, format!(".{}.partial", std::process::id()));
    let written = || -> io::Result<u64> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
        let mut out = BufWriter::new(&file);
        write(&mut out)?;
        out.flush()?;
        drop(out);
        file.sync_all()?;
        fs::rename(&partial, target)?;
        sync_folder(target)?;
        Ok(file.metadata()?.len())
    };
    written().map_err(|error| {
        let _ = fs::remove_file(&partial);
        Fault::new(Code::of_io(error.kind()), format!("cannot write {}: {error}", target.display()))
            .hint("nothing was exported")
            .into()
    })
}
