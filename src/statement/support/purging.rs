//! What a purge removes of a closed conversation, and the reply that counts it.
//!
//! Invariant: bodies and statements leave their digests, so the log verifies without them. This
//! module deliberately does not know when a conversation is purged.

use super::stored::is_about;
use crate::domain::change::Purged;
use crate::domain::journal::statement_digest;
use crate::domain::moment::Moment;
use crate::domain::refusal::Error;
use crate::store::Snapshot;

/// Where words may still be after they were erased or purged.
pub const STILL_ELSEWHERE: &str = "backups, copies of the file from before an upgrade, files of hosts that have left, and the prompt's history may still contain the words";

/// How much was purged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PurgedCount {
    /// Conversations.
    pub conversations: i64,
    /// Message bodies.
    pub texts: i64,
    /// Statements of the journal.
    pub statements: i64,
}

impl PurgedCount {
    /// Adds a conversation.
    pub fn add(&mut self, purged: &Purged) {
        self.conversations += 1;
        self.texts += purged.texts.len() as i64;
        self.statements += purged.statements.len() as i64;
    }
}

/// Returns the purge of a closed conversation: the bodies of its messages and notes, and the
/// statements that are about it.
///
/// # Errors
/// Faults of the file.
pub fn purge_of(snapshot: &Snapshot<'_>, conversation: i64, at: Moment) -> Result<Purged, Error> {
    let mut statements = Vec::new();
    for about in snapshot.entries_about(conversation)? {
        if is_about(snapshot, &about.statement, conversation, about.customer)? {
            statements.push((about.entry, statement_digest(&about.statement)));
        }
    }
    Ok(Purged { conversation, texts: snapshot.texts_to_purge(conversation)?, statements, at })
}
