//! Queries for purging closed conversations.
//!
//! Invariant: what is purged is listed with the digests that stand in the chain for it.

use super::Snapshot;
use crate::domain::journal::{Hash, salted_digest};
use crate::domain::moment::Moment;
use crate::domain::refusal::Fault;

/// An entry that changed a conversation.
#[derive(Debug)]
pub struct EntryAbout {
    /// The number of the entry.
    pub entry: i64,
    /// Its statement.
    pub statement: String,
    /// Whether it opened the conversation, wrote in it or connected a customer: if its statement is
    /// about a customer, it is about this conversation.
    pub customer: bool,
}

impl Snapshot<'_> {
    /// Returns at most `most` conversations that closed before `moment` and are not purged, the
    /// earliest closed first.
    pub fn unpurged(&self, moment: Moment, most: i64) -> Result<Vec<i64>, Fault> {
        self.many(
            "SELECT id FROM conversation WHERE closed_at < ?1 AND archived < 3 ORDER BY closed_at, id LIMIT ?2",
            (moment.0, most),
            |row| row.get(0),
        )
    }

    /// Returns how many conversations closed before `moment` and are not purged.
    pub fn unpurged_count(&self, moment: Moment) -> Result<i64, Fault> {
        self.number("SELECT count(*) FROM conversation WHERE closed_at < ?1 AND archived < 3", [moment.0])
    }

    /// Returns the texts of a conversation's messages and notes, each with the message through which
    /// it is found once purged, and its digest.
    pub fn texts_to_purge(&self, conversation: i64) -> Result<Vec<(i64, i64, Hash)>, Fault> {
        let sql = "SELECT text.id, coalesce(text.message, min(message.id)), salt, coalesce(body, switchboard_unpacked(bodies, text.id))
            FROM message JOIN text ON text.id = message.text
            LEFT JOIN message AS kept ON kept.id = text.message LEFT JOIN archive ON archive.conversation = kept.conversation
            WHERE message.conversation = ?1 AND salt IS NOT NULL AND coalesce(kept.conversation, ?1) = ?1
            GROUP BY text.id ORDER BY text.id";
        self.many(sql, [conversation], |row| {
            let (salt, body): (Vec<u8>, String) = (row.get(2)?, row.get(3)?);
            Ok((row.get(0)?, row.get(1)?, salted_digest(&salt, &body)))
        })
    }

    /// Returns the entries that changed a conversation, besides others perhaps.
    pub fn entries_about(&self, conversation: i64) -> Result<Vec<EntryAbout>, Fault> {
        let sql = "SELECT seq, statement, max(begins) FROM (
                SELECT entry, 1 AS begins FROM opening WHERE id = ?1
                UNION ALL SELECT entry, 1 FROM message WHERE conversation = ?1 AND text IS NOT NULL
                UNION ALL SELECT entry, name = 'connected' FROM change WHERE object = ?1 AND kind = 'session'
                UNION ALL SELECT entry, 0 FROM change WHERE object = ?1 AND kind IN ('conversation', 'timer', 'participant', 'offer')
                UNION ALL SELECT entry, 0 FROM transition WHERE conversation = ?1) AS about
            JOIN entry ON entry.seq = about.entry WHERE statement IS NOT NULL GROUP BY seq ORDER BY seq";
        self.many(sql, [conversation], |row| {
            Ok(EntryAbout { entry: row.get(0)?, statement: row.get(1)?, customer: row.get(2)? })
        })
    }
}
