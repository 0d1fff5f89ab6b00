//! Whether a file has our schema: its tables, indexes, triggers and views, letter by letter.
//!
//! Invariant: a dropped, changed or added trigger of our tables is found at every open. Statistics and a user's own
//! tables are tolerated. The common case costs one hash; only a difference is looked at by name.

use std::collections::BTreeMap;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::failure::broken;
use crate::domain::journal::hex;
use crate::domain::refusal::{Broken, Code};

/// The whole schema, as it makes a new file.
pub const SCHEMA: &str = include_str!("../../schema.sql");

/// The file's application id, 'SWBD'.
pub const APPLICATION_ID: i64 = 1_398_227_524;

/// The schema's version.
pub const VERSION: i64 = 1;

/// SHA-256 over every object of a fresh file; a test holds it against `schema.sql`.
pub const FINGERPRINT: &str = include_str!("fingerprint.txt");

/// The schema without its guards: for a copy of what has passed them.
pub fn without_guards() -> String {
    let mut kept = String::with_capacity(SCHEMA.len() / 2);
    let mut within_guard = false;
    for line in SCHEMA.lines() {
        let begins = line.starts_with("CREATE TRIGGER ") && line.contains(" BEFORE ");
        within_guard |= begins;
        if !within_guard {
            kept.push_str(line);
            kept.push('\n');
        }
        // Within a trigger, lines that end a CASE stand further in.
        within_guard &= !(line == "END;" || begins && line.ends_with("END;"));
    }
    kept
}

type Objects = BTreeMap<(String, String), (String, String)>;

/// Compares the file's objects with ours.
///
/// # Errors
/// `damaged`, naming the first object that is missing, changed or added where none may be.
pub fn check(connection: &Connection) -> Result<Vec<String>, Broken> {
    let found = objects(connection)?;
    if fingerprint(&found) == FINGERPRINT.trim() {
        return Ok(Vec::new());
    }
    let reference = Connection::open_in_memory().map_err(broken)?;
    reference.execute_batch(SCHEMA).map_err(broken)?;
    compare(&objects(&reference)?, &found)
}

/// The fingerprint of a file's objects.
pub fn fingerprint_of(connection: &Connection) -> Result<String, Broken> {
    Ok(fingerprint(&objects(connection)?))
}

fn fingerprint(objects: &Objects) -> String {
    let mut hasher = Sha256::new();
    for ((kind, name), (table, sql)) in objects {
        for field in [kind, name, table, sql] {
            hasher.update((field.len() as u64).to_le_bytes());
            hasher.update(field);
        }
    }
    hex(&hasher.finalize())
}

fn objects(connection: &Connection) -> Result<Objects, Broken> {
    let mut question = connection
        .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
        .map_err(broken)?;
    let rows = question
        .query_map([], |row| {
            Ok((
                (row.get(0)?, row.get(1)?),
                (row.get(2)?, row.get::<_, Option<String>>(3)?.unwrap_or_default()),
            ))
        })
        .map_err(broken)?;
    rows.collect::<Result<Objects, _>>().map_err(broken)
}

fn compare(ours: &Objects, found: &Objects) -> Result<Vec<String>, Broken> {
    let tampered = |what: String| {
        Broken::new(Code::Damaged, what)
            .hint("somebody changed the file's rules: restore a backup, and look who may write it")
    };
    for (key, definition) in ours {
        match found.get(key) {
            None => return Err(tampered(format!("the {} {} is missing", key.0, key.1))),
            Some(other) if other != definition => {
                return Err(tampered(format!("the {} {} was changed", key.0, key.1)));
            }
            Some(_) => {}
        }
    }
    let mut warnings = Vec::new();
    for ((kind, name), (table, _)) in found.iter().filter(|(key, _)| !ours.contains_key(*key)) {
        let on_ours = ours.contains_key(&("table".to_owned(), table.clone()));
        if on_ours && kind != "index" {
            return Err(tampered(format!("the {kind} {name} on {table} is not ours")));
        }
        warnings.push(format!("the file has a {kind} {name} that is not ours"));
    }
    Ok(warnings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guards_are_all_that_is_left_out() {
        let names = |sql: &str| {
            let plain = Connection::open_in_memory().unwrap();
            plain.execute_batch(sql).unwrap();
            let question =
                "SELECT name FROM sqlite_schema WHERE sql NOT LIKE 'CREATE TRIGGER % BEFORE %' ORDER BY 1";
            let mut question = plain.prepare(question).unwrap();
            let names = question.query_map([], |row| row.get::<_, String>(0)).unwrap();
            names.collect::<Result<Vec<_>, _>>().unwrap()
        };
        assert_eq!(names(&without_guards()), names(SCHEMA));
        assert!(!without_guards().contains(" BEFORE INSERT "));
        // An END that was left over would be a COMMIT.
        let plain = Connection::open_in_memory().unwrap();
        plain.execute_batch(&format!("BEGIN; {} COMMIT", without_guards())).unwrap();
    }
}
