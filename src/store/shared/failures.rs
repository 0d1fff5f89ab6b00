//! Why the server that keeps the shared log gave no answer, and what a statement says about it.
//!
//! Invariant: an error that leaves open whether something was committed is never taken for one that
//! does not.

use tokio_postgres::error::{DbError, Severity, SqlState};

use super::address::cause;
use crate::domain::refusal::{Code, Fault};

/// Why the log gave no answer.
#[derive(Debug)]
pub enum LinkError {
    /// No server that can be written was reached, or it does not answer.
    Unreachable(String),
    /// The server refused the request.
    Refused(Box<DbError>),
    /// Ctrl-C.
    Interrupted,
}

/// Why a COMMIT did not succeed.
#[derive(Debug)]
pub enum CommitError {
    /// Nothing was committed.
    Not(LinkError),
    /// It is not known whether it was.
    Unknown,
}

impl LinkError {
    /// Converts the error to a fault of a statement.
    pub fn fault(self) -> Fault {
        let error = match self {
            LinkError::Unreachable(words) => {
                return Fault::new(Code::Busy, format!("the shared log cannot be reached: {words}"))
                    .hint("nothing was changed; try again when the server can be reached");
            }
            LinkError::Interrupted => {
                return Fault::new(Code::Interrupted, "interrupted; nothing was changed");
            }
            LinkError::Refused(error) => error,
        };
        match error.code() {
            state if state.code() == "SB001" => {
                Fault::new(Code::Newer, "the shared log is written in a newer format")
                    .hint("use a newer version of Switchboard on this host")
            }
            &SqlState::LOCK_NOT_AVAILABLE => {
                Fault::new(Code::Busy, "other hosts wrote to the shared log all the time")
                    .hint("nothing was changed; try again")
            }
            &SqlState::INSUFFICIENT_PRIVILEGE => {
                Fault::new(Code::NotAllowed, "this host may not use the shared log").hint(
                    "its owner admits the host's role: SELECT switchboard.admit('…') (docs/OPERATIONS.md)",
                )
            }
            &SqlState::INVALID_SCHEMA_NAME | &SqlState::UNDEFINED_FUNCTION | &SqlState::UNDEFINED_TABLE => {
                Fault::new(Code::NotFound, "the database contains no shared log")
                    .hint(".desk create puts the journal of a file there")
            }
            state if state.code().starts_with("28") || *state == SqlState::INVALID_CATALOG_NAME => {
                Fault::new(
                    Code::NotAllowed,
                    format!("the server refuses the connection: {}", error.message()),
                )
            }
            state => Fault::new(
                Code::Internal,
                format!("the shared log refuses a request: {} ({})", error.message(), state.code()),
            )
            .hint("nothing was changed; please report this with the statement that led to it"),
        }
    }
}

/// Converts an error of the client.
pub fn failure(error: tokio_postgres::Error) -> LinkError {
    match error.as_db_error() {
        // The session has ended, as it does when the server shuts down.
        Some(found) if matches!(found.parsed_severity(), Some(Severity::Fatal | Severity::Panic)) => {
            match found.code().code() {
                state if state.starts_with("28") || state == "3D000" => {
                    LinkError::Refused(Box::new(found.clone()))
                }
                _ => LinkError::Unreachable(found.message().to_owned()),
            }
        }
        Some(found) => LinkError::Refused(Box::new(found.clone())),
        None => LinkError::Unreachable(cause(&error)),
    }
}

impl From<LinkError> for Fault {
    fn from(error: LinkError) -> Fault {
        error.fault()
    }
}
