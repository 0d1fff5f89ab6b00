//! PURGE CLOSED and the retention time: bodies, sessions, guests and statements of old conversations go from every
//! byte; conversations, moves, figures and the chain stay; and whoever takes something else is found.

use rusqlite::Connection;
use rusqlite::types::Null;

use crate::desk_fixture::desk;
use crate::erasing::{WORD, words_left};
use crate::journal::tampering::{Finding, verify, without_triggers};
use crate::schema_fixture::{Answer, SchemaFixture, code};
use crate::support::{World, at, text};

const PURGE: &str = "PURGE CLOSED BEFORE '2026-03-02T12:00:00Z'";

/// How a file is asked for what stays.
const STAYS: [&str; 5] = [
    "SELECT id, workstream, state, customer, subject, queue, last_agent, sentiment, opened_at, closed_at FROM conversations",
    "SELECT seq, conversation, event, from_state, to_state, to_agent, actor, reason, at FROM transitions",
    "SELECT id, conversation, at, author_kind, author, kind FROM messages",
    "SHOW SUMMARY BY AGENT",
    "SHOW ONGOING AS OF '2026-03-02T08:00:00Z'",
];

/// Conversations that closed in the morning: archived, too long to be archived, with a guest, with bodies of several
/// pages; one that closed later, and one that is open.
pub fn closed(conversations: usize) -> World {
    let mut world = World::new();
    world.play(
        "@ 2026-03-02T08:00:00Z root
        CREATE QUEUE q; CREATE AGENT a WITH (presence = available, capacity = 10000) IN q; CREATE SUPERVISOR root; CREATE SUPERVISOR maria;
        CREATE WORKSTREAM w WITH (channel = chat, lifecycle = omnichannel, queue = q);\n",
    );
    let long = format!("{WORD} body ").repeat(2_000);
    for id in 1..=conversations {
        world.play(&format!(
            "OPEN ON w FOR 'c{id}@example.com' SUBJECT 'subject {id}' BY a;
            MESSAGE {id} FROM CUSTOMER '{WORD} {id}' KEY 'k{id}'; NOTE {id} '{WORD} note';\n"
        ));
        if id % 50 == 1 {
            world.play(&format!("MESSAGE {id} FROM AGENT a '{long}'; MONITOR {id} BY root;\n"));
        }
        world.play(&format!("FORCE CLOSE {id} REASON 'reason {id}';\n"));
    }
    world.play("@ 2026-03-03T09:00:00Z root\nSWEEP;\n");
    let (later, open) = (conversations + 1, conversations + 2);
    world.play(&format!(
        "OPEN ON w FOR 'later' BY a; MESSAGE {later} FROM CUSTOMER 'It stays.'; FORCE CLOSE {later};
        OPEN ON w FOR 'open' BY a; MESSAGE {open} FROM CUSTOMER 'It stays, too.';\n"
    ));
    world
}

fn counts(world: &mut World, statement: &str) -> Vec<String> {
    world.run(statement).rows[0].iter().map(text).collect()
}

#[test]
fn no_byte_of_what_was_said_is_left() {
    let mut world = closed(60);
    let path = world.path();
    assert!(words_left(&path) > 4_000, "it is there");
    let stays = STAYS.map(|question| world.rows(question));
    let head = world.rows("SHOW HEAD")[0].split('|').next_back().expect("a head").to_owned();
    let pages =
        || crate::upgrade::fixture::number(&Connection::open(&path).expect("the file"), "PRAGMA page_count");
    let before = pages();
    assert_eq!(counts(&mut world, PURGE), ["60", "122", "244"]);
    assert_eq!(words_left(&path), 0);
    assert!(pages() < before, "{} pages of {before}", pages());
    assert!(world.rows(&format!("VERIFY JOURNAL AGAINST '{head}'"))[0].ends_with("|whole"));
    for (question, before) in STAYS.iter().zip(stays) {
        assert_eq!(world.rows(question), before, "{question}");
    }
    assert_eq!(world.rows("SELECT body FROM messages WHERE body LIKE 'It stays%'").len(), 2);
    assert_eq!(world.rows("SELECT DISTINCT conversation FROM channel_sessions"), ["61", "62"]);
    assert_eq!(counts(&mut world, PURGE), ["0", "0", "0"]);
    // Whoever delivers a message again is answered as before, and the customer can come back.
    let entries = world.rows("SELECT count(*) FROM journal");
    world.run(&format!("MESSAGE 7 FROM CUSTOMER '{WORD} 7' KEY 'k7'"));
    assert_eq!(world.rows("SELECT count(*) FROM journal"), entries);
    world.run("MESSAGE ON w FROM 'c7@example.com' 'Hello again.'");
    world.run("ERASE CUSTOMER 'c9@example.com'");
    world.run("FOLLOW ALL SINCE 0");
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}

#[test]
fn a_long_purge_is_several_entries_and_a_transaction_one_commit() {
    let mut world = closed(230);
    world.run(PURGE);
    let entries = "SELECT count(*) FROM journal WHERE statement LIKE 'PURGE%'";
    let several: i64 = world.rows(entries)[0].parse().expect("a number");
    assert!(several > 2, "{several}");
    let mut world = closed(3);
    let context = switchboard::Context::given(at("2026-03-03T09:00:00Z"), "root");
    let parameters = switchboard::Parameters::new();
    {
        let mut rolled_back = world.desk.transaction().expect("a transaction");
        rolled_back.run(PURGE, &parameters, &context).expect("purged");
    }
    assert!(words_left(&world.path()) > 1_000, "it was rolled back");
    let mut transaction = world.desk.transaction().expect("a transaction");
    transaction.run(PURGE, &parameters, &context).expect("purged");
    transaction.run("NOTE 5 'after it'", &parameters, &context).expect("a note");
    transaction.commit().expect("committed");
    assert_eq!(words_left(&world.path()), 0);
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}

#[test]
fn sweeps_purge_what_is_older_than_the_retention_time() {
    let mut world = closed(230);
    world.run("ALTER SITE SET retention = '30d'");
    let left = "SELECT count(DISTINCT conversation) FROM messages WHERE body LIKE '%note'";
    world.now = at("2026-04-01T07:59:59Z");
    world.run("SWEEP");
    assert_eq!(world.rows(left), ["230"], "29 days are not enough");
    world.now = at("2026-04-01T08:00:01Z");
    let mut sweeps = 0;
    let mut before = 230;
    while before > 0 {
        world.run("SWEEP");
        let now: i64 = world.rows(left)[0].parse().expect("a number");
        assert!(before - now <= 100, "one sweep purges a bounded batch: {}", before - now);
        if now == before {
            // Batches that are archived first come in between.
            assert!(sweeps < 40, "nothing is purged any more");
        }
        before = now;
        sweeps += 1;
    }
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
    world.run("SWEEP");
    assert_eq!(world.rows("SELECT body FROM messages WHERE body LIKE 'It stays%'").len(), 2);
}

/// Makes an attempt in an entry in which conversation 8 closes and is purged.
fn purging(attempt: &str) -> (Answer, SchemaFixture) {
    let file = desk();
    file.run("BEGIN").expect("a transaction");
    file.begin(80_000);
    let begun = file
        .text("mine")
        .and_then(|_| file.text("another's"))
        .and_then(|_| file.message(8, 5))
        .and_then(|_| file.message(9, 6))
        .and_then(|_| {
            crate::guards::raw(
                &file,
                "8, 'close', 'Wrap-up', 'Closed', 1, NULL, 1, 1, 0, 'agent', 'x', NULL, 0, 80000",
            )
        })
        .and_then(|_| file.change("conversation", 8, Null, "purged", Null));
    begun.expect("a purge");
    let answer = file.run(attempt);
    (answer, file)
}

#[test]
fn a_purge_takes_only_what_is_of_its_conversation() {
    const GONE: &str = "UPDATE text SET body = NULL, salt = NULL, digest = randomblob(32), message = (SELECT min(id) FROM message WHERE text = text.id)";
    let opened = "(SELECT entry FROM opening WHERE id = 8)";
    for attempt in [
        format!("{GONE} WHERE id = 6"),
        "UPDATE text SET body = NULL WHERE id = 5".to_owned(),
        "UPDATE text SET body = NULL, salt = NULL, digest = randomblob(32) WHERE id = 5".to_owned(),
        "UPDATE text SET body = 'other words' WHERE id = 5".to_owned(),
        "DELETE FROM channel_session WHERE conversation = 1".to_owned(),
        "DELETE FROM participant WHERE conversation = 2".to_owned(),
        "DELETE FROM archive WHERE conversation = 7".to_owned(),
        "UPDATE entry SET statement = NULL, digest = randomblob(32) WHERE seq = 2".to_owned(),
        format!("UPDATE entry SET statement = NULL WHERE seq = {opened}"),
        format!("UPDATE entry SET statement = 'SHOW', digest = randomblob(32) WHERE seq = {opened}"),
        // The bodies go before anything else is written.
        "INSERT INTO text SELECT 7, max(seq) + 1, zeroblob(16), 'x', NULL, NULL FROM entry; INSERT INTO change
            SELECT max(seq) + 1, (SELECT max(seq) + 1 FROM entry), 'queue', 1, NULL, 'priority', 5, 80000, max(after_transition) FROM change"
            .to_owned(),
    ] {
        let (answer, _) = match attempt.split_once("; INSERT") {
            Some((first, rest)) => {
                let (answer, file) = purging(first);
                answer.expect("a text");
                (file.run(&format!("INSERT{rest}")), file)
            }
            None => purging(&attempt),
        };
        assert_eq!(code(&answer), "unlogged", "{attempt}: {answer:?}");
    }
    for taken in [
        format!("{GONE} WHERE id = 5"),
        format!("UPDATE entry SET statement = NULL, digest = randomblob(32) WHERE seq = {opened}"),
    ] {
        assert_eq!(purging(&taken).0, Ok(1), "{taken}");
    }
    let file = desk();
    for (what, attempt) in [("open", 8), ("unknown", 900)] {
        file.run("BEGIN").expect("a transaction");
        file.begin(80_000);
        let answer = file.change("conversation", attempt, Null, "purged", Null);
        assert_eq!(code(&answer), "invalid_value", "{what}: {answer:?}");
        file.run("ROLLBACK").expect("rolled back");
    }
}

#[test]
fn verify_finds_what_a_purge_does_not_explain() {
    let not_it = |act: &str, words: &str| {
        let mut world = closed(3);
        world.run(PURGE);
        let path = world.path();
        drop(world.desk);
        assert_eq!(verify(&path, ""), Finding::Whole);
        let file = Connection::open(&path).expect("the file");
        without_triggers(&file, |file| assert_eq!(file.execute(act, []), Ok(1), "{act}"));
        drop(file);
        match verify(&path, "") {
            Finding::Fault(code, message) => {
                assert_eq!(code, "broken_chain", "{act}");
                assert!(message.contains(words), "{act}: {message}");
            }
            other => panic!("{act}: {other:?}"),
        }
    };
    let open = "(SELECT entry FROM opening WHERE id = 5)";
    not_it(
        "UPDATE text SET salt = zeroblob(16), body = 'words', digest = NULL WHERE id = 2",
        "the archive of conversation 1 does not match the last change",
    );
    not_it("UPDATE text SET digest = zeroblob(32) WHERE id = 2", "does not match its hash");
    not_it(
        "UPDATE entry SET statement = 'SHOW', digest = NULL WHERE seq = (SELECT entry FROM opening WHERE id = 1)",
        "does not match its hash",
    );
    not_it(
        "UPDATE entry SET statement = 'SHOW' WHERE seq = (SELECT entry FROM opening WHERE id = 1)",
        "was purged but is present",
    );
    not_it(
        &format!("UPDATE entry SET statement = NULL, digest = zeroblob(32) WHERE seq = {open}"),
        "does not match its hash",
    );
    not_it(&format!("UPDATE entry SET statement = NULL WHERE seq = {open}"), "is missing without a PURGE");
    not_it(
        "UPDATE conversation SET archived = 2 WHERE id = 1",
        "the archive of conversation 1 does not match the last change",
    );
    not_it(
        "INSERT INTO channel_session SELECT 1, channel, status, since, change FROM channel_session WHERE conversation = 5",
        "session 1 chat",
    );
    // With the right digest, so that the hashes agree.
    let mut world = closed(3);
    world.run(PURGE);
    let path = world.path();
    drop(world.desk);
    let file = Connection::open(&path).expect("the file");
    let (seq, statement): (i64, String) = file
        .query_row(
            "SELECT seq, statement FROM entry WHERE seq = (SELECT entry FROM opening WHERE id = 5)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .expect("an entry");
    let kept = switchboard::testing::domain::journal::statement_digest(&statement);
    without_triggers(&file, |file| {
        file.execute("UPDATE entry SET statement = NULL, digest = ?2 WHERE seq = ?1", (seq, kept))
            .expect("taken");
    });
    drop(file);
    let words = format!(
        "the journal is broken at entry {seq}: the statement of entry {seq} is missing without a PURGE"
    );
    assert_eq!(verify(&path, ""), Finding::Fault("broken_chain".to_owned(), words));
}
