//! Whether the file is the replica of a log that several hosts share.
//!
//! Invariant: a replica is written only through its log, also by a program that cannot reach it. This
//! module deliberately does not know where the log is.

use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use super::Store;
use super::snapshot::read_head;
use super::sqlite_error::sqlite_fault;
use crate::domain::journal::Hash;
use crate::domain::refusal::{Code, Fault};
use crate::domain::reply::Reply;

/// Where the shared log of a file is, and what queries do without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedOptions {
    /// The address: `postgres://role@server/database`. Several servers are separated by commas; the one
    /// that can be written is used.
    pub log: String,
    /// What queries do while the log cannot be reached.
    pub stale: StaleQueries,
}

/// What queries do while the shared log cannot be reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StaleQueries {
    /// They fail with `busy`.
    #[default]
    Refused,
    /// They show the state that was seen last, with a warning.
    Told,
}

/// A shared log and the file that was just bound to it, or parted from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedDesk {
    /// The id of the log, a UUID.
    pub id: String,
    /// The number of entries.
    pub entries: i64,
    /// The last entry: its number and hash, as SHOW HEAD has it.
    pub head: String,
    /// What is unusual, one sentence each.
    pub warnings: Vec<String>,
}

/// What a replica knows of its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replica {
    /// The id of the log.
    pub desk: Uuid,
    /// The latest timeline of its server that was seen.
    pub timeline: i64,
    /// An entry of which it is not known whether the log has it.
    pub unknown: Option<(i64, Hash)>,
}

impl Store {
    /// Returns what has to be said about a replica that was opened without its log.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn without_log(&mut self) -> Result<Option<String>, Fault> {
        if self.shared.is_some() {
            return Ok(None);
        }
        let replica = Replica::read(&self.connection)?;
        let note = replica.map(|replica| format!("the file is a replica of the shared log {}", replica.desk));
        Ok(note.map(|note| self.stale_state(&note)))
    }

    /// Returns a sentence with the state that the file has: its last entry.
    pub(super) fn stale_state(&mut self, why: &str) -> String {
        let head = self.read(|snapshot| Ok(read_head(snapshot.connection())?)).ok();
        let state = head.and_then(|head| Some(format!("entry {} of {}", head.entry, head.at?)));
        format!("{why}; this is the state of {}", state.as_deref().unwrap_or("an empty journal"))
    }
}

/// Returns the list of hosts, without any, of a file that was opened without a shared log.
pub fn no_hosts(replica: Option<&Replica>) -> Reply {
    let note = match replica {
        Some(Replica { desk, .. }) => {
            format!("the file is a replica of the shared log {desk}; open it with --log to see its hosts")
        }
        None => "the file stands alone and has no other hosts".to_owned(),
    };
    Reply { notes: vec![note], ..Reply::with_columns(&HOSTS) }
}

/// The columns of SHOW HOSTS.
pub const HOSTS: [&str; 5] = ["host", "entry", "behind", "seen_at", "this"];

impl Replica {
    /// Reads what the file says; `None`: it stands alone.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn read(connection: &Connection) -> Result<Option<Replica>, Fault> {
        connection
            .prepare_cached("SELECT desk, timeline, unknown_seq, unknown_hash FROM replica")
            .and_then(|mut sql| {
                sql.query_row([], |row| {
                    let (seq, hash): (Option<i64>, Option<Hash>) = (row.get(2)?, row.get(3)?);
                    let desk = Uuid::from_bytes(row.get(0)?);
                    Ok(Replica { desk, timeline: row.get(1)?, unknown: seq.zip(hash) })
                })
                .optional()
            })
            .map_err(sqlite_fault)
    }

    /// Returns the fault of writing without the log.
    pub fn without_log(&self) -> Fault {
        Fault::new(Code::NotAllowed, format!("the file is a replica of the shared log {}", self.desk))
            .hint("nothing was changed; write it with --log and the address of the log")
    }
}

#[cfg(feature = "shared")]
impl Replica {
    /// Makes the file a replica.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn write(&self, connection: &Connection) -> Result<(), Fault> {
        let sql = "INSERT INTO replica (id, desk, timeline) VALUES (1, ?1, ?2)";
        run(connection, sql, (self.desk.into_bytes(), self.timeline))
    }

    /// Notes the timeline of the server, unless a later one is known.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn raise_timeline(connection: &Connection, timeline: i64) -> Result<(), Fault> {
        run(connection, "UPDATE replica SET timeline = max(timeline, ?1)", [timeline])
    }

    /// Notes an entry of which it is not known whether the log has it.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn note_unknown(connection: &Connection, (seq, hash): (i64, Hash)) -> Result<(), Fault> {
        run(connection, "UPDATE replica SET unknown_seq = ?1, unknown_hash = ?2", (seq, hash))
    }

    /// Removes that note.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn forget_unknown(connection: &Connection, (seq, hash): (i64, Hash)) -> Result<(), Fault> {
        let sql = "UPDATE replica SET unknown_seq = NULL, unknown_hash = NULL WHERE unknown_seq = ?1 AND unknown_hash = ?2";
        run(connection, sql, (seq, hash))
    }
}

#[cfg(feature = "shared")]
fn run(connection: &Connection, sql: &str, parameters: impl rusqlite::Params) -> Result<(), Fault> {
    connection.execute(sql, parameters).map(|_| ()).map_err(sqlite_fault)
}
