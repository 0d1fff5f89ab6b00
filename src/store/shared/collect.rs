//! Collects entries of the file as the shared log keeps them.
//!
//! Invariant: an entry that is collected and played into a replica gives the same rows. What was
//! erased since is collected as its digest. This module deliberately does not know where entries go.

use std::ops::ControlFlow;

use rusqlite::Connection;

use crate::domain::journal::{Hash, Table};
use crate::domain::refusal::Fault;
use crate::domain::shared_entry::{EntryRows, SharedEntry, SharedTable, Word, WordContent, WordKind};
use crate::domain::value::Value;
use crate::store::convert::value;
use crate::store::log_reader::{LogPlace, Logged, LoggedEntry, read_log};
use crate::store::sqlite_error::sqlite_fault;

/// An entry, and the words that it erases.
pub struct Collected {
    /// The entry, without a host.
    pub entry: SharedEntry,
    /// What it erases.
    pub erased: Vec<(WordKind, i64)>,
}

const STATES: &str = "SELECT lifecycle, state, channel, phase, position FROM state WHERE lifecycle = ?1";
const EDGES: &str = "SELECT lifecycle, channel, from_state, event, condition, to_state, to_phase, after_ms FROM edge WHERE lifecycle = ?1";
/// The texts that the purge of the conversation ?1 removed, not those that were erased one by one.
const PURGED_TEXTS: &str = "SELECT ?1, text.id, text.message, text.digest FROM message JOIN text ON text.id = message.text
        JOIN message AS kept ON kept.id = text.message
    WHERE message.conversation = ?1 AND kept.conversation = ?1 AND text.salt IS NULL AND text.digest IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM change WHERE object = text.id AND kind = 'text' AND name = 'erased')
    GROUP BY text.id ORDER BY text.id";
/// The statements that are gone and that this purge may have removed: those of entries about the conversation ?1.
const PURGED_STATEMENTS: &str = "SELECT ?1, seq, digest FROM entry
    WHERE statement IS NULL AND digest IS NOT NULL AND seq IN (
        SELECT entry FROM opening WHERE id = ?1
        UNION SELECT entry FROM transition WHERE conversation = ?1
        UNION SELECT entry FROM message WHERE conversation = ?1
        UNION SELECT entry FROM change WHERE object = ?1 AND kind IN ('conversation', 'session', 'timer', 'participant', 'offer'))
        AND NOT EXISTS (SELECT 1 FROM change WHERE object = entry.seq AND kind = 'entry' AND name = 'purged')
    ORDER BY seq";

/// Collects the entries after a place, in order.
///
/// # Errors
/// Those of `each`; `damaged` if a row cannot be read; faults of the file.
pub fn collect(
    connection: &Connection,
    from: &LogPlace,
    each: &mut dyn FnMut(Collected) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let astray = read_log(connection, from, &mut |logged| match logged {
        Logged::Whole(entry) => {
            each(collected(connection, entry)?)?;
            Ok(ControlFlow::Continue(()))
        }
        Logged::Misfit { entry, .. } => {
            Err(Fault::contradiction(format!("a value of entry {entry} cannot be read")))
        }
    })?;
    match astray {
        Some(entry) => Err(Fault::contradiction(format!("a row of entry {entry} is out of order"))),
        None => Ok(()),
    }
}

/// Collects all entries after a place.
///
/// # Errors
/// As [`collect`].
pub fn collect_all(connection: &Connection, from: &LogPlace) -> Result<Vec<Collected>, Fault> {
    let mut entries = Vec::new();
    collect(connection, from, &mut |entry| {
        entries.push(entry);
        Ok(())
    })?;
    Ok(entries)
}

fn collected(connection: &Connection, logged: &mut LoggedEntry) -> Result<Collected, Fault> {
    let seq = logged.seq;
    let statement = match (&logged.statement, logged.statement_digest()) {
        (Some(statement), _) => WordContent::Present { salt: Vec::new(), body: statement.clone() },
        (None, Some(digest)) => WordContent::Erased(digest),
        (None, None) => return Err(gone(seq)),
    };
    let mut entry = EntryRows {
        at: logged.at,
        actor_kind: std::mem::take(&mut logged.actor_kind),
        actor: logged.actor.take(),
        key: logged.key.take(),
        rows: Vec::with_capacity(logged.rows.len()),
    };
    let mut words = vec![Word { kind: WordKind::Statement, id: seq, content: statement }];
    let mut erased = Vec::new();
    for (table, mut values) in logged.rows.drain(..) {
        let (table, personal) = shared(table);
        if let Some(kind) = personal {
            let id = first(&values);
            let content = values.split_off(if kind == WordKind::Key { 1 } else { 2 });
            words.push(Word { kind, id, content: word(content).ok_or_else(|| gone(seq))? });
            values.truncate(usize::from(kind != WordKind::Key));
        } else {
            // The number of the entry.
            values.remove(1);
        }
        if table == SharedTable::Change {
            follow(connection, &values, &mut entry.rows, &mut erased)?;
        }
        entry.rows.push((table, values));
    }
    let rows = entry.encode();
    Ok(Collected { entry: SharedEntry { seq, hash: logged.hash, rows, words, host: String::new() }, erased })
}

fn gone(seq: i64) -> Fault {
    Fault::contradiction(format!("words of entry {seq} are gone without an explanation"))
}

fn shared(table: Table) -> (SharedTable, Option<WordKind>) {
    match table {
        Table::Customer => (SharedTable::Customer, Some(WordKind::Customer)),
        Table::Text => (SharedTable::Text, Some(WordKind::Text)),
        Table::Key => (SharedTable::Key, Some(WordKind::Key)),
        Table::Opening => (SharedTable::Opening, None),
        Table::Transition => (SharedTable::Transition, None),
        Table::Message => (SharedTable::Message, None),
        Table::Change => (SharedTable::Change, None),
    }
}

fn first(values: &[Value]) -> i64 {
    values.first().and_then(Value::as_integer).unwrap_or_default()
}

/// Returns the content of a word from its digest, salt and words, of which those are null that do not
/// exist.
fn word(columns: Vec<Value>) -> Option<WordContent> {
    match <[Value; 3]>::try_from(columns).ok()? {
        [_, Value::Blob(salt), Value::Text(body)] => Some(WordContent::Present { salt, body }),
        [Value::Blob(digest), ..] => Some(WordContent::Erased(Hash::try_from(digest).ok()?)),
        _ => None,
    }
}

/// Adds the rows that a change brings with it, and the words that it erases.
fn follow(
    connection: &Connection,
    change: &[Value],
    rows: &mut Vec<(SharedTable, Vec<Value>)>,
    erased: &mut Vec<(WordKind, i64)>,
) -> Result<(), Fault> {
    let [_, Value::Text(kind), Value::Integer(object), _, Value::Text(name), ..] = change else {
        return Ok(());
    };
    let found = |sql: &str| found(connection, sql, *object).map_err(sqlite_fault);
    match (kind.as_str(), name.as_str()) {
        ("lifecycle", "digest") => {
            rows.extend(found(STATES)?.into_iter().map(|row| (SharedTable::State, row)));
            rows.extend(found(EDGES)?.into_iter().map(|row| (SharedTable::Edge, row)));
        }
        ("conversation", "purged") => {
            for (table, word, sql) in [
                (SharedTable::PurgedText, WordKind::Text, PURGED_TEXTS),
                (SharedTable::PurgedStatement, WordKind::Statement, PURGED_STATEMENTS),
            ] {
                for row in found(sql)? {
                    erased.extend(row.get(1).and_then(Value::as_integer).map(|id| (word, id)));
                    rows.push((table, row));
                }
            }
        }
        ("text", _) => erased.push((WordKind::Text, *object)),
        ("customer", "erased") => erased.push((WordKind::Customer, *object)),
        ("key", _) => erased.push((WordKind::Key, *object)),
        ("entry", _) => erased.push((WordKind::Statement, *object)),
        _ => {}
    }
    Ok(())
}

fn found(connection: &Connection, sql: &str, object: i64) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| (0..columns).map(|index| value(row, index)).collect();
    statement.query_map([object], row)?.collect()
}
