//! Reads the log entry by entry: each entry with its rows, in the order in which they are hashed.
//!
//! Invariant: the log is read in one pass from a place, and nothing before that place is read, since
//! rows are numbered in the order of their entries. This module deliberately does not know what is
//! done with an entry.

use std::ops::ControlFlow;

use rusqlite::{Connection, Row, Rows};

use super::convert::value;
use super::snapshot::{CHANGES, CUSTOMERS, MESSAGES, MOVES, OPENINGS, Snapshot, TEXTS};
use super::sqlite_error::{is_misfit, sqlite_fault};
use crate::domain::journal::{Hash, Table, statement_digest};
use crate::domain::refusal::Fault;
use crate::domain::value::Value;

/// The tables with personal data. The chain covers the digest of a row, which is computed from salt and
/// content as long as they exist.
pub const PERSONAL: [Table; 3] = [Table::Customer, Table::Text, Table::Key];

/// Salt and content follow the digest in a row of personal data.
pub const WORDS: usize = 2;

/// The rows of each table after the number ?1, preceded by their entry.
const ROWS: [(Table, &str); Table::ALL.len()] = [
    (Table::Customer, "SELECT entry, id, entry, digest, salt, handle FROM customer WHERE id > ?1 ORDER BY id"),
    (
        Table::Text,
        "SELECT text.entry, text.id, text.entry, digest, salt, coalesce(body, switchboard_unpacked(bodies, text.id)) FROM text
            LEFT JOIN message ON message.id = text.message LEFT JOIN archive ON archive.conversation = message.conversation
            WHERE text.id > ?1 ORDER BY text.id",
    ),
    (Table::Opening, "SELECT entry, id, entry, topic, workstream, lifecycle, customer, subject, priority, skills, predecessor, at FROM opening WHERE id > ?1 ORDER BY id"),
    (Table::Transition, "SELECT entry, seq, entry, conversation, event, from_state, to_state, to_phase, from_agent, to_agent, from_queue, to_queue, units,
            actor_kind, actor, reason, override, at FROM transition WHERE seq > ?1 ORDER BY seq"),
    (Table::Message, "SELECT entry, id, entry, conversation, author_kind, author, kind, text, system, at FROM message WHERE id > ?1 ORDER BY id"),
    (Table::Change, "SELECT entry, seq, entry, kind, object, item, name, value, at, after_transition FROM change WHERE seq > ?1 ORDER BY seq"),
    (Table::Key, "SELECT entry, entry, digest, salt, key FROM key WHERE entry > ?1 AND (salt IS NOT NULL OR digest IS NOT NULL) ORDER BY entry"),
];

const ENTRIES: &str = "SELECT seq, at, actor_kind, actor, statement, coalesce(entry.key, (SELECT key.key FROM key WHERE key.entry = entry.seq AND salt IS NULL)), hash,
        (SELECT value FROM change WHERE object = entry.seq AND kind = 'entry' AND name = 'purged'), digest
    FROM entry WHERE seq > ?1 ORDER BY seq";

/// A place in the log: an entry, and the last row of each table up to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogPlace {
    /// The entry.
    pub entry: i64,
    /// The last row of each table, in the order of [`Table::ALL`].
    pub rows: [i64; Table::ALL.len()],
}

impl Snapshot<'_> {
    /// Returns the place after an entry.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn log_place(&self, entry: i64) -> Result<LogPlace, Fault> {
        if entry == 0 {
            return Ok(LogPlace::default());
        }
        let mut rows = [entry; Table::ALL.len()];
        for (last, table) in rows.iter_mut().zip([CUSTOMERS, TEXTS, OPENINGS, MOVES, MESSAGES, CHANGES]) {
            *last = self.first_from(table, entry + 1)? - 1;
        }
        Ok(LogPlace { entry, rows })
    }
}

/// An entry with its rows.
#[derive(Debug)]
pub struct LoggedEntry {
    /// The number.
    pub seq: i64,
    /// The timestamp, in ms since 1970 UTC.
    pub at: i64,
    /// The kind of actor.
    pub actor_kind: String,
    /// The name of the actor.
    pub actor: Option<String>,
    /// The canonical statement; `None` once purged.
    pub statement: Option<String>,
    /// The key that the hash covers, in entries of format 1.
    pub key: Option<String>,
    /// The hash.
    pub hash: Hash,
    /// The digest that a change of its own recorded when the statement was purged.
    pub purged: Option<Hash>,
    /// The digest that stands beside a purged statement; formats 1 and 2 had none.
    pub digest: Option<Vec<u8>>,
    /// Its rows without the leading entry, in the order in which they are hashed.
    pub rows: Vec<(Table, Vec<Value>)>,
}

impl LoggedEntry {
    fn read(row: &Row<'_>) -> rusqlite::Result<LoggedEntry> {
        Ok(LoggedEntry {
            seq: row.get(0)?,
            at: row.get(1)?,
            actor_kind: row.get(2)?,
            actor: row.get(3)?,
            statement: row.get(4)?,
            key: row.get(5)?,
            hash: row.get(6)?,
            purged: row.get(7)?,
            digest: row.get(8)?,
            rows: Vec::new(),
        })
    }

    /// Returns the digest of the statement; `None` if both are gone.
    pub fn statement_digest(&self) -> Option<Hash> {
        match (&self.statement, self.purged) {
            (Some(statement), _) => Some(statement_digest(statement)),
            (None, kept) => kept.or_else(|| self.digest.as_deref()?.try_into().ok()),
        }
    }
}

/// What was read.
pub enum Logged<'a> {
    /// An entry.
    Whole(&'a mut LoggedEntry),
    /// An entry with a value that its column does not allow: in a row of a table, or in its own.
    Misfit {
        /// The number of the entry.
        entry: i64,
        /// The table.
        table: Option<Table>,
    },
}

/// What is done with an entry, and whether the next one is read.
pub type VisitEntry<'a> = dyn FnMut(Logged<'_>) -> Result<ControlFlow<()>, Fault> + 'a;

/// Reads the entries after a place. Returns the entry of a row that belongs to none of them.
///
/// # Errors
/// Faults of the file and of `visit`.
pub fn read_log(
    connection: &Connection,
    from: &LogPlace,
    visit: &mut VisitEntry<'_>,
) -> Result<Option<i64>, Fault> {
    let mut sqls = Vec::new();
    for (_, sql) in ROWS {
        sqls.push(connection.prepare_cached(sql).map_err(sqlite_fault)?);
    }
    let mut readers = Vec::new();
    for ((sql, (table, _)), last) in sqls.iter_mut().zip(ROWS).zip(from.rows) {
        let rows = sql.query([last]).map_err(sqlite_fault)?;
        let mut reader = TableReader { table, rows, next: None, unreadable: None };
        reader.advance()?;
        readers.push(reader);
    }
    let mut entries = connection.prepare_cached(ENTRIES).map_err(sqlite_fault)?;
    let mut rows = entries.query([from.entry]).map_err(sqlite_fault)?;
    while let Some(row) = rows.next().map_err(sqlite_fault)? {
        let mut entry = match LoggedEntry::read(row) {
            Err(error) if is_misfit(&error) => {
                let entry = row.get(0).map_err(sqlite_fault)?;
                return visit(Logged::Misfit { entry, table: None }).map(|_| None);
            }
            read => read.map_err(sqlite_fault)?,
        };
        for reader in &mut readers {
            reader.take(&mut entry)?;
            if reader.unreadable == Some(entry.seq) {
                return visit(Logged::Misfit { entry: entry.seq, table: Some(reader.table) }).map(|_| None);
            }
        }
        if visit(Logged::Whole(&mut entry))?.is_break() {
            return Ok(None);
        }
    }
    Ok(readers.iter().find_map(|reader| reader.next.as_ref()).map(|(entry, _)| *entry))
}

/// The rows of one table, read entry by entry.
struct TableReader<'a> {
    table: Table,
    rows: Rows<'a>,
    /// The next row, with its entry.
    next: Option<(i64, Vec<Value>)>,
    /// An entry with a row of which a value cannot be read.
    unreadable: Option<i64>,
}

impl TableReader<'_> {
    fn advance(&mut self) -> Result<(), Fault> {
        self.next = match self.rows.next().map_err(sqlite_fault)? {
            Some(row) => match whole(row) {
                Ok(next) => Some(next),
                Err(error) if is_misfit(&error) => {
                    let entry = row.get(0).map_err(sqlite_fault)?;
                    self.unreadable.get_or_insert(entry);
                    Some((entry, Vec::new()))
                }
                Err(error) => return Err(sqlite_fault(error)),
            },
            None => None,
        };
        Ok(())
    }

    /// Moves the rows of an entry to it.
    fn take(&mut self, entry: &mut LoggedEntry) -> Result<(), Fault> {
        while let Some((_, values)) = self.next.take_if(|(of, _)| *of == entry.seq) {
            entry.rows.push((self.table, values));
            self.advance()?;
        }
        Ok(())
    }
}

fn whole(row: &Row<'_>) -> rusqlite::Result<(i64, Vec<Value>)> {
    let columns = row.as_ref().column_count();
    let values = (1..columns).map(|index| value(row, index)).collect::<rusqlite::Result<_>>()?;
    Ok((row.get(0)?, values))
}
