//! From format 1 to 2: keys and the owners of handles get tables of their own, beside the chain;
//! messages can be automatic, and texts longer.
//!
//! Invariant: the log keeps its rows. Handles that format 1 took for different customers and that
//! are equal now are merged by changes in the entry of the upgrade.

use rusqlite::Connection;

use super::Migration;
use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::CustomerChange;
use crate::domain::handle::compared;
use crate::domain::journal::key_lookup;
use crate::domain::moment::Moment;
use crate::domain::refusal::Fault;
use crate::domain::value::Value;
use crate::store::sqlite_error::sqlite_fault;

const SQL: &str = "
    DROP INDEX entry_key;
    DROP INDEX customer_handle;
    INSERT INTO change_kind (kind, name, follows, item, value, optional, minimum, maximum, choices, initial) VALUES
        ('customer', 'merged', 'handle', '', 'id', 0, 1, 9223372036854775807, '', NULL),
        ('customer', 'removed', 'handle', '', 'none', 0, 0, 0, '', NULL),
        ('customer', 'name', 'setting', '', 'id', 1, 1, 9223372036854775807, '', NULL),
        ('key', 'erased', 'key', '', 'digest', 0, 32, 32, '', NULL);";

/// Handles that are equal to an earlier one, each with the customer of that one.
const EQUAL: &str =
    "SELECT later.id, earlier.id FROM handle AS later JOIN equal_handle ON equal_handle.id = later.id
    JOIN handle AS earlier ON earlier.compared = equal_handle.compared ORDER BY later.id";

pub(super) fn migration() -> Migration {
    Migration {
        to: 2,
        created: vec!["key".to_owned(), "handle".to_owned()],
        sql: SQL.to_owned(),
        computed: Some(computed),
        rebuilt: vec!["message".to_owned(), "text".to_owned()],
        changes: Some(merges),
    }
}

fn computed(connection: &Connection) -> Result<(), Fault> {
    keys(connection).and_then(|()| handles(connection)).map_err(sqlite_fault)
}

/// Moves the keys. The hash of their entries covers them; so they have no salt.
fn keys(connection: &Connection) -> rusqlite::Result<()> {
    let mut keys = connection
        .prepare("SELECT seq, coalesce(actor, ''), key FROM entry WHERE key IS NOT NULL ORDER BY seq")?;
    let mut insert = connection.prepare("INSERT INTO key (entry, key, lookup) VALUES (?1, ?2, ?3)")?;
    let mut rows = keys.query([])?;
    while let Some(row) = rows.next()? {
        let (actor, key) = (row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
        insert.execute((row.get::<_, i64>(0)?, key, key_lookup(actor, key)))?;
    }
    drop(rows);
    connection.execute("UPDATE entry SET key = NULL WHERE key IS NOT NULL", []).map(|_| ())
}

/// Writes the compared form of every handle. One that is equal to an earlier one names nobody; who
/// it belonged to is merged with the customer of that one.
fn handles(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("CREATE TEMP TABLE equal_handle (id INTEGER PRIMARY KEY, compared TEXT)")?;
    let mut customers = connection.prepare("SELECT id, handle FROM customer ORDER BY id")?;
    let mut insert = connection
        .prepare("INSERT OR IGNORE INTO handle (id, customer, compared, change) VALUES (?1, ?1, ?2, 0)")?;
    let mut equal = connection.prepare("INSERT INTO equal_handle (id, compared) VALUES (?1, ?2)")?;
    let mut rows = customers.query([])?;
    while let Some(row) = rows.next()? {
        let (id, handle): (i64, Option<String>) = (row.get(0)?, row.get(1)?);
        let compared = handle.as_deref().map(compared);
        if insert.execute((id, &compared))? == 0 {
            insert.execute((id, None::<String>))?;
            equal.execute((id, &compared))?;
        }
    }
    // An erased handle cites the change that erased it.
    connection
        .execute(
            "UPDATE handle SET change = (SELECT seq FROM change WHERE kind = 'customer' AND name = 'erased' AND object = handle.id)
                WHERE compared IS NULL AND id NOT IN (SELECT id FROM equal_handle)",
            [],
        )
        .map(|_| ())
}

fn merges(connection: &Connection, at: Moment) -> Result<Vec<Change>, Fault> {
    let read = || -> rusqlite::Result<Vec<(i64, i64)>> {
        let mut equal = connection.prepare(EQUAL)?;
        let pairs = equal.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect();
        drop(equal);
        connection.execute_batch("DROP TABLE equal_handle")?;
        pairs
    };
    let merged = |(later, earlier): (i64, i64)| {
        let kind = ChangeKind::Customer;
        [
            Change::setting(kind(CustomerChange::Merged), later, earlier, at),
            Change::setting(kind(CustomerChange::Removed), later, Value::Null, at),
        ]
    };
    Ok(read().map_err(sqlite_fault)?.into_iter().flat_map(merged).collect())
}
