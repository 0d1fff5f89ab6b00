//! The SQL function with which the views read archived message bodies.
//!
//! Invariant: an archive is unpacked only if its bytes are not among the most recent ones, so that
//! a transcript unpacks it once. Bytes that a foreign program may have written are not trusted.
//! This module deliberately does not know which view or query calls the function.

use std::collections::VecDeque;
use std::sync::Mutex;

use rusqlite::ffi::{self, SQLITE_CORRUPT};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error};

use super::sqlite_error::sqlite_fault;
use crate::domain::archive::{Archive, unpack};
use crate::domain::refusal::Fault;

/// The name of the function: `switchboard_unpacked(archive.bodies, text.id)`.
pub const UNPACKED: &str = "switchboard_unpacked";

/// The most recently unpacked archives with their packed bytes, the latest first. A transcript
/// reads one archive; VERIFY reads those of conversations that took place at the same time.
type Last = Mutex<VecDeque<(Vec<u8>, Archive)>>;

/// The maximum number of archives kept unpacked.
const KEPT: usize = 32;
/// The maximum size of a packed archive, in bytes, that is kept together with others.
const SMALL: usize = 1 << 16;

/// Adds the function to a connection. It is marked as innocuous, because views may call only such
/// functions.
pub(super) fn add_unpacked(connection: &Connection) -> Result<(), Fault> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    let last = Last::default();
    connection
        .create_scalar_function(UNPACKED, 2, flags, move |context| unpacked(context, &last))
        .map_err(sqlite_fault)
}

/// Returns the body of a text in an archive, or null if there is no archive.
fn unpacked(context: &Context<'_>, last: &Last) -> rusqlite::Result<Option<String>> {
    let packed = match context.get_raw(0) {
        ValueRef::Null => return Ok(None),
        ValueRef::Blob(bytes) => bytes,
        _ => return Err(damaged()),
    };
    let mut last = last.lock().map_err(|_| damaged())?;
    match last.iter().position(|(bytes, _)| bytes == packed) {
        Some(place) => last.swap(0, place),
        None => {
            let archive = unpack(packed).ok_or_else(damaged)?;
            last.truncate(if packed.len() > SMALL { 0 } else { KEPT - 1 });
            last.push_front((packed.to_vec(), archive));
        }
    }
    let body = last.front().and_then(|(_, archive)| archive.body(context.get(1).ok()?));
    body.map(|body| Some(body.to_owned())).ok_or_else(damaged)
}

/// Returns the error that SQLite reports for a corrupt page. With a message it would be an ordinary
/// error.
fn damaged() -> Error {
    Error::SqliteFailure(ffi::Error::new(SQLITE_CORRUPT), None)
}
