//! The host's clock and source of randomness.
//!
//! Invariant: both are read only here; all other code receives them in a context. This module
//! deliberately does not know whether a statement uses them (a replay has its own timestamps).

use chrono::Utc;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_can_be_written_and_seeds_differ() {
        assert!((Moment::EARLIEST..=Moment::LATEST).contains(&now()));
        assert_ne!(seed().unwrap(), seed().unwrap());
    }
}
