//! The time, actor and randomness of one statement: its inputs besides the text.
//!
//! Invariant: no layer below the shell reads a clock or asks the system for randomness; everything
//! comes from the context.

use sha2::{Digest, Sha256};

use super::moment::Moment;

/// Where a statement's timestamp comes from.
#[derive(Clone, Copy)]
pub enum Clock {
    /// The later of this clock and the file's last timestamp, fixed once the file is locked.
    Live(fn() -> Moment),
    /// A given timestamp, for imports, fixtures, simulations and tests. One before the file's last
    /// timestamp is refused.
    Given(Moment),
}

/// The time, actor and randomness of one statement.
#[derive(Clone)]
pub struct Context {
    /// Where the timestamp comes from.
    pub clock: Clock,
    /// The name of the actor.
    pub actor: String,
    /// The operating-system user, checked against the actor's `login` setting; `None`: not checked,
    /// as in a replay.
    pub login: Option<String>,
    /// Accept a timestamp more than 400 days after the file's last one.
    pub accept_clock: bool,
    /// The source of ids and salts: 32 random bytes, new for every statement.
    pub seed: [u8; 32],
}

impl Context {
    /// Returns a context with a given timestamp, for replays and tests. The seed is derived from
    /// the timestamp and the actor.
    pub fn given(moment: Moment, actor: &str) -> Self {
        let seed = Sha256::new().chain_update(moment.0.to_le_bytes()).chain_update(actor).finalize().into();
        Context {
            clock: Clock::Given(moment),
            actor: actor.to_owned(),
            login: None,
            accept_clock: false,
            seed,
        }
    }

    /// Returns a context that reads `clock`.
    pub fn live(clock: fn() -> Moment, actor: &str, seed: [u8; 32]) -> Self {
        Context { clock: Clock::Live(clock), actor: actor.to_owned(), login: None, accept_clock: false, seed }
    }

    /// Returns sixteen random bytes. The same seed, purpose and number give the same bytes.
    pub fn random(&self, purpose: &str, number: i64) -> [u8; 16] {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(self.seed)
            .chain_update(purpose)
            .chain_update(number.to_le_bytes())
            .finalize()
            .into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        bytes
    }
}
