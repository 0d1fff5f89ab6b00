//! Stand-ins for words that were erased before a replica got them.
//!
//! Invariant: a stand-in is not taken for words of people, and two of them are never equal.

use crate::domain::journal::{Hash, hex};

/// The salt of stand-ins.
pub const SALT: [u8; 16] = [0; 16];

/// The stand-in for a statement.
pub const STATEMENT: &str = "-";

/// Words with their salt and the digest that the chain covers.
pub struct StandIn {
    /// The salt.
    pub salt: Vec<u8>,
    /// The words.
    pub body: String,
    /// The digest.
    pub digest: Hash,
}

/// Returns the stand-in for the word with a number and digest.
pub fn of(id: i64, digest: Hash) -> StandIn {
    StandIn { salt: SALT.to_vec(), body: format!("(erased {id} {})", hex(&digest[..8])), digest }
}
