//! I/O errors: the disk operations of SQLite are counted, and from one of them on they fail.
//!
//! A job in a process of its own (`alone.rs`) calls [`concern`] once. Then [`plan`] says which
//! operation fails, and how; [`end`] lets everything succeed again:
//!
//! ```text
//! plan(Fault { at: 7, variant: 0, lasts: false });
//! …                                     // what works with files in the folder
//! let Faults { count, struck } = end(); // how many operations there were
//! ```
//!
//! Invariant: an operation that fails has done nothing. Files outside the folder are left alone, but
//! temporary files without a name count. This module deliberately does not know what the operations
//! are for, and it does not see what goes past SQLite.

use std::ffi::c_int;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::ffi;

/// A kind of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Open,
    Delete,
    Access,
    Read,
    Write,
    Truncate,
    Sync,
    Size,
    Lock,
    SharedMap,
    SharedLock,
}

impl Kind {
    /// How it can fail.
    fn codes(self) -> &'static [c_int] {
        match self {
            Kind::Open => &[ffi::SQLITE_CANTOPEN],
            Kind::Delete => &[ffi::SQLITE_IOERR_DELETE],
            Kind::Access => &[ffi::SQLITE_IOERR_ACCESS],
            Kind::Read => &[ffi::SQLITE_IOERR_READ],
            Kind::Write => &[ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_FULL],
            Kind::Truncate => &[ffi::SQLITE_IOERR_TRUNCATE],
            Kind::Sync => &[ffi::SQLITE_IOERR_FSYNC],
            Kind::Size => &[ffi::SQLITE_IOERR_FSTAT],
            Kind::Lock => &[ffi::SQLITE_IOERR_LOCK],
            Kind::SharedMap => &[ffi::SQLITE_IOERR_SHMMAP, ffi::SQLITE_IOERR_SHMSIZE],
            Kind::SharedLock => &[ffi::SQLITE_IOERR_SHMLOCK],
        }
    }
}

/// Which operation fails, and how.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// How many operations succeed before it.
    pub at: usize,
    /// Selects one of the ways in which an operation can fail.
    pub variant: usize,
    /// Whether all operations after it fail, too.
    pub lasts: bool,
}

/// What happened under a plan.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// The number of operations.
    pub count: usize,
    /// The kind of the operation that failed first.
    pub struck: Option<Kind>,
}

struct Plan {
    folder: PathBuf,
    fault: Option<Fault>,
    faults: Faults,
}

static PLAN: Mutex<Option<Plan>> = Mutex::new(None);

fn locked() -> MutexGuard<'static, Option<Plan>> {
    PLAN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the operations on the files of a folder able to fail.
pub fn concern(folder: &Path) {
    super::vfs::install();
    *locked() = Some(Plan { folder: folder.to_owned(), fault: None, faults: Faults::default() });
}

/// Starts counting, and sets what fails.
pub fn plan(fault: Fault) {
    let mut plan = locked();
    let plan = plan.as_mut().expect("a folder is concerned");
    (plan.fault, plan.faults) = (Some(fault), Faults::default());
}

/// Lets everything succeed again, and returns what has happened since the plan was set.
pub fn end() -> Faults {
    let mut plan = locked();
    let plan = plan.as_mut().expect("a folder is concerned");
    plan.fault = None;
    plan.faults
}

/// Returns whether operations on a file can fail; `None`: a temporary file without a name.
pub fn concerns(path: Option<&Path>) -> bool {
    let plan = locked();
    plan.as_ref().is_some_and(|plan| path.is_none_or(|path| path.starts_with(&plan.folder)))
}

/// Counts an operation, and returns with which code it has to fail.
pub fn strike(kind: Kind) -> Option<c_int> {
    let mut plan = locked();
    let plan = plan.as_mut()?;
    let fault = plan.fault?;
    let number = plan.faults.count;
    plan.faults.count += 1;
    if number < fault.at || number > fault.at && !fault.lasts {
        return None;
    }
    plan.faults.struck.get_or_insert(kind);
    Some(kind.codes()[fault.variant % kind.codes().len()])
}
