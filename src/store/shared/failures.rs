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
    /// The certificate of the server, or the password for it, is not what it must be.
    Untrusted {
        /// What is wrong.
        words: String,
        /// What to do about it.
        hint: &'static str,
    },
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
            LinkError::Untrusted { words, hint } => return Fault::new(Code::NotAllowed, words).hint(hint),
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
            &SqlState::LOCK_NOT_AVAILABLE => Fault::new(
                Code::Busy,
                "another host held the shared log all the time: it writes, or waits for a standby",
            )
            .hint("nothing was changed; try again"),
            &SqlState::INSUFFICIENT_PRIVILEGE => {
                Fault::new(Code::NotAllowed, "this host may not use the shared log").hint(
                    "the owner of the log admits the role in the address: SELECT switchboard.admit('ROLE')",
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
            // Out of disk, memory or connections; read-only; an administrator has cancelled it.
            state if state.code().starts_with("53") || matches!(state.code(), "25006" | "57014") => {
                Fault::new(
                    Code::Busy,
                    format!("the server of the shared log cannot work: {}", error.message()),
                )
                .hint("nothing was changed; try again when the server can work")
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
                state if state.starts_with("28") || state == "3D000" || state == "42501" => {
                    LinkError::Refused(Box::new(found.clone()))
                }
                _ => LinkError::Unreachable(found.message().to_owned()),
            }
        }
        Some(found) => LinkError::Refused(Box::new(found.clone())),
        None => untrusted(&error).unwrap_or_else(|| LinkError::Unreachable(cause(&error))),
    }
}

/// Returns the error of a server that must not be trusted, or of a password that is missing. These do not
/// pass by themselves.
fn untrusted(error: &tokio_postgres::Error) -> Option<LinkError> {
    let mut inner: &dyn std::error::Error = error;
    loop {
        if let Some(io) = inner.downcast_ref::<std::io::Error>()
            && let Some(rustls::Error::InvalidCertificate(reason)) =
                io.get_ref().and_then(|inner| inner.downcast_ref())
        {
            return Some(LinkError::Untrusted {
                words: format!("the certificate of the server is not valid: {reason}"),
                hint: "sslrootcert=FILE in the address names the authority that signed it",
            });
        }
        match inner.source() {
            Some(source) => inner = source,
            // The client has no other way to tell it.
            None if inner.to_string() == "password missing" => {
                return Some(LinkError::Untrusted {
                    words:
                        "the server asks for a password, and there is none for this server, database and role"
                            .to_owned(),
                    hint: "add a line server:port:database:role:password to ~/.pgpass, or to the file that PGPASSFILE names",
                });
            }
            None => return None,
        }
    }
}

impl From<LinkError> for Fault {
    fn from(error: LinkError) -> Fault {
        error.fault()
    }
}
