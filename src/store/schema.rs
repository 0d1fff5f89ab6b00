//! Checks that a file has the expected schema: its tables, indexes, triggers and views, character
//! by character.
//!
//! Invariant: every open detects an object of Switchboard's tables that was dropped, changed or added,
//! whatever its name. Only plain indexes on them, and a user's own tables, are tolerated and
//! reported. The common case costs one comparison of text; objects are compared by name only if it
//! fails.

use std::collections::BTreeMap;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::format::{Formats, Released};
use super::genesis::built_in_digest;
use super::sqlite_error::sqlite_fault;
use crate::domain::journal::hex;
use crate::domain::refusal::{Code, Fault};

/// The file's application id, 'SWBD'.
pub const APPLICATION_ID: i64 = 1_398_227_524;

/// Views that are used by triggers, other views and the program, not by people.
pub const INTERNAL_VIEWS: [&str; 8] = [
    "newest_change",
    "unapplied_transition",
    "unapplied_change",
    "open_lifecycle",
    "participant_made",
    "shown_customer",
    "unanswered",
    "open_conversation",
];

/// A schema object of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// `table`, `index`, `trigger` or `view`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The table that the object belongs to, or is.
    pub table: String,
    /// The SQL that created it.
    pub sql: String,
}

impl Object {
    fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        add(&mut hasher, self);
        hex(&hasher.finalize()[..16])
    }
}

/// Returns the objects of a file in the order of their names, without those that SQLite creates
/// itself.
pub fn objects(connection: &Connection) -> Result<Vec<Object>, Fault> {
    let mut statement = connection
        .prepare(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE NOT (type = 'index' AND sql IS NULL
                OR type = 'table' AND name IN ('sqlite_stat1', 'sqlite_stat4', 'sqlite_sequence'))",
        )
        .map_err(sqlite_fault)?;
    let rows = statement.query_map([], |row| {
        let sql = row.get::<_, Option<String>>(3)?.unwrap_or_default();
        Ok(Object { kind: row.get(0)?, name: row.get(1)?, table: row.get(2)?, sql })
    });
    let mut objects = rows.and_then(|rows| rows.collect::<Result<Vec<_>, _>>()).map_err(sqlite_fault)?;
    objects.sort_unstable();
    Ok(objects)
}

fn add(hasher: &mut Sha256, object: &Object) {
    for field in [&object.kind, &object.name, &object.table, &object.sql] {
        hasher.update((field.len() as u64).to_le_bytes());
        hasher.update(field);
    }
}

fn fingerprint(objects: &[Object]) -> String {
    let mut hasher = Sha256::new();
    objects.iter().for_each(|object| add(&mut hasher, object));
    hex(&hasher.finalize())
}

/// Returns a new file in memory with the schema.
pub fn fresh(schema: &str) -> Result<Connection, Fault> {
    let fresh = Connection::open_in_memory().map_err(sqlite_fault)?;
    fresh.execute_batch(&format!("BEGIN; {schema}; COMMIT")).map_err(sqlite_fault)?;
    Ok(fresh)
}

/// Returns the format of the files that a schema creates.
pub fn format_of(schema: &str) -> Result<Released, Fault> {
    let fresh = fresh(schema)?;
    let objects = objects(&fresh)?;
    let lines = objects.iter().map(|object| (object.kind.clone(), object.name.clone(), object.digest()));
    let number = fresh.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(sqlite_fault)?;
    Ok(Released::new(number, fingerprint(&objects), hex(&built_in_digest(&fresh)?), lines))
}

/// Compares a file's objects with those of a format, and returns warnings about additional ones.
///
/// # Errors
/// `damaged`, naming the first object that is missing or changed, or that must not have been added.
pub fn check(connection: &Connection, format: &Formats, number: i64) -> Result<Vec<String>, Fault> {
    if number == format.newest.number && is_as_written(connection, &format.schema)? {
        return Ok(Vec::new());
    }
    let found = objects(connection)?;
    let Some(expected) = format.released(number) else {
        return Err(Fault::new(
            Code::Damaged,
            format!("the file has format {number}, which was never released"),
        ));
    };
    if fingerprint(&found) == expected.fingerprint {
        return Ok(Vec::new());
    }
    compare(connection, expected, &found)
}

/// Returns whether a file's objects are those of the schema, in the order of the schema. This is
/// true for files created in this format that have no other objects. It costs one comparison of
/// text and no digest.
fn is_as_written(connection: &Connection, schema: &str) -> Result<bool, Fault> {
    let mut statement = connection
        .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid")
        .map_err(sqlite_fault)?;
    let mut rows = statement.query([]).map_err(sqlite_fault)?;
    let mut written = Written { rest: schema };
    while let Some(row) = rows.next().map_err(sqlite_fault)? {
        let text = |index| row.get_ref(index).map(|value| value.as_bytes().unwrap_or_default());
        let read = || Ok((text(0)?, text(1)?, text(2)?, text(3)?));
        let (kind, name, table, sql) = read().map_err(sqlite_fault)?;
        let by_itself = kind == b"index" && sql.is_empty() && name.starts_with(b"sqlite_autoindex_");
        if !by_itself && !written.next_is(kind, name, table, sql) {
            return Ok(false);
        }
    }
    Ok(written.create().is_none())
}

/// The CREATE statements of the schema that have not been matched yet.
struct Written<'a> {
    rest: &'a str,
}

impl<'a> Written<'a> {
    /// Returns the rest of the schema, starting at the next CREATE that is not temporary.
    fn create(&self) -> Option<&'a str> {
        let mut rest = self.rest;
        while let Some(at) = rest.find("\nCREATE ") {
            rest = &rest[at + 1..];
            if !rest.starts_with("CREATE TEMP ") {
                return Some(rest);
            }
        }
        None
    }

    /// Returns whether the next CREATE is this object, and advances behind it.
    fn next_is(&mut self, kind: &[u8], name: &[u8], table: &[u8], sql: &[u8]) -> bool {
        let Some(create) = self.create().filter(|create| create.as_bytes().starts_with(sql)) else {
            return false;
        };
        let Some((sql, after)) = create.split_at_checked(sql.len()) else { return false };
        self.rest = after;
        let mut words = sql.split([' ', '\n', '(']).filter(|word| *word != "UNIQUE");
        let is = |word: Option<&str>, expected: &[u8]| {
            word.is_some_and(|word| word.as_bytes().eq_ignore_ascii_case(expected))
        };
        after.starts_with(';')
            && is(words.nth(1), kind)
            && is(words.next(), name)
            && (name == table || words.any(|word| word == "ON") && is(words.next(), table))
    }
}

/// Returns whether an index is over columns alone: not unique, not partial, without expressions or
/// collations of another program. Any other index could make a write fail.
fn is_plain(connection: &Connection, index: &Object) -> Result<bool, Fault> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM pragma_index_xinfo(?1) WHERE cid < -1 OR coll NOT IN ('BINARY', 'NOCASE', 'RTRIM'))
        AND EXISTS (SELECT 1 FROM pragma_index_list(?2) WHERE name = ?1 AND NOT \"unique\" AND NOT partial)";
    connection.query_row(sql, [&index.name, &index.table], |row| row.get(0)).map_err(sqlite_fault)
}

fn compare(connection: &Connection, expected: &Released, found: &[Object]) -> Result<Vec<String>, Fault> {
    let tampered = |what: String| {
        Fault::new(Code::Damaged, what).hint("restore a backup, and check who can write to the file")
    };
    let mut by_name: BTreeMap<(&str, &str), &Object> =
        found.iter().map(|object| ((&*object.kind, &*object.name), object)).collect();
    for (kind, name, digest) in expected.objects() {
        match by_name.remove(&(kind, name)) {
            None => return Err(tampered(format!("{kind} {name} is missing"))),
            Some(object) if object.digest() != digest => {
                return Err(tampered(format!("{kind} {name} was changed")));
            }
            Some(_) => {}
        }
    }
    let mut warnings = Vec::new();
    for ((kind, name), object) in by_name {
        let on_ours = expected.has("table", &object.table) || expected.has("view", &object.table);
        let is_reserved = name.to_ascii_lowercase().starts_with("sqlite_");
        if is_reserved || on_ours && !(kind == "index" && is_plain(connection, object)?) {
            return Err(tampered(format!(
                "{kind} {name} on {} does not belong to Switchboard",
                object.table
            )));
        }
        warnings.push(format!("{kind} {name} does not belong to Switchboard"));
    }
    Ok(warnings)
}
