//! FOLLOW in a program that links the crate: bounded passes that together return everything once.
//!
//! A pass never returns more than its limit. An open entry of another program is not returned, and what was
//! archived, renamed or dropped in the meantime is returned as before.

use switchboard::{Follow, Reply, Value};

use crate::support::{World, at, text};

/// The numbers of the entries of a pass, each once.
fn entries(reply: &Reply) -> Vec<i64> {
    let seqs = |row: &Vec<Value>| (text(&row[1]) == "entry").then(|| row[0].as_integer().expect("a number"));
    reply.rows.iter().filter_map(seqs).collect()
}

/// All passes from that one on; the last one is empty.
fn passes(world: &mut World, mut reply: Reply) -> Vec<Reply> {
    let mut all = Vec::new();
    while let Some(follow) = reply.follow {
        let empty = reply.rows.is_empty() && !follow.more;
        all.push(reply);
        if empty {
            return all;
        }
        reply = world.desk.follow(&follow).expect("a pass");
    }
    panic!("a pass says where to go on");
}

fn with_desk() -> World {
    let mut world = World::new();
    world.play(
        "CREATE QUEUE front; CREATE QUEUE spare;
         CREATE WORKSTREAM chats WITH (channel = chat, lifecycle = omnichannel, queue = front);
         OPEN ON chats FOR ann; OPEN ON chats FOR bo;",
    );
    world
}

#[test]
fn a_pass_is_bounded_and_all_passes_together_have_everything_once() {
    let mut world = with_desk();
    world.desk.begin_batch().expect("a batch");
    (0..2_500).for_each(|number| drop(world.run(&format!("NOTE 1 '{number}'"))));
    // One entry with more rows than a pass: every conversation of them is routed, followed and moved in it.
    (0..1_200).for_each(|number| drop(world.run(&format!("OPEN ON chats FOR c{number}"))));
    world.play("CREATE AGENT zoe WITH (presence = available, capacity = 1000000) IN front;");
    world.run("ROUTE");
    world.desk.end_batch(switchboard::testing::BatchEnd::Commit).expect("committed");
    let last = world.rows("SELECT max(seq) FROM journal")[0].parse::<i64>().expect("a number");
    let first = world.run("FOLLOW ALL SINCE 0");
    let all = passes(&mut world, first);
    let seqs: Vec<i64> = all.iter().flat_map(entries).collect();
    assert_eq!(seqs, (1..=last).collect::<Vec<i64>>());
    for pass in &all {
        let count = entries(pass).len();
        assert!(count <= 1_000 && (count == 1 || pass.rows.len() <= count + 2_000), "{count}");
        let more = pass.follow.is_some_and(|follow| follow.more);
        assert_eq!(more, pass.follow.is_some_and(|follow| follow.after < last));
    }
    assert!(all.iter().any(|pass| pass.rows.len() > 2_001), "the large entry came whole");
    // A conversation's passes are bounded by what is read, not by what is followed.
    let first = world.run("FOLLOW 2 SINCE 0");
    let followed: usize = passes(&mut world, first).iter().map(|pass| entries(pass).len()).sum();
    assert_eq!(followed, 2, "its opening and its routing");
}

#[test]
fn an_open_entry_of_another_program_is_not_followed() {
    let mut world = with_desk();
    let last = world.rows("SELECT max(seq) FROM journal")[0].parse::<i64>().expect("a number");
    let other = rusqlite::Connection::open(world.path()).expect("the file");
    let version = world.desk.version().expect("a version");
    other
        .execute(
            "INSERT INTO change SELECT (SELECT max(seq) + 1 FROM change), max(seq) + 1, 'queue', 1, NULL, 'priority', 7, max(at),
                (SELECT max(seq) FROM transition) FROM entry",
            [],
        )
        .expect("a row of the next entry");
    assert_ne!(world.desk.version().expect("a version"), version, "somebody has written");
    let reply = world.run("FOLLOW ALL");
    assert_eq!((reply.rows.len(), reply.follow.map(|follow| follow.after)), (0, Some(last)));
    assert!(world.try_run(&format!("FOLLOW ALL SINCE {}", last + 1)).is_err(), "it is no entry yet");
}

#[test]
fn a_followed_conversation_is_followed_to_its_end() {
    let mut world = with_desk();
    let follow = world.run("FOLLOW QUEUE spare").follow.expect("a follower");
    world.run("DROP QUEUE spare");
    world.run("CREATE QUEUE spare");
    let reply = world.desk.follow(&follow).expect("a pass");
    let followed: Vec<String> = (0..reply.rows.len())
        .map(|row| {
            ["kind", "queue", "name"]
                .map(|column| text(reply.value(row, column).expect("a column")))
                .join(" ")
        })
        .collect();
    assert_eq!(followed, ["entry  ", "queue spare dropped"]);
}

#[test]
fn archived_messages_are_followed_with_their_text() {
    let mut world = with_desk();
    world.run("MESSAGE 1 FROM CUSTOMER 'Where is it?'");
    world.run("FORCE CLOSE 1 REASON 'spam'");
    let before = world.run("FOLLOW 1 SINCE 0");
    world.now = at("2026-03-04T09:00:00Z");
    world.run("SWEEP TIMEOUTS");
    assert_eq!(world.rows("SELECT count(*) FROM changes WHERE name = 'archived'"), ["1"]);
    let after = world.run("FOLLOW 1 SINCE 0");
    assert!(before.rows.iter().any(|row| row.contains(&"Where is it?".into())));
    assert_eq!(after.rows[..before.rows.len()], before.rows);
}

#[test]
fn a_batch_is_followed_after_its_commit() {
    let mut world = with_desk();
    let follow = world.run("FOLLOW ALL").follow.expect("a follower");
    world.desk.begin_batch().expect("a batch");
    world.run("NOTE 1 'x'");
    assert_eq!(world.refused("FOLLOW ALL SINCE 0"), "not_allowed");
    assert!(world.desk.follow(&follow).is_err());
    world.desk.end_batch(switchboard::testing::BatchEnd::Rollback).expect("rolled back");
    assert_eq!(world.desk.follow(&follow).expect("a pass").rows.len(), 0);
    let beyond = Follow { after: follow.after + 10, ..follow };
    assert_eq!(
        world.desk.follow(&beyond).expect("a pass").follow.map(|follow| follow.after),
        Some(beyond.after)
    );
}

#[test]
fn following_a_queue_includes_workstreams_that_enter_and_leave_it() {
    let mut world = with_desk();
    world.run("CREATE QUEUE billing");
    let follow = |world: &mut World, queue: &str| {
        world.run(&format!("FOLLOW QUEUE {queue}")).follow.expect("a follower")
    };
    let (front, spare, billing) =
        (follow(&mut world, "front"), follow(&mut world, "spare"), follow(&mut world, "billing"));
    world.run("ALTER WORKSTREAM chats SET queue = spare, units = 2");
    for (follow, followed) in [(front, 2), (spare, 2), (billing, 0)] {
        let reply = world.desk.follow(&follow).expect("a pass");
        assert_eq!(reply.rows.len(), followed, "{follow:?}: {:?}", reply.rows);
    }
}

#[test]
fn every_change_names_its_object() {
    let mut world = World::new();
    world.play(include_str!("../../fixtures/day.script"));
    let mut kinds = std::collections::BTreeSet::new();
    let first = world.run("FOLLOW ALL SINCE 0");
    for reply in passes(&mut world, first) {
        for row in 0..reply.rows.len() {
            let said = |column: &str| reply.value(row, column).map(text).unwrap_or_default();
            let kind = said("kind");
            let about = ["conversation", "agent", "queue", "object", "customer"].map(&said).concat();
            let whole = ["entry", "site"].contains(&kind.as_str()) || !about.is_empty();
            assert!(whole, "a {kind} says nothing of what it is about: {:?}", reply.rows[row]);
            kinds.insert(kind);
        }
    }
    for kind in
        ["report", "workstream", "supervisor", "service", "lifecycle", "member", "participant", "offer"]
    {
        assert!(kinds.contains(kind), "no {kind} in the day: {kinds:?}");
    }
}
