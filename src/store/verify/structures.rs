//! Verifies SQLite's own structures.
//!
//! Invariant: an index that has lost a row, or leads to a wrong one, is damage; a page that could not be
//! read is a fault. Neither is visible in the hashes.

use rusqlite::{Connection, ffi};

use super::Damage;
use crate::domain::refusal::Fault;
use crate::store::sqlite_error::sqlite_fault;

/// Checks SQLite's own structures: every index has exactly the rows of its table, and no page is lost.
pub(super) fn damage(connection: &Connection) -> Result<Option<Damage>, Fault> {
    let sql = "PRAGMA integrity_check(1)";
    let found: String = connection.query_row(sql, [], |row| row.get(0)).map_err(sqlite_fault)?;
    if let Some(code) = read_error(&found) {
        return Err(sqlite_fault(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)));
    }
    Ok((found != "ok").then(|| (0, format!("the file itself is damaged: {found}"))))
}

/// Returns SQLite's code if it reports a page that it could not read, which is not damage of the page.
fn read_error(found: &str) -> Option<i32> {
    if found.contains("failed to get page") {
        return Some(ffi::SQLITE_IOERR_READ);
    }
    let (_, rest) = found.split_once("error code=")?;
    let code: i32 = rest.split(|end: char| !end.is_ascii_digit()).next()?.parse().ok()?;
    (code & 0xFF == ffi::SQLITE_IOERR).then_some(code)
}
