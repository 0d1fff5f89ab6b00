//! Writes the record of a job: which name refers to which file, and the operations in their order.
//!
//! Invariant: one lock is held while an operation is done and recorded, so that the record has
//! their order. A file that was copied or renamed without SQLite is noticed by its inode when it is
//! opened. This module deliberately does not know how the operations of SQLite are observed
//! (`vfs.rs`).

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::log::Op;

/// The open record; None in a process that records nothing.
pub struct Kept(Option<Record>);

struct Record {
    folder: PathBuf,
    out: BufWriter<File>,
    /// The file of each name: its number, device and inode.
    names: HashMap<PathBuf, (usize, u64, u64)>,
    files: usize,
}

static KEPT: Mutex<Kept> = Mutex::new(Kept(None));

/// Locks the record.
pub fn kept() -> MutexGuard<'static, Kept> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a record of a folder, with the files that it contains.
///
/// None of them may be open: closing a file that SQLite has open, too, would release its locks.
pub fn begin(folder: &Path, log: &Path) {
    let out = BufWriter::new(File::create_new(log).expect("a place for the record"));
    let mut kept = kept();
    kept.0 = Some(Record { folder: folder.to_owned(), out, names: HashMap::new(), files: 0 });
    for entry in folder.read_dir().expect("the folder is there") {
        let path = entry.expect("an entry of it").path();
        kept.opened(&path, true, || std::fs::read(&path).expect("a file of the job"));
    }
}

/// Records a number that stands for what the job holds to be safe from here on. Without a record it
/// does nothing.
pub fn mark(number: u64) {
    kept().note(&Op::Mark(number));
}

/// Ends the record. Without this it cannot be read.
pub fn finish() {
    let mut kept = kept();
    kept.note(&Op::End);
    let mut record = kept.0.take().expect("a record was begun");
    record.out.flush().expect("there is room for the record");
}

impl Kept {
    /// Adds an operation to the record.
    pub fn note(&mut self, op: &Op) {
        if let Some(record) = &mut self.0 {
            op.write(&mut record.out).expect("there is room for the record");
        }
    }

    /// Returns the number of a file that was opened; None if it is outside the folder.
    ///
    /// `content` is called only for an existing file that is not known under this name.
    pub fn opened(&mut self, path: &Path, was_there: bool, content: impl Fn() -> Vec<u8>) -> Option<usize> {
        let record = self.0.as_mut()?;
        let name = path.strip_prefix(&record.folder).ok()?.to_owned();
        let metadata = path.symlink_metadata().expect("what was opened is there");
        let (device, inode) = (metadata.dev(), metadata.ino());
        match record.names.get(&name) {
            Some(known) if was_there && (known.1, known.2) == (device, inode) => return Some(known.0),
            _ => {}
        }
        let file = record.files;
        record.files += 1;
        record.names.insert(name.clone(), (file, device, inode));
        self.note(&Op::Open { file, name, content: was_there.then(content) });
        Some(file)
    }

    /// Records that a name was deleted.
    pub fn deleted(&mut self, path: &Path, synced: bool) {
        let Some(record) = &mut self.0 else { return };
        if let Ok(name) = path.strip_prefix(&record.folder) {
            let name = name.to_owned();
            record.names.remove(&name);
            self.note(&Op::Delete { name, synced });
        }
    }
}
