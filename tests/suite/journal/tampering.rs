//! A file in which one thing was changed outside the program: VERIFY JOURNAL or the next opening finds it.
//!
//! What is changed comes from the catalogue, so a new table or column is included. Triggers are disabled only on
//! the connection that makes the change.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use switchboard::{Context, OpenOptions, Parameters, Switchboard};
use tempfile::TempDir;

use crate::support::World;
use crate::support::session::play;

/// The log, table by table.
pub const LOG: [&str; 7] = ["entry", "customer", "text", "opening", "transition", "message", "change"];

/// A closed file with something of everything, to be copied.
pub struct Original {
    folder: TempDir,
    bytes: Vec<u8>,
}

/// What the program says of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Finding {
    Whole,
    /// VERIFY JOURNAL is refused: the code and the words.
    Fault(String, String),
    /// The file is not even opened.
    Unopened(String, String),
    /// The program falls over: this is never an answer.
    Panicked,
}

impl Original {
    pub fn new() -> Original {
        let mut world = World::new();
        play(&mut world, 7, 150);
        for _ in 0..2 {
            world.now = switchboard::Moment(world.now.0 + 2 * 86_400_000);
            world.run("SWEEP");
        }
        // And something that is due later.
        world.actor = "maria".to_owned();
        world.play(
            "OPEN ON w1 FOR x; CREATE AGENT new WITH (presence = available) IN front;
            CREATE WORKSTREAM leads WITH (channel = chat, lifecycle = unified, queue = front, mode = push, offers = on);
            OPEN ON leads FOR y; CREATE AGENT gone WITH (presence = busy); DISCONNECT AGENT gone;
            CREATE REPORT waiting AS SELECT queue, waiting FROM queues;",
        );
        world.run("OPEN ON w2 FOR z BY new");
        let open = world.rows("SELECT max(id) FROM conversations").join("");
        world.play(&format!("JOIN {open} BY maria; JOIN {open} BY bob; LEAVE {open} BY bob;"));
        let bytes = checkpointed(&world.path());
        Original { folder: tempfile::tempdir().expect("a temporary folder"), bytes }
    }

    /// A copy to be changed, and a plain connection to it.
    pub fn copy(&self) -> (PathBuf, Connection) {
        let path = self.folder.path().join("copy.db");
        for end in ["", "-wal", "-shm", "-lock"] {
            let _ = fs::remove_file(format!("{}{end}", path.display()));
        }
        fs::write(&path, &self.bytes).expect("a copy");
        let connection = Connection::open(&path).expect("the copy opens");
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false).expect("a setting");
        let settings =
            "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON";
        connection.execute_batch(settings).expect("settings");
        (path, connection)
    }
}

/// The bytes of a file, all of which stands in it.
fn checkpointed(path: &Path) -> Vec<u8> {
    let connection = Connection::open(path).expect("the file opens");
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    assert_eq!(busy, Ok(0), "nobody else is at it");
    fs::read(path).expect("the file")
}

/// Does something while no trigger runs.
pub fn without_triggers(connection: &Connection, act: impl FnOnce(&Connection)) {
    let switch =
        |on| connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, on).expect("a setting");
    assert!(!switch(false), "no trigger runs");
    act(connection);
    assert!(switch(true), "they run again");
}

/// Opens a file as the program does, and verifies it.
pub fn verify(path: &Path, against: &str) -> Finding {
    catch_unwind(|| verified(path, against)).unwrap_or(Finding::Panicked)
}

fn verified(path: &Path, against: &str) -> Finding {
    let mut desk = match Switchboard::open(path, &OpenOptions::default()) {
        Ok(desk) => desk,
        Err(error) => return Finding::Unopened(error.code().name().to_owned(), error.message().to_owned()),
    };
    let context = Context::given(crate::support::at("2026-03-09T09:00:00Z"), "maria");
    let statement = format!("VERIFY JOURNAL {against}");
    match desk.run(&statement, &Parameters::new(), &context) {
        Ok(_) => Finding::Whole,
        Err(failure) => {
            Finding::Fault(failure.error.code().name().to_owned(), failure.error.message().to_owned())
        }
    }
}

/// The places of all rows of a table, and its columns with their types.
pub fn columns(connection: &Connection, table: &str) -> Vec<(String, String)> {
    let sql = "SELECT name, type FROM pragma_table_info(?1) ORDER BY cid";
    let mut question = connection.prepare(sql).expect(sql);
    let rows = question.query_map([table], |row| Ok((row.get(0)?, row.get(1)?))).expect(sql);
    rows.collect::<rusqlite::Result<_>>().expect(sql)
}

/// The names of all tables but `replica`, which says where this copy of the file belongs.
pub fn tables(connection: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
        AND name <> 'replica' ORDER BY name";
    let mut question = connection.prepare(sql).expect(sql);
    let rows = question.query_map([], |row| row.get(0)).expect(sql);
    rows.collect::<rusqlite::Result<_>>().expect(sql)
}

pub fn primary(connection: &Connection, table: &str) -> Vec<String> {
    let sql = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
    let mut question = connection.prepare(sql).expect(sql);
    let rows = question.query_map([table], |row| row.get(0)).expect(sql);
    rows.collect::<rusqlite::Result<_>>().expect(sql)
}

/// Another value of the same type: by one, by a letter, by a bit.
pub fn other(value: &Value, kind: &str) -> Value {
    match value {
        Value::Integer(number) => Value::Integer(number.checked_add(1).unwrap_or(number - 1)),
        Value::Text(text) => Value::Text(format!("{text}x")),
        Value::Blob(bytes) => {
            Value::Blob(bytes.iter().enumerate().map(|(at, byte)| byte ^ u8::from(at == 0)).collect())
        }
        Value::Real(number) => Value::Real(number + 1.0),
        Value::Null if kind == "TEXT" => Value::Text("x".to_owned()),
        Value::Null if kind == "BLOB" => Value::Blob(vec![1; 16]),
        Value::Null => Value::Integer(1),
    }
}

/// Changes one value of one row in the middle of a table: a null one and another, where there are both. The answer is
/// what was changed, with the entry (by that column) to which the row belongs.
pub fn changed_values(
    original: &Original,
    table: &str,
    column: &str,
    entry: &str,
) -> Vec<(String, i64, Finding)> {
    let mut found = Vec::new();
    for condition in ["IS NULL", "IS NOT NULL"] {
        let (path, connection) = original.copy();
        let kind = columns(&connection, table).into_iter().find(|(name, _)| name == column);
        let keys = primary(&connection, table).iter().map(|key| format!("\"{key}\"")).collect::<Vec<_>>();
        let sql = format!(
            "SELECT \"{column}\", {entry}, {keys} FROM \"{table}\" WHERE \"{column}\" {condition} ORDER BY {keys}
                 LIMIT 1 OFFSET (SELECT count(*) / 2 FROM \"{table}\" WHERE \"{column}\" {condition})",
            keys = keys.join(", ")
        );
        let row = connection.query_row(&sql, [], |row| {
            let key: Vec<Value> =
                (0..keys.len()).map(|at| row.get(at + 2)).collect::<rusqlite::Result<_>>()?;
            Ok((row.get::<_, Value>(0)?, row.get::<_, i64>(1)?, key))
        });
        let Ok((old, entry, key)) = row else { continue };
        let new = other(&old, &kind.expect("a column").1);
        // Where that one is taken, a number that is not.
        let free = connection.query_row(&format!("SELECT max(\"{column}\") FROM \"{table}\""), [], |row| {
            Ok(if let Value::Integer(most) = row.get(0)? {
                Value::Integer(most.checked_add(2).unwrap_or(most - 2))
            } else {
                new.clone()
            })
        });
        let place: Vec<String> =
            keys.iter().enumerate().map(|(at, key)| format!("{key} = ?{}", at + 2)).collect();
        let update = format!("UPDATE \"{table}\" SET \"{column}\" = ?1 WHERE {}", place.join(" AND "));
        for new in [new.clone(), free.expect("a value")] {
            let mut done = Ok(0);
            without_triggers(&connection, |connection| {
                let values: Vec<Value> = std::iter::once(new.clone()).chain(key.clone()).collect();
                done = connection.execute(&update, params_from_iter(values));
            });
            // A key that is taken, or a type that the column does not take: SQLite itself stands before it.
            if done.is_ok() {
                let what = format!("{table}.{column} {old:?} -> {new:?} of {key:?}");
                found.push((what, entry, verify(&path, "")));
                break;
            }
        }
    }
    found
}

#[test]
fn every_value_of_the_log_is_under_the_chain() {
    let original = Original::new();
    let (_, connection) = original.copy();
    let mut count = 0;
    let mut faults = Vec::new();
    for table in LOG {
        let entry = if table == "entry" { "seq" } else { "entry" };
        for (column, _) in columns(&connection, table) {
            for (what, entry, finding) in changed_values(&original, table, &column, entry) {
                count += 1;
                let named = |words: &str| {
                    words.contains(&format!("entry {entry} ")) || words.contains(&format!("entry {entry}:"))
                };
                match &finding {
                    Finding::Fault(code, words) if code == "broken_chain" && named(words) => {}
                    other => faults.push(format!("{what}, of entry {entry}: {other:?}")),
                }
            }
        }
    }
    println!("{count} values of the log changed");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Does something to a copy and gives what the program then says.
pub fn after(original: &Original, act: impl FnOnce(&Connection)) -> Finding {
    let (path, connection) = original.copy();
    act(&connection);
    drop(connection);
    verify(&path, "")
}

pub fn execute(connection: &Connection, sql: &str) {
    connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[test]
fn rows_that_go_come_or_change_places_are_found() {
    let original = Original::new();
    assert_eq!(after(&original, |_| {}), Finding::Whole, "an untouched copy");
    assert_eq!(after(&original, |connection| without_triggers(connection, |_| {})), Finding::Whole);
    let mut acts: Vec<String> = Vec::new();
    for (table, key) in [
        ("entry", "seq"),
        ("customer", "id"),
        ("text", "id"),
        ("opening", "id"),
        ("transition", "seq"),
        ("message", "id"),
        ("change", "seq"),
    ] {
        for which in ["min", "max"] {
            acts.push(format!("DELETE FROM {table} WHERE {key} = (SELECT {which}({key}) FROM {table})"));
        }
        acts.push(format!(
            "DELETE FROM {table} WHERE {key} = (SELECT {key} FROM {table} ORDER BY {key} LIMIT 1 OFFSET 4)"
        ));
        // Two neighbours change their places.
        acts.push(format!(
            "UPDATE {table} SET {key} = -2 WHERE {key} = 2; UPDATE {table} SET {key} = 2 WHERE {key} = 3;
             UPDATE {table} SET {key} = 3 WHERE {key} = -2"
        ));
    }
    acts.push("DELETE FROM archive WHERE conversation = (SELECT max(conversation) FROM archive)".to_owned());
    acts.push("DELETE FROM archive".to_owned());
    acts.push("DELETE FROM conversation WHERE id = 1".to_owned());
    acts.push("DELETE FROM text".to_owned());
    acts.push("DELETE FROM edge WHERE lifecycle = -4 AND event = 'release'".to_owned());
    acts.push("UPDATE entry SET actor_kind = 'god' WHERE seq = 5".to_owned());
    acts.push("UPDATE transition SET actor_kind = 'god' WHERE seq = 5".to_owned());
    acts.push("UPDATE text SET body = NULL, salt = NULL WHERE id = 1".to_owned());
    acts.push("UPDATE entry SET statement = NULL WHERE seq = 5".to_owned());
    acts.push("INSERT INTO message SELECT 99999, entry, conversation, 'customer', NULL, 'text', text, NULL, at FROM message WHERE id = 1".to_owned());
    for act in acts {
        let finding = after(&original, |connection| {
            without_triggers(connection, |connection| execute(connection, &act));
        });
        assert!(matches!(&finding, Finding::Fault(code, _) if code == "broken_chain"), "{act}: {finding:?}");
    }
}

#[test]
fn a_trigger_that_is_gone_changed_or_added_keeps_the_file_from_being_opened() {
    let original = Original::new();
    let (_, connection) = original.copy();
    let sql =
        "SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view', 'index') AND sql IS NOT NULL";
    let mut question = connection.prepare(sql).expect(sql);
    let rows =
        question.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).expect(sql);
    let objects: Vec<(String, String)> = rows.collect::<rusqlite::Result<_>>().expect(sql);
    assert!(objects.len() > 120, "{} triggers, views and indexes", objects.len());
    for (kind, name) in &objects {
        let finding = after(&original, |connection| execute(connection, &format!("DROP {kind} {name}")));
        let named = format!("{kind} {name} is missing");
        assert_eq!(finding, Finding::Unopened("damaged".to_owned(), named));
    }
    for (table, act) in [
        ("entry", "CREATE TRIGGER mine AFTER INSERT ON entry BEGIN SELECT 1; END"),
        ("conversation", "CREATE TRIGGER mine BEFORE UPDATE ON conversation BEGIN SELECT RAISE(IGNORE); END"),
    ] {
        let finding = after(&original, |connection| execute(connection, act));
        let words = format!("trigger mine on {table} does not belong to Switchboard");
        assert_eq!(finding, Finding::Unopened("damaged".to_owned(), words));
    }
    let changed = "DROP TRIGGER message_update;
        CREATE TRIGGER message_update BEFORE UPDATE ON message BEGIN SELECT 1; END";
    let finding = after(&original, |connection| execute(connection, changed));
    assert_eq!(
        finding,
        Finding::Unopened("damaged".to_owned(), "trigger message_update was changed".to_owned())
    );
    let more = "ALTER TABLE entry ADD COLUMN more TEXT";
    let finding = after(&original, |connection| execute(connection, more));
    assert_eq!(finding, Finding::Unopened("damaged".to_owned(), "table entry was changed".to_owned()));
}

#[test]
fn an_additional_table_or_view_is_tolerated_and_reported() {
    let original = Original::new();
    for act in ["CREATE TABLE mine (a)", "CREATE VIEW mine AS SELECT 1", "CREATE INDEX mine ON entry (actor)"]
    {
        let (path, connection) = original.copy();
        execute(&connection, act);
        execute(&connection, "ANALYZE");
        drop(connection);
        let mut desk = Switchboard::open(&path, &OpenOptions::default()).expect("it is opened");
        let kind = act.split(' ').nth(1).unwrap_or_default().to_lowercase();
        assert_eq!(desk.take_warnings(), [format!("{kind} mine does not belong to Switchboard")], "{act}");
        drop(desk);
        assert_eq!(verify(&path, ""), Finding::Whole, "{act}");
    }
}
