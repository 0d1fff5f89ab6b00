//! What the triggers of the archive refuse: bodies that are not its own, and its own at any other time.
//!
//! The regular way is accepted; every deviation from it is refused and leaves nothing.

use super::raw;
use crate::desk_fixture::desk;
use crate::schema_fixture::{Answer, SchemaFixture, code};
use rusqlite::types::{Null, Value};

/// A conversation that has just closed, its texts (of the customer, shared with another's, its subject, its reason), and
/// the change that says that it goes into the archive.
fn archiving(file: &SchemaFixture, change: &str) -> Answer {
    for body in ["mine", "shared", "subject", "reason"] {
        file.text(body)?;
    }
    for (conversation, text) in [(8, 5), (8, 6), (8, 7), (8, 8), (9, 6), (9, 2)] {
        file.message(conversation, text)?;
    }
    file.change("conversation", 8, Null, "subject", 7)?;
    raw(file, "8, 'close', 'Wrap-up', 'Closed', 1, NULL, 1, 1, 0, 'agent', 'x', 8, 0, 80000")?;
    let value = Value::Integer(1);
    file.change("conversation", 8, Null, change, value)
}

#[test]
fn the_archive_takes_only_the_bodies_of_its_conversation_and_only_then() {
    let pack = "UPDATE text SET body = NULL, message = (SELECT min(id) FROM message WHERE text = text.id AND conversation = 8)";
    let attempts: &[(&str, &str, &str, &str)] = &[
        (
            "an archive of another",
            "archived",
            "",
            "INSERT INTO archive SELECT 9, x'01', max(seq) FROM change",
        ),
        (
            "an archive under another change",
            "archived",
            "",
            "INSERT INTO archive SELECT 8, x'01', max(seq) - 1 FROM change",
        ),
        (
            "an archive after another change",
            "unpacked",
            "",
            "INSERT INTO archive SELECT 8, x'01', max(seq) FROM change",
        ),
        (
            "a second archive",
            "archived",
            "8",
            "INSERT OR REPLACE INTO archive SELECT 8, x'02', max(seq) FROM change",
        ),
        ("other bytes", "archived", "8", "UPDATE archive SET bodies = x'02' WHERE conversation = 8"),
        ("no archive any more", "archived", "8", "DELETE FROM archive WHERE conversation = 8"),
        ("a body without an archive", "archived", "", "PACK WHERE id = 5"),
        ("a body of a conversation that stays", "unpacked", "", "PACK WHERE id = 5"),
        ("a body through no message", "archived", "8", "UPDATE text SET body = NULL WHERE id = 5"),
        (
            "a body through another conversation's message",
            "archived",
            "8",
            "UPDATE text SET body = NULL, message = (SELECT max(id) FROM message WHERE text = 6) WHERE id = 6",
        ),
        (
            "a body through another text's message",
            "archived",
            "8",
            "UPDATE text SET body = NULL, message = (SELECT max(id) FROM message WHERE text = 6) WHERE id = 5",
        ),
        (
            "a body through a message of its own conversation that says something else",
            "archived",
            "8",
            "UPDATE text SET body = NULL, message = (SELECT min(id) FROM message WHERE text = 6) WHERE id = 5",
        ),
        (
            "another's body through a message of this one",
            "archived",
            "8",
            "UPDATE text SET body = NULL, message = (SELECT min(id) FROM message WHERE text = 5) WHERE id = 2",
        ),
        (
            "another's body",
            "archived",
            "8",
            "UPDATE text SET body = NULL, message = (SELECT max(id) FROM message WHERE text = 2) WHERE id = 2",
        ),
        ("a subject", "archived", "8", "PACK WHERE id = 7"),
        ("a reason", "archived", "8", "PACK WHERE id = 8"),
        (
            "a body and its salt",
            "archived",
            "8",
            "UPDATE text SET body = NULL, salt = NULL, message = (SELECT min(id) FROM message WHERE text = 5) WHERE id = 5",
        ),
        (
            "a body and its digest",
            "archived",
            "8",
            "UPDATE text SET body = NULL, digest = randomblob(32), message = (SELECT min(id) FROM message WHERE text = 5) WHERE id = 5",
        ),
        (
            "a body and the digest of an erasure",
            "archived",
            "8",
            "UPDATE text SET body = NULL, salt = NULL, digest = zeroblob(32), message = (SELECT min(id) FROM message WHERE text = 5) WHERE id = 5",
        ),
        (
            "another body",
            "archived",
            "8",
            "UPDATE text SET body = 'other', message = (SELECT min(id) FROM message WHERE text = 5) WHERE id = 5",
        ),
        ("a body of an archive that is closed", "archived", "closed", "PACK WHERE id = 5"),
        (
            "a body back",
            "archived",
            "8",
            "UPDATE text SET body = 'to be archived', message = NULL WHERE id = 4",
        ),
        (
            "a text that is erased from the first",
            "archived",
            "8",
            "INSERT INTO text SELECT 9, entry, salt, 'x', zeroblob(32), NULL FROM text WHERE id = 5",
        ),
        (
            "a text that is archived from the first",
            "archived",
            "8",
            "INSERT INTO text SELECT 9, entry, salt, 'x', NULL, 1 FROM text WHERE id = 5",
        ),
    ];
    let file = desk();
    for (what, change, made, sql) in attempts {
        file.run("BEGIN").expect("a transaction");
        file.begin(80_000);
        archiving(&file, change).expect(what);
        if !made.is_empty() {
            file.archive(8, &[1]).expect(what);
        }
        if *made == "closed" {
            file.close().expect(what);
            file.begin(80_001);
        }
        let before = file.dump();
        let answer = file.run(&sql.replace("PACK", pack));
        let expected = if sql.starts_with("INSERT INTO text") { "invalid_value" } else { "unlogged" };
        assert_eq!(code(&answer), expected, "{what}: {answer:?}");
        assert_eq!(file.dump(), before, "{what}: something is left");
        file.run("ROLLBACK").expect("rolled back");
    }
    file.run("BEGIN").expect("a transaction");
    file.begin(80_000);
    archiving(&file, "archived").and_then(|_| file.archive(8, &[1])).expect("an archive");
    assert_eq!(file.run(&format!("{pack} WHERE id IN (5, 6)")), Ok(2), "its own bodies");
    file.close().expect("the entry is closed");
    println!("{} refusals", attempts.len());
}
