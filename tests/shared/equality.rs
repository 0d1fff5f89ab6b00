//! Whether files have the same rows, table by table.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

/// The rows of a file, by table. `replica`, which says where the file belongs, is left out.
pub fn rows(path: &Path) -> BTreeMap<String, Vec<Vec<Value>>> {
    let file = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the file");
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'replica'";
    let mut tables = file.prepare(sql).expect(sql);
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).expect(sql).collect::<Result<_, _>>().expect(sql);
    let read = |table: &String| {
        let mut query = file.prepare(&format!("SELECT * FROM \"{table}\"")).expect("a table");
        let width = query.column_count();
        let rows = query.query_map([], |row| (0..width).map(|at| row.get(at)).collect()).expect("a table");
        let mut rows: Vec<Vec<Value>> = rows.collect::<rusqlite::Result<_>>().expect("a table");
        rows.sort_by(|one, other| format!("{one:?}").cmp(&format!("{other:?}")));
        rows
    };
    tables.iter().map(|table| (table.clone(), read(table))).collect()
}

/// Checks that two files have the same rows.
pub fn assert_equal(one: &Path, other: &Path, what: &str) {
    let (ours, theirs) = (rows(one), rows(other));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "{what}");
    for (table, rows) in &ours {
        let also = &theirs[table];
        let differing = rows.iter().zip(also).find(|(one, other)| one != other);
        if let Some((one, other)) = differing {
            panic!("{what}: table {table}\n  {one:?}\n  {other:?}");
        }
        assert_eq!(rows.len(), also.len(), "{what}: rows of table {table}");
    }
}
