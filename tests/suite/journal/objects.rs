//! Objects that another program adds to the file: on Switchboard's tables only a plain index is tolerated, whatever the
//! name; beside them a user may have tables of their own, and every statement works as before.

use rusqlite::Connection;
use switchboard::{Context, OpenOptions, Parameters, Switchboard};

use super::tampering::{Finding, Original, columns, tables, verify};
use crate::support::at;

/// Objects on a table `T` with a column `C` that must not be there; `N` is the name, `all_columns`
/// is what makes a row unique. NOCASE becomes a collation that
/// only another program has.
const REFUSED: [&str; 14] = [
    "CREATE TRIGGER N BEFORE INSERT ON T BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TRIGGER N AFTER INSERT ON T BEGIN SELECT 1; END",
    "CREATE TRIGGER N BEFORE UPDATE ON T BEGIN SELECT 1; END",
    "CREATE TRIGGER N AFTER UPDATE OF C ON T BEGIN SELECT 1; END",
    "CREATE TRIGGER N BEFORE DELETE ON T BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TRIGGER N AFTER DELETE ON T WHEN old.C IS NOT NULL BEGIN SELECT 1; END",
    "CREATE UNIQUE INDEX N ON T (C, all_columns)",
    "create  unique\n index N on T (C, all_columns) where C is null",
    "CREATE /* unique */ UNIQUE INDEX N ON T (C, all_columns) WHERE 0",
    "CREATE INDEX N ON T (abs(C))",
    "CREATE INDEX N ON T (C, coalesce(C, 1))",
    "CREATE INDEX N ON T (C) WHERE C = 'x'",
    "CREATE INDEX N ON T (C COLLATE NOCASE)",
    "CREATE UNIQUE INDEX N ON T (C COLLATE NOCASE, all_columns) WHERE 0",
];

/// Objects that are reported and tolerated.
const TOLERATED: [&str; 5] = [
    "CREATE INDEX mine ON T (C)",
    "CREATE INDEX mine ON T (C COLLATE NOCASE DESC)",
    "CREATE TABLE mine (a REFERENCES T (C) ON DELETE RESTRICT ON UPDATE RESTRICT)",
    "CREATE TABLE mine (a REFERENCES T (no_such_column) ON DELETE CASCADE)",
    "CREATE VIEW mine AS SELECT C FROM T",
];

fn made(connection: &Connection, act: &str, table: &str, column: &str, all: &str, name: &str) -> String {
    let words = act.split_inclusive([' ', '(', ')', ',', '.']).map(|word| {
        let end = word.len() - usize::from(word.ends_with([' ', '(', ')', ',', '.']));
        let named = match &word[..end] {
            "T" => table,
            "C" => column,
            "N" => name,
            "all_columns" => all,
            other => other,
        };
        format!("{named}{}", &word[end..])
    });
    let sql: String = words.collect();
    connection.execute_batch(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    sql
}

#[test]
fn nothing_stands_on_our_tables_but_what_is_ours() {
    let original = Original::new();
    let (_, connection) = original.copy();
    let (mut count, mut faults) = (0, Vec::new());
    for (index, table) in tables(&connection).iter().enumerate() {
        let columns: Vec<String> = columns(&connection, table).into_iter().map(|(name, _)| name).collect();
        let column = columns.last().expect("a column");
        for act in REFUSED.iter().cycle().skip(index * 5).take(5) {
            for name in ["mine", "sqlite_mine"] {
                let (path, connection) = original.copy();
                // The name would be refused, so it is changed behind SQLite's back.
                let sql = made(&connection, act, table, column, &columns.join(", "), "mine");
                let renamed = format!(
                    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET name = '{name}', sql = replace(replace(sql, 'mine', '{name}'), 'NOCASE', 'foreign_order') WHERE name = 'mine'"
                );
                connection.execute_batch(&renamed).expect("a name");
                drop(connection);
                count += 1;
                match verify(&path, "") {
                    Finding::Unopened(code, words) if code == "damaged" && words.contains(name) => {}
                    other => faults.push(format!("{name}: {sql}: {other:?}")),
                }
            }
        }
    }
    println!("{count} objects");
    assert!(faults.is_empty(), "{} of {count}:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn triggers_on_our_views_are_not_ours_either() {
    let original = Original::new();
    let (_, connection) = original.copy();
    let mut views =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'view'").expect("the catalogue");
    let views: rusqlite::Result<Vec<String>> =
        views.query_map([], |row| row.get(0)).and_then(|names| names.collect());
    for view in views.expect("names") {
        let (path, connection) = original.copy();
        let act = format!("CREATE TRIGGER mine INSTEAD OF DELETE ON {view} BEGIN SELECT 1; END");
        connection.execute_batch(&act).expect("a trigger");
        drop(connection);
        let expected = format!("trigger mine on {view} does not belong to Switchboard");
        assert_eq!(verify(&path, ""), Finding::Unopened("damaged".to_owned(), expected));
    }
}

#[test]
fn a_users_own_tables_and_plain_indexes_change_nothing() {
    let original = Original::new();
    let (_, connection) = original.copy();
    for (index, table) in tables(&connection).iter().enumerate() {
        let columns: Vec<String> = columns(&connection, table).into_iter().map(|(name, _)| name).collect();
        let act = TOLERATED[index % TOLERATED.len()];
        let (path, connection) = original.copy();
        let sql = made(&connection, act, table, &columns[0], &columns[0], "mine");
        if act.contains("REFERENCES") {
            // A row that a foreign key would protect.
            let keep = format!("INSERT INTO mine SELECT {} FROM {table}", columns[0]);
            connection.execute_batch(&keep).expect("rows");
        }
        drop(connection);
        let mut desk = Switchboard::open(&path, &OpenOptions::default()).expect(&sql);
        assert_eq!(desk.take_warnings().len(), 1, "{sql}");
        let context = Context::given(at("2026-03-20T09:00:00Z"), "maria");
        for statement in
            ["OPEN ON w2 FOR newcomer", "SWEEP", "ALTER AGENT new SET presence = away", "DROP REPORT waiting"]
        {
            let answer = desk.run(statement, &Parameters::new(), &context);
            answer.unwrap_or_else(|failure| panic!("{sql}: {statement}: {failure}"));
        }
        drop(desk);
        assert_eq!(verify(&path, ""), Finding::Whole, "{sql}");
    }
}
