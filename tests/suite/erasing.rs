//! ERASE CUSTOMER: none of the customer's words is left in any byte of the file, its log or its free pages, in UTF-8
//! or UTF-16, and the journal is whole before and after.

mod power;

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{World, at};

/// Marks every word of the customer who is erased. The letters do not occur otherwise.
pub const WORD: &str = "zqxjv";

/// A customer whose words are everywhere: subjects, changed subjects, bodies short and long, notes, reasons, keys, the
/// name, several handles, a merged customer, a report, archived conversations and others; among those of others.
pub fn desk() -> World {
    let mut world = World::new();
    let long = format!("{WORD} body ").repeat(2_000);
    world.play(&format!(
        "@ 2026-03-02T08:00:00Z root
        CREATE QUEUE q; CREATE AGENT a WITH (presence = available, capacity = 1000) IN q;
        CREATE WORKSTREAM w WITH (channel = chat, lifecycle = omnichannel, queue = q);
        CREATE WORKSTREAM t WITH (channel = sms, lifecycle = topic, queue = q);
        OPEN ON w FOR '{WORD}@example.com' SUBJECT '{WORD} subject' BY a KEY '{WORD} key 1';
        ALTER CONVERSATION 1 SET subject = '{WORD} other subject';
        MESSAGE 1 FROM CUSTOMER '{WORD} short' KEY '{WORD} key 2';
        MESSAGE 1 FROM CUSTOMER '{long}';
        NOTE 1 '{WORD} note' KEY '{WORD} key 3';
        MESSAGE 1 FROM CUSTOMER '{WORD} automatic' AUTOMATIC;
        OPEN ON w FOR 'second {WORD}' SUBJECT '{WORD} subject' BY a;
        MESSAGE 2 FROM AGENT a '{long}';
        FORCE CLOSE 1 REASON '{WORD} reason'; FORCE CLOSE 2 REASON '{WORD} reason';
        ADD HANDLE 'third {WORD}' TO CUSTOMER '{WORD}@example.com';
        ADD HANDLE 'removed {WORD}' TO CUSTOMER '{WORD}@example.com';
        REMOVE HANDLE 'removed {WORD}' FROM CUSTOMER '{WORD}@example.com';
        MERGE CUSTOMER 'second {WORD}' INTO '{WORD}@example.com';
        ALTER CUSTOMER '{WORD}@example.com' SET name = '{WORD} name';
        CREATE REPORT r AS SELECT id FROM conversations WHERE customer = '{WORD}@example.com';
        MESSAGE ON t FROM 'THIRD {WORD}' '{WORD} topic';
        END 3 BY CUSTOMER;
        @ 2026-03-04T08:00:00Z root
        SWEEP;
        OPEN ON w FOR 'third {WORD}' SUBJECT '{WORD} late'; MESSAGE 4 FROM CUSTOMER '{long}'; FORCE CLOSE 4;\n"
    ));
    for other in 0..40 {
        world.run(&format!("MESSAGE ON w FROM 'other {other}' 'Nothing of that.'"));
    }
    world
}

pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// How often the word stands in the bytes of the database and what SQLite keeps beside it.
pub fn words_left(path: &Path) -> usize {
    let utf16 = |wide: fn(u16) -> [u8; 2]| WORD.encode_utf16().flat_map(wide).collect::<Vec<u8>>();
    let needles = [
        WORD.as_bytes().to_vec(),
        WORD.to_uppercase().into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
    ];
    ["", "-wal", "-shm", "-erase", "-lock", "-journal"]
        .iter()
        .filter_map(|suffix| fs::read(beside(path, suffix)).ok())
        .map(|bytes| {
            needles
                .iter()
                .map(|needle| bytes.windows(needle.len()).filter(|part| part == needle).count())
                .sum::<usize>()
        })
        .sum()
}

#[test]
fn no_byte_of_the_customers_words_is_left() {
    let mut world = desk();
    assert!(words_left(&world.path()) > 1_000, "they are there");
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
    let summary = world.rows("SHOW SUMMARY");
    let moves = world.rows("SELECT seq, conversation, event, to_state, to_agent, at FROM transitions");
    let before = world.rows("SHOW HEAD")[0].clone();
    let reply = world.run(&format!("ERASE CUSTOMER '{WORD}@example.com'"));
    assert_eq!(reply.rows[0].iter().map(crate::support::text).collect::<Vec<_>>(), ["4", "15", "3"]);
    assert_eq!(words_left(&world.path()), 0);
    assert!(!beside(&world.path(), "-erase").exists());
    let head = before.split('|').next_back().expect("a head");
    assert!(world.rows(&format!("VERIFY JOURNAL AGAINST '{head}'"))[0].ends_with("|whole"));
    // Conversations, moves and figures stay.
    assert_eq!(world.rows("SHOW SUMMARY"), summary);
    assert_eq!(world.rows("SELECT seq, conversation, event, to_state, to_agent, at FROM transitions"), moves);
    assert_eq!(world.rows("SELECT count(*) FROM messages WHERE body IS NULL"), ["7"]);
    // Everything works on, for others and for whoever has the handle now.
    world.run("FOLLOW ALL SINCE 0");
    world.run("SHOW ONGOING AS OF '2026-03-02T08:00:00Z'");
    world.run("SHOW ONGOING ALL");
    world.run("MESSAGE ON w FROM 'other 7' 'Hello?'");
    world.run("OPEN ON t FOR 'second one'");
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}

#[test]
fn a_replay_of_what_is_left_works() {
    let mut world = desk();
    world.run(&format!("ERASE CUSTOMER '{WORD}@example.com'"));
    let script = world.rows("SHOW JOURNAL AS SCRIPT").join("\n");
    assert!(!script.contains(WORD));
    let mut again = World::new();
    again.play(&(script + "\n"));
    let views = [
        "SELECT id, workstream, state, agent, opened_at, closed_at FROM conversations",
        "SELECT seq, conversation, event, to_state, to_agent, actor, at FROM transitions",
        "SELECT id, conversations FROM customers",
    ];
    for view in views {
        assert_eq!(again.rows(view), world.rows(view), "{view}");
    }
}

#[test]
fn a_reader_who_holds_an_old_snapshot_delays_the_end_of_it() {
    let mut world = desk();
    let reader = rusqlite::Connection::open(world.path()).expect("the file");
    reader.execute_batch("BEGIN; SELECT count(*) FROM text").expect("a snapshot");
    world.run(&format!("ERASE CUSTOMER '{WORD}@example.com'"));
    let warnings = world.desk.take_warnings();
    assert!(warnings.iter().any(|warning| warning.contains("still reading")), "{warnings:?}");
    assert!(beside(&world.path(), "-erase").exists());
    reader.execute_batch("COMMIT").expect("it ends");
    // The next one who opens the file for writing ends it.
    let options = switchboard::OpenOptions::default();
    let path = world.path();
    drop(world.desk);
    drop(switchboard::Switchboard::open(&path, &options).expect("the file"));
    assert_eq!(words_left(&path), 0);
    assert!(!beside(&path, "-erase").exists());
}

#[test]
fn erasing_in_a_transaction_ends_with_its_commit() {
    let mut world = desk();
    let context = switchboard::Context::given(at("2026-03-04T08:00:01Z"), "root");
    let erase = format!("ERASE CUSTOMER '{WORD}@example.com'");
    let parameters = switchboard::Parameters::new();
    {
        let mut rolled_back = world.desk.transaction().expect("a transaction");
        rolled_back.run(&erase, &parameters, &context).expect("erased");
    }
    assert!(words_left(&world.path()) > 1_000, "it was rolled back");
    let mut transaction = world.desk.transaction().expect("a transaction");
    transaction.run(&erase, &parameters, &context).expect("erased");
    transaction.run("NOTE 5 'after it'", &parameters, &context).expect("a note");
    transaction.commit().expect("committed");
    assert_eq!(words_left(&world.path()), 0);
    world.now = at("2026-03-04T08:00:01Z");
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}
