//! Rot that no hash sees: an index that has lost a row, or leads to a wrong one.

use rusqlite::Connection;

use super::tampering::{Finding, verify};
use crate::support::World;

/// Where the first leaf of an index is in the file, in bytes, and the offset of its first cell in it.
fn leaf(file: &Connection, bytes: &[u8], index: &str) -> (usize, usize) {
    let sql = "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_schema WHERE name = ?1";
    let (mut page, size): (usize, usize) = file
        .query_row(sql, [index], |row| Ok((row.get::<_, i64>(0)? as usize, row.get::<_, i64>(1)? as usize)))
        .expect("an index");
    loop {
        let start = (page - 1) * size;
        let number = |at: usize, length: usize| {
            bytes[start + at..start + at + length].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
        };
        // 10 is a leaf; in an inner page, 2, the cell begins with the number of the page below.
        match bytes[start] {
            10 => return (start, number(8, 2)),
            2 => page = number(number(12, 2), 4),
            other => panic!("{index}: page type {other}"),
        }
    }
}

#[test]
fn a_flipped_bit_in_an_index_is_found() {
    let mut world = World::with_desk();
    world.play("NOTE 1 'Once.' KEY 'k 1'; NOTE 1 'Twice.' KEY 'k 2';");
    let path = world.path();
    drop(world.desk);
    let file = Connection::open(&path).expect("the file");
    let indexes: Vec<String> = file
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
        .and_then(|mut sql| sql.query_map([], |row| row.get(0))?.collect())
        .expect("indexes");
    file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("written back");
    let whole = std::fs::read(&path).expect("the file");
    let mut found = 0;
    let places: Vec<_> = indexes.iter().map(|index| (index, leaf(&file, &whole, index))).collect();
    drop(file);
    for (index, (start, cell)) in places {
        if cell == 0 || whole[start + 3..start + 5] == [0, 0] {
            continue;
        }
        let mut bytes = whole.clone();
        // The last byte of the first cell is that of the row's number.
        let length = usize::from(bytes[start + cell]);
        bytes[start + cell + length] ^= 1;
        std::fs::write(&path, bytes).expect("the file");
        match verify(&path, "") {
            Finding::Fault(code, words) | Finding::Unopened(code, words) => {
                assert!(code == "broken_chain" || code == "damaged", "{index}: {code}: {words}");
                found += 1;
            }
            other => panic!("{index}: {other:?}"),
        }
    }
    println!("{found} of {} indexes", indexes.len());
    assert!(found > 8, "{found}");
}
