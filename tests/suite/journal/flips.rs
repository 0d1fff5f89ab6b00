//! A bit of the file that flips, anywhere: nothing falls over, nothing is `internal`, and what SQLite's integrity check
//! finds, VERIFY JOURNAL finds. `FLIPS` sets the number of bits.

use std::collections::BTreeMap;
use std::fs;

use rusqlite::{Connection, OpenFlags};
use switchboard::testing::store::tolerate_contradictions;

use super::tampering::{Finding, Original, verify};
use crate::fuzz_corpus::checks::look_at;
use crate::support::session::{Numbers, seeds};

/// What SQLite says of a file: `ok`, or what is wrong.
fn integrity(path: &std::path::Path) -> String {
    let checked = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .and_then(|file| file.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0)));
    checked.unwrap_or_else(|error| error.to_string())
}

#[test]
fn a_flipped_bit_is_found_or_does_no_harm() {
    tolerate_contradictions();
    let original = Original::new();
    let (path, connection) = original.copy();
    drop(connection);
    let whole = fs::read(&path).expect("the file");
    let (mut faults, mut seen) = (Vec::new(), BTreeMap::<String, usize>::new());
    for seed in seeds("FLIPS", 300) {
        let mut numbers = Numbers::new(seed);
        let (place, bit) = (numbers.below(whole.len()), numbers.below(8));
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << bit;
        let (path, connection) = original.copy();
        drop(connection);
        fs::write(&path, &bytes).expect("the file");
        let found = integrity(&path);
        let context = format!("FLIPS_SEED={seed}: bit {bit} of byte {place}: {found}");
        let finding = verify(&path, "");
        match &finding {
            Finding::Whole if found != "ok" => faults.push(format!("{context}: it is whole")),
            Finding::Panicked => faults.push(format!("{context}: it falls over")),
            Finding::Fault(code, words) | Finding::Unopened(code, words) if code == "internal" => {
                faults.push(format!("{context}: internal: {words}"));
            }
            _ => {}
        }
        let said = match finding {
            Finding::Fault(code, _) => format!("verified: {code}"),
            Finding::Unopened(code, _) => format!("not opened: {code}"),
            other => format!("{other:?}"),
        };
        *seen.entry(said).or_default() += 1;
        fs::write(&path, &bytes).expect("the file");
        if std::panic::catch_unwind(|| look_at(&path)).is_err() {
            faults.push(format!("{context}: see the panic above"));
        }
    }
    println!("{seen:?}");
    assert!(faults.is_empty(), "{}:\n{}", faults.len(), faults.join("\n"));
    let found: usize = seen.iter().filter(|(said, _)| *said != "Whole").map(|(_, count)| count).sum();
    assert!(found * 3 > seen.values().sum(), "most bits are those of rows: {seen:?}");
}
