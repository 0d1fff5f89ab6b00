//! Plays entries of the shared log into the file.
//!
//! Invariant: the triggers of the schema check every row, and the hash is computed again, so an entry
//! is in the file exactly as its host wrote it, or not at all. Words that were erased before they came
//! here are played as stand-ins, which the entry that erased them removes. This module deliberately
//! does not know where entries come from.

use std::collections::{BTreeMap, VecDeque};

use rusqlite::{Connection, ErrorCode, Params, params_from_iter};

use super::stand_in::{self, StandIn};
use crate::domain::archive;
use crate::domain::handle::compared;
use crate::domain::journal::{Changes, Field, Hash, Heading, Table, key_lookup, salted_digest, seal};
use crate::domain::refusal::Fault;
use crate::domain::shared_entry::{EntryRows, SharedEntry, SharedTable, Word, WordContent, WordKind};
use crate::domain::value::Value;
use crate::store::convert::bound;
use crate::store::scrub::Scrub;
use crate::store::snapshot::Snapshot;
use crate::store::sqlite_error::sqlite_fault;

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
        return Err(Unplayed::Refused("its rows cannot be decoded".to_owned()));
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
        return Err(Unplayed::Refused("it does not match its hash".to_owned()));
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
        let (mut moves, mut changes) = (VecDeque::new(), VecDeque::new());
        for (table, values) in &rows.rows {
            match table {
                SharedTable::Customer | SharedTable::Text | SharedTable::Key => self.word(*table, values)?,
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
            false => Err(Unplayed::Refused("it has rows about no conversation".to_owned())),
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

    /// Writes a handle, a text or a key.
    fn word(&mut self, table: SharedTable, values: &[Value]) -> Result<(), Unplayed> {
        let seq = self.entry.seq;
        let (kind, hashed, id) = match table {
            SharedTable::Customer => (WordKind::Customer, Table::Customer, integer(values, 0)),
            SharedTable::Text => (WordKind::Text, Table::Text, integer(values, 0)),
            _ => (WordKind::Key, Table::Key, seq),
        };
        let StandIn { salt, body, digest } = self.content(kind, id)?;
        match kind {
            WordKind::Customer => {
                self.insert(
                    "INSERT INTO customer (id, entry, salt, handle) VALUES (?1, ?2, ?3, ?4)",
                    (id, seq, salt, &body),
                )?;
                self.handle(id, &compared(&body))?;
            }
            WordKind::Text => {
                self.insert(
                    "INSERT INTO text (id, entry, salt, body) VALUES (?1, ?2, ?3, ?4)",
                    (id, seq, salt, &body),
                )?;
            }
            _ => self.insert(
                "INSERT INTO key (entry, salt, key, lookup) VALUES (?1, ?2, ?3, ?4)",
                (seq, salt, &body, key_lookup(self.actor, &body)),
            )?,
        }
        let digest = Field::from(digest.as_slice());
        match kind {
            WordKind::Key => self.changes.add(hashed, &[seq.into(), digest]),
            _ => self.changes.add(hashed, &[id.into(), seq.into(), digest]),
        }
        Ok(())
    }

    /// Writes the compared form of a handle. Format 1 allowed equal ones; the later one names nobody.
    fn handle(&self, id: i64, compared: &str) -> rusqlite::Result<()> {
        let sql = match self.rules {
            Rules::Present => "INSERT INTO handle (id, customer, compared, change) VALUES (?1, ?1, ?2, 0)",
            Rules::Earlier => {
                "INSERT INTO handle (id, customer, compared, change)
                    SELECT ?1, ?1, iif(EXISTS (SELECT 1 FROM handle WHERE compared = ?2), NULL, ?2), 0"
            }
        };
        self.insert(sql, (id, compared))
    }

    /// Returns the salt, words and digest of a word, or a stand-in.
    fn content(&self, kind: WordKind, id: i64) -> Result<StandIn, Unplayed> {
        let word = self.entry.words.iter().find(|word| (word.kind, word.id) == (kind, id));
        match word.map(|word| &word.content) {
            Some(WordContent::Present { salt, body }) => {
                Ok(StandIn { digest: salted_digest(salt, body), salt: salt.clone(), body: body.clone() })
            }
            Some(WordContent::Erased(digest)) => Ok(stand_in::of(id, *digest)),
            None => Err(Unplayed::Refused("its words are missing".to_owned())),
        }
    }

    /// Returns the statement, or its stand-in, and its digest.
    fn statement(&self) -> Result<(String, Hash), Unplayed> {
        let seq = self.entry.seq;
        let is_erased = |word: &Word| matches!(word.content, WordContent::Erased(_));
        let StandIn { body, digest, .. } = self.content(WordKind::Statement, seq)?;
        match self.entry.words.iter().any(|word| word.kind == WordKind::Statement && is_erased(word)) {
            true => Ok((stand_in::STATEMENT.to_owned(), digest)),
            false => Ok((body, digest)),
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
            return Err(Unplayed::Refused("a change is incomplete".to_owned()));
        };
        let (kind, name, object) = (kind.as_str(), name.as_str(), *object);
        if matches!(kind, "conversation" | "session" | "timer" | "participant" | "offer") {
            self.open(object)?;
        }
        if (kind, name) == ("lifecycle", "digest") {
            self.defined(object)?;
        }
        if name == "erased" || kind == "entry" {
            self.about_to_erase(kind, object)?;
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

    fn defined(&mut self, lifecycle: i64) -> Result<(), Unplayed> {
        for state in self.take(SharedTable::State, lifecycle) {
            self.row("INSERT INTO state VALUES (?, ?, ?, ?, ?)", state, None)?;
        }
        for edge in self.take(SharedTable::Edge, lifecycle) {
            self.row("INSERT INTO edge VALUES (?, ?, ?, ?, ?, ?, ?, ?)", edge, None)?;
        }
        Ok(())
    }

    /// Notes what an erasure makes necessary besides what the triggers do.
    fn about_to_erase(&mut self, kind: &str, object: i64) -> Result<(), Unplayed> {
        let sql = match kind {
            "text" => "SELECT salt FROM text WHERE id = ?1",
            "customer" => "SELECT salt FROM customer WHERE id = ?1",
            "key" => "SELECT salt FROM key WHERE entry = ?1",
            _ => "SELECT nullif(CAST(statement AS BLOB), CAST('-' AS BLOB)) FROM entry WHERE seq = ?1",
        };
        let salt: Option<Vec<u8>> = self.one(sql, object)?;
        if salt.is_some_and(|salt| salt != stand_in::SALT) {
            self.scrub = Scrub::AtCommit;
        }
        if kind == "text" {
            let sql = "SELECT archive.conversation FROM text JOIN message ON message.id = text.message
                JOIN archive ON archive.conversation = message.conversation WHERE text.id = ?1";
            let conversation: Option<i64> = self.one(sql, object)?;
            self.emptied.extend(conversation.filter(|found| !self.emptied.contains(found)));
        }
        Ok(())
    }

    fn one<T: rusqlite::types::FromSql>(&self, sql: &str, id: i64) -> rusqlite::Result<Option<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([id])?;
        rows.next()?.map_or(Ok(None), |row| row.get(0))
    }

    /// Packs the bodies of a conversation as its host did.
    fn archived(&mut self, conversation: i64, change: i64) -> Result<(), Unplayed> {
        let said = self.snapshot.said(conversation)?;
        let packed = archive::pack(said.iter().map(|said| (said.text, said.body.as_str())))
            .ok_or_else(|| Unplayed::Refused("it archives what does not fit".to_owned()))?;
        self.insert(
            "INSERT INTO archive (conversation, bodies, change) VALUES (?1, ?2, ?3)",
            (conversation, packed, change),
        )?;
        for said in said {
            let sql = "UPDATE text SET body = NULL, message = ?2 WHERE id = ?1";
            self.insert(sql, (said.text, said.message))?;
        }
        Ok(())
    }

    fn purged(&mut self, conversation: i64) -> Result<(), Unplayed> {
        self.scrub = Scrub::AtCommit;
        for text in self.take(SharedTable::PurgedText, conversation) {
            let sql = "UPDATE text SET body = NULL, salt = NULL, message = ?2, digest = ?3 WHERE id = ?1";
            self.row(sql, text.get(1..).unwrap_or_default(), None)?;
        }
        self.insert("DELETE FROM archive WHERE conversation = ?1", [conversation])?;
        for statement in self.take(SharedTable::PurgedStatement, conversation) {
            let sql =
                "UPDATE entry SET statement = NULL, digest = ?2 WHERE seq = ?1 AND statement IS NOT NULL";
            self.row(sql, statement.get(1..).unwrap_or_default(), None)?;
        }
        Ok(())
    }
}

/// The place of `after_transition` in a row of `change`.
const AFTER_TRANSITION: usize = 7;

fn integer(values: &[Value], place: usize) -> i64 {
    values.get(place).and_then(Value::as_integer).unwrap_or_default()
}
