//! VERIFY JOURNAL: hashes every entry again from its rows and compares it with the stored hash.
//!
//! Invariant: the whole log is read in one pass, and no row is trusted that the chain does not
//! cover. SQLite's own structures are checked as well, since an index can hide a row. Erased content is counted, and a change in the log must explain it.

use rusqlite::{Connection, OptionalExtension, Row, Rows};

mod archives;
mod definitions;
mod personal;
mod run;
mod stage;
mod state;
mod structures;

use stage::VerifyStage;

use super::convert::{field, value};
use super::genesis::{built_in_digest, genesis};
use super::snapshot::Snapshot;
use super::sqlite_error::{is_misfit, sqlite_fault};
use crate::domain::journal::{
    Changes, Field, Hash, Heading, Table, hex, salted_digest, seal, statement_digest,
};
use crate::domain::refusal::{Code, Error, Fault};
use crate::domain::value::Value;

/// A head that was noted elsewhere: `seq:hash`, as SHOW HEAD prints it, or the hash alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadLine {
    /// The entry's number, if it was noted.
    pub seq: Option<i64>,
    /// The hash in hexadecimal.
    pub hash: String,
}

/// The result of the verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The number of the last entry.
    pub last: i64,
    /// The number of entries that were verified.
    pub entries: i64,
    /// The number of transitions.
    pub transitions: i64,
    /// The number of handles, texts and statements that were erased with an explanation.
    pub erased: i64,
    /// The last hash, in hexadecimal.
    pub head: String,
    /// The first damage: the entry and a sentence; `None`: the journal is intact.
    pub fault: Option<(i64, String)>,
}

/// Damage: an entry and a sentence.
type Damage = (i64, String);

/// The rows of the log after the entry ?1, preceded by their entry. For personal data the chain covers the digest,
/// which is computed from salt and content as long as they exist.
const ROWS: [(Table, &str); Table::ALL.len()] = [
    (Table::Customer, "SELECT entry, id, entry, digest, salt, handle FROM customer WHERE entry > ?1 ORDER BY id"),
    (
        Table::Text,
        "SELECT text.entry, text.id, text.entry, digest, salt, coalesce(body, switchboard_unpacked(bodies, text.id)) FROM text
            LEFT JOIN message ON message.id = text.message LEFT JOIN archive ON archive.conversation = message.conversation
            WHERE text.entry > ?1 ORDER BY text.id",
    ),
    (Table::Opening, "SELECT entry, id, entry, topic, workstream, lifecycle, customer, subject, priority, skills, predecessor, at FROM opening WHERE entry > ?1 ORDER BY id"),
    (Table::Transition, "SELECT entry, seq, entry, conversation, event, from_state, to_state, to_phase, from_agent, to_agent, from_queue, to_queue, units,
            actor_kind, actor, reason, override, at FROM transition WHERE entry > ?1 ORDER BY seq"),
    (Table::Message, "SELECT entry, id, entry, conversation, author_kind, author, kind, text, system, at FROM message WHERE entry > ?1 ORDER BY id"),
    (Table::Change, "SELECT entry, seq, entry, kind, object, item, name, value, at, after_transition FROM change WHERE entry > ?1 ORDER BY seq"),
    (Table::Key, "SELECT entry, entry, digest, salt, key FROM key WHERE entry > ?1 AND (salt IS NOT NULL OR digest IS NOT NULL) ORDER BY entry"),
];

/// Salt and content follow the digest in a row of personal data.
const WORDS: usize = 2;

/// Verifies the whole journal.
pub(super) fn verify(
    snapshot: &Snapshot<'_>,
    against: Option<&HeadLine>,
    stage: &VerifyStage,
) -> Result<Verdict, Error> {
    let connection = snapshot.connection();
    let total = count(connection, "SELECT coalesce(max(seq), 0) FROM entry")?;
    stage.entries(total);
    let mut verdict =
        Verdict { last: 0, entries: 0, transitions: 0, erased: 0, head: String::new(), fault: None };
    verdict.transitions = count(connection, "SELECT count(*) FROM transition")?;
    let mut known = against.is_none();
    let mut seen = |seq: i64, hash: &Hash| {
        stage.verified(seq);
        known = known
            || against.is_some_and(|head| head.hash == hex(hash) && head.seq.is_none_or(|at| at == seq));
    };
    // The start of the chain is checked first. An archive that cannot be unpacked is reported as
    // such, before its content is read.
    verdict.fault = match genesis(connection) {
        Ok(_) => archives::damage(connection)?,
        Err(missing) if missing.code == Code::Damaged => Some((0, missing.message)),
        Err(error) => return Err(error.into()),
    };
    if verdict.fault.is_none() {
        let start = (0, genesis(connection)?.digest);
        walk(connection, start, &mut verdict, &mut seen)?;
    }
    if verdict.fault.is_none() {
        stage.next();
        verdict.fault = first_fault(snapshot, &mut verdict.erased, stage)?;
    }
    if verdict.fault.is_none() && !known {
        let head = against.map_or(String::new(), |head| head.hash.chars().take(12).collect());
        let entry = against.and_then(|head| head.seq).unwrap_or(verdict.entries);
        verdict.fault = Some((entry, format!("no entry of this journal has the hash {head}…")));
    }
    Ok(verdict)
}

/// Returns the first damage that is not visible in the chain itself.
fn first_fault(
    snapshot: &Snapshot<'_>,
    erased: &mut i64,
    stage: &VerifyStage,
) -> Result<Option<Damage>, Fault> {
    let connection = snapshot.connection();
    if let Some(fault) = built_in(snapshot)? {
        return Ok(Some(fault));
    }
    if let Some(fault) = personal::damage(connection, erased)? {
        return Ok(Some(fault));
    }
    if let Some(fault) = definitions::damage(connection)? {
        return Ok(Some(fault));
    }
    if let Some(fault) = state::damage(snapshot)? {
        return Ok(Some(fault));
    }
    stage.next();
    structures::damage(connection)
}

fn count(connection: &Connection, sql: &str) -> Result<i64, Fault> {
    connection.query_row(sql, [], |row| row.get(0)).map_err(sqlite_fault)
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

    /// Adds the rows of an entry to its changes.
    fn take(&mut self, entry: i64, changes: &mut Changes) -> Result<(), Fault> {
        while let Some((_, mut values)) = self.next.take_if(|(of, _)| *of == entry) {
            if matches!(self.table, Table::Customer | Table::Text | Table::Key) {
                digested(&mut values);
            }
            let fields: Vec<Field<'_>> = values.iter().map(field).collect();
            changes.add(self.table, &fields);
            self.advance()?;
        }
        Ok(())
    }
}

/// Reduces a row of personal data to what the chain covers. If the content exists, the digest is
/// computed from it.
fn digested(values: &mut Vec<Value>) {
    let words = values.split_off(values.len().saturating_sub(WORDS));
    if let ([Value::Blob(salt), Value::Text(words)], Some(digest)) = (words.as_slice(), values.last_mut()) {
        *digest = Value::Blob(salted_digest(salt, words).to_vec());
    }
}

fn whole(row: &Row<'_>) -> rusqlite::Result<(i64, Vec<Value>)> {
    let columns = row.as_ref().column_count();
    let values = (1..columns).map(|index| value(row, index)).collect::<rusqlite::Result<_>>()?;
    Ok((row.get(0)?, values))
}

/// Verifies the entries after a head, which must be one of the journal. Neither earlier entries nor the
/// state are checked.
pub(super) fn verify_since(snapshot: &Snapshot<'_>, head: &HeadLine) -> Result<Verdict, Error> {
    let connection = snapshot.connection();
    let head_hash = head.hash.clone();
    let mut verdict =
        Verdict { last: 0, entries: 0, transitions: 0, erased: 0, head: head_hash, fault: None };
    let found: Option<(i64, Hash)> = connection
        .query_row(
            "SELECT seq, hash FROM entry WHERE lower(hex(hash)) = ?1 AND seq = coalesce(?2, seq)",
            (&head.hash, head.seq),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
        .map_err(sqlite_fault)?;
    let Some(start) = found else {
        let hash: String = head.hash.chars().take(12).collect();
        let entry = head.seq.unwrap_or_default();
        verdict.fault = Some((entry, format!("no entry of this journal has the hash {hash}…")));
        return Ok(verdict);
    };
    verdict.last = start.0;
    walk(connection, start, &mut verdict, &mut |_, _| {})?;
    let sql = "SELECT count(*) FROM transition WHERE entry > ?1";
    verdict.transitions = connection.query_row(sql, [start.0], |row| row.get(0)).map_err(sqlite_fault)?;
    Ok(verdict)
}

/// Hashes the entries after one, whose number and hash are given.
fn walk(
    connection: &Connection,
    (start, mut previous): (i64, Hash),
    verdict: &mut Verdict,
    seen: &mut dyn FnMut(i64, &Hash),
) -> Result<(), Fault> {
    let mut sqls = Vec::new();
    for (_, sql) in ROWS {
        sqls.push(connection.prepare(sql).map_err(sqlite_fault)?);
    }
    let mut readings = Vec::new();
    for (sql, (table, _)) in sqls.iter_mut().zip(ROWS) {
        let mut reading = TableReader {
            table,
            rows: sql.query([start]).map_err(sqlite_fault)?,
            next: None,
            unreadable: None,
        };
        reading.advance()?;
        readings.push(reading);
    }
    let mut entries = connection.prepare(ENTRIES).map_err(sqlite_fault)?;
    let mut rows = entries.query([start]).map_err(sqlite_fault)?;
    let mut changes = Changes::default();
    while let Some(row) = rows.next().map_err(sqlite_fault)? {
        let entry = match Entry::read(row) {
            Err(error) if is_misfit(&error) => {
                let seq = row.get(0).map_err(sqlite_fault)?;
                verdict.fault = Some((seq, misfit(None, seq)));
                return Ok(());
            }
            read => read.map_err(sqlite_fault)?,
        };
        changes.clear();
        for reading in &mut readings {
            reading.take(entry.seq, &mut changes)?;
            if reading.unreadable == Some(entry.seq) {
                verdict.fault = Some((entry.seq, misfit(Some(reading.table), entry.seq)));
                return Ok(());
            }
        }
        if let Some(fault) = entry.fault(start + verdict.entries, &changes, &previous) {
            verdict.fault = Some((entry.seq, fault));
            return Ok(());
        }
        verdict.entries += 1;
        verdict.last = entry.seq;
        verdict.erased += i64::from(entry.statement.is_none());
        previous = entry.hash;
        verdict.head = hex(&previous);
        seen(entry.seq, &previous);
    }
    if let Some((journal, _)) = readings.iter().find_map(|reading| reading.next.as_ref()) {
        verdict.fault = Some((*journal, format!("a row of entry {journal} is out of order")));
    }
    Ok(())
}

fn misfit(table: Option<Table>, entry: i64) -> String {
    let row = table.map_or_else(String::new, |table| format!("a row of {table:?} of ").to_lowercase());
    format!("{row}entry {entry} contains a value that its column does not allow")
}

const ENTRIES: &str = "SELECT seq, at, actor_kind, actor, statement, coalesce(entry.key, (SELECT key.key FROM key WHERE key.entry = entry.seq AND salt IS NULL)), hash,
        (SELECT value FROM change WHERE object = entry.seq AND kind = 'entry' AND name = 'purged'), digest
    FROM entry WHERE seq > ?1 ORDER BY seq";

/// An entry as stored in the file.
struct Entry {
    seq: i64,
    at: i64,
    actor_kind: String,
    actor: Option<String>,
    statement: Option<String>,
    key: Option<String>,
    hash: Hash,
    /// The digest that a change of its own recorded when the statement was purged.
    purged: Option<Hash>,
    /// The digest that stands beside a purged statement; formats 1 and 2 had none.
    digest: Option<Vec<u8>>,
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
            digest: row.get(8)?,
        })
    }

    fn statement_digest(&self) -> Option<Hash> {
        match (&self.statement, self.purged) {
            (Some(statement), _) => Some(statement_digest(statement)),
            (None, kept) => kept.or_else(|| self.digest.as_deref()?.try_into().ok()),
        }
    }

    fn fault(&self, before: i64, changes: &Changes, previous: &Hash) -> Option<String> {
        let seq = self.seq;
        if seq != before + 1 {
            return Some(format!("entry {} is missing", before + 1));
        }
        if self.statement.is_some() && (self.purged.is_some() || self.digest.is_some()) {
            return Some(format!("the statement of entry {seq} was purged but is present"));
        }
        let Some(statement) = self.statement_digest() else {
            return Some(format!("the statement of entry {seq} is missing without a PURGE"));
        };
        let heading = Heading {
            seq,
            at: self.at,
            actor_kind: &self.actor_kind,
            actor: self.actor.as_deref(),
            statement,
            key: self.key.as_deref(),
        };
        (seal(&heading, changes, previous) != self.hash)
            .then(|| format!("entry {seq} does not match its hash"))
    }
}

/// Checks that the built-in rows are those of the program's format, and that those at the start of
/// the chain and at each upgrade belong to released formats.
fn built_in(snapshot: &Snapshot<'_>) -> Result<Option<Damage>, Fault> {
    let (connection, format) = (snapshot.connection(), snapshot.format());
    let genesis = genesis(connection)?;
    let born =
        format.released(genesis.format).is_some_and(|released| released.built_in == hex(&genesis.digest));
    if !born {
        return Ok(Some((0, "the built-in rows at the start of the journal were never released".to_owned())));
    }
    if hex(&built_in_digest(connection)?) != format.newest.built_in {
        return Ok(Some((0, "the built-in rows are not those of this format".to_owned())));
    }
    let mut upgrades = connection
        .prepare("SELECT entry, value FROM change WHERE kind = 'site' AND name = 'upgraded' ORDER BY seq")
        .map_err(sqlite_fault)?;
    let mut rows = upgrades.query([]).map_err(sqlite_fault)?;
    while let Some(row) = rows.next().map_err(sqlite_fault)? {
        let (entry, digest): (i64, Hash) =
            row.get(0).and_then(|entry| Ok((entry, row.get(1)?))).map_err(sqlite_fault)?;
        if !format.knows(&digest) {
            return Ok(Some((
                entry,
                format!("entry {entry} upgraded to built-in rows that were never released"),
            )));
        }
    }
    Ok(None)
}
