//! Compares the lifecycles that people created with the digests of their definitions.
//!
//! Invariant: every column of every row is covered, also for dropped lifecycles, and no row belongs
//! to a lifecycle that the log does not know. Built-in lifecycles are covered by the start of the
//! chain.

use rusqlite::{Connection, OptionalExtension};

use crate::domain::journal::{Changes, Hash, Table};
use crate::domain::refusal::Fault;
use crate::store::convert::add_fields;
use crate::store::sqlite_error::sqlite_fault;

const DRAWN: &str =
    "SELECT entry, object, value FROM change WHERE kind = 'lifecycle' AND name = 'digest' ORDER BY seq";

/// The rows of a lifecycle, in the order and with the columns of `LifecycleDefinition::digest`.
const ROWS: [&str; 3] = [
    "SELECT (SELECT value FROM setting WHERE kind = 'lifecycle' AND object = ?1 AND name = 'one_per_customer'),
        (SELECT value FROM setting WHERE kind = 'lifecycle' AND object = ?1 AND name = 'ends_by_sessions'),
        (SELECT value FROM setting WHERE kind = 'lifecycle' AND object = ?1 AND name = 'customer_timeout'),
        (SELECT value FROM setting WHERE kind = 'lifecycle' AND object = ?1 AND name = 'transfer_presences')",
    "SELECT state, channel, phase, position FROM state WHERE lifecycle = ?1 ORDER BY state, channel",
    "SELECT channel, from_state, event, condition, to_state, to_phase, after_ms FROM edge WHERE lifecycle = ?1
        ORDER BY channel, from_state, event, condition",
];

const STRAY: &str = "SELECT id FROM (SELECT id FROM object WHERE kind = 'lifecycle' UNION SELECT lifecycle FROM state UNION SELECT lifecycle FROM edge)
    WHERE id >= 0 AND id NOT IN (SELECT object FROM change WHERE kind = 'lifecycle' AND name = 'digest') LIMIT 1";

/// Returns the first lifecycle that does not match its digest: the entry that created it, and a
/// sentence.
pub(super) fn damage(connection: &Connection) -> Result<Option<(i64, String)>, Fault> {
    let mut drawn = connection.prepare(DRAWN).map_err(sqlite_fault)?;
    let mut rows = drawn.query([]).map_err(sqlite_fault)?;
    while let Some(row) = rows.next().map_err(sqlite_fault)? {
        let (journal, id): (i64, i64) =
            row.get(0).and_then(|seq| Ok((seq, row.get(1)?))).map_err(sqlite_fault)?;
        let digest: Hash = row.get(2).map_err(sqlite_fault)?;
        if lifecycle_digest(connection, id)? != digest {
            return Ok(Some((journal, format!("lifecycle {id} does not match entry {journal}"))));
        }
    }
    let stray: Option<i64> =
        connection.query_row(STRAY, [], |row| row.get(0)).optional().map_err(sqlite_fault)?;
    Ok(stray.map(|id| (0, format!("rows of lifecycle {id} belong to no entry"))))
}

/// Returns the digest of the rows of a lifecycle.
pub fn lifecycle_digest(connection: &Connection, id: i64) -> Result<Hash, Fault> {
    let mut changes = Changes::default();
    for sql in ROWS {
        let mut statement = connection.prepare_cached(sql).map_err(sqlite_fault)?;
        let mut rows = statement.query([id]).map_err(sqlite_fault)?;
        while let Some(row) = rows.next().map_err(sqlite_fault)? {
            add_fields(&mut changes, Table::Change, row, 0).map_err(sqlite_fault)?;
        }
    }
    Ok(changes.digest())
}
