//! Plays entries of the shared log into the file.
//!
//! Invariant: the triggers of the schema check every row, and the hash is computed again, so an entry
//! is in the file exactly as its host wrote it, or not at all. Words that were erased before they came
//! here are played as stand-ins, which the entry that erased them removes. This module deliberately
//! does not know where entries come from.

mod words;

use std::collections::{BTreeMap, VecDeque};

use rusqlite::{Connection, ErrorCode, Params, params_from_iter};

use crate::domain::journal::{Changes, Field, Hash, Heading, Table, key_lookup, seal};
use crate::domain::refusal::Fault;
use crate::domain::shared_entry::{EntryRows, SharedEntry, SharedTable};
use crate::domain::value::Value;
use crate::store::convert::bound;
use crate::store::scrub::Scrub;
use crate::store::snapshot::Snapshot;
use crate::store::sqlite_error::sqlite_fault;
use crate::store::verify::lifecycle_digest;

/// Why an entry was not played.
pub enum Unplayed {
    /// The file refuses it, in these words: no host that works could have written it.
    Refused(String),
    /// Something failed.
    Failed(Fault),
}

impl From<Fault> for Unplayed {
    fn from(fault: Fault) -> Unplayed {
        Unplayed::Failed(fault)
    }
}

impl From<rusqlite::Error> for Unplayed {
    fn from(error: rusqlite::Error) -> Unplayed {
        match &error {
            rusqlite::Error::SqliteFailure(failure, message)
                if matches!(failure.code, ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch) =>
            {
                Unplayed::Refused(message.clone().unwrap_or_else(|| error.to_string()))
            }
            _ => Unplayed::Failed(sqlite_fault(error)),
        }
    }
}

/// The rules by which entries are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// Those of this format.
    Present,
    /// Those of an earlier format: the entries were checked when they were written.
    Earlier,
}

/// Plays an entry that follows the one with the hash `previous`. Returns what it makes necessary.
pub fn play(
    snapshot: &Snapshot<'_>,
    entry: &SharedEntry,
    previous: &Hash,
    rules: Rules,
) -> Result<Scrub, Unplayed> {
    let Some(rows) = EntryRows::decode(&entry.rows) else {
        return Err(refused("its rows cannot be decoded"));
    };
    let mut playing = Playing {
        connection: snapshot.connection(),
        snapshot,
        entry,
        rules,
        actor: rows.actor.as_deref().unwrap_or_default(),
        changes: Changes::default(),
        openings: VecDeque::new(),
        messages: VecDeque::new(),
        extra: BTreeMap::new(),
        emptied: Vec::new(),
        scrub: Scrub::None,
    };
    playing.rows(&rows)?;
    let (statement, digest) = playing.statement()?;
    let heading = Heading {
        seq: entry.seq,
        at: rows.at,
        actor_kind: &rows.actor_kind,
        actor: rows.actor.as_deref(),
        statement: digest,
        key: rows.key.as_deref(),
    };
    if seal(&heading, &playing.changes, previous) != entry.hash {
        return Err(refused("it does not match its hash"));
    }
    playing.insert(
        "INSERT INTO entry (seq, at, actor_kind, actor, statement, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (entry.seq, rows.at, &rows.actor_kind, &rows.actor, statement, entry.hash),
    )?;
    Ok(playing.scrub)
}

/// The rows of a table.
type TableRows<'a> = VecDeque<&'a [Value]>;

struct Playing<'a> {
    connection: &'a Connection,
    snapshot: &'a Snapshot<'a>,
    entry: &'a SharedEntry,
    rules: Rules,
    actor: &'a str,
    /// What is hashed.
    changes: Changes,
    /// The openings and messages that are still to be written.
    openings: TableRows<'a>,
    messages: TableRows<'a>,
    /// Rows that belong to a change, by table and the object of the change.
    extra: BTreeMap<(u64, i64), TableRows<'a>>,
    /// Conversations with an archive of which a text was just erased.
    emptied: Vec<i64>,
    scrub: Scrub,
}

impl<'a> Playing<'a> {
    fn insert(&self, sql: &str, parameters: impl Params) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute(parameters).map(|_| ())
    }

    /// Writes all rows in an order that the triggers accept: each opening before the first row about its
    /// conversation, and messages as early as their conversation exists.
    fn rows(&mut self, rows: &'a EntryRows) -> Result<(), Unplayed> {
        let (mut moves, mut changes, mut words) = (VecDeque::new(), VecDeque::new(), 1);
        for (table, values) in &rows.rows {
            if values.len() != width(*table) {
                return Err(refused(format!("a row of {table:?} is incomplete")));
            }
            match table {
                SharedTable::Customer | SharedTable::Text | SharedTable::Key => {
                    words += 1;
                    self.word(*table, values)?;
                }
                SharedTable::Opening => self.openings.push_back(values),
                SharedTable::Transition => moves.push_back(values.as_slice()),
                SharedTable::Message => self.messages.push_back(values),
                SharedTable::Change => changes.push_back(values.as_slice()),
                _ => {
                    self.extra.entry((*table as u64, integer(values, 0))).or_default().push_back(values);
                }
            }
        }
        if let (Some(key), false) = (&rows.key, rows.rows.iter().any(|(table, _)| *table == SharedTable::Key))
        {
            let lookup = key_lookup(self.actor, key);
            self.insert(
                "INSERT INTO key (entry, key, lookup) VALUES (?1, ?2, ?3)",
                (self.entry.seq, key, lookup),
            )?;
        }
        if self.entry.words.len() != words {
            return Err(refused("it has words that none of its rows needs"));
        }
        self.hash(rows);
        self.messages()?;
        while let Some(change) = changes.pop_front() {
            let after = integer(change, AFTER_TRANSITION);
            while let Some(moved) = moves.pop_front_if(|moved| integer(moved, 0) <= after) {
                self.moved(moved)?;
            }
            self.changed(change, changes.front().copied())?;
        }
        moves.into_iter().try_for_each(|moved| self.moved(moved))?;
        match self.openings.is_empty() && self.messages.is_empty() {
            true => Ok(()),
            false => Err(refused("it has rows about no conversation")),
        }
    }

    /// Adds the rows to what is hashed, with the number of the entry where the tables have it.
    fn hash(&mut self, rows: &EntryRows) {
        let seq = self.entry.seq;
        for (table, values) in &rows.rows {
            let table = match table {
                SharedTable::Opening => Table::Opening,
                SharedTable::Transition => Table::Transition,
                SharedTable::Message => Table::Message,
                SharedTable::Change => Table::Change,
                _ => continue,
            };
            let mut fields: Vec<Field<'_>> = values.iter().map(Field::from).collect();
            fields.insert(1.min(fields.len()), seq.into());
            self.changes.add(table, &fields);
        }
    }

    /// Writes the openings up to a conversation, and the messages that are possible then.
    fn open(&mut self, conversation: i64) -> Result<(), Unplayed> {
        let seq = Value::Integer(self.entry.seq);
        while let Some(opening) = self.openings.pop_front_if(|opening| integer(opening, 0) <= conversation) {
            self.row("INSERT INTO opening VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", opening, Some(&seq))?;
            self.messages()?;
        }
        Ok(())
    }

    /// Writes the messages of conversations that exist, in order.
    fn messages(&mut self) -> Result<(), Unplayed> {
        let next = self.openings.front().map_or(i64::MAX, |opening| integer(opening, 0));
        let seq = Value::Integer(self.entry.seq);
        while let Some(message) = self.messages.pop_front_if(|message| integer(message, 1) < next) {
            self.row("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", message, Some(&seq))?;
        }
        Ok(())
    }

    fn moved(&mut self, moved: &[Value]) -> Result<(), Unplayed> {
        self.open(integer(moved, 1))?;
        let seq = Value::Integer(self.entry.seq);
        let sql = "INSERT INTO transition VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        Ok(self.row(sql, moved, Some(&seq))?)
    }

    fn changed(&mut self, change: &[Value], next: Option<&[Value]>) -> Result<(), Unplayed> {
        let [_, Value::Text(kind), Value::Integer(object), _, Value::Text(name), ..] = change else {
            return Err(refused("a change is incomplete"));
        };
        let (kind, name, object) = (kind.as_str(), name.as_str(), *object);
        if matches!(kind, "conversation" | "session" | "timer" | "participant" | "offer") {
            self.open(object)?;
        }
        if (kind, name) == ("lifecycle", "digest") {
            self.defined(object, change.get(VALUE))?;
        }
        if name == "erased" || kind == "entry" {
            self.about_to_erase(kind, object, change.get(VALUE).unwrap_or(&Value::Null))?;
        }
        let seq = Value::Integer(self.entry.seq);
        self.row("INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", change, Some(&seq))?;
        match (kind, name) {
            ("conversation", "archived") => self.archived(object, integer(change, 0))?,
            ("conversation", "purged") => self.purged(object)?,
            _ => {}
        }
        let goes_on =
            next.is_some_and(|next| matches!(next.get(1), Some(Value::Text(kind)) if kind == "text"));
        if !goes_on {
            for conversation in std::mem::take(&mut self.emptied) {
                self.insert("DELETE FROM archive WHERE conversation = ?1", [conversation])?;
            }
        }
        Ok(())
    }

    /// Writes a row as it is, with the number of the entry as its second value.
    fn row(&self, sql: &str, values: &[Value], entry: Option<&Value>) -> rusqlite::Result<()> {
        let (first, rest) = values.split_at(values.len().min(1));
        let all = first.iter().chain(entry).chain(rest).map(bound);
        self.connection.prepare_cached(sql)?.execute(params_from_iter(all)).map(|_| ())
    }

    fn take(&mut self, table: SharedTable, object: i64) -> TableRows<'a> {
        self.extra.remove(&(table as u64, object)).unwrap_or_default()
    }

    fn defined(&mut self, lifecycle: i64, digest: Option<&Value>) -> Result<(), Unplayed> {
        for state in self.take(SharedTable::State, lifecycle) {
            self.row("INSERT INTO state VALUES (?, ?, ?, ?, ?)", state, None)?;
        }
        for edge in self.take(SharedTable::Edge, lifecycle) {
            self.row("INSERT INTO edge VALUES (?, ?, ?, ?, ?, ?, ?, ?)", edge, None)?;
        }
        match digest {
            Some(Value::Blob(digest)) if lifecycle_digest(self.connection, lifecycle)? == **digest => Ok(()),
            _ => Err(refused(format!("lifecycle {lifecycle} does not match its digest"))),
        }
    }

    fn one<T: rusqlite::types::FromSql>(&self, sql: &str, id: i64) -> rusqlite::Result<Option<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([id])?;
        rows.next()?.map_or(Ok(None), |row| row.get(0))
    }
}

/// The places of the value and of `after_transition` in a row of `change`.
const VALUE: usize = 5;
const AFTER_TRANSITION: usize = 7;

fn refused(words: impl Into<String>) -> Unplayed {
    Unplayed::Refused(words.into())
}

/// How many values a row of a table has.
fn width(table: SharedTable) -> usize {
    match table {
        SharedTable::Key => 0,
        SharedTable::Customer | SharedTable::Text => 1,
        SharedTable::PurgedStatement => 3,
        SharedTable::PurgedText => 4,
        SharedTable::State => 5,
        SharedTable::Message | SharedTable::Change | SharedTable::Edge => 8,
        SharedTable::Opening => 10,
        SharedTable::Transition => 16,
    }
}

fn integer(values: &[Value], place: usize) -> i64 {
    values.get(place).and_then(Value::as_integer).unwrap_or_default()
}
