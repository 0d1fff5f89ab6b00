//! Archives and purges the bodies of closed conversations.
//!
//! Invariant: the order of the statements matters, because the triggers check it: first the change,
//! then what follows from it.

use super::Writer;
use crate::domain::change::{Archived, ChangeKind, Purged, ValueChange};
use crate::domain::closed_lists::ConversationChange;
use crate::domain::journal::short_digest;
use crate::domain::moment::Moment;
use crate::domain::refusal::Fault;
use crate::domain::value::Value;

impl Writer<'_> {
    /// Moves bodies to the archive, whose digest is recorded.
    pub(super) fn archived(&mut self, archived: &Archived) -> Result<(), Fault> {
        let digest = Value::Integer(short_digest(&archived.bodies));
        self.closed(ConversationChange::Archived, archived.conversation, digest, archived.at)?;
        self.insert(
            "INSERT INTO archive (conversation, bodies, change) VALUES (?1, ?2, ?3)",
            (archived.conversation, &archived.bodies, self.head.change),
        )?;
        for (text, message) in &archived.texts {
            self.insert("UPDATE text SET body = NULL, message = ?2 WHERE id = ?1", (text, message))?;
        }
        Ok(())
    }

    /// Removes bodies and statements; their digests stay. A trigger removes sessions and guests.
    pub(super) fn purged(&mut self, purged: &Purged) -> Result<(), Fault> {
        self.closed(ConversationChange::Purged, purged.conversation, Value::Null, purged.at)?;
        for (text, message, digest) in &purged.texts {
            self.insert(
                "UPDATE text SET body = NULL, salt = NULL, message = ?2, digest = ?3 WHERE id = ?1",
                (text, message, digest),
            )?;
        }
        self.insert("DELETE FROM archive WHERE conversation = ?1", [purged.conversation])?;
        for (entry, digest) in &purged.statements {
            self.insert("UPDATE entry SET statement = NULL, digest = ?2 WHERE seq = ?1", (entry, digest))?;
        }
        Ok(())
    }

    fn closed(
        &mut self,
        change: ConversationChange,
        conversation: i64,
        value: Value,
        at: Moment,
    ) -> Result<(), Fault> {
        let kind = ChangeKind::Conversation(change);
        self.setting(&ValueChange { kind, object: conversation, item: Value::Null, value, at })
    }
}
