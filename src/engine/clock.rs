//! The clock and the randomness of the host.
//!
//! Invariant: both are read here and nowhere else; everything else gets them in a [`Context`]. This
//! module deliberately does not know whether a statement uses them (a replay brings its own times).

use chrono::Utc;

use crate::domain::context::Context;
use crate::domain::failure::Failure;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Code, Fault};

/// Returns the host's time in ms since 1970 UTC.
pub fn now() -> Moment {
    Moment(Utc::now().timestamp_millis())
}

/// Returns 32 random bytes from the operating system.
///
/// # Errors
/// `internal` if the operating system returns none. Without them public ids could be guessed, so
/// nothing is run.
pub fn seed() -> Result<[u8; 32], Fault> {
    let mut bytes = [0; 32];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) => {
            Err(Fault::new(Code::Internal, format!("cannot read random bytes from the system: {error}")))
        }
    }
}

impl Context {
    /// Creates a context with the host's clock and fresh randomness. Logins are not checked: set
    /// [`Context::login`] to have them checked.
    ///
    /// Create one for every statement. The clock is read when the statement runs, after it has got
    /// the write lock; the statement's time is the later of the clock and the last entry.
    ///
    /// # Errors
    /// `internal`, if the operating system provides no randomness.
    pub fn now(actor: &str) -> Result<Context, Failure> {
        Ok(Context::live(now, actor, seed()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_can_be_written_and_seeds_differ() {
        assert!((Moment::EARLIEST..=Moment::LATEST).contains(&now()));
        assert_ne!(seed().unwrap(), seed().unwrap());
    }
}
