//! Stand-ins for words that were erased before a replica got them.
//!
//! Invariant: a stand-in is not taken for words of people, two of them are never equal, and each has the
//! digest of the words that it stands for.

use crate::domain::journal::{Hash, hex};

/// The salt of stand-ins.
pub const SALT: [u8; 16] = [0; 16];

/// What the stand-in for a statement begins with, as no statement does.
const STATEMENT: &str = "- ";

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
    StandIn { salt: SALT.to_vec(), body: format!("(erased {id} {})", hex(&digest)), digest }
}

/// Returns whether words are a stand-in for words with that digest; `None` if they are none at all.
pub fn stands_for(salt: &[u8], body: &str, digest: &[u8]) -> Option<bool> {
    (salt == SALT).then(|| body.ends_with(&format!(" {})", hex(digest))))
}

/// Returns the stand-in for a statement.
pub fn of_statement(digest: &Hash) -> String {
    format!("{STATEMENT}{}", hex(digest))
}

/// Returns whether a statement is a stand-in for one with that digest; `None` if it is none at all.
pub fn stands_for_statement(statement: &str, digest: &[u8]) -> Option<bool> {
    statement.strip_prefix(STATEMENT).map(|stands| stands == hex(digest))
}
