//! Every row of the file is verified against the log or the built-in rows.
//!
//! Tables, columns and keys come from the catalogue. Whatever is changed, deleted or added while the triggers are
//! disabled is found by VERIFY JOURNAL, or the file is not even opened. `EXCEPTIONS` is the complete list of what
//! is not found.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::tampering::{
    Finding, Original, changed_values, columns, execute, other, primary, tables, verify, without_triggers,
};
use crate::schema_fixture::code;
use crate::support::derived::{DERIVED, is_derived};

/// What is not found: the table, the column, and why that is well.
const EXCEPTIONS: [(&str, &str, &str); 0] = [];

fn is_exception(table: &str, column: &str) -> bool {
    EXCEPTIONS.iter().any(|(known, name, _)| *known == table && *name == column)
}

/// Whether the damage was seen.
fn is_found(finding: &Finding) -> bool {
    match finding {
        Finding::Whole => false,
        Finding::Fault(code, _) => code == "broken_chain",
        Finding::Unopened(..) => true,
        Finding::Panicked => false,
    }
}

#[test]
fn every_changed_value_is_found() {
    let original = Original::new();
    let (_, connection) = original.copy();
    let (mut count, mut faults) = (0, Vec::new());
    for table in tables(&connection) {
        for (column, _) in columns(&connection, &table) {
            let changed = changed_values(&original, &table, &column, "0");
            assert!(
                !changed.is_empty(),
                "{table}.{column}: nothing was changed, the original needs such a row"
            );
            for (what, _, finding) in changed {
                count += 1;
                if is_found(&finding) == is_exception(&table, &column) {
                    faults.push(format!("{what}: {finding:?}"));
                }
            }
        }
    }
    println!("{count} values changed");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// The first row of a table in the order of its key, one in the middle, and the last one.
fn some_rows(connection: &Connection, table: &str) -> Vec<Vec<Value>> {
    let width = columns(connection, table).len();
    let sql = format!("SELECT * FROM \"{table}\" ORDER BY {}", primary(connection, table).join(", "));
    let mut question = connection.prepare(&sql).expect("a table");
    let rows = question.query_map([], |row| (0..width).map(|at| row.get(at)).collect()).expect("a table");
    let rows: Vec<Vec<Value>> = rows.collect::<rusqlite::Result<_>>().expect("a table");
    assert!(!rows.is_empty(), "{table} has no rows: the original needs some");
    let mut places = vec![0, rows.len() / 2, rows.len() - 1];
    places.dedup();
    places.into_iter().map(|at| rows[at].clone()).collect()
}

/// What is found after that statement, run without triggers; nothing, where SQLite itself stands before it.
fn done(original: &Original, sql: &str, values: &[Value]) -> Option<Finding> {
    let (path, connection) = original.copy();
    let mut answer = Ok(0);
    without_triggers(&connection, |connection| answer = connection.execute(sql, params_from_iter(values)));
    drop(connection);
    answer.ok().map(|rows| {
        assert_eq!(rows, 1, "{sql}");
        verify(&path, "")
    })
}

#[test]
fn every_deleted_row_is_found() {
    let original = Original::new();
    let (_, connection) = original.copy();
    let (mut count, mut faults) = (0, Vec::new());
    for table in tables(&connection) {
        let keys = primary(&connection, &table);
        let names: Vec<String> = columns(&connection, &table).into_iter().map(|(name, _)| name).collect();
        let place = |key: &String| names.iter().position(|name| name == key).expect("a column");
        let condition: Vec<String> = keys.iter().map(|key| format!("\"{key}\" = ?")).collect();
        let sql = format!("DELETE FROM \"{table}\" WHERE {}", condition.join(" AND "));
        for row in some_rows(&connection, &table) {
            let key: Vec<Value> = keys.iter().map(|key| row[place(key)].clone()).collect();
            let finding = done(&original, &sql, &key).expect("a row goes");
            count += 1;
            if !is_found(&finding) {
                faults.push(format!("{sql} {key:?}: {finding:?}"));
            }
        }
    }
    println!("{count} rows taken away");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// Rows like that one under other keys: for each column of the primary key, the next number or another word in it. In
/// other unique keys, too, stands something new.
fn rows_like(connection: &Connection, table: &str, row: &[Value]) -> Vec<Vec<Value>> {
    let columns = columns(connection, table);
    let (keys, uniques) = (primary(connection, table), unique(connection, table));
    let next = |name: &str, old: &Value, kind: &str| match old {
        Value::Integer(_) => {
            let sql = format!("SELECT max(\"{name}\") + 1 FROM \"{table}\"");
            connection.query_row(&sql, [], |row| row.get(0)).expect("a number")
        }
        old => other(old, kind),
    };
    let like = |changed: &String| {
        let value = |((name, kind), old): (&(String, String), &Value)| {
            let is_new = name == changed || uniques.contains(name) && !keys.contains(name);
            if is_new && *old != Value::Null { next(name, old, kind) } else { old.clone() }
        };
        columns.iter().zip(row).map(value).collect()
    };
    keys.iter().map(like).collect()
}

/// The columns of a table's unique indexes.
fn unique(connection: &Connection, table: &str) -> Vec<String> {
    let sql = "SELECT columns.name FROM pragma_index_list(?1) AS indexes JOIN pragma_index_info(indexes.name) AS columns
        WHERE \"unique\" = 1 AND origin <> 'pk'";
    let mut question = connection.prepare(sql).expect(sql);
    let rows = question.query_map([table], |row| row.get(0)).expect(sql);
    rows.collect::<rusqlite::Result<_>>().expect(sql)
}

#[test]
fn every_added_row_is_found() {
    let original = Original::new();
    let (_, connection) = original.copy();
    let (mut count, mut faults) = (0, Vec::new());
    for table in tables(&connection) {
        let marks = vec!["?"; columns(&connection, &table).len()].join(", ");
        let sql = format!("INSERT INTO \"{table}\" VALUES ({marks})");
        let mut added = 0;
        for row in some_rows(&connection, &table) {
            for like in rows_like(&connection, &table, &row) {
                let Some(finding) = done(&original, &sql, &like) else { continue };
                added += 1;
                if !is_found(&finding) {
                    faults.push(format!("{sql} {like:?}: {finding:?}"));
                }
            }
        }
        assert!(added > 0, "{table}: nothing was added");
        count += added;
    }
    println!("{count} rows added");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// One value changed while the triggers are there: whether it passes.
fn passes(original: &Original, table: &str, column: &str, kind: &str) -> Option<Finding> {
    let (path, connection) = original.copy();
    execute(&connection, "PRAGMA ignore_check_constraints = OFF");
    let keys = primary(&connection, table).join(", ");
    let sql = format!("SELECT \"{column}\" FROM \"{table}\" ORDER BY \"{column}\" IS NULL, {keys} LIMIT 1");
    let old: Value = connection.query_row(&sql, [], |row| row.get(0)).expect("a row");
    let update = format!(
        "UPDATE \"{table}\" SET \"{column}\" = ?1 WHERE ({keys}) =
            (SELECT {keys} FROM \"{table}\" ORDER BY \"{column}\" IS NULL, {keys} LIMIT 1)"
    );
    let answer = connection.execute(&update, [other(&old, kind)]);
    if answer.is_err() {
        assert_eq!(code(&answer), "unlogged", "{table}.{column}: {answer:?}");
    }
    drop(connection);
    answer.ok().map(|_| verify(&path, ""))
}

#[test]
fn only_derived_columns_pass_the_triggers_and_their_change_is_found() {
    let original = Original::new();
    let (_, connection) = original.copy();
    let mut passed = Vec::new();
    for table in tables(&connection) {
        for (column, kind) in columns(&connection, &table) {
            if let Some(finding) = passes(&original, &table, &column, &kind) {
                assert!(is_derived(&table, &column), "{table}.{column} can be changed by hand: {finding:?}");
                let found = matches!(&finding, Finding::Fault(code, _) if code == "broken_chain");
                assert!(found, "{table}.{column} can be changed and is not found: {finding:?}");
                passed.push(column);
            }
        }
    }
    passed.sort();
    let mut derived = DERIVED;
    derived.sort_unstable();
    assert_eq!(passed, derived, "each of them, and no other");
}
