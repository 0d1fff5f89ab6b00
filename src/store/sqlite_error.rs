//! Converts SQLite's errors to faults.
//!
//! Invariant: the conversion depends on SQLite's error codes only, never on its messages. If a
//! trigger refuses a row after the domain has accepted it, the file is damaged or this program has a
//! bug: it panics in a test.

use std::cell::Cell;
use std::io;

use rusqlite::ErrorCode;
use rusqlite::ffi;

use crate::domain::refusal::{Code, Fault};

thread_local! {
    /// Whether the files of this thread may contradict themselves: for tests with damaged files.
    static TOLERATED: Cell<bool> = const { Cell::new(false) };
}

/// Allows files to contradict themselves, in this thread: they are damaged. Otherwise it is taken for a
/// bug, which panics in debug builds.
pub fn tolerate_contradictions() {
    TOLERATED.set(true);
}

const HINT_REPORT: &str = "nothing was changed; please report this with the statement that led to it";

/// Converts an error of SQLite to a fault.
pub fn sqlite_fault(error: rusqlite::Error) -> Fault {
    if is_misfit(&error) {
        return Fault::new(Code::Damaged, "the file contains a value that its column does not allow")
            .hint("restore a backup");
    }
    if let rusqlite::Error::QueryReturnedNoRows = error {
        return Fault::contradiction("a row is missing");
    }
    let rusqlite::Error::SqliteFailure(failure, message) = &error else {
        return Fault::new(Code::Internal, format!("unexpected result from SQLite: {error}"))
            .hint(HINT_REPORT);
    };
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Fault::new(Code::Busy, "the file is locked by another program")
                .hint("try again; nothing was changed")
        }
        ErrorCode::ReadOnly => {
            Fault::new(Code::Readonly, "the file is read-only").hint("check its permissions")
        }
        ErrorCode::PermissionDenied | ErrorCode::CannotOpen => {
            Fault::new(Code::NotFound, "cannot open the file or its directory")
                .hint("check the permissions of both")
        }
        ErrorCode::NotADatabase => Fault::new(Code::NotOurs, "the file is not an SQLite database"),
        ErrorCode::DatabaseCorrupt => Fault::new(Code::Damaged, "the file is damaged")
            .hint("restore a backup; VERIFY JOURNAL shows how far it is intact"),
        ErrorCode::DiskFull => full(),
        ErrorCode::SystemIoFailure if is_out_of_room(failure.extended_code) => full(),
        ErrorCode::SystemIoFailure => Fault::new(Code::IoError, "reading or writing the file failed")
            .hint("nothing was changed; check the disk, its quota and the system log"),
        ErrorCode::OutOfMemory => Fault::new(Code::TooLarge, "there is not enough memory")
            .hint("nothing was changed; try again, or do less at once"),
        ErrorCode::OperationInterrupted => Fault::new(Code::Interrupted, "interrupted; nothing was changed"),
        ErrorCode::TooBig => Fault::new(Code::TooLarge, "a value is too long for the file"),
        // The program's own SQL fits the schema, unless the file is damaged.
        ErrorCode::Unknown => {
            debug_assert!(TOLERATED.get(), "SQLite error: {error}");
            Fault::contradiction(&error)
        }
        ErrorCode::ConstraintViolation => refused_by_trigger(failure, message.as_deref()),
        _ => Fault::new(Code::Internal, format!("SQLite error: {error}")).hint(HINT_REPORT),
    }
}

/// Returns whether a value has the wrong type, or a text is not UTF-8. Columns have types and lengths,
/// so the disk, or a program that disabled the checks, must have written it.
pub(super) fn is_misfit(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
    )
}

fn full() -> Fault {
    Fault::new(Code::DiskFull, "the disk is full").hint("nothing was changed; free some space and try again")
}

/// Returns whether a write failed because of a quota or a limit of the file's size. SQLite tells only
/// a full disk apart; the reason is the last error of the system in this thread, which is where SQLite
/// has just reported its own.
fn is_out_of_room(extended: i32) -> bool {
    matches!(extended, ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_SHMSIZE | ffi::SQLITE_IOERR_FSYNC)
        && Code::of_io(io::Error::last_os_error().kind()) == Code::DiskFull
}

fn refused_by_trigger(failure: &ffi::Error, message: Option<&str>) -> Fault {
    let words = message.unwrap_or("a constraint");
    debug_assert!(
        TOLERATED.get(),
        "a trigger refused a change that Switchboard allowed ({}): {words}",
        failure.extended_code
    );
    // Something that another program left behind (an unsealed entry, for example) is not a bug in
    // this program.
    let code = words
        .split_once(':')
        .and_then(|(code, _)| Code::from_name(code))
        .filter(|code| *code == Code::Unlogged);
    match code {
        Some(code) => Fault::new(code, format!("constraint failed: {words}")).hint(HINT_REPORT),
        None => Fault::contradiction(words),
    }
}
