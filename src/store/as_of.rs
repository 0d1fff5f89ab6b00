//! The file as it was at an earlier time: its log up to that time, applied to an empty copy in
//! memory.
//!
//! Invariant: the schema's own triggers build the state of the copy, the same ones that build the
//! state of the file, so no second implementation derives the state from the log. The copy has no
//! validating triggers, because rows in the log have already passed them. The timestamps of the log
//! never decrease, so a time corresponds to one row number in every table. This module deliberately
//! does not know who asks.
//!
//! Only conversations that were open at that time, and a requested one, are applied. Closed
//! conversations cost nothing, however many there are.

use std::collections::BTreeSet;

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, Params, params_from_iter};

use super::format::Formats;
use super::schema::{self, Object};
use super::snapshot::{CHANGES, Cache, MESSAGES, MOVES, OPENINGS, Snapshot};
use super::sqlite_error::sqlite_fault;
use super::{archive, select};
use crate::domain::handle::compared;
use crate::domain::moment::Moment;
use crate::domain::refusal::Fault;

/// Returns an empty copy in memory with the schema of a format, but without its rules: validating
/// triggers, and unique indexes of its own.
pub(super) fn empty_copy(format: &'static Formats) -> Result<Connection, Fault> {
    let mut copy = Connection::open_in_memory().map_err(sqlite_fault)?;
    let empty = empty(format)?;
    copy.deserialize_read_exact("main", empty, empty.len(), false).map_err(sqlite_fault)?;
    Ok(copy)
}

/// A copy of the file as it was at an earlier time.
pub struct AsOf {
    connection: Connection,
    cache: Cache,
    format: &'static Formats,
}

impl AsOf {
    /// Builds the file as it was at `moment`. `named` is included even if it was closed by then.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn at(snapshot: &Snapshot<'_>, moment: Moment, named: Option<i64>) -> Result<AsOf, Fault> {
        let places = snapshot.places_at(moment)?;
        let cache = Cache::default();
        let connection = empty_copy(snapshot.format())?;
        select::add_now(&connection, cache.now.clone())?;
        archive::add_unpacked(&connection)?;
        let play =
            Play { file: snapshot.connection(), copy: &connection, places, messages: MESSAGES_WRITTEN };
        play.all(named).map_err(sqlite_fault)?;
        Ok(AsOf { connection, cache, format: snapshot.format() })
    }

    /// Returns a snapshot of the copy.
    pub fn snapshot(&self) -> Snapshot<'_> {
        Snapshot::new(&self.connection, &self.cache, self.format)
    }
}

/// The last row of each log table at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// The last opening.
    pub opening: i64,
    /// The last transition.
    pub transition: i64,
    /// The last message.
    pub message: i64,
    /// The last change.
    pub change: i64,
}

impl Snapshot<'_> {
    /// Returns the last rows at `moment`, including those with that timestamp.
    pub fn places_at(&self, moment: Moment) -> Result<Places, Fault> {
        let last = |table| self.first_at(table, Moment(moment.0.saturating_add(1))).map(|after| after - 1);
        Ok(Places {
            opening: last(OPENINGS)?,
            transition: last(MOVES)?,
            message: last(MESSAGES)?,
            change: last(CHANGES)?,
        })
    }
}

/// Returns the bytes of the empty copy that all others start from. Building the schema takes longer
/// than applying most logs.
fn empty(format: &'static Formats) -> Result<&'static [u8], Fault> {
    if let Some(bytes) = format.copy.get() {
        return Ok(bytes);
    }
    let mut fresh = schema::fresh(&format.schema)?;
    for rule in schema::objects(&fresh)?.iter().filter(|object| is_rule(object)) {
        fresh.execute_batch(&format!("DROP {} {}", rule.kind, rule.name)).map_err(sqlite_fault)?;
    }
    let bytes = fresh.serialize("main").map_err(sqlite_fault)?.to_vec();
    Ok(format.copy.get_or_init(|| bytes))
}

/// Returns whether an object only refuses: a validating trigger, or the index that keeps compared
/// handles unique. An earlier time may have equal ones.
pub(super) fn is_rule(object: &Object) -> bool {
    object.kind == "trigger" && object.sql.contains(" BEFORE ") || object.name == "handle_compared"
}

/// A row, and its position in the order of the log.
type Played = (Vec<i64>, &'static str, Vec<Cell>);

/// The number of leading columns that give this position.
const ORDER: usize = 2;

/// The last change of each setting, object and membership, in the order of the log.
const SETTINGS: &str = "SELECT * FROM change WHERE seq IN (SELECT max(seq) FROM change
        WHERE kind NOT IN ('conversation', 'session', 'participant', 'timer', 'offer', 'text', 'customer', 'key', 'entry')
            AND seq <= ?1 GROUP BY kind, object, item, name)
    ORDER BY seq";
/// The conversations that were open: those that still are, and those closed since.
const OPEN: &str =
    "SELECT id FROM conversation INDEXED BY conversation_open WHERE phase <> 'closed' AND id <= ?1
    UNION SELECT conversation FROM transition NOT INDEXED WHERE seq > ?2 AND to_phase = 'closed' AND conversation <= ?1
    UNION SELECT ?3 WHERE ?3 <= ?1 ORDER BY 1";
const STEPS: &str = "SELECT seq, 0, * FROM transition WHERE conversation = ?1 AND seq <= ?2";
const CHANGED: &str = "SELECT after_transition, seq, * FROM change
    WHERE kind IN ('conversation', 'session', 'participant', 'timer', 'offer') AND object = ?1 AND seq <= ?2";
/// The handles of a customer to whom a handle belongs now. Handles never part, so these were all at
/// any time before.
const FAMILY: &str = "SELECT customer FROM handle WHERE id = ?1
    UNION SELECT other.id FROM handle AS given JOIN handle AS other ON other.customer = given.customer AND other.customer <> other.id
        WHERE given.id = ?1";
/// The index of the handle in a row of `customer`.
const HANDLE: usize = 3;
const CUSTOMER_CHANGES: &str = "SELECT * FROM change WHERE object = ?1 AND kind = 'customer' AND seq <= ?2";
/// Who waits for an answer follows from the messages, but not from those of the program itself.
const MESSAGES_WRITTEN: &str =
    "SELECT * FROM message WHERE conversation = ?1 AND id <= ?2 AND kind <> 'system' ORDER BY id";
/// Earlier messages affect no state table that the last one does not replace.
const LAST_MESSAGE: &str = "SELECT * FROM message WHERE conversation = ?1 AND id <= ?2 AND kind <> 'system' ORDER BY id DESC LIMIT 1";

/// Applies rows from the log of one file to another one that has no validating triggers.
pub(super) struct Play<'a> {
    pub file: &'a Connection,
    pub copy: &'a Connection,
    pub places: Places,
    /// The query for the messages of a conversation that are applied.
    messages: &'static str,
}

impl<'a> Play<'a> {
    /// For the state tables alone.
    pub fn of_state(file: &'a Connection, copy: &'a Connection, places: Places) -> Self {
        Play { file, copy, places, messages: LAST_MESSAGE }
    }
}

impl Play<'_> {
    fn all(&self, named: Option<i64>) -> rusqlite::Result<()> {
        self.begin()?;
        let open = self.rows(OPEN, [Some(self.places.opening), Some(self.places.transition), named])?;
        for row in &open {
            if let [Cell::Integer(id)] = row.as_slice() {
                self.conversation(*id)?;
            }
        }
        self.customers("SELECT DISTINCT customer FROM opening")?;
        self.words(
            "text",
            "SELECT subject FROM conversation UNION SELECT value FROM setting WHERE kind = 'report' AND name = 'sql'
                OR kind = 'customer' AND name = 'name'",
        )?;
        self.copy.execute_batch("COMMIT")
    }

    /// Applies everything that is not about a single conversation: objects, settings, members,
    /// lifecycles.
    pub fn begin(&self) -> rusqlite::Result<()> {
        self.copy.execute_batch("PRAGMA journal_mode = OFF; BEGIN")?;
        self.add_all("change", &self.rows(SETTINGS, [self.places.change])?)?;
        for table in ["state", "edge"] {
            self.add_all(table, &self.rows(&format!("SELECT * FROM {table} WHERE lifecycle > 0"), [])?)?;
        }
        Ok(())
    }

    /// Applies one conversation. Other conversations cannot have affected it.
    pub fn conversation(&self, id: i64) -> rusqlite::Result<()> {
        let Places { transition, message, change, .. } = self.places;
        self.add_all("opening", &self.rows("SELECT * FROM opening WHERE id = ?1", [id])?)?;
        let mut played: Vec<Played> = Vec::new();
        for (table, sql, last) in [("transition", STEPS, transition), ("change", CHANGED, change)] {
            for mut row in self.rows(sql, [id, last])? {
                let row_of_table = row.split_off(ORDER);
                played.push((row.iter().map(number).collect(), table, row_of_table));
            }
        }
        played.sort_by(|one, other| one.0.cmp(&other.0));
        for (_, table, row) in &played {
            self.add(table, row)?;
        }
        self.add_all("message", &self.rows(self.messages, [id, message])?)
    }

    /// Applies what happened to the customers to whom the handles belong that the copy refers to.
    pub fn customers(&self, named: &str) -> rusqlite::Result<()> {
        let mut handles = BTreeSet::new();
        for id in self.ids(named)? {
            handles.extend(self.rows(FAMILY, [id])?.iter().flatten().map(number));
        }
        for &id in &handles {
            self.handle(id)?;
        }
        let mut changes = Vec::new();
        for &id in &handles {
            changes.extend(self.rows(CUSTOMER_CHANGES, [id, self.places.change])?);
        }
        changes.sort_by_key(|row| row.first().map(number));
        self.add_all("change", &changes)
    }

    /// Applies every change of a customer.
    pub fn customers_changed(&self) -> rusqlite::Result<()> {
        let changed = "SELECT DISTINCT object FROM change WHERE kind = 'customer'";
        for id in self.rows(changed, [])?.iter().flatten().map(number) {
            self.handle(id)?;
        }
        self.add_all("change", &self.rows("SELECT * FROM change WHERE kind = 'customer' ORDER BY seq", [])?)
    }

    /// Adds a handle as it was first written; its compared form is computed again.
    fn handle(&self, id: i64) -> rusqlite::Result<()> {
        for row in self.rows("SELECT * FROM customer WHERE id = ?1", [id])? {
            self.add("customer", &row)?;
            let compared = match row.get(HANDLE) {
                Some(Cell::Text(handle)) => Cell::Text(compared(handle)),
                _ => Cell::Null,
            };
            self.add("handle", &[Cell::Integer(id), Cell::Integer(id), compared, Cell::Integer(0)])?;
        }
        Ok(())
    }

    /// Adds the rows of a table whose ids the copy refers to.
    fn words(&self, table: &'static str, named: &str) -> rusqlite::Result<()> {
        for id in self.ids(named)? {
            self.add_all(table, &self.rows(&format!("SELECT * FROM {table} WHERE id = ?1"), [id])?)?;
        }
        Ok(())
    }

    /// Returns the ids that a query of the copy finds.
    fn ids(&self, named: &str) -> rusqlite::Result<Vec<i64>> {
        let mut statement = self.copy.prepare(named)?;
        let ids = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<Option<i64>>, _>>()?;
        Ok(ids.into_iter().flatten().collect())
    }

    fn rows(&self, sql: &str, parameters: impl Params) -> rusqlite::Result<Vec<Vec<Cell>>> {
        let mut statement = self.file.prepare_cached(sql)?;
        let columns = statement.column_count();
        let whole = |row: &rusqlite::Row<'_>| (0..columns).map(|index| row.get(index)).collect();
        statement.query_map(parameters, whole)?.collect()
    }

    fn add_all(&self, table: &'static str, rows: &[Vec<Cell>]) -> rusqlite::Result<()> {
        rows.iter().try_for_each(|row| self.add(table, row))
    }

    fn add(&self, table: &str, row: &[Cell]) -> rusqlite::Result<()> {
        let places = vec!["?"; row.len()].join(", ");
        let mut insert = self.copy.prepare_cached(&format!("INSERT INTO {table} VALUES ({places})"))?;
        insert.execute(params_from_iter(row))?;
        Ok(())
    }
}

fn number(cell: &Cell) -> i64 {
    match cell {
        Cell::Integer(number) => *number,
        _ => 0,
    }
}
