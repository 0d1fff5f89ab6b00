//! From format 1 to 2: keys, handles and texts of the old file are there and work, and handles that are equal now
//! name one customer.

use std::path::Path;

use rusqlite::Connection;
use switchboard::testing::domain::journal::{Changes, Heading, Table, salted_digest, seal, statement_digest};
use switchboard::testing::store::Formats;
use tempfile::TempDir;

use super::fixture::copy_of;
use super::{Opened, opened};
use crate::support::World;

/// What a program of format 1 wrote when a customer came under a new handle: the entry that only adds them.
fn add_customer(path: &Path, handle: &str) {
    let file = Connection::open(path).expect("the file");
    let head =
        "SELECT seq + 1, at, hash, (SELECT max(id) + 1 FROM customer) FROM entry ORDER BY seq DESC LIMIT 1";
    let (entry, at, previous, customer): (i64, i64, [u8; 32], i64) = file
        .query_row(head, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .expect("a head");
    let salt = [7; 16];
    let mut changes = Changes::default();
    let digest = salted_digest(&salt, handle);
    changes.add(Table::Customer, &[customer.into(), entry.into(), digest.as_slice().into()]);
    let heading = Heading {
        seq: entry,
        at,
        actor_kind: "supervisor",
        actor: Some("maria"),
        statement: statement_digest("SHOW HEAD"),
        key: None,
    };
    let hash = seal(&heading, &changes, &previous);
    file.execute("INSERT INTO customer VALUES (?1, ?2, ?3, ?4, NULL)", (customer, entry, salt, handle))
        .expect("a customer");
    file.execute(
        "INSERT INTO entry VALUES (?1, ?2, 'supervisor', 'maria', 'SHOW HEAD', NULL, ?3)",
        (entry, at, hash),
    )
    .expect("sealed");
}

/// The file of format 1, with customers of those handles added, upgraded.
fn upgraded(handles: &[&str]) -> (TempDir, World) {
    let folder = copy_of(1);
    let path = folder.path().join("desk.db");
    handles.iter().for_each(|handle| add_customer(&path, handle));
    let Opened { mut world, .. } = opened(&folder, Formats::current());
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
    (folder, world)
}

#[test]
fn keys_are_known_and_belong_to_their_actors() {
    let (_folder, mut world) = upgraded(&[]);
    assert_eq!(
        world.rows("SELECT seq, actor, key FROM journal WHERE key IS NOT NULL"),
        ["57|maria|first", "63|maria|second"]
    );
    let again = "MESSAGE 10 FROM AGENT erin 'It has left the house 🙂' KEY 'second'";
    world.run("SWEEP TIMEOUTS");
    let messages = "SELECT count(*) FROM messages";
    let before = world.rows(messages);
    assert!(world.rows(again)[0].contains("It has left the house"));
    assert_eq!(world.rows(messages), before, "a retry does nothing");
    assert_eq!(world.refused("NOTE 1 'Something else.' KEY 'second'"), "key_reused");
    world.run("CREATE SERVICE gateway");
    let actor = std::mem::replace(&mut world.actor, "gateway".to_owned());
    world.run("MESSAGE 1 FROM CUSTOMER 'Hello?' KEY 'second'");
    world.actor = actor;
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}

#[test]
fn a_changed_key_of_format_1_is_found() {
    let (folder, world) = upgraded(&[]);
    drop(world);
    let path = folder.path().join("desk.db");
    let file = Connection::open(&path).expect("the file");
    let rule: String = file
        .query_row("SELECT sql FROM sqlite_schema WHERE name = 'key_update'", [], |row| row.get(0))
        .expect("the rule");
    file.execute_batch(&format!(
        "DROP TRIGGER key_update; UPDATE key SET key = 'another' WHERE key = 'second'; {rule}"
    ))
    .expect("forged");
    drop(file);
    assert_eq!(opened(&folder, Formats::current()).world.refused("VERIFY JOURNAL"), "broken_chain");
}

#[test]
fn handles_that_are_equal_now_name_one_customer() {
    let (_folder, mut world) =
        upgraded(&["OZ@example.com", "+49170 5550303", " oz@EXAMPLE.com", "new@example.com"]);
    assert_eq!(
        world.rows("SELECT id, customer, handles, conversations FROM customers WHERE id >= 20"),
        [
            "20|ned@example.com|ned@example.com|1",
            "21|+49 170 555 0303|+49 170 555 0303|1",
            "22|oz@example.com|oz@example.com|1",
            "26|new@example.com|new@example.com|0",
        ]
    );
    let entry = world.rows("SELECT max(seq) FROM journal")[0].clone();
    assert_eq!(
        world.rows(&format!(
            "SELECT kind, object, name, value FROM changes WHERE journal = {entry} AND kind = 'customer'"
        )),
        [
            "customer|23|merged|22",
            "customer|23|removed|",
            "customer|24|merged|21",
            "customer|24|removed|",
            "customer|25|merged|22",
            "customer|25|removed|",
        ]
    );
    // Their next message goes where the first handle's conversation is.
    let moved = world.rows("MESSAGE ON leads FROM 'OZ@Example.com' 'It is me again.'");
    assert!(moved[0].contains("|23|"), "{moved:?}");
    assert_eq!(world.rows("SHOW CUSTOMER 'oz@example.com'").len(), 1);
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
    world.run("SHOW ONGOING AS OF '2026-03-04T10:00:00Z'");
}

#[test]
fn an_erased_handle_stays_erased() {
    let (_folder, mut world) = upgraded(&[]);
    assert_eq!(world.rows("SELECT id, customer, handles FROM customers WHERE customer IS NULL"), ["11||"]);
}
