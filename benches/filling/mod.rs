//! Makes large files quickly: rows are inserted while the triggers are dropped.
//!
//! Invariant: the triggers are restored before anything is measured. The chain of hashes of such a
//! file is not valid.

use std::path::Path;

use rusqlite::Connection;
use switchboard::{Creation, OpenOptions, Switchboard};

/// Opens the file, or creates it.
pub fn opened(path: &Path) -> Switchboard {
    let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
    Switchboard::open(path, &options).expect("a file")
}

/// Opens a connection with the settings that the program writes with.
pub fn connected(path: &Path) -> Connection {
    let connection = Connection::open(path).expect("a file");
    connection
        .execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -65536")
        .expect("settings");
    connection
}

/// Returns the statement that copies the first conversation's row once per row of the table
/// `number`, with ids from there.
pub fn copy_of_the_first(connection: &Connection, table: &str) -> String {
    let sql = format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid");
    let mut question = connection.prepare(&sql).expect("a table");
    let names = question.query_map([], |row| row.get::<_, String>(0)).expect("columns");
    let columns: Vec<String> = names
        .map(|name| match name.expect("a column").as_str() {
            "id" | "seq" | "conversation" | "visit" => "number.id".to_owned(),
            "transition" => "number.id".to_owned(),
            name => format!("first.\"{name}\""),
        })
        .collect();
    format!("INSERT INTO {table} SELECT {} FROM number, {table} AS first", columns.join(", "))
}

/// Runs `fill` while the file has no triggers.
pub fn without_triggers(path: &Path, fill: impl FnOnce(&Connection)) {
    let connection = connected(path);
    let triggers: Vec<(String, String)> = {
        let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid";
        let mut question = connection.prepare(sql).expect(sql);
        let rows = question.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect(sql);
        rows.collect::<rusqlite::Result<_>>().expect(sql)
    };
    let run = |sql: &str| connection.execute_batch(sql).expect(sql);
    run("BEGIN");
    triggers.iter().for_each(|(name, _)| run(&format!("DROP TRIGGER {name}")));
    fill(&connection);
    triggers.iter().for_each(|(_, sql)| run(sql));
    run("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
}
