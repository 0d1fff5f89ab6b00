//! An archive that was changed outside the program: VERIFY JOURNAL finds the damage, and reading the archive is
//! refused.
//!
//! Each kind of damage is tried alone and found by its own finding.

use rusqlite::Connection;
use switchboard::testing::domain::journal::{Heading, seal, statement_digest};
use switchboard::{Code, Moment};

use super::{DAY, desk, talk};
use crate::journal::forging::{changes_of, hash_of, last, stored};
use crate::journal::tampering::without_triggers;
use crate::support::World;

/// Two conversations in the archive, one that closed just now, and one that is open.
fn original() -> World {
    let mut world = desk();
    talk(&mut world, &["hello", "good bye"]);
    talk(&mut world, &["another", "one"]);
    world.now = Moment(world.now.0 + 2 * DAY);
    world.run("SWEEP");
    talk(&mut world, &["not yet", "in the archive"]);
    world
}

fn damaged(sql: &str) -> World {
    let world = original();
    let file = Connection::open(world.path()).expect("the file");
    without_triggers(&file, |file| file.execute_batch(sql).expect(sql));
    world
}

/// An archive of other words for the texts of the first one, well packed.
fn forged() -> String {
    let bodies = [(2, "hallo"), (3, "good bye")];
    let packed = switchboard::testing::domain::archive::pack(bodies.into_iter()).expect("it fits");
    packed.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_damage_is_found() {
    let (swap, forged) = (
        "CREATE TEMP TABLE old AS SELECT * FROM archive;
         UPDATE archive SET bodies = (SELECT bodies FROM old WHERE old.conversation = 3 - archive.conversation)",
        forged(),
    );
    let mut faults = Vec::new();
    for (what, sql, words) in [
        ("a bit", "UPDATE archive SET bodies = CAST(bodies || x'00' AS BLOB) WHERE conversation = 1".to_owned(), "the archive of conversation 1 does not match its digest"),
        ("no bytes", "UPDATE archive SET bodies = x'' WHERE conversation = 2".to_owned(), "the archive of conversation 2 does not match its digest"),
        ("other words", format!("UPDATE archive SET bodies = x'{forged}' WHERE conversation = 1"), "the archive of conversation 1 does not match its digest"),
        ("dropped", "DELETE FROM archive WHERE conversation = 1".to_owned(), "the archive of conversation 1 does not match the last change"),
        ("bytes swapped", swap.to_owned(), "the archive of conversation 1 does not match its digest"),
        ("rows swapped", "UPDATE archive SET conversation = -1 WHERE conversation = 1; UPDATE archive SET conversation = 1 WHERE conversation = 2; UPDATE archive SET conversation = 2 WHERE conversation = -1".to_owned(), "the archive of conversation 1 does not match the last change"),
        ("another change", "UPDATE archive SET change = change - 1 WHERE conversation = 2".to_owned(), "the archive of conversation 2 does not match the last change"),
        ("an archive nobody cites", "INSERT INTO archive SELECT 3, bodies, change FROM archive WHERE conversation = 1".to_owned(), "the archive of conversation 3 does not match the last change"),
        ("a mark without an archive", "UPDATE conversation SET archived = 1 WHERE id = 3".to_owned(), "the archive of conversation 3 does not match the last change"),
        ("no mark", "UPDATE conversation SET archived = 0 WHERE id = 1".to_owned(), "the archive of conversation 1 does not match the last change"),
        ("left, it says", "UPDATE conversation SET archived = 2 WHERE id = 1".to_owned(), "the archive of conversation 1 does not match the last change"),
        ("another conversation's", "UPDATE text SET message = (SELECT min(id) FROM message WHERE conversation = 2) WHERE id = 2".to_owned(), "text 2 is not in the archive that it names"),
        ("another message's", "UPDATE text SET message = message + 1 WHERE id = 2".to_owned(), "text 2 is not in the archive that it names"),
        ("no message's", "UPDATE text SET message = 99 WHERE id = 2".to_owned(), "text 2 is not in the archive that it names"),
        ("of one that is not archived", "UPDATE text SET body = NULL, message = (SELECT id FROM message WHERE text = text.id) WHERE body = 'not yet'".to_owned(), "text 8 is not in the archive that it names"),
        ("both here and there", "UPDATE text SET body = 'hello' WHERE id = 2".to_owned(), "text 2 is not in the archive that it names"),
        ("back here", "UPDATE text SET body = 'hello', message = NULL WHERE id = 2".to_owned(), "text 2 does not name the archive of conversation 1"),
        ("nowhere", "UPDATE text SET message = NULL WHERE id = 2".to_owned(), "text 2 does not name the archive of conversation 1"),
        ("no salt", "UPDATE text SET salt = NULL WHERE id = 2".to_owned(), "entry 6 does not match its hash"),
        ("another salt", "UPDATE text SET salt = zeroblob(16) WHERE id = 2".to_owned(), "entry 6 does not match its hash"),
        ("another digest in the log", "UPDATE change SET value = value + 1 WHERE name = 'archived' AND object = 1".to_owned(), "the archive of conversation 1 does not match its digest"),
    ] {
        let mut world = damaged(&sql);
        let failure = world.try_run("VERIFY JOURNAL").expect_err(what);
        if failure.error.code().name() != "broken_chain" || !failure.to_string().contains(words) {
            faults.push(format!("{what}: {failure}"));
        }
    }
    assert!(faults.is_empty(), "{} damages\n{}", faults.len(), faults.join("\n"));
    assert!(original().rows("VERIFY JOURNAL")[0].ends_with("|whole"), "without damage");
}

#[test]
fn reading_a_damaged_archive_is_refused() {
    for sql in [
        "UPDATE archive SET bodies = x'' WHERE conversation = 1",
        "UPDATE archive SET bodies = randomblob(1000) WHERE conversation = 1",
        "UPDATE archive SET bodies = (SELECT bodies FROM archive WHERE conversation = 2) WHERE conversation = 1",
    ] {
        let mut world = damaged(sql);
        for query in ["SHOW TRANSCRIPT 1", "SELECT body FROM messages", "SHOW JOURNAL AS SCRIPT"] {
            assert_eq!(world.refused(query), "damaged", "{sql}; {query}");
        }
        assert_eq!(world.rows("SHOW TRANSCRIPT 2").len(), 2, "the others are read");
        assert_eq!(world.rows("SELECT body FROM messages WHERE conversation = 2"), ["another", "one"]);
    }
}

/// Another program may let a message say what is a subject, and close the entry under the hash that it should have.
#[test]
fn a_text_that_is_both_subject_and_message_is_not_archived() {
    let mut world = desk();
    world.run("OPEN ON chats FOR ann SUBJECT 'Refund' BY alice");
    world.run("MESSAGE 1 FROM CUSTOMER 'hello'");
    let file = Connection::open(world.path()).expect("the file");
    file.execute_batch(
        "INSERT INTO message SELECT max(id) + 1, (SELECT max(seq) + 1 FROM entry), 1, 'customer', NULL, 'text', 1, NULL, max(at) FROM message",
    )
    .expect("a message");
    let (before, entry) = (last(&file), last(&file) + 1);
    let at: i64 = file.query_row("SELECT max(at) FROM entry", [], |row| row.get(0)).expect("a moment");
    let heading = Heading {
        seq: entry,
        at,
        actor_kind: "other",
        actor: Some("x"),
        statement: statement_digest("SHOW"),
        key: None,
    };
    let hash = seal(&heading, &changes_of(&file, entry), &stored(&file, before));
    file.execute("INSERT INTO entry (seq, at, actor_kind, actor, statement, key, hash) VALUES (?1, ?2, 'other', 'x', 'SHOW', NULL, ?3)", (entry, at, hash))
        .expect("an entry");
    assert_eq!(hash_of(&file, entry, &stored(&file, before)), hash);
    world.run("FORCE CLOSE 1");
    world.now = Moment(world.now.0 + 2 * DAY);
    world.run("SWEEP");
    assert_eq!(world.rows("SELECT body FROM messages WHERE kind = 'text' ORDER BY id"), ["hello", "Refund"]);
    assert_eq!(world.rows("SELECT subject FROM conversations"), ["Refund"]);
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
    without_triggers(&file, |file| {
        let packed = "UPDATE text SET body = NULL, message = 2 WHERE id = 1";
        file.execute_batch(packed).expect(packed);
    });
    let failure = world.try_run("VERIFY JOURNAL").expect_err("it is nowhere");
    assert_eq!(failure.code(), Code::BrokenChain, "{failure}");
}
