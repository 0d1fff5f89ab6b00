//! Writes a document beside the database: a new file that is whole or does not exist.
//!
//! Invariant: no existing file is overwritten. This module deliberately does not know the content.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::beside::{beside, sync_folder};
use crate::domain::refusal::{Code, Error, Fault, Refusal};

/// Creates a file that only its owner can read, and returns its size in bytes.
///
/// # Errors
/// `exists`; `disk_full` and `not_found` if it cannot be written.
pub fn write_new(target: &Path, write: &dyn Fn(&mut dyn Write) -> io::Result<()>) -> Result<u64, Error> {
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
        let code = if error.kind() == io::ErrorKind::StorageFull { Code::DiskFull } else { Code::NotFound };
        Fault::new(code, format!("cannot write {}: {error}", target.display()))
            .hint("nothing was exported")
            .into()
    })
}
