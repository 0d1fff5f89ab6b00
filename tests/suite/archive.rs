//! The archive: a sweep packs the bodies of closed conversations, and no query shows a difference.
//!
//! Everything that is shown before a sweep is shown after it, byte for byte. What is packed, and when, follows
//! from the file and the time alone.

mod damaged;

use rusqlite::Connection;
use switchboard::testing::BatchEnd;
use switchboard::{Context, Moment, OpenOptions, Parameters, Switchboard};

use crate::journal::{replays, script};
use crate::support::World;

const DAY: i64 = 86_400_000;
const QUERIES: [&str; 6] = [
    "SELECT * FROM messages ORDER BY id",
    "SELECT * FROM conversations ORDER BY id",
    "SELECT * FROM transitions ORDER BY seq",
    "SELECT conversation, count(*), max(body), min(length(body)) FROM messages GROUP BY conversation",
    "SELECT id FROM messages WHERE body LIKE '%order%' OR body GLOB '*🙂*'",
    "SELECT c.id, m.body FROM conversations AS c LEFT JOIN messages AS m ON m.conversation = c.id ORDER BY 1, 2",
];

/// A desk where conversations are opened by `talk`.
pub fn desk() -> World {
    let mut world = World::new();
    world.play(
        "CREATE QUEUE front; CREATE QUEUE back; CREATE AGENT alice WITH (presence = available, capacity = 1000000) IN front;
         CREATE WORKSTREAM chats WITH (channel = chat, lifecycle = omnichannel, queue = front);\n",
    );
    world
}

/// A whole conversation with these bodies, from the customer and alice in turn; its id.
pub fn talk(world: &mut World, bodies: &[&str]) -> String {
    world.run("OPEN ON chats FOR 'ann@example.com' SUBJECT 'Where is my order?' BY alice");
    let id = world.rows("SELECT max(id) FROM conversations")[0].clone();
    for (place, body) in bodies.iter().enumerate() {
        let body = body.replace('\'', "''");
        let who = if place % 2 == 0 { "CUSTOMER" } else { "AGENT alice" };
        world.run(&format!("MESSAGE {id} FROM {who} '{body}'"));
        world.now = Moment(world.now.0 + 1000);
    }
    world.run(&format!("END {id}"));
    world.run(&format!("CLOSE {id}"));
    id
}

/// What every query says, and every transcript.
pub fn shown(world: &mut World) -> Vec<String> {
    let mut lines: Vec<String> = QUERIES.iter().flat_map(|query| world.rows(query)).collect();
    for id in world.rows("SELECT id FROM conversations ORDER BY id") {
        lines.extend(world.rows(&format!("SHOW TRANSCRIPT {id}")));
    }
    lines
}

/// A number from the file itself, read by another program.
pub fn number(world: &World, question: &str) -> i64 {
    let file = Connection::open(world.path()).expect("the file");
    file.query_row(question, [], |row| row.get(0)).expect(question)
}

fn archives(world: &World) -> i64 {
    number(world, "SELECT count(*) FROM archive")
}

fn head(world: &mut World) -> Vec<String> {
    world.rows("SHOW HEAD")
}

/// Everything that people may write, a body of the greatest length among it.
fn varied(world: &mut World) -> Vec<String> {
    let long = "x🙂".repeat(65_536 / 5);
    let first = talk(
        world,
        &[
            "Hello 👋🏽, where is my order?",
            ".",
            " . ",
            "it's\r\n\ttwo\nlines",
            &long,
            "Grüße e\u{301} \u{202e}abc 漢字",
            "\u{feff}\u{200b}x",
        ],
    );
    let second = talk(world, &[&"y".repeat(65_536)]);
    world.run("OPEN ON chats FOR bo BY alice");
    let third = world.rows("SELECT max(id) FROM conversations")[0].clone();
    for statement in [
        "MESSAGE :id FROM CUSTOMER 'first'",
        "NOTE :id 'not for the customer 🤫'",
        "DISCONNECT :id",
        "RECONNECT :id",
        "TRANSFER :id TO QUEUE back",
        "ASSIGN :id TO AGENT alice OVERRIDE",
        "MESSAGE :id FROM AGENT alice 'last' KEY 'the last one'",
        "FORCE CLOSE :id REASON 'a duplicate'",
    ] {
        world.run(&statement.replace(":id", &third));
    }
    vec![first, second, third]
}

#[test]
fn every_query_answers_the_same_before_and_after() {
    let mut world = desk();
    let ids = varied(&mut world);
    world.run("OPEN ON chats FOR cy BY alice");
    world.run("MESSAGE 4 FROM CUSTOMER 'this one goes on'");
    world.now = Moment(world.now.0 + 2 * DAY);
    world.run("MESSAGE 4 FROM CUSTOMER 'still here'");
    let (before, log) = (shown(&mut world), script(&mut world));
    let bytes = number(&world, "SELECT sum(octet_length(body)) FROM text");
    world.run("SWEEP TIMEOUTS");
    assert_eq!(archives(&world), ids.len() as i64, "all that are closed");
    assert_eq!(shown(&mut world), before);
    assert_eq!(
        script(&mut world).lines().filter(|line| !log.contains(line)).count(),
        1,
        "the sweep alone is new"
    );
    assert!(number(&world, "SELECT sum(octet_length(bodies)) FROM archive") < bytes / 2);
    let standing =
        "SELECT group_concat(body, '|') FROM (SELECT body FROM text WHERE body IS NOT NULL ORDER BY body)";
    let file = Connection::open(world.path()).expect("the file");
    let standing: String = file.query_row(standing, [], |row| row.get(0)).expect(standing);
    for word in ["Where is my order?", "a duplicate", "this one goes on", "still here"] {
        assert!(standing.contains(word), "{word} is a subject, a reason, or open: {standing}");
    }
    assert!(!standing.contains("last"), "{standing}");
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
    let key = "MESSAGE 3 FROM AGENT alice 'last' KEY 'the last one'";
    let again = world.run(key);
    assert_eq!(again.value(0, "body").and_then(switchboard::Value::as_text), Some("last"));
    replays(&mut world, "archived");
}

#[test]
fn an_archive_is_read_by_another_opening_and_a_read_only_one() {
    let mut world = desk();
    varied(&mut world);
    world.now = Moment(world.now.0 + 2 * DAY);
    let before = shown(&mut world);
    world.run("SWEEP");
    for readonly in [false, true] {
        let options = OpenOptions { readonly, ..OpenOptions::default() };
        world.desk = Switchboard::open(world.path(), &options).expect("it opens");
        assert_eq!(shown(&mut world), before, "readonly: {readonly}");
    }
}

#[test]
fn what_closed_less_than_a_day_ago_stays_and_an_empty_sweep_writes_no_entry() {
    let mut world = desk();
    talk(&mut world, &["hello", "good bye"]);
    let (closed, log) = (world.now, head(&mut world));
    for later in [0, 1, DAY - 1] {
        world.now = Moment(closed.0 + later);
        world.run("SWEEP");
        assert_eq!(head(&mut world), log, "after {later} ms");
    }
    world.now = Moment(closed.0 + DAY);
    world.run("SWEEP");
    let entry = "SELECT actor_kind, actor, statement, key FROM journal ORDER BY seq DESC LIMIT 1";
    assert_eq!(world.rows(entry), ["timer||SWEEP|"]);
    assert_eq!((archives(&world), number(&world, "SELECT max(archived) FROM conversation")), (1, 1));
    let log = head(&mut world);
    world.run("SWEEP");
    assert_eq!(head(&mut world), log, "nothing is left");
}

#[test]
fn a_sweep_takes_a_batch_the_earliest_closed_first() {
    let mut world = desk();
    for turn in 0..120 {
        talk(&mut world, &["hello", &format!("number {turn}")]);
    }
    world.now = Moment(world.now.0 + 2 * DAY);
    let before = shown(&mut world);
    let mut counts = Vec::new();
    for _ in 0..6 {
        world.run("SWEEP");
        counts.push(archives(&world));
        assert_eq!(
            number(&world, "SELECT coalesce(max(conversation), 0) FROM archive"),
            counts[counts.len() - 1]
        );
    }
    assert_eq!(counts, [25, 50, 75, 100, 120, 120]);
    assert_eq!(shown(&mut world), before);
    replays(&mut world, "five batches at one moment");
}

#[test]
fn a_batch_ends_where_it_would_be_too_much() {
    let mut world = desk();
    let long = "w".repeat(65_536);
    for bodies in
        [&["a"; 500][..], &["b"; 501], &["c"], &[long.as_str(); 4], &["d"], &[long.as_str(); 16], &["e"]]
    {
        talk(&mut world, bodies);
    }
    world.now = Moment(world.now.0 + 2 * DAY);
    let mut counts = Vec::new();
    for _ in 0..7 {
        world.run("SWEEP");
        counts.push(archives(&world));
    }
    assert_eq!(counts, [1, 3, 4, 5, 6, 7, 7]);
    replays(&mut world, "unequal batches");
}

#[test]
fn timers_go_first_and_a_limit_that_leaves_some_leaves_the_archive_too() {
    let mut world = desk();
    talk(&mut world, &["hello"]);
    world.run("CREATE WORKSTREAM short WITH (channel = chat, lifecycle = omnichannel, queue = front, queue_timeout = 1m)");
    for _ in 0..3 {
        world.run("OPEN ON short FOR bo");
    }
    world.now = Moment(world.now.0 + 2 * DAY);
    let mut fired = Vec::new();
    for _ in 0..3 {
        let reply = world.run("SWEEP LIMIT 1");
        assert_eq!(reply.rows.len(), 1, "the answer is the moves alone");
        fired.push(archives(&world));
    }
    assert_eq!(fired, [0, 0, 1], "the last one leaves nothing due");
    replays(&mut world, "a limit");
}

#[test]
fn a_sweep_and_other_statements_at_the_same_time_are_replayed() {
    let mut world = desk();
    talk(&mut world, &["hello", "hello"]);
    world.run("CREATE WORKSTREAM short WITH (channel = chat, lifecycle = omnichannel, queue = front, queue_timeout = 1m)");
    world.run("OPEN ON short FOR bo");
    world.now = Moment(world.now.0 + 2 * DAY);
    world.run("SWEEP");
    world.run("CREATE QUEUE more");
    assert_eq!(archives(&world), 1);
    replays(&mut world, "a sweep, then a statement");
    world.run("OPEN ON short FOR cy");
    world.now = Moment(world.now.0 + 2 * DAY);
    world.run("CREATE QUEUE still_more");
    world.run("SWEEP");
    world.run("SWEEP");
    replays(&mut world, "a statement, then a sweep");
    for _ in 0..30 {
        talk(&mut world, &["hello"]);
    }
    world.run("OPEN ON short FOR dan");
    world.now = Moment(world.now.0 + 2 * DAY);
    world.run("SWEEP LIMIT 9");
    assert_eq!(archives(&world), 26, "a batch, and the one before");
    replays(&mut world, "a sweep that fires and packs, and leaves some");
}

#[test]
fn a_conversation_with_too_much_or_no_text_is_not_archived_and_is_considered_once() {
    let mut world = desk();
    let long = "z".repeat(65_536);
    talk(&mut world, &[long.as_str(); 17]);
    talk(&mut world, &[long.as_str(); 16]);
    world.run("OPEN ON chats FOR bo");
    world.now = Moment(world.now.0 + 3 * DAY);
    world.run("SWEEP");
    world.now = Moment(world.now.0 + 3 * DAY);
    let before = shown(&mut world);
    for _ in 0..3 {
        world.run("SWEEP");
    }
    assert_eq!(shown(&mut world), before);
    let log = head(&mut world);
    world.run("SWEEP");
    assert_eq!(head(&mut world), log);
    let changes = "SELECT object, name, iif(name = 'unpacked', value, typeof(value)) FROM changes WHERE kind = 'conversation' ORDER BY object";
    assert_eq!(world.rows(changes)[..2], ["1|unpacked|1114112", "2|archived|integer"]);
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
    replays(&mut world, "too much, and nothing");
}

#[test]
fn a_batch_sees_its_own_archive_and_rolls_it_back() {
    let mut world = desk();
    talk(&mut world, &["hello 🙂", "good bye"]);
    world.now = Moment(world.now.0 + 2 * DAY);
    let (before, log) = (shown(&mut world), head(&mut world));
    for outcome in [BatchEnd::Rollback, BatchEnd::Commit] {
        world.desk.begin_batch().expect("a batch");
        world.run("SWEEP");
        assert_eq!(shown(&mut world), before);
        let changes = "SELECT count(*) FROM changes WHERE name = 'archived'";
        assert_eq!(world.rows(changes), ["1"]);
        world.desk.end_batch(outcome).expect("its end");
        assert_eq!(archives(&world), i64::from(outcome == BatchEnd::Commit));
        assert_eq!(head(&mut world) == log, outcome == BatchEnd::Rollback);
    }
    assert_eq!(shown(&mut world), before);
}

#[test]
fn explaining_a_sweep_packs_nothing() {
    let mut world = desk();
    talk(&mut world, &["hello"]);
    world.now = Moment(world.now.0 + 2 * DAY);
    let log = head(&mut world);
    world.run("EXPLAIN SWEEP");
    assert_eq!((head(&mut world), archives(&world)), (log, 0));
}

#[test]
fn an_erased_text_is_left_out() {
    let mut world = desk();
    talk(&mut world, &["to be erased", "stays"]);
    let file = Connection::open(world.path()).expect("the file");
    file.execute_batch(
        "BEGIN;
         INSERT INTO change SELECT max(change.seq) + 1, (SELECT max(seq) + 1 FROM entry), 'text',
             (SELECT id FROM text WHERE body = 'to be erased'), NULL, 'erased', zeroblob(32), (SELECT max(at) FROM entry), (SELECT max(seq) FROM transition) FROM change;
         INSERT INTO entry (seq, at, actor_kind, actor, statement, key, hash) SELECT max(seq) + 1, max(at), 'other', 'x', 'SHOW', NULL, zeroblob(32) FROM entry;
         COMMIT",
    )
    .expect("erased");
    world.now = Moment(world.now.0 + 2 * DAY);
    let before = shown(&mut world);
    world.run("SWEEP");
    assert_eq!((archives(&world), shown(&mut world)), (1, before));
    let bodies = "SELECT body FROM messages ORDER BY id";
    assert_eq!(world.rows(bodies), ["", "stays"]);
}

#[test]
fn only_the_view_unpacks() {
    let mut world = desk();
    talk(&mut world, &["hello"]);
    world.now = Moment(world.now.0 + 2 * DAY);
    world.run("SWEEP");
    let context = Context::given(world.now, "maria");
    for select in [
        "SELECT switchboard_unpacked(x'01', 1)",
        "SELECT Switchboard_Unpacked(NULL, 1)",
        "SELECT \"switchboard_unpacked\"(x'01', 1) FROM messages",
        "SELECT body, switchboard_unpacked(x'01', id) FROM messages AS messages",
        "SELECT * FROM (SELECT switchboard_unpacked(x'01', 1) FROM messages) AS messages",
        "SELECT * FROM messages WHERE switchboard_unpacked(NULL, 1) IS NULL",
        "SELECT * FROM messages ORDER BY switchboard_unpacked(NULL, id)",
        "WITH x AS (SELECT switchboard_unpacked(NULL, 1) FROM messages) SELECT * FROM x",
        "SELECT bodies FROM archive",
        "SELECT count(*) FROM archive",
        "EXPLAIN SELECT switchboard_unpacked(x'01', 1)",
    ] {
        let failure = world.desk.run(select, &Parameters::new(), &context).expect_err(select);
        assert_eq!(failure.error.code().name(), "sql", "{select}: {failure}");
    }
    assert_eq!(world.rows("SELECT body FROM messages"), ["hello"]);
}
