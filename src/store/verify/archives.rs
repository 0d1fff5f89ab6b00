//! Compares the archive with the changes that created it and the texts that refer to it.
//!
//! Invariant: the digest of each archive is in the log, and it contains exactly the bodies of the
//! texts that refer to it, each unchanged. Archives are unpacked one at a time.

use rusqlite::{Connection, Row};

use crate::domain::archive::{Archive, unpack};
use crate::domain::journal::short_digest;
use crate::domain::refusal::Fault;
use crate::store::sqlite_error::sqlite_fault;

/// Texts with an inconsistent place: the body is in the text although it refers to an archive, or
/// the text refers to an archive through a message that does not contain it, or whose conversation
/// has no archive.
const ASTRAY: &str = "SELECT text.entry, text.id FROM text
    LEFT JOIN message ON message.id = text.message AND message.text = text.id
    LEFT JOIN archive ON archive.conversation = message.conversation
    WHERE text.message IS NOT NULL AND (text.body IS NOT NULL OR text.salt IS NOT NULL AND archive.conversation IS NULL)
    ORDER BY text.id LIMIT 1";

/// Conversations whose archived flag, archive and change do not match.
const UNCITED: &str = "SELECT coalesce(change.entry, opening.entry), conversation.id FROM conversation
    JOIN opening ON opening.id = conversation.id
    LEFT JOIN archive ON archive.conversation = conversation.id
    LEFT JOIN change ON change.kind = 'conversation' AND change.object = conversation.id
        AND (change.name = 'archived' OR change.name = 'unpacked')
    LEFT JOIN change AS purged ON purged.kind = 'conversation' AND purged.object = conversation.id AND purged.name = 'purged'
    WHERE conversation.archived IS NOT CASE WHEN purged.seq IS NOT NULL THEN 3 WHEN change.name = 'archived' THEN 1
            WHEN change.name = 'unpacked' THEN 2 ELSE 0 END
        OR archive.change IS NOT iif(change.name = 'archived', change.seq, NULL)
            AND (archive.change IS NOT NULL OR EXISTS (SELECT 1 FROM message JOIN text ON text.id = message.text
                WHERE message.conversation = conversation.id AND text.message IS NOT NULL AND text.salt IS NOT NULL))
    UNION ALL SELECT 0, conversation FROM archive WHERE conversation NOT IN (SELECT id FROM conversation) LIMIT 1";

const ARCHIVES: &str = "SELECT change.entry, archive.conversation, archive.bodies, change.value,
        (SELECT count(*) FROM message JOIN text ON text.id = message.text
            WHERE message.conversation = archive.conversation AND text.message = message.id)
    FROM archive JOIN change ON change.seq = archive.change ORDER BY archive.conversation";

/// The text, and the conversation of the message through which its archive is found.
const TEXT: &str = "SELECT text.entry, message.conversation FROM text
    JOIN message ON message.id = text.message AND message.text = text.id WHERE text.id = ?1";

/// Returns the first damage: the entry and a sentence.
pub(super) fn damage(connection: &Connection) -> Result<Option<(i64, String)>, Fault> {
    let first = |sql: &str, words: &str| -> Result<Option<(i64, String)>, Fault> {
        let mut sql = connection.prepare(sql).map_err(sqlite_fault)?;
        let mut rows = sql.query([]).map_err(sqlite_fault)?;
        let Some(row) = rows.next().map_err(sqlite_fault)? else { return Ok(None) };
        let (entry, id): (i64, i64) = pair(row).map_err(sqlite_fault)?;
        Ok(Some((entry, words.replace("{}", &id.to_string()))))
    };
    if let Some(fault) = first(UNCITED, "the archive of conversation {} does not match the last change")? {
        return Ok(Some(fault));
    }
    if let Some((entry, words)) = first(ASTRAY, "text {} is not in the archive that it names")? {
        return Ok(Some((entry, format!("{words}, of entry {entry}"))));
    }
    let mut archives = connection.prepare(ARCHIVES).map_err(sqlite_fault)?;
    let mut rows = archives.query([]).map_err(sqlite_fault)?;
    while let Some(row) = rows.next().map_err(sqlite_fault)? {
        let stored = Stored::read(row).map_err(sqlite_fault)?;
        if let Some(fault) = stored.damage(connection)? {
            return Ok(Some(fault));
        }
    }
    Ok(None)
}

fn pair(row: &Row<'_>) -> rusqlite::Result<(i64, i64)> {
    Ok((row.get(0)?, row.get(1)?))
}

/// An archive as stored in the file.
struct Stored {
    entry: i64,
    conversation: i64,
    bodies: Vec<u8>,
    digest: i64,
    /// The number of texts that refer to it.
    texts: i64,
}

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
        Ok(Stored {
            entry: row.get(0)?,
            conversation: row.get(1)?,
            bodies: row.get(2)?,
            digest: row.get(3)?,
            texts: row.get(4)?,
        })
    }

    fn damage(&self, connection: &Connection) -> Result<Option<(i64, String)>, Fault> {
        let Stored { entry, conversation, .. } = self;
        let changed = || {
            Some((*entry, format!("the archive of conversation {conversation} does not match its digest")))
        };
        if short_digest(&self.bodies) != self.digest {
            return Ok(changed());
        }
        let Some(archive) = unpack(&self.bodies) else { return Ok(changed()) };
        for id in archive.ids() {
            if let Some(fault) = self.fault_of_text(connection, &archive, id)? {
                return Ok(Some(fault));
            }
        }
        Ok(if archive.ids().count() as i64 == self.texts { None } else { changed() })
    }

    fn fault_of_text(
        &self,
        connection: &Connection,
        archive: &Archive,
        id: i64,
    ) -> Result<Option<(i64, String)>, Fault> {
        let mut sql = connection.prepare_cached(TEXT).map_err(sqlite_fault)?;
        let mut rows = sql.query([id]).map_err(sqlite_fault)?;
        let Some(row) = rows.next().map_err(sqlite_fault)? else {
            let words = format!("text {id} does not name the archive of conversation {}", self.conversation);
            return Ok(Some((self.entry, words)));
        };
        let (entry, conversation): (i64, i64) = pair(row).map_err(sqlite_fault)?;
        let whole = conversation == self.conversation && archive.body(id).is_some();
        Ok((!whole).then(|| (entry, format!("text {id} of entry {entry} does not match its digest"))))
    }
}
