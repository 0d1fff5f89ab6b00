//! A refusal or a fault as programs get it: the error, and its place in the statement's text.
//!
//! Invariant: every error of the public interface is a `Failure`, so `?` works throughout. This
//! module deliberately does not know how a place is found in a text.

use std::ops::Range;

use super::refusal::{Code, Error, Fault, Refusal};

/// Why there is no result: a statement was refused, or the file, the disk or a lock failed.
///
/// Distinguish failures by their [`code`](Failure::code); messages and hints may change. Hints are
/// written for people at the command line, and some name its options.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Failure {
    /// The refusal or the fault.
    #[doc(hidden)]
    pub error: Error,
    /// The place in the statement's text, in bytes; empty if the failure is not about a statement.
    pub span: Range<usize>,
}

impl Failure {
    /// Returns the code by which programs distinguish failures.
    pub fn code(&self) -> Code {
        self.error.code()
    }

    /// Returns what is wrong, in one sentence.
    pub fn message(&self) -> &str {
        self.error.message()
    }

    /// Returns what to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.error.hint()
    }

    /// Returns whether this is a refusal, which is an answer; otherwise something failed (see
    /// [`Code`]).
    pub fn is_refusal(&self) -> bool {
        matches!(self.error, Error::Refused(_))
    }
}

/// A failure that is not about a place in a statement's text.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure { error, span: 0..0 }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Error::from(refusal).into()
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Error::from(fault).into()
    }
}
