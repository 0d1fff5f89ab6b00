//! VERIFY JOURNAL: every entry hashed again from its rows, and held against its seal.
//!
//! Invariant: reads the whole log in one pass and believes no row that the chain does not cover. What an erasure
//! took away is counted and must be explained by a change of the log.

use rusqlite::{Connection, Row, Rows};

mod archives;
mod drawings;
mod standing;

use super::builtin::genesis;
use super::failure::broken;
use super::rows::{field, value};
use crate::domain::journal::{
    Changes, Field, Hash, Heading, Table, hex, salted_digest, seal, statement_digest,
};
use crate::domain::refusal::{Broken, Error};
use crate::domain::value::Value;

/// A head that was written down elsewhere: `seq:hash`, as SHOW HEAD prints it, or the hash alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadLine {
    /// The entry, where it was written down.
    pub seq: Option<i64>,
    /// Its hash in hexadecimal.
    pub hash: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How many entries there are.
    pub entries: i64,
    /// How many transitions.
    pub transitions: i64,
    /// How many handles, texts and statements are gone and explained.
    pub erased: i64,
    /// The last hash.
    pub head: String,
    /// What is broken: the entry and a sentence.
    pub broken: Option<(i64, String)>,
}

const COLUMNS: [(Table, &str); 6] = [
    (Table::Customer, "SELECT journal, id, journal, digest FROM customer ORDER BY id"),
    (Table::Text, "SELECT journal, id, journal, digest FROM text ORDER BY id"),
    (Table::Opening, "SELECT journal, * FROM opening ORDER BY id"),
    (Table::Transition, "SELECT journal, * FROM transition ORDER BY seq"),
    (Table::Message, "SELECT journal, * FROM message ORDER BY id"),
    (Table::Change, "SELECT journal, * FROM change ORDER BY seq"),
];

/// Verifies the whole journal.
pub(super) fn verify(connection: &Connection, against: Option<&HeadLine>) -> Result<Verdict, Error> {
    let mut verdict = Verdict { entries: 0, transitions: 0, erased: 0, head: String::new(), broken: None };
    verdict.transitions = count(connection, "SELECT count(*) FROM transition")?;
    let mut known = against.is_none();
    let mut seen = |seq: i64, hash: &Hash| {
        known = known
            || against.is_some_and(|head| head.hash == hex(hash) && head.seq.is_none_or(|at| at == seq));
    };
    walk(connection, &mut verdict, &mut seen)?;
    if verdict.broken.is_none() {
        verdict.broken = personal(connection, &mut verdict.erased)?;
    }
    if verdict.broken.is_none() {
        verdict.broken = archives::fault(connection)?;
    }
    if verdict.broken.is_none() {
        verdict.broken = standing::fault(connection)?;
    }
    if verdict.broken.is_none() {
        verdict.broken = drawings::fault(connection)?;
    }
    if verdict.broken.is_none() && !known {
        let head = against.map_or(String::new(), |head| head.hash.chars().take(12).collect());
        let entry = against.and_then(|head| head.seq).unwrap_or(verdict.entries);
        verdict.broken = Some((entry, format!("the head {head}… was never one of this file's")));
    }
    Ok(verdict)
}

fn count(connection: &Connection, question: &str) -> Result<i64, Broken> {
    connection.query_row(question, [], |row| row.get(0)).map_err(broken)
}

/// The rows of one table, taken entry by entry.
struct Reading<'a> {
    table: Table,
    rows: Rows<'a>,
    next: Option<(i64, Vec<Value>)>,
}

impl Reading<'_> {
    fn advance(&mut self) -> Result<(), Broken> {
        self.next = match self.rows.next().map_err(broken)? {
            Some(row) => Some(whole(row).map_err(broken)?),
            None => None,
        };
        Ok(())
    }

    /// Adds this table's rows of that entry.
    fn take(&mut self, entry: i64, changes: &mut Changes) -> Result<(), Broken> {
        while let Some((_, values)) = self.next.take_if(|(journal, _)| *journal == entry) {
            let fields: Vec<Field<'_>> = values.iter().map(field).collect();
            changes.add(self.table, &fields);
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

fn walk(
    connection: &Connection,
    verdict: &mut Verdict,
    seen: &mut dyn FnMut(i64, &Hash),
) -> Result<(), Broken> {
    let mut questions = Vec::new();
    for (_, question) in COLUMNS {
        questions.push(connection.prepare(question).map_err(broken)?);
    }
    let mut readings = Vec::new();
    for (question, (table, _)) in questions.iter_mut().zip(COLUMNS) {
        let mut reading = Reading { table, rows: question.query([]).map_err(broken)?, next: None };
        reading.advance()?;
        readings.push(reading);
    }
    let mut entries = connection.prepare(ENTRIES).map_err(broken)?;
    let mut rows = entries.query([]).map_err(broken)?;
    let mut previous = genesis(connection)?;
    let mut changes = Changes::default();
    while let Some(row) = rows.next().map_err(broken)? {
        let entry = Entry::read(row).map_err(broken)?;
        changes.clear();
        for reading in &mut readings {
            reading.take(entry.seq, &mut changes)?;
        }
        if let Some(fault) = entry.fault(verdict.entries, &changes, &previous) {
            verdict.broken = Some((entry.seq, fault));
            return Ok(());
        }
        verdict.entries += 1;
        verdict.erased += i64::from(entry.statement.is_none());
        previous = entry.hash.unwrap_or_default();
        verdict.head = hex(&previous);
        seen(entry.seq, &previous);
    }
    if let Some((journal, _)) = readings.iter().find_map(|reading| reading.next.as_ref()) {
        verdict.broken = Some((*journal, format!("there is a row of entry {journal} out of its place")));
    }
    Ok(())
}

const ENTRIES: &str = "SELECT entry.seq, at, actor_kind, actor, statement, key, hash,
        (SELECT value FROM change WHERE kind = 'entry' AND name = 'purged' AND subject = entry.seq)
    FROM entry LEFT JOIN seal ON seal.seq = entry.seq ORDER BY entry.seq";

/// An entry as it stands in the file.
struct Entry {
    seq: i64,
    at: i64,
    actor_kind: String,
    actor: Option<String>,
    statement: Option<String>,
    key: Option<String>,
    hash: Option<Hash>,
    purged: Option<String>,
}

impl Entry {
    fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
        Ok(Entry {
            seq: row.get(0)?,
            at: row.get(1)?,
            actor_kind: row.get(2)?,
            actor: row.get(3)?,
            statement: row.get(4)?,
            key: row.get(5)?,
            hash: row.get(6)?,
            purged: row.get(7)?,
        })
    }

    fn statement_digest(&self) -> Option<Hash> {
        match (&self.statement, &self.purged) {
            (Some(statement), _) => Some(statement_digest(statement)),
            (None, Some(kept)) => unhex(kept),
            (None, None) => None,
        }
    }

    fn fault(&self, before: i64, changes: &Changes, previous: &Hash) -> Option<String> {
        let seq = self.seq;
        if seq != before + 1 {
            return Some(format!("entry {} is missing", before + 1));
        }
        let Some(hash) = self.hash else { return Some(format!("entry {seq} was never sealed")) };
        let Some(statement) = self.statement_digest() else {
            return Some(format!("the statement of entry {seq} is gone, and no PURGE says so"));
        };
        let heading = Heading {
            seq,
            at: self.at,
            actor_kind: &self.actor_kind,
            actor: self.actor.as_deref(),
            statement,
            key: self.key.as_deref(),
        };
        (seal(&heading, changes, previous) != hash).then(|| format!("entry {seq} is not what was sealed"))
    }
}

fn unhex(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(hash)
}

/// Handles, and texts whose bodies are not archived: each is what its digest says, or is gone and an erasure says so.
fn personal(connection: &Connection, erased: &mut i64) -> Result<Option<(i64, String)>, Broken> {
    for (kind, question) in [
        ("customer", "SELECT id, journal, digest, salt, handle FROM customer ORDER BY id"),
        ("text", "SELECT id, journal, digest, salt, body FROM text WHERE message IS NULL ORDER BY id"),
    ] {
        let mut erasure = connection
            .prepare("SELECT count(*) FROM change WHERE kind = ?1 AND name = 'erased' AND subject = ?2")
            .map_err(broken)?;
        let mut statement = connection.prepare(question).map_err(broken)?;
        let mut rows = statement.query([]).map_err(broken)?;
        while let Some(row) = rows.next().map_err(broken)? {
            let (id, journal, digest): (i64, i64, Hash) = read3(row).map_err(broken)?;
            let words: Option<(Vec<u8>, String)> = row
                .get::<_, Option<Vec<u8>>>(3)
                .and_then(|salt| Ok(salt.zip(row.get(4)?)))
                .map_err(broken)?;
            let explained = match words {
                Some((salt, text)) => salted_digest(&salt, &text) == digest,
                None => {
                    *erased += 1;
                    erasure.query_row((kind, id), |row| row.get::<_, i64>(0)).map_err(broken)? > 0
                }
            };
            if !explained {
                return Ok(Some((journal, format!("{kind} {id} of entry {journal} is not what was sealed"))));
            }
        }
    }
    Ok(None)
}

fn read3(row: &Row<'_>) -> rusqlite::Result<(i64, i64, Hash)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}
