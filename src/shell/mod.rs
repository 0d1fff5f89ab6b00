//! Floor 4: the edge towards people and programs.
//!
//! Invariant: data goes to stdout, everything else to stderr. It deliberately does not know the
//! rules of conversations or how they are stored.

pub mod output;
pub mod render;

use crate::domain::refusal::Error;

/// What an error says: the message and the hint.
pub fn said(error: &Error) -> (String, Option<String>) {
    match error {
        Error::Refused(refusal) => (refusal.message.clone(), refusal.hint.clone()),
        Error::Broken(broken) => (broken.message.clone(), broken.hint.clone()),
    }
}
