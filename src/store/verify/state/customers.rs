//! Compares the handles with the log and with their compared forms, and the keys with their digests
//! for looking up.
//!
//! Invariant: every handle has exactly the row that it began with, or the one that the changes of its
//! customer make of it; these are applied to the copy. What Rust computes is computed again.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{Damage, StateTable, ask, cells, table};
use crate::domain::handle::compared;
use crate::domain::journal::key_lookup;
use crate::domain::refusal::Fault;
use crate::store::as_of::Play;
use crate::store::sqlite_error::sqlite_fault;

const HANDLE: StateTable = table("handle", &["id"], "handle {} does not match the log");

/// Handles and customers that do not belong together.
const UNPAIRED: &str = "SELECT customer.entry, customer.id FROM customer LEFT JOIN handle ON handle.id = customer.id WHERE handle.id IS NULL
    UNION ALL SELECT 0, handle.id FROM handle LEFT JOIN customer ON customer.id = handle.id WHERE customer.id IS NULL LIMIT 1";

/// Every handle, whether it is as it began, and whether a change is about it.
const HANDLES: &str = "SELECT customer.entry, customer.id, customer.handle, handle.compared, handle.customer = handle.id AND handle.change = 0,
        EXISTS (SELECT 1 FROM change WHERE object = handle.id AND kind = 'customer')
    FROM customer JOIN handle ON handle.id = customer.id ORDER BY customer.id";

const KEYS: &str = "SELECT key.entry, key.key, key.lookup, coalesce(entry.actor, '') FROM key LEFT JOIN entry ON entry.seq = key.entry
    WHERE key.key IS NOT NULL ORDER BY key.entry";

/// Returns the first difference.
pub(super) fn damage(play: &Play<'_>) -> Result<Option<Damage>, Fault> {
    if let Some((entry, id)) = ask(play.file, UNPAIRED)? {
        return Ok(Some((entry, HANDLE.words.replace("{}", &id.to_string()))));
    }
    if let Some(fault) = keys(play.file)? {
        return Ok(Some(fault));
    }
    // What the changes make of the handles that they are about.
    play.customers_changed().map_err(sqlite_fault)?;
    let mut made = play.copy.prepare("SELECT * FROM handle WHERE id = ?1").map_err(sqlite_fault)?;
    let mut found = play.file.prepare("SELECT * FROM handle WHERE id = ?1").map_err(sqlite_fault)?;
    let mut handles = play.file.prepare(HANDLES).map_err(sqlite_fault)?;
    let mut rows = handles.query([]).map_err(sqlite_fault)?;
    while let Some(row) = rows.next().map_err(sqlite_fault)? {
        let handle = Handle::read(row).map_err(sqlite_fault)?;
        let is_whole = match handle.changed {
            false => handle.as_it_began,
            true => {
                let whole = |row: &Row<'_>| Ok(cells(Some(row)));
                let one = made.query_row([handle.id], whole).optional().map_err(sqlite_fault)?.transpose()?;
                let other =
                    found.query_row([handle.id], whole).optional().map_err(sqlite_fault)?.transpose()?;
                one == other
            }
        };
        if !is_whole {
            return Ok(Some((handle.entry, HANDLE.words.replace("{}", &handle.id.to_string()))));
        }
    }
    Ok(None)
}

/// A handle as stored.
struct Handle {
    entry: i64,
    id: i64,
    as_it_began: bool,
    changed: bool,
}

impl Handle {
    fn read(row: &Row<'_>) -> rusqlite::Result<Handle> {
        let handle: Option<String> = row.get(2)?;
        let stored: Option<String> = row.get(3)?;
        Ok(Handle {
            entry: row.get(0)?,
            id: row.get(1)?,
            as_it_began: row.get(4)? && stored == handle.as_deref().map(compared),
            changed: row.get(5)?,
        })
    }
}

fn keys(file: &Connection) -> Result<Option<Damage>, Fault> {
    let mut keys = file.prepare(KEYS).map_err(sqlite_fault)?;
    let mut rows = keys.query([]).map_err(sqlite_fault)?;
    while let Some(row) = rows.next().map_err(sqlite_fault)? {
        let read = || Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        let (entry, key, lookup, actor): (i64, String, Option<Vec<u8>>, String) =
            read().map_err(sqlite_fault)?;
        if lookup.as_deref() != Some(&key_lookup(&actor, &key)) {
            return Ok(Some((entry, format!("the key of entry {entry} does not match its digest"))));
        }
    }
    Ok(None)
}
