//! Time, actor and randomness of one statement: what the program knows that its text does not say.
//!
//! Invariant: nothing below the shell reads a clock or asks the system for randomness; it is all in here.

use sha2::{Digest, Sha256};

use super::moment::Moment;

/// Which moment a statement has.
#[derive(Clone, Copy)]
pub enum Clock {
    /// The later of this clock and the file's last moment, fixed once the file is locked.
    Live(fn() -> Moment),
    /// That moment: imports, fixtures, simulations, tests. An earlier one than the file's last is refused.
    Given(Moment),
}

/// Time, actor and randomness of one statement.
#[derive(Clone)]
pub struct Context {
    /// Its moment.
    pub clock: Clock,
    /// Who acts.
    pub actor: String,
    /// The operating-system user, where it is to be held against a `login`; none during a replay.
    pub login: Option<String>,
    /// Takes a moment that is more than 400 days ahead of the file.
    pub accept_clock: bool,
    /// Where ids and salts come from: 32 bytes, fresh for every statement.
    pub seed: [u8; 32],
}

impl Context {
    /// A context at a given moment, for replays and tests. The seed follows from the moment and the actor.
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

    /// A context of this moment's clock.
    pub fn live(clock: fn() -> Moment, actor: &str, seed: [u8; 32]) -> Self {
        Context { clock: Clock::Live(clock), actor: actor.to_owned(), login: None, accept_clock: false, seed }
    }

    /// Sixteen random bytes for that purpose: the same for the same seed, purpose and number.
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
