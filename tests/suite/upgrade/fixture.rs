//! `fixtures/databases/format-<number>.db`: for each format a file that contains everything that a file can contain.
//!
//! That it is complete is checked against its own schema and its list of changes, so a new table, column or
//! change has to be added here. `UPDATE=1` writes the file of a format that has none. A file that is there is
//! never written again: it is evidence of what that program wrote.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;

use rusqlite::Connection;
use rusqlite::types::Value;
use switchboard::testing::domain::journal::{
    Changes, Field, Heading, Table, salted_digest, seal, statement_digest,
};
use switchboard::testing::store::Formats;
use tempfile::TempDir;

use super::{Opened, opened};
use crate::support::World;

/// After the desk of the manual: every setting, and what happens to people and conversations on a day.
pub const DAY: &str = include_str!("../../../fixtures/databases/day.script");
/// After what no statement does yet: days later, when what was closed is packed, and what goes on at the end.
const LATER: &str = include_str!("../../../fixtures/databases/later.script");

const PURGED: &str =
    "SELECT seq, statement FROM entry WHERE seq = (SELECT entry FROM text WHERE body = 'Said by mistake.')";

fn path_of(number: i64) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/databases/format-{number}.db"))
}

fn path() -> PathBuf {
    path_of(Formats::current().newest.number)
}

/// The number of entries in the file.
pub fn entries() -> i64 {
    let folder = copy();
    number(&Connection::open(folder.path().join("desk.db")).expect("the file"), "SELECT count(*) FROM entry")
}

/// Puts a copy of the file into a folder, `desk.db`.
pub fn put(folder: &Path) {
    static MADE: Once = Once::new();
    if std::env::var_os("UPDATE").is_some() && !path().exists() {
        MADE.call_once(make);
    }
    fs::copy(path(), folder.join("desk.db")).expect("the file is kept");
}

/// A folder with a copy of the file of a format in it.
pub fn copy_of(number: i64) -> TempDir {
    let folder = copy();
    fs::copy(path_of(number), folder.path().join("desk.db")).expect("the file is kept");
    folder
}

/// A folder with a copy of the file of the newest format in it.
pub fn copy() -> TempDir {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    put(folder.path());
    folder
}

fn make() {
    let mut world = World::with_desk();
    world.play(DAY);
    let file = Connection::open(world.path()).expect("the file");
    let text = number(&file, "SELECT id FROM text WHERE body = 'My number is 12345.'");
    enter(&file, "text", text, "erased", salted(&file, "text", "body", text));
    let customer = number(&file, "SELECT id FROM customer WHERE handle = 'forget@example.com'");
    enter(&file, "customer", customer, "erased", salted(&file, "customer", "handle", customer));
    let key = number(&file, "SELECT entry FROM key WHERE key = 'gone'");
    let digest = file.query_row("SELECT salt, key FROM key WHERE entry = ?1", [key], |row| {
        Ok(salted_digest(&row.get::<_, [u8; 16]>(0)?, &row.get::<_, String>(1)?))
    });
    enter(&file, "key", key, "erased", Value::Blob(digest.expect("a key").to_vec()));
    let (entry, statement) = file
        .query_row(PURGED, [], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))
        .expect("the statement that is purged");
    enter(&file, "entry", entry, "purged", Value::Blob(statement_digest(&statement).to_vec()));
    let long = number(&file, "SELECT max(conversation) FROM transition WHERE to_phase = 'closed'");
    enter(&file, "conversation", long, "unpacked", Value::Integer(2_000_000));
    drop(file);
    world.play(LATER);
    let small = world.path().with_file_name("small.db");
    let file = Connection::open(world.path()).expect("the file");
    file.execute("VACUUM INTO ?1", [small.display().to_string()]).expect("room");
    drop(Connection::open(&small).and_then(|small| {
        small.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))
    }));
    // Whoever copies it meanwhile gets the one or the other.
    let made = path().with_extension(std::process::id().to_string());
    fs::copy(small, &made).and_then(|_| fs::rename(&made, path())).expect("written");
}

pub fn number(file: &Connection, question: &str) -> i64 {
    file.query_row(question, [], |row| row.get(0)).expect(question)
}

/// The digest of words under their salt.
pub fn salted(file: &Connection, table: &str, words: &str, id: i64) -> Value {
    let question = format!("SELECT salt, {words} FROM {table} WHERE id = ?1");
    let digest = file.query_row(&question, [id], |row| {
        Ok(salted_digest(&row.get::<_, [u8; 16]>(0)?, &row.get::<_, String>(1)?))
    });
    Value::Blob(digest.expect("words").to_vec())
}

/// What no statement does yet: an entry of one change, as the rules of the file allow it, sealed as the program would.
pub fn enter(file: &Connection, kind: &str, object: i64, name: &str, value: Value) {
    let head =
        "SELECT seq + 1, at, hash, (SELECT max(seq) + 1 FROM change), (SELECT max(seq) FROM transition)
        FROM entry ORDER BY seq DESC LIMIT 1";
    let (entry, at, previous, change, moved): (i64, i64, [u8; 32], i64, i64) = file
        .query_row(head, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
        .expect("a head");
    let mut changes = Changes::default();
    let field = match &value {
        Value::Blob(bytes) => Field::Blob(bytes),
        Value::Integer(number) => Field::Integer(*number),
        other => panic!("{other:?} is no value of these"),
    };
    let row = [change.into(), entry.into(), kind.into(), object.into(), Field::Null, name.into(), field];
    changes.add(Table::Change, &[&row[..], &[at.into(), moved.into()]].concat());
    let statement = "SHOW HEAD";
    let heading = Heading {
        seq: entry,
        at,
        actor_kind: "supervisor",
        actor: Some("maria"),
        statement: statement_digest(statement),
        key: None,
    };
    let hash = seal(&heading, &changes, &previous);
    file.execute_batch("BEGIN IMMEDIATE").expect("begun");
    let change = (change, entry, kind, object, name, &value, at, moved);
    file.execute("INSERT INTO change VALUES (?1, ?2, ?3, ?4, NULL, ?5, ?6, ?7, ?8)", change).expect(name);
    let row = (entry, at, "supervisor", "maria", statement, hash);
    let sealed =
        "INSERT INTO entry (seq, at, actor_kind, actor, statement, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    file.execute(sealed, row).expect("sealed");
    file.execute_batch("COMMIT").expect("committed");
}

fn names(file: &Connection, question: &str) -> Vec<String> {
    let mut rows = file.prepare(question).expect(question);
    let names = rows.query_map([], |row| row.get(0)).expect(question);
    names.collect::<Result<_, _>>().expect(question)
}

#[test]
fn the_file_has_everything_in_it() {
    let folder = copy();
    let file = Connection::open(folder.path().join("desk.db")).expect("the file");
    // A file that stands alone has no row of `replica`.
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'replica'";
    let tables = names(&file, tables);
    assert!(tables.len() > 20, "{tables:?}");
    let unused = [("entry", "key")];
    for table in tables {
        for column in names(&file, &format!("SELECT name FROM pragma_table_info('{table}')")) {
            if unused.contains(&(&*table, &*column)) {
                continue;
            }
            let filled = number(&file, &format!("SELECT count({column}) FROM {table}"));
            assert!(filled > 0, "{table}.{column} has no value in any row");
        }
    }
    let missing = "SELECT kind || ' ' || name FROM change_kind EXCEPT SELECT kind || ' ' || name FROM change";
    assert_eq!(
        names(&file, missing),
        ["site left", "site upgraded"],
        "what a first format that stands alone cannot have"
    );
    let dropped = "SELECT DISTINCT kind FROM object WHERE dropped = 1 ORDER BY kind";
    let kinds = names(&file, "SELECT kind FROM change_kind WHERE name = 'dropped' ORDER BY kind");
    assert_eq!(names(&file, dropped), kinds);
    let idle = "SELECT phase FROM phase EXCEPT SELECT to_phase FROM transition";
    assert_eq!(names(&file, idle), [""; 0], "phases that nothing is or was in");
}

#[test]
fn the_file_is_small_whole_and_of_that_format() {
    let folder = copy();
    let beside = fs::read_dir(path().parent().expect("a folder")).expect("a folder");
    let beside = beside.filter_map(|entry| entry.expect("an entry").file_name().into_string().ok());
    assert!(!beside.into_iter().any(|name| name.contains("-wal") || name.contains("-shm")), "one file alone");
    let bytes = fs::metadata(path()).expect("the file").len();
    assert!(bytes < 700_000, "{bytes} bytes");
    let Opened { mut world, .. } = opened(&folder, Formats::current());
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
    assert!(world.desk.take_warnings().is_empty());
}
