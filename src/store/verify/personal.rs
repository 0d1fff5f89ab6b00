//! Compares what is gone, handles, texts, keys and statements, with the changes that explain it.
//!
//! Invariant: nothing is gone without an explanation in the log, and nothing that the log says is gone
//! is there. The chain proves the digests.

use rusqlite::{Connection, OptionalExtension};

use super::Damage;
use crate::domain::refusal::Fault;
use crate::store::sqlite_error::sqlite_fault;

/// Personal data that was erased according to the log but exists again.
const RESTORED: &str = "SELECT change.entry, change.kind || ' ' || change.object FROM change
        JOIN customer ON customer.id = change.object
        WHERE change.kind = 'customer' AND change.name = 'erased' AND (customer.handle IS NOT NULL OR customer.salt IS NOT NULL)
    UNION ALL SELECT change.entry, change.kind || ' ' || change.object FROM change
        JOIN text ON text.id = change.object
        WHERE change.kind = 'text' AND change.name = 'erased' AND (text.body IS NOT NULL OR text.salt IS NOT NULL)
    UNION ALL SELECT change.entry, change.kind || ' ' || change.object FROM change
        JOIN key ON key.entry = change.object
        WHERE change.kind = 'key' AND change.name = 'erased' AND (key.key IS NOT NULL OR key.salt IS NOT NULL OR key.lookup IS NOT NULL)
    UNION ALL SELECT change.entry, 'a text of conversation ' || change.object FROM change
        JOIN message ON message.conversation = change.object JOIN text ON text.id = message.text
        LEFT JOIN message AS kept ON kept.id = text.message
        WHERE change.kind = 'conversation' AND change.name = 'purged' AND (text.body IS NOT NULL OR text.salt IS NOT NULL)
            AND coalesce(kept.conversation, change.object) = change.object
    ORDER BY 1 LIMIT 1";

/// Whether an erasure of ?1 with the id ?2 and the digest ?3, or the purge of its conversation, explains
/// that something is gone.
const EXPLAINED: &str = "SELECT EXISTS (SELECT 1 FROM change WHERE object = ?2 AND kind = ?1 AND name = 'erased' AND value = ?3)
    OR ?1 = 'text' AND EXISTS (SELECT 1 FROM text JOIN message ON message.id = text.message AND message.text = text.id
        JOIN change ON change.object = message.conversation AND change.kind = 'conversation' AND change.name = 'purged'
        WHERE text.id = ?2)";

/// Purged statements of entries that are about no purged conversation.
const UNEXPLAINED: &str =
    "WITH purged (id) AS (SELECT object FROM change WHERE kind = 'conversation' AND name = 'purged')
    SELECT seq FROM entry WHERE statement IS NULL
        AND NOT EXISTS (SELECT 1 FROM change WHERE object = entry.seq AND kind = 'entry' AND name = 'purged')
        AND seq NOT IN (SELECT entry FROM opening WHERE id IN purged
            UNION SELECT entry FROM transition WHERE conversation IN purged
            UNION SELECT entry FROM message WHERE conversation IN purged
            UNION SELECT entry FROM change WHERE object IN purged
                AND kind IN ('conversation', 'session', 'timer', 'participant', 'offer'))
    ORDER BY seq LIMIT 1";

fn restored(connection: &Connection) -> Result<Option<Damage>, Fault> {
    let found: Option<(i64, String)> = connection
        .query_row(RESTORED, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .map_err(sqlite_fault)?;
    Ok(found.map(|(entry, row)| (entry, format!("{row} was erased but is present"))))
}

/// Checks that personal data matches its digest, or that an erasure or a purge explains why it is gone;
/// counts what is gone.
pub(super) fn damage(connection: &Connection, erased: &mut i64) -> Result<Option<Damage>, Fault> {
    if let Some(fault) = restored(connection)? {
        return Ok(Some(fault));
    }
    let unexplained: Option<i64> =
        connection.query_row(UNEXPLAINED, [], |row| row.get(0)).optional().map_err(sqlite_fault)?;
    if let Some(entry) = unexplained {
        return Ok(Some((entry, format!("the statement of entry {entry} is missing without a PURGE"))));
    }
    for (kind, sql) in [
        (
            "customer",
            "SELECT id, entry, digest, salt IS NULL, handle IS NULL FROM customer WHERE digest IS NOT NULL OR salt IS NULL OR handle IS NULL ORDER BY id",
        ),
        (
            "text",
            "SELECT id, entry, digest, salt IS NULL, body IS NULL FROM text
            WHERE digest IS NOT NULL OR salt IS NULL OR body IS NULL AND message IS NULL ORDER BY id",
        ),
        (
            "key",
            "SELECT entry, entry, digest, salt IS NULL, key IS NULL AND lookup IS NULL FROM key
            WHERE digest IS NOT NULL OR key IS NULL OR lookup IS NULL ORDER BY entry",
        ),
    ] {
        let mut erasure = connection.prepare_cached(EXPLAINED).map_err(sqlite_fault)?;
        let mut statement = connection.prepare(sql).map_err(sqlite_fault)?;
        let mut rows = statement.query([]).map_err(sqlite_fault)?;
        while let Some(row) = rows.next().map_err(sqlite_fault)? {
            let (id, entry): (i64, i64) = (|| Ok((row.get(0)?, row.get(1)?)))().map_err(sqlite_fault)?;
            let digest: Option<Vec<u8>> = row.get(2).map_err(sqlite_fault)?;
            let gone = row.get(3).and_then(|salt: bool| Ok(salt && row.get(4)?)).map_err(sqlite_fault)?;
            *erased += 1;
            let explained =
                gone && erasure.query_row((kind, id, digest), |row| row.get(0)).map_err(sqlite_fault)?;
            if !explained {
                return Ok(Some((entry, format!("{kind} {id} of entry {entry} does not match its digest"))));
            }
        }
    }
    Ok(None)
}
