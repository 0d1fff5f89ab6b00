//! Temporary triggers while an archive is written: it is written completely, or no entry closes over its change.
//!
//! No body is removed from its text before the archive is there.

use super::{INSERTS, closed, insert};
use crate::log_copy::LogCopy;
use crate::schema_fixture::code;
use std::collections::BTreeMap;

/// While an archive is made: it is kept away, forged, or goes before its change has taken effect.
const PACKING: [&str; 7] = [
    "BEFORE INSERT ON main.archive BEGIN SELECT RAISE(IGNORE); END",
    "BEFORE UPDATE ON main.conversation BEGIN SELECT RAISE(IGNORE); END",
    "AFTER INSERT ON main.change BEGIN
        INSERT INTO archive VALUES (NEW.object, x'01', NEW.seq); SELECT RAISE(IGNORE); END",
    "AFTER INSERT ON main.change BEGIN INSERT INTO entry (seq, at, actor_kind, actor, statement, key, hash) VALUES (NEW.entry, 80000, 'agent', 'x', 'SHOW', NULL, zeroblob(32)); END",
    "AFTER INSERT ON main.archive BEGIN UPDATE archive SET bodies = x'02'; END",
    "AFTER INSERT ON main.archive BEGIN UPDATE text SET body = NULL, message = 1; END",
    "BEFORE INSERT ON main.archive BEGIN
        UPDATE text SET body = NULL, message = (SELECT max(id) FROM message) WHERE id = 5; END",
];

#[test]
fn no_entry_closes_over_a_suppressed_archive() {
    let file = closed();
    let twin = LogCopy::of(&file);
    let standing = "SELECT count(*) FROM text WHERE body IS NULL";
    let gone = file.number(standing);
    let mut ends = BTreeMap::<_, usize>::new();
    for trigger in PACKING {
        for how in &INSERTS[..5] {
            file.run("SAVEPOINT packing").expect("a savepoint");
            file.begin(80_000);
            file.connection.execute_batch(&format!("CREATE TEMP TRIGGER attack {trigger}")).expect(trigger);
            let change = "change SELECT max(seq) + 1, :entry, 'conversation', 10, NULL, 'archived', 7, 80000, (SELECT max(seq) FROM transition) FROM change";
            let change = insert(&file, how, change);
            let archive = insert(&file, how, "archive SELECT 10, x'01', max(seq) FROM main.change");
            let context = format!("{how}: {trigger}: {change:?}, {archive:?}");
            file.connection.execute_batch("DROP TRIGGER temp.attack").expect("the trigger goes");
            assert_eq!(file.number(standing), gone, "{context}: a body went");
            let end = [
                "SELECT count(*) FROM change WHERE name = 'archived' AND object = 10",
                "SELECT count(*) FROM archive WHERE conversation = 10",
                "SELECT archived FROM conversation WHERE id = 10",
            ]
            .map(|question| file.number(question));
            let closed = file.close();
            if end == [0, 0, 0] || end == [1, 1, 1] {
                assert_eq!(closed, Ok(1), "{context}");
                twin.assert_follows(&file, &context);
            } else {
                assert_eq!(code(&closed), "unlogged", "{context}: {end:?}");
            }
            *ends.entry(end).or_default() += 1;
            file.connection.execute_batch("ROLLBACK TO packing; RELEASE packing").expect("rolled back");
        }
    }
    println!("changes, archives and marks after an attack: {ends:?}");
}
