//! What SQLite reports, in our words.
//!
//! Invariant: decided by SQLite's codes alone, never by its prose. A trigger's refusal after the domain said yes is
//! a fault of this program: it stops a test, and is an internal error in a release.

use rusqlite::ErrorCode;
use rusqlite::ffi;

use crate::domain::refusal::{Code, Fault};

const HINT_REPORT: &str = "nothing was changed; please report this with the statement that led to it";

/// The accident behind an error of SQLite.
pub fn sqlite_fault(error: rusqlite::Error) -> Fault {
    // The columns have types and lengths: another program has switched the checks off and written something else.
    if matches!(error, rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..))
    {
        return Fault::new(Code::Damaged, "the file holds a value that its column does not take")
            .hint("restore a backup");
    }
    let rusqlite::Error::SqliteFailure(failure, message) = &error else {
        return Fault::new(Code::Internal, format!("the file gave an answer that was not expected: {error}"))
            .hint(HINT_REPORT);
    };
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Fault::new(Code::Busy, "the file is locked by another program")
                .hint("try again; nothing was changed")
        }
        ErrorCode::ReadOnly => {
            Fault::new(Code::Readonly, "the file may only be read").hint("look at its permissions")
        }
        ErrorCode::PermissionDenied | ErrorCode::CannotOpen => {
            Fault::new(Code::NotFound, "the file, or its folder, cannot be opened")
                .hint("look at the permissions of both")
        }
        ErrorCode::NotADatabase => Fault::new(Code::NotOurs, "the file is no SQLite file"),
        ErrorCode::DatabaseCorrupt => Fault::new(Code::Damaged, "the file is damaged")
            .hint("restore a backup; VERIFY JOURNAL shows how far it is whole"),
        ErrorCode::DiskFull => full(),
        ErrorCode::SystemIoFailure if is_out_of_room(failure.extended_code) => full(),
        ErrorCode::SystemIoFailure => {
            Fault::new(Code::Damaged, "the disk gave an error").hint("look at the system's log")
        }
        ErrorCode::OperationInterrupted => Fault::new(Code::Interrupted, "stopped; nothing was changed"),
        ErrorCode::TooBig => Fault::new(Code::TooLarge, "a value is longer than the file takes"),
        ErrorCode::ConstraintViolation => refused_by_trigger(failure, message.as_deref()),
        _ => Fault::new(Code::Internal, format!("the file gave an error: {error}")).hint(HINT_REPORT),
    }
}

fn full() -> Fault {
    Fault::new(Code::DiskFull, "there is no room to write")
        .hint("nothing was changed; make room and try again")
}

fn is_out_of_room(extended: i32) -> bool {
    matches!(extended, ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_SHMSIZE | ffi::SQLITE_IOERR_FSYNC)
}

fn refused_by_trigger(failure: &ffi::Error, message: Option<&str>) -> Fault {
    let words = message.unwrap_or("a constraint");
    debug_assert!(false, "the file refused what the rules allowed ({}): {words}", failure.extended_code);
    // What another program left behind (an unsealed entry, say) is a finding, not a fault of ours.
    let code = words
        .split_once(':')
        .and_then(|(code, _)| Code::from_name(code))
        .filter(|code| *code == Code::Unlogged);
    Fault::new(code.unwrap_or(Code::Internal), format!("the file refuses it: {words}")).hint(HINT_REPORT)
}
