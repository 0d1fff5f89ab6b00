//! Erased or purged values that are restored with their original salt, and values that only a program with its
//! checks disabled can write: VERIFY JOURNAL finds both.
//!
//! A restored value matches every hash, so only the change that erased it shows the manipulation.

use rusqlite::Connection;
use rusqlite::types::Value;
use switchboard::testing::domain::journal::statement_digest;

use super::forging::recompute_hashes;
use super::tampering::{Finding, verify, without_triggers};
use crate::support::World;
use crate::upgrade::fixture::{enter, number, salted};

const NOTE: &str = "NOTE 10 'My number is 12345.'";

/// Erases or purges, which leaves the file whole, and puts back what was there: the finding.
fn put_back(kind: &str, find: &str, name: &str, take: &str, back: &str) -> Finding {
    let mut world = World::with_desk();
    world.play("OPEN ON webchat FOR 'forget@example.com';");
    world.play(&format!("{NOTE}; FORCE CLOSE 10;"));
    let path = world.path();
    drop(world.desk);
    let file = Connection::open(&path).expect("the file");
    let id = number(&file, find);
    let (first, second): (Value, Value) =
        file.query_row(take, [id], |row| Ok((row.get(0)?, row.get(1)?))).expect(take);
    let value = match (kind, &second) {
        ("entry", Value::Text(statement)) => Value::Blob(statement_digest(statement).to_vec()),
        ("text", _) => salted(&file, "text", "body", id),
        _ => salted(&file, "customer", "handle", id),
    };
    enter(&file, kind, id, name, value);
    assert_eq!(verify(&path, ""), Finding::Whole, "{kind} {name}");
    without_triggers(&file, |file| assert_eq!(file.execute(back, (id, first, second)), Ok(1)));
    drop(file);
    verify(&path, "")
}

fn broken(words: &str, entry: i64) -> Finding {
    Finding::Fault("broken_chain".to_owned(), format!("the journal is broken at entry {entry}: {words}"))
}

#[test]
fn an_erased_value_that_is_restored_is_found() {
    let found = put_back(
        "text",
        "SELECT id FROM text WHERE body = 'My number is 12345.'",
        "erased",
        "SELECT salt, body FROM text WHERE id = ?1",
        "UPDATE text SET salt = ?2, body = ?3, digest = NULL WHERE id = ?1",
    );
    assert_eq!(found, broken("text 8 was erased but is present", 39));
    let found = put_back(
        "customer",
        "SELECT id FROM customer WHERE handle = 'forget@example.com'",
        "erased",
        "SELECT salt, handle FROM customer WHERE id = ?1",
        "UPDATE customer SET salt = ?2, handle = ?3, digest = NULL WHERE id = ?1",
    );
    assert_eq!(found, broken("customer 11 was erased but is present", 39));
}

#[test]
fn a_purged_value_that_is_restored_is_found() {
    let found = put_back(
        "entry",
        "SELECT max(seq) FROM entry",
        "purged",
        "SELECT seq, statement FROM entry WHERE seq = ?1",
        "UPDATE entry SET seq = ?2, statement = ?3 WHERE seq = ?1",
    );
    assert_eq!(found, broken("the statement of entry 38 was purged but is present", 38));
}

/// The rules of columns can be switched off on a connection; then values come in that no reader expects.
#[test]
fn values_that_no_column_takes_are_a_finding() {
    let log = "the log of conversation 1 has a value that its column does not allow";
    for (act, sealed, finding) in [
        ("UPDATE opening SET priority = 999999999999 WHERE id = 1", true, broken(log, 19)),
        ("UPDATE transition SET override = 7 WHERE seq = 1", true, broken(log, 19)),
        (
            "UPDATE entry SET hash = x'00' WHERE seq = 3",
            false,
            broken("entry 3 contains a value that its column does not allow", 3),
        ),
        (
            "UPDATE text SET body = CAST(x'61ff62' AS TEXT) WHERE entry = 20",
            false,
            broken("entry 20 does not match its hash", 20),
        ),
        (
            "INSERT INTO archive VALUES (999, x'0102', 3)",
            false,
            broken("the archive of conversation 999 does not match the last change", 0),
        ),
    ] {
        let world = World::with_desk();
        let file = Connection::open(world.path()).expect("the file");
        file.execute_batch("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF")
            .expect("settings");
        without_triggers(&file, |file| {
            assert_eq!(file.execute(act, []), Ok(1), "{act}");
            if sealed {
                recompute_hashes(file, 1);
            }
        });
        drop(file);
        assert_eq!(verify(&world.path(), ""), finding, "{act}");
    }
}
