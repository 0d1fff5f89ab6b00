//! The host's clock and its randomness: the only two accidents that a statement is given.
//!
//! Invariant: both are read here and nowhere below; everything else is handed them in a context.
//! It deliberately does not know whether a statement uses them (a replay brings its own moments).

use chrono::Utc;

use crate::domain::moment::Moment;
use crate::domain::refusal::{Code, Fault};

/// What the host's clock says now, in whole milliseconds.
pub fn now() -> Moment {
    Moment(Utc::now().timestamp_millis())
}

/// Thirty-two fresh bytes from the operating system.
///
/// # Errors
/// The operating system has none: without them public ids could be guessed, so nothing is done.
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
