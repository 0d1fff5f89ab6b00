//! A hash chain that was recomputed, and an entry that was left open.
//!
//! The chain is hashed here from the rows, by the rules of the journal but without the code that verifies it. A
//! complete chain proves nothing about its end except against a head that was kept elsewhere.

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::types::ValueRef;
use switchboard::testing::domain::archive::unpack;
use switchboard::testing::domain::journal::{
    Changes, Field, Hash, Heading, Table, hex, salted_digest, seal, statement_digest,
};
use switchboard::{Context, OpenOptions, Parameters, Switchboard};

use super::tampering::{Finding, Original, verify, without_triggers};

const ROWS: [(Table, &str); 4] = [
    (Table::Opening, "SELECT * FROM opening WHERE entry = ?1 ORDER BY id"),
    (Table::Transition, "SELECT * FROM transition WHERE entry = ?1 ORDER BY seq"),
    (Table::Message, "SELECT * FROM message WHERE entry = ?1 ORDER BY id"),
    (Table::Change, "SELECT * FROM change WHERE entry = ?1 ORDER BY seq"),
];
/// Personal words, wherever they are; of what was erased there is the digest alone.
const WORDS: [(Table, &str); 3] = [
    (Table::Customer, "SELECT id, digest, salt, handle, NULL FROM customer WHERE entry = ?1 ORDER BY id"),
    (Table::Key, "SELECT entry, digest, salt, key, NULL FROM key WHERE entry = ?1"),
    (
        Table::Text,
        "SELECT id, digest, salt, body, (SELECT bodies FROM archive JOIN message USING (conversation) WHERE message.id = text.message)
             FROM text WHERE entry = ?1 ORDER BY id",
    ),
];

/// The rows of an entry, as its hash covers them.
pub fn changes_of(connection: &Connection, entry: i64) -> Changes {
    let mut changes = Changes::default();
    for (table, sql) in WORDS {
        let mut question = connection.prepare_cached(sql).expect(sql);
        let mut rows = question.query([entry]).expect(sql);
        while let Some(row) = rows.next().expect(sql) {
            let (id, erased): (i64, Option<Vec<u8>>) = (row.get_unwrap(0), row.get_unwrap(1));
            let (words, archive): (Option<String>, Option<Vec<u8>>) = (row.get_unwrap(3), row.get_unwrap(4));
            let unpacked = archive.and_then(|bytes| unpack(&bytes)?.body(id).map(str::to_owned));
            let digest = erased.unwrap_or_else(|| {
                let salt: Vec<u8> = row.get_unwrap(2);
                salted_digest(&salt, &words.or(unpacked).expect("words that were not erased")).to_vec()
            });
            match table {
                Table::Key => changes.add(table, &[Field::Integer(entry), Field::Blob(&digest)]),
                _ => changes.add(table, &[Field::Integer(id), Field::Integer(entry), Field::Blob(&digest)]),
            }
        }
    }
    for (table, sql) in ROWS {
        let mut question = connection.prepare_cached(sql).expect(sql);
        let columns = question.column_count();
        let mut rows = question.query([entry]).expect(sql);
        while let Some(row) = rows.next().expect(sql) {
            let fields: Vec<Field<'_>> = (0..columns)
                .map(|at| match row.get_ref(at).expect(sql) {
                    ValueRef::Integer(number) => Field::Integer(number),
                    ValueRef::Text(text) => Field::Text(std::str::from_utf8(text).expect("UTF-8")),
                    ValueRef::Blob(bytes) => Field::Blob(bytes),
                    _ => Field::Null,
                })
                .collect();
            changes.add(table, &fields);
        }
    }
    changes
}

/// The hash of an entry after that one.
pub fn hash_of(connection: &Connection, entry: i64, previous: &Hash) -> Hash {
    let heading = "SELECT at, actor_kind, actor, statement, key FROM entry WHERE seq = ?1";
    connection
        .query_row(heading, [entry], |row| {
            let (kind, statement): (String, String) = (row.get(1)?, row.get(3)?);
            let (actor, key): (Option<String>, Option<String>) = (row.get(2)?, row.get(4)?);
            let heading = Heading {
                seq: entry,
                at: row.get(0)?,
                actor_kind: &kind,
                actor: actor.as_deref(),
                statement: statement_digest(&statement),
                key: key.as_deref(),
            };
            Ok(seal(&heading, &changes_of(connection, entry), previous))
        })
        .expect(heading)
}

/// The hash of that entry; before the first one stands the digest of the birth.
pub fn stored(connection: &Connection, entry: i64) -> Hash {
    let sql = "SELECT hash FROM entry WHERE seq = ?1";
    let hash = connection.query_row(sql, [entry], |row| row.get(0)).optional().expect(sql);
    let born = "SELECT digest FROM genesis";
    hash.unwrap_or_else(|| {
        assert_eq!(entry, 0, "there is no such entry");
        connection.query_row(born, [], |row| row.get(0)).expect(born)
    })
}

pub fn last(connection: &Connection) -> i64 {
    connection.query_row("SELECT max(seq) FROM entry", [], |row| row.get(0)).expect("a last entry")
}

/// The chain recomputed from that entry on, over what it is now.
pub fn recompute_hashes(connection: &Connection, from: i64) {
    for entry in from..=last(connection) {
        let hash = hash_of(connection, entry, &stored(connection, entry - 1));
        connection
            .execute("UPDATE entry SET hash = ?2 WHERE seq = ?1", (entry, hash))
            .expect("a hash recomputed");
    }
}

#[test]
fn the_chain_is_what_the_rules_say() {
    let original = Original::new();
    let (_, connection) = original.copy();
    let last = last(&connection);
    for entry in 1..=last {
        let hash = hash_of(&connection, entry, &stored(&connection, entry - 1));
        assert_eq!(hash, stored(&connection, entry), "entry {entry}");
    }
    println!("{last} entries hashed again");
}

#[test]
fn a_recomputed_chain_is_whole_but_not_against_a_head_that_was_kept() {
    let original = Original::new();
    let (path, connection) = original.copy();
    let (last, from) = (last(&connection), last(&connection) / 2);
    let heads: Vec<String> =
        (1..=last).map(|entry| format!("{entry}:{}", hex(&stored(&connection, entry)))).collect();
    for head in &heads {
        assert_eq!(verify(&path, &format!("AGAINST '{head}'")), Finding::Whole, "{head}");
    }
    without_triggers(&connection, |connection| {
        let forged = "UPDATE entry SET actor = 'somebody else' WHERE seq = ?1";
        connection.execute(forged, [from]).expect(forged);
        recompute_hashes(connection, from);
    });
    drop(connection);
    assert_eq!(verify(&path, ""), Finding::Whole, "nothing inside gives it away");
    for (entry, head) in (1..).zip(&heads) {
        let hash_alone = head.split(':').nth(1).unwrap_or_default();
        for against in [head.as_str(), hash_alone] {
            let finding = verify(&path, &format!("AGAINST '{against}'"));
            let found = matches!(&finding, Finding::Fault(code, _) if code == "broken_chain");
            assert_eq!(found, entry >= from, "head {entry}, forged from {from} on: {finding:?}");
        }
    }
    // The right hash at another place is no head of this file either.
    let moved = format!("AGAINST '2:{}'", heads[0].split(':').nth(1).unwrap_or_default());
    assert!(matches!(verify(&path, &moved), Finding::Fault(code, _) if code == "broken_chain"));
}

#[test]
fn a_tail_that_was_cut_off_shows_only_against_a_head_that_was_kept() {
    let original = Original::new();
    let (path, connection) = original.copy();
    let last = last(&connection);
    let kept = format!("AGAINST '{last}:{}'", hex(&stored(&connection, last)));
    // The last entries that changed only settings or texts can go without a trace in the state.
    without_triggers(&connection, |connection| {
        for table in ["message", "text", "customer", "change", "transition", "opening"] {
            let cut = format!("DELETE FROM {table} WHERE entry = {last}");
            connection.execute(&cut, []).expect(&cut);
        }
        let cut = format!("DELETE FROM entry WHERE seq = {last}");
        connection.execute(&cut, []).expect(&cut);
    });
    drop(connection);
    let finding = verify(&path, &kept);
    assert!(matches!(&finding, Finding::Fault(code, _) if code == "broken_chain"), "{finding:?}");
}

/// A row of each table of the log, of the entry after the last one.
const BEGUN: [&str; 7] = [
    "INSERT INTO key SELECT max(seq) + 1, zeroblob(16), 'a key', zeroblob(16), NULL FROM entry",
    "INSERT INTO change SELECT (SELECT max(seq) + 1 FROM change), max(seq) + 1, 'queue', 1, NULL, 'priority', 7, max(at),
        (SELECT max(seq) FROM transition) FROM entry",
    "INSERT INTO customer SELECT (SELECT max(id) + 1 FROM customer), max(seq) + 1, zeroblob(16), 'somebody new', NULL FROM entry",
    "INSERT INTO text SELECT (SELECT max(id) + 1 FROM text), max(seq) + 1, zeroblob(16), 'words', NULL, NULL FROM entry",
    "INSERT INTO message SELECT (SELECT max(id) + 1 FROM message), max(seq) + 1, (SELECT max(id) FROM conversation WHERE phase <> 'closed'), 'other', 'x',
        'note', 1, NULL, max(at) FROM entry",
    "INSERT INTO opening SELECT (SELECT max(id) + 1 FROM opening), max(seq) + 1, zeroblob(16), object, value, (SELECT max(id) FROM customer), NULL, 0, NULL,
        NULL, (SELECT max(at) FROM entry) FROM entry, (SELECT object, value FROM setting WHERE kind = 'workstream' AND name = 'lifecycle' LIMIT 1)",
    "INSERT INTO transition SELECT (SELECT max(seq) + 1 FROM transition), (SELECT max(seq) + 1 FROM entry), id, event, state, to_state, to_phase, NULL, NULL,
        queue, queue, 0, 'other', 'x', NULL, 0, (SELECT max(at) FROM entry) FROM (SELECT * FROM conversation JOIN edge USING (lifecycle, channel) WHERE from_state = state AND event = 'force_close'
            AND agent IS NULL LIMIT 1)",
];

#[test]
fn an_open_entry_of_another_program_is_reported_and_nothing_is_written() {
    let original = Original::new();
    for open in BEGUN {
        left_open(&original, open);
    }
}

fn left_open(original: &Original, open: &str) {
    let (path, connection) = original.copy();
    let last = last(&connection);
    connection.execute(open, []).expect(open);
    drop(connection);
    let mut desk = Switchboard::open(&path, &OpenOptions::default()).expect("it is opened");
    let reported = format!("another program left entry {} open; the file is read-only", last + 1);
    assert_eq!(desk.take_warnings(), [reported], "{open}");
    let context = Context::given(crate::support::at("2026-03-09T09:00:00Z"), "maria");
    for statement in
        ["CREATE QUEUE more", "OPEN ON w1 FOR x", "NOTE 1 'x'", "SWEEP", "EXPLAIN CREATE QUEUE more"]
    {
        let failure = desk.run(statement, &Parameters::new(), &context);
        let code = failure.err().map(|failure| failure.error.code().name());
        // EXPLAIN, too: timers are due, and would have to be written first.
        assert_eq!(code, Some("unlogged"), "{open}; {statement}");
    }
    for query in ["SHOW ONGOING", "SHOW CONVERSATION 1", "SELECT count(*) FROM journal", "SHOW HEAD"] {
        assert!(desk.run(query, &Parameters::new(), &context).is_ok(), "{open}; {query}");
    }
    drop(desk);
    let finding = verify(&path, "");
    let words = format!("a row of entry {} is out of order", last + 1);
    assert!(
        matches!(&finding, Finding::Fault(code, found) if code == "broken_chain" && found.contains(&words)),
        "{open}: {finding:?}"
    );
}
