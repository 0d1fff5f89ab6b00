//! Queries about message bodies that are not archived yet.

use super::Snapshot;
use crate::domain::moment::Moment;
use crate::domain::refusal::Fault;

/// A message body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The id of the text.
    pub text: i64,
    /// The id of the first message with this text.
    pub message: i64,
    /// The body.
    pub body: String,
}

/// The texts of a conversation's messages and notes whose bodies are not archived. A text that is
/// also a subject or a reason (only foreign programs write those) is left out and never archived.
const STANDING: &str = "FROM message JOIN text ON text.id = message.text
    WHERE message.conversation = ?1 AND text.body IS NOT NULL AND text.id NOT IN (
        SELECT subject FROM opening WHERE id = ?1 AND subject IS NOT NULL
        UNION ALL SELECT subject FROM conversation WHERE id = ?1 AND subject IS NOT NULL
        UNION ALL SELECT reason FROM transition WHERE conversation = ?1 AND reason IS NOT NULL)
    GROUP BY text.id";

impl Snapshot<'_> {
    /// Returns at most `most` conversations that closed up to `closed` and have not been considered
    /// for archiving, the earliest closed first.
    pub fn unarchived(&self, closed: Moment, most: i64) -> Result<Vec<i64>, Fault> {
        self.many(
            "SELECT id FROM conversation WHERE closed_at <= ?1 AND archived = 0 AND message > 0 ORDER BY closed_at, id LIMIT ?2",
            (closed.0, most),
            |row| row.get(0),
        )
    }

    /// Returns the number and the total bytes of a conversation's unarchived bodies, without
    /// reading them.
    pub fn unpacked_bodies(&self, conversation: i64) -> Result<(i64, i64), Fault> {
        let sql = format!(
            "SELECT count(*), coalesce(sum(bytes), 0) FROM (SELECT octet_length(body) AS bytes {STANDING})"
        );
        let found = self.one(&sql, [conversation], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.unwrap_or_default())
    }

    /// Returns these bodies in the order of their texts.
    pub fn said(&self, conversation: i64) -> Result<Vec<Said>, Fault> {
        let sql = format!("SELECT text.id, min(message.id), body {STANDING} ORDER BY text.id");
        self.many(&sql, [conversation], |row| {
            Ok(Said { text: row.get(0)?, message: row.get(1)?, body: row.get(2)? })
        })
    }
}
