//! Reading what stands in the archive: the function of the file's views that unpacks it.
//!
//! Invariant: an archive is unpacked again only when its bytes are none of the last ones, so a transcript unpacks
//! once; and nothing is taken on trust that a foreign program could have put there. It deliberately does not know
//! which view or question asks.

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

/// The bytes that were unpacked last, and what was in them, the last one first: a transcript reads one archive, VERIFY
/// those of the conversations that went on at the same time.
type Last = Mutex<VecDeque<(Vec<u8>, Archive)>>;

/// How many archives are kept unpacked.
const KEPT: usize = 32;
/// How many bytes an archive may have to be kept beside others.
const SMALL: usize = 1 << 16;

/// Gives a connection that function. Harmless, so that a view may call it.
pub(super) fn add_unpacked(connection: &Connection) -> Result<(), Fault> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    let last = Last::default();
    connection
        .create_scalar_function(UNPACKED, 2, flags, move |context| unpacked(context, &last))
        .map_err(sqlite_fault)
}

/// The body of that text in those bytes; null: there is no archive to look into.
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

/// As SQLite says of a page that is not what it was. Words would make it an ordinary error.
fn damaged() -> Error {
    Error::SqliteFailure(ffi::Error::new(SQLITE_CORRUPT), None)
}
