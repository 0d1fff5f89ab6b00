//! The write lock: a file lock that lets writers in one after another.
//!
//! Invariant: a waiting writer gets the lock before the deadline, or `busy` is reported. The lock
//! only makes waiting fair and fast; SQLite's own lock ensures that two writers never write at the
//! same time. It uses a separate file, because opening the database's files by other means would
//! drop SQLite's locks.

use std::fs::File;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use super::beside::beside;
use crate::domain::refusal::{Code, Fault};

/// The lock file beside a database file, opened at the first write.
pub struct WriteLock {
    file: PathBuf,
    lock: Option<File>,
    timeout: Duration,
}

impl WriteLock {
    /// Returns the write lock of a file: `<file>-lock`. A writer waits for it that long.
    pub fn beside(file: &Path, timeout: Duration) -> WriteLock {
        WriteLock { file: file.to_owned(), lock: None, timeout }
    }

    /// Waits for the lock.
    ///
    /// # Errors
    /// `busy` after the deadline; `readonly` if the lock file cannot be created.
    pub fn lock(&mut self) -> Result<(), Fault> {
        let lock = match self.lock.take() {
            Some(lock) => lock,
            None => self.open()?,
        };
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok() {
            self.lock = Some(lock);
            return Ok(());
        }
        self.lock = Some(wait(lock, self.timeout)?);
        Ok(())
    }

    /// Releases the lock.
    pub fn unlock(&mut self) {
        if let Some(lock) = &self.lock {
            // Unlocking a held lock cannot fail, and closing the file would release it, too.
            let _ = flock(lock, FlockOperation::Unlock);
        }
    }

    fn open(&self) -> Result<File, Fault> {
        let path = beside(&self.file, "-lock");
        let fault = |error: std::io::Error| {
            Fault::new(Code::Readonly, format!("cannot open {}: {error}", path.display()))
                .hint("writing needs write permission in the directory of the file")
        };
        let new = !path.exists();
        let lock = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits() as i32)
            .open(&path)
            .map_err(fault)?;
        if new && let Ok(metadata) = std::fs::metadata(&self.file) {
            // Everybody who may write the file must be able to take its lock.
            lock.set_permissions(std::fs::Permissions::from_mode(metadata.mode() & 0o666)).map_err(fault)?;
        }
        Ok(lock)
    }
}

/// Waits in a thread of its own, because a blocking lock has no timeout.
fn wait(lock: File, timeout: Duration) -> Result<File, Fault> {
    let busy = || {
        let waited = timeout.as_secs_f64();
        Fault::new(Code::Busy, format!("other programs held the write lock for {waited} s"))
            .hint("nothing was changed; try again")
    };
    if timeout.is_zero() {
        return Err(busy());
    }
    let (sender, receiver) = mpsc::channel();
    let waiter = std::thread::Builder::new().name("write lock".into()).spawn(move || {
        let taken = flock(&lock, FlockOperation::LockExclusive);
        // After the deadline nobody receives this: the file is dropped, which releases the lock.
        let _ = sender.send(taken.map(|()| lock));
    });
    waiter.map_err(|_| busy())?;
    match receiver.recv_timeout(timeout) {
        Ok(Ok(lock)) => Ok(lock),
        _ => Err(busy()),
    }
}
