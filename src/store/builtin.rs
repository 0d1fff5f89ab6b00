//! The built-in rows under the chain: their digest is what the first entry's hash follows.
//!
//! Invariant: a changed row of a built-in lifecycle, or of a closed list, breaks the chain at its first entry.

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::failure::broken;
use super::rows::add_fields;
use crate::domain::journal::{Changes, Hash, Heading, Table, seal};
use crate::domain::refusal::Broken;

const ROWS: [&str; 8] = [
    "SELECT * FROM channel ORDER BY channel",
    "SELECT * FROM phase ORDER BY phase",
    "SELECT * FROM event ORDER BY event",
    "SELECT * FROM timer_kind ORDER BY timer",
    "SELECT * FROM change_kind ORDER BY kind, name",
    "SELECT * FROM lifecycle WHERE journal IS NULL ORDER BY id",
    "SELECT state.* FROM state JOIN lifecycle ON lifecycle.id = state.lifecycle
        WHERE journal IS NULL ORDER BY lifecycle, state, channel",
    "SELECT edge.* FROM edge JOIN lifecycle ON lifecycle.id = edge.lifecycle
        WHERE journal IS NULL ORDER BY lifecycle, channel, from_state, event, condition",
];

/// The hash before the first entry's.
pub fn genesis(connection: &Connection) -> Result<Hash, Broken> {
    let mut changes = Changes::default();
    for question in ROWS {
        let mut statement = connection.prepare_cached(question).map_err(broken)?;
        let mut rows = statement.query([]).map_err(broken)?;
        while let Some(row) = rows.next().map_err(broken)? {
            add_fields(&mut changes, Table::Change, row, 0).map_err(broken)?;
        }
    }
    let heading = Heading {
        seq: 0,
        at: 0,
        actor_kind: "",
        actor: None,
        statement: Sha256::digest("").into(),
        key: None,
    };
    Ok(seal(&heading, &changes, &[0; 32]))
}
