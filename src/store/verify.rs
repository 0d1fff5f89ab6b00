//! VERIFY JOURNAL: hashes every entry again from its rows and compares it with the stored hash.
//!
//! Invariant: the whole log is read in one pass, and no row is trusted that the chain does not
//! cover. SQLite's own structures are checked as well, since an index can hide a row. Erased content is counted, and a change in the log must explain it.

use std::ops::ControlFlow;

use rusqlite::{Connection, OptionalExtension};

mod archives;
mod definitions;
mod personal;
mod run;
mod stage;
mod state;
mod structures;

#[cfg(feature = "shared")]
pub(super) use definitions::lifecycle_digest;
use stage::VerifyStage;

use super::genesis::{built_in_digest, genesis};
use super::log_reader::{Logged, LoggedEntry, PERSONAL, WORDS, read_log};
use super::snapshot::Snapshot;
use super::sqlite_error::sqlite_fault;
use crate::domain::journal::{Changes, Field, Hash, Heading, Table, hex, salted_digest, seal};
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
        walk(snapshot, start, &mut verdict, &mut seen)?;
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

/// Reduces a row of personal data to what the chain covers. If the content exists, the digest is
/// computed from it.
fn digested(values: &mut Vec<Value>) {
    let words = values.split_off(values.len().saturating_sub(WORDS));
    if let ([Value::Blob(salt), Value::Text(words)], Some(digest)) = (words.as_slice(), values.last_mut()) {
        *digest = Value::Blob(salted_digest(salt, words).to_vec());
    }
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
    walk(snapshot, start, &mut verdict, &mut |_, _| {})?;
    let sql = "SELECT count(*) FROM transition WHERE entry > ?1";
    verdict.transitions = connection.query_row(sql, [start.0], |row| row.get(0)).map_err(sqlite_fault)?;
    Ok(verdict)
}

/// Hashes the entries after one, whose number and hash are given.
fn walk(
    snapshot: &Snapshot<'_>,
    (start, mut previous): (i64, Hash),
    verdict: &mut Verdict,
    seen: &mut dyn FnMut(i64, &Hash),
) -> Result<(), Fault> {
    let mut changes = Changes::default();
    let place = snapshot.log_place(start)?;
    let left = read_log(snapshot.connection(), &place, &mut |logged| {
        let (seq, entry) = match logged {
            Logged::Misfit { entry, table } => {
                verdict.fault = Some((entry, misfit(table, entry)));
                return Ok(ControlFlow::Break(()));
            }
            Logged::Whole(entry) => (entry.seq, entry),
        };
        changes.clear();
        for (table, mut values) in entry.rows.drain(..) {
            if PERSONAL.contains(&table) {
                digested(&mut values);
            }
            let fields: Vec<Field<'_>> = values.iter().map(Field::from).collect();
            changes.add(table, &fields);
        }
        if let Some(fault) = fault(entry, start + verdict.entries, &changes, &previous) {
            verdict.fault = Some((seq, fault));
            return Ok(ControlFlow::Break(()));
        }
        verdict.entries += 1;
        verdict.last = seq;
        verdict.erased += i64::from(entry.statement.is_none());
        previous = entry.hash;
        verdict.head = hex(&previous);
        seen(seq, &previous);
        Ok(ControlFlow::Continue(()))
    })?;
    if let Some(journal) = left.filter(|_| verdict.fault.is_none()) {
        verdict.fault = Some((journal, format!("a row of entry {journal} is out of order")));
    }
    Ok(())
}

fn misfit(table: Option<Table>, entry: i64) -> String {
    let row = table.map_or_else(String::new, |table| format!("a row of {table:?} of ").to_lowercase());
    format!("{row}entry {entry} contains a value that its column does not allow")
}

/// Returns what is wrong with an entry that follows the number `before`.
fn fault(entry: &LoggedEntry, before: i64, changes: &Changes, previous: &Hash) -> Option<String> {
    let seq = entry.seq;
    if seq != before + 1 {
        return Some(format!("entry {} is missing", before + 1));
    }
    if entry.statement.is_some() && (entry.purged.is_some() || entry.digest.is_some()) {
        return Some(format!("the statement of entry {seq} was purged but is present"));
    }
    let Some(statement) = entry.statement_digest() else {
        return Some(format!("the statement of entry {seq} is missing without a PURGE"));
    };
    let heading = Heading {
        seq,
        at: entry.at,
        actor_kind: &entry.actor_kind,
        actor: entry.actor.as_deref(),
        statement,
        key: entry.key.as_deref(),
    };
    (seal(&heading, changes, previous) != entry.hash).then(|| format!("entry {seq} does not match its hash"))
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
