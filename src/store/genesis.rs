//! The start of the hash chain: the format in which the file was created, and the digest of its
//! built-in rows at that time.
//!
//! Invariant: if a row of a built-in lifecycle or of a closed list is changed, its digest differs
//! from that of the released format.

use rusqlite::Connection;

use super::convert::add_fields;
use super::sqlite_error::sqlite_fault;
use crate::domain::journal::{Changes, Hash, Table};
use crate::domain::refusal::{Code, Fault};

/// The queries for a file's built-in rows, in the order of their keys.
const ROWS: [&str; 9] = [
    "SELECT * FROM channel ORDER BY channel",
    "SELECT * FROM phase ORDER BY phase",
    "SELECT * FROM event ORDER BY event",
    "SELECT * FROM timer_kind ORDER BY timer",
    "SELECT * FROM change_kind ORDER BY kind, name",
    "SELECT * FROM object WHERE id < 0 ORDER BY kind, id",
    "SELECT * FROM setting WHERE kind = 'lifecycle' AND object < 0 ORDER BY object, name",
    "SELECT * FROM state WHERE lifecycle < 0 ORDER BY lifecycle, state, channel",
    "SELECT * FROM edge WHERE lifecycle < 0 ORDER BY lifecycle, channel, from_state, event, condition",
];

/// The row of `genesis`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Genesis {
    /// The format in which the file was created.
    pub format: i64,
    /// The digest of its built-in rows at that time: the hash before the first entry.
    pub digest: Hash,
}

/// Reads the genesis row of a file.
///
/// # Errors
/// `damaged` unless there is exactly one row; faults of the file.
pub fn genesis(connection: &Connection) -> Result<Genesis, Fault> {
    let mut statement = connection.prepare("SELECT format, digest FROM genesis").map_err(sqlite_fault)?;
    let rows = statement
        .query_map([], |row| Ok(Genesis { format: row.get(0)?, digest: row.get(1)? }))
        .and_then(|rows| rows.collect::<rusqlite::Result<Vec<_>>>())
        .map_err(sqlite_fault)?;
    match rows.as_slice() {
        [genesis] => Ok(*genesis),
        _ => Err(Fault::new(Code::Damaged, "the format with which the file was created is missing")
            .hint("restore a backup, and check who can write to the file")),
    }
}

/// Writes the genesis row of a new file.
pub fn write_genesis(connection: &Connection, format: i64) -> Result<(), Fault> {
    let digest = built_in_digest(connection)?;
    connection
        .execute("INSERT INTO genesis (format, digest) VALUES (?1, ?2)", (format, digest))
        .map_err(sqlite_fault)?;
    Ok(())
}

/// Writes another genesis row into a file whose journal has no entries, and so proves nothing yet.
pub fn write_again(connection: &Connection, genesis: &Genesis) -> Result<(), Fault> {
    let guards = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'genesis'";
    let mut guards = connection.prepare(guards).map_err(sqlite_fault)?;
    let guards: Vec<String> = guards
        .query_map([], |row| row.get(0))
        .and_then(|rows| rows.collect::<rusqlite::Result<_>>())
        .map_err(sqlite_fault)?;
    let run = |sql: &str| connection.execute_batch(sql).map_err(sqlite_fault);
    run(
        "DROP TRIGGER genesis_insert; DROP TRIGGER genesis_update; DROP TRIGGER genesis_delete; DELETE FROM genesis",
    )?;
    connection
        .execute("INSERT INTO genesis (format, digest) VALUES (?1, ?2)", (genesis.format, genesis.digest))
        .map_err(sqlite_fault)?;
    guards.iter().try_for_each(|guard| run(guard))
}

/// Returns the digest of the file's current built-in rows.
pub fn built_in_digest(connection: &Connection) -> Result<Hash, Fault> {
    let mut changes = Changes::default();
    for sql in ROWS {
        let mut statement = connection.prepare(sql).map_err(sqlite_fault)?;
        let mut rows = statement.query([]).map_err(sqlite_fault)?;
        while let Some(row) = rows.next().map_err(sqlite_fault)? {
            add_fields(&mut changes, Table::Change, row, 0).map_err(sqlite_fault)?;
        }
    }
    Ok(changes.digest())
}
