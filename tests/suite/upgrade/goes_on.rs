//! After an upgrade a file is as one of the new format, and work goes on in it.
//!
//! What matters: a fresh file has the same objects and the same built-in rows; the upgrade is an entry under the chain;
//! what was set up stays as it was until somebody says otherwise, the old version of a corrected lifecycle included.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::Value;
use switchboard::store::Format;
use switchboard::{Creation, OpenOptions, Switchboard};

use super::fixture::copy;
use super::pretend::{after_that, pretend};
use super::{Opened, names, open, opened};
use crate::support::session::{play, seeds};
use crate::support::{World, at};

/// What a replay gives again: conversations, moves, messages, and their times.
const REPLAYED: [&str; 4] = [
    "SELECT id, workstream, lifecycle, state, customer, subject, queue, agent, last_agent, priority, skills, sentiment, opened_at,
        state_since, first_assigned_at, ended_at, closed_at, predecessor FROM conversations ORDER BY id",
    "SELECT seq, conversation, event, from_state, to_state, from_agent, to_agent, from_queue, to_queue, actor_kind,
        actor, reason, override, at, applied_at FROM transitions ORDER BY seq",
    "SELECT id, conversation, at, author_kind, author, kind, body FROM messages ORDER BY id",
    "SELECT conversation, timer, due_at, remaining_ms FROM timers ORDER BY conversation, timer",
];

/// Rows as lines, by another program.
fn lines(file: &Path, question: &str) -> Vec<String> {
    let file = Connection::open(file).expect("the file");
    let mut rows = file.prepare(question).expect(question);
    let columns = rows.column_count();
    let line = |row: &rusqlite::Row<'_>| {
        (0..columns).map(|column| row.get::<_, Value>(column)).collect::<Result<Vec<_>, _>>()
    };
    let found = rows.query_map([], line).expect(question);
    found.map(|line| format!("{:?}", line.expect(question))).collect()
}

/// A fresh file of a format, in the folder of a world.
fn fresh(format: &'static Format) -> Opened {
    let mut world = World::new();
    let path = world.path().with_file_name("fresh.db");
    let options =
        OpenOptions { creation: Creation::IfMissing, format: Some(format), ..OpenOptions::default() };
    world.desk = Switchboard::open(&path, &options).expect("a fresh file");
    Opened { world, path }
}

const OBJECTS: &str =
    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2";
/// The closed lists, and what is built in: the file's own settings of the site apart.
const BUILT_IN: [&str; 9] = [
    "SELECT * FROM channel",
    "SELECT * FROM phase",
    "SELECT * FROM event",
    "SELECT * FROM timer_kind",
    "SELECT * FROM change_kind",
    "SELECT * FROM object WHERE id < 0",
    "SELECT * FROM setting WHERE object < 0 AND kind <> 'site'",
    "SELECT * FROM state WHERE lifecycle < 0",
    "SELECT * FROM edge WHERE lifecycle < 0",
];

#[test]
fn an_upgraded_file_and_a_fresh_one_are_the_same_letter_by_letter() {
    let folder = copy();
    let (upgraded, fresh) = (opened(&folder, pretend()), fresh(pretend()));
    for question in [OBJECTS].iter().chain(&BUILT_IN) {
        let (found, made) = (lines(&upgraded.path, question), lines(&fresh.path, question));
        assert!(!made.is_empty(), "{question}");
        assert_eq!(found, made, "{question}");
    }
}

#[test]
fn two_formats_later_it_is_the_same_in_one_step_or_in_two() {
    let (at_once, step_by_step) = (copy(), copy());
    drop(opened(&step_by_step, pretend()));
    let made = fresh(after_that());
    for (folder, upgrades) in [
        (&at_once, &["UPGRADE FROM 1 TO 3"][..]),
        (&step_by_step, &["UPGRADE FROM 1 TO 2", "UPGRADE FROM 2 TO 3"]),
    ] {
        let Opened { mut world, path } = opened(folder, after_that());
        for question in [OBJECTS].iter().chain(&BUILT_IN) {
            assert_eq!(lines(&path, question), lines(&made.path, question), "{upgrades:?}: {question}");
        }
        let said = "SELECT statement FROM journal WHERE actor_kind = 'upgrade'";
        assert_eq!(world.rows(said), upgrades);
        assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"), "{upgrades:?}");
        world.run("OPEN ON webchat FOR 'new@example.com'");
        let columns = "SELECT DISTINCT weight, height FROM conversation";
        assert_eq!(lines(&path, columns), ["[Integer(7), Integer(8)]"], "{upgrades:?}");
    }
    let left = names(step_by_step.path());
    assert_eq!(left[..3], ["desk.db", "desk.db-lock", "desk.db.format-1"]);
    assert!(left.contains(&"desk.db.format-2".to_owned()), "{left:?}");
}

#[test]
fn random_files_are_upgraded() {
    for seed in seeds("UPGRADES", 3) {
        let mut world = World::in_memory();
        play(&mut world, seed, 150);
        let path = world.path();
        let before = REPLAYED.map(|question| world.rows(question));
        world.desk = open(&path, pretend()).expect("upgraded");
        assert_eq!(REPLAYED.map(|question| world.rows(question)), before, "seed {seed}");
        assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"), "seed {seed}");
    }
}

#[test]
fn a_file_without_entries_becomes_one_as_if_born_in_the_new_format() {
    let old = fresh(Format::current());
    let path = old.path.clone();
    let mut world = old.world;
    world.desk = open(&path, pretend()).expect("upgraded");
    let new = fresh(pretend());
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let tables: Vec<String> =
        lines(&path, tables).iter().map(|name| name.split('"').nth(1).expect("a name").to_owned()).collect();
    let rows = tables.iter().map(|table| format!("SELECT * FROM {table}"));
    for question in rows.chain([OBJECTS.to_owned(), "PRAGMA user_version".to_owned()]) {
        assert_eq!(lines(&path, &question), lines(&new.path, &question), "{question}");
    }
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
    world.play(switchboard::statement::manual::DESK);
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}

#[test]
fn the_upgrade_is_one_entry_and_the_chain_covers_it() {
    let folder = copy();
    let mut old = opened(&folder, Format::current());
    let head = old.world.rows("SHOW HEAD")[0].split('|').next_back().expect("a head").to_owned();
    let before = old.world.rows("VERIFY JOURNAL")[0].clone();
    assert!(before.ends_with(&format!("|{head}|whole")), "{before}");
    drop(old);
    let Opened { mut world, path } = opened(&folder, pretend());
    let last = "SELECT seq, at, actor_kind, actor, statement, key FROM journal ORDER BY seq DESC LIMIT 1";
    assert_eq!(world.rows(last), ["130|2026-03-04T10:00:00.000Z|upgrade||UPGRADE FROM 1 TO 2|"]);
    let changes = "SELECT kind, object, item, name, length(value) FROM changes WHERE journal = 130";
    assert_eq!(world.rows(changes), ["site|-1||upgraded|64"]);
    assert!(world.rows(&format!("VERIFY JOURNAL AGAINST '{head}'"))[0].ends_with("|whole"));
    drop(world);
    for _ in 0..2 {
        let mut again = opened(&folder, pretend()).world;
        assert_eq!(again.rows("SELECT count(*) FROM journal"), ["130"], "it is upgraded once");
        assert_eq!(again.desk.take_warnings(), [""; 0]);
    }
    // What it says of the built-in rows is held against the formats that were released.
    let file = Connection::open(&path).expect("the file");
    file.execute_batch(
        "DROP TRIGGER change_update; UPDATE change SET value = zeroblob(32) WHERE name = 'upgraded'",
    )
    .expect("forged");
    let rule = lines(
        &folder.path().join("desk.db.format-1"),
        "SELECT sql FROM sqlite_schema WHERE name = 'change_update'",
    );
    let rule = rule[0].trim_start_matches("[Text(\"").trim_end_matches("\")]");
    file.execute_batch(rule).expect("the rule");
    drop(file);
    let refused = opened(&folder, pretend()).world.refused("VERIFY JOURNAL");
    assert_eq!(refused, "broken_chain");
}

#[test]
fn new_settings_have_their_initial_value_on_old_objects_and_on_new_ones() {
    let folder = copy();
    let Opened { mut world, path } = opened(&folder, pretend());
    world.run("CREATE QUEUE after");
    let queues = lines(&path, "SELECT count(*) FROM object WHERE kind = 'queue'");
    let playing = "SELECT count(*) FROM setting JOIN object USING (kind) WHERE object.id = setting.object AND kind = 'queue'
        AND setting.name = 'music' AND value = 'on' AND setting.change = (SELECT min(seq) FROM change
            WHERE change.kind = 'queue' AND change.object = object.id AND change.name = 'created')";
    assert_eq!(lines(&path, playing), queues, "dropped ones, too");
    assert_eq!(queues, ["[Integer(5)]"]);
}

#[test]
fn its_script_gives_in_a_fresh_file_what_the_script_of_before_gives() {
    let folder = copy();
    let mut old = opened(&folder, Format::current());
    let before = old.world.rows("SHOW JOURNAL AS SCRIPT");
    drop(old);
    let mut new = opened(&folder, pretend()).world;
    let after = new.rows("SHOW JOURNAL AS SCRIPT");
    assert_eq!(after[..before.len()], before);
    assert_eq!(after[before.len()..], ["@ 2026-03-04T10:00:00.000Z", "-- UPGRADE FROM 1 TO 2"]);
    let played = |script: &[String], format| {
        let mut world = fresh(format).world;
        world.play(&(script.join("\n") + "\n"));
        assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
        REPLAYED.map(|question| world.rows(question))
    };
    let first = played(&before, Format::current());
    assert!(first.iter().all(|rows| rows.len() > 10), "{first:?}");
    assert_eq!(played(&after, pretend()), first);
    let of_upgraded = REPLAYED.map(|question| new.rows(question));
    assert_eq!(first[1].len(), of_upgraded[1].len());
}

#[test]
fn a_sweep_right_before_is_in_the_script_as_it_was() {
    let folder = copy();
    let mut old = opened(&folder, Format::current()).world;
    old.run("SWEEP TIMEOUTS");
    assert!(old.rows("SHOW JOURNAL LAST 1")[0].contains("|timer||SWEEP TIMEOUTS|"));
    let before = old.rows("SHOW JOURNAL AS SCRIPT");
    assert_eq!(before.last().map(String::as_str), Some("SWEEP TIMEOUTS;"));
    drop(old);
    let mut new = opened(&folder, pretend()).world;
    assert!(new.rows("SHOW JOURNAL AS SCRIPT").starts_with(&before), "the sweep is not left to the upgrade");
    new.run("CREATE QUEUE after");
    let script = new.rows("SHOW JOURNAL AS SCRIPT");
    let end = ["-- UPGRADE FROM 1 TO 2", "@ 2026-03-04T10:05:00.000Z maria", "CREATE QUEUE after;"];
    assert!(script.ends_with(&end.map(str::to_owned)), "{script:?}");
}

#[test]
fn work_goes_on() {
    let folder = copy();
    let mut world = opened(&folder, pretend()).world;
    world.play(
        "@ 2026-03-04T10:05:00Z maria
         SWEEP TIMEOUTS;
         RECONNECT AGENT bob;
         ACCEPT 9 BY alice;
         END 19;
         CLOSE 19;
         OPEN ON webchat FOR 'new@example.com' SUBJECT 'After the upgrade';
         PICK 24 BY alice;
         MESSAGE 24 FROM CUSTOMER 'Hello';
         END 24;
         CLOSE 24;
         OPEN ON leads FOR 'newer@example.com';
         ROUTE;
         CREATE LIFECYCLE afterwards (STATE A PHASE queued, STATE B PHASE closed, ON open TO A, ON queue_timeout FROM A TO B AFTER 1d);
         CREATE QUEUE afterwards;
         CREATE WORKSTREAM afterwards WITH (channel = sms, lifecycle = afterwards, queue = afterwards);
         OPEN ON afterwards FOR 'newest@example.com';
         @ 2026-03-06T10:00:00Z maria
         SWEEP;
         SWEEP;\n",
    );
    assert_eq!(world.rows("SELECT state FROM conversations WHERE id IN (19, 24)"), ["Closed", "Closed"]);
    assert_eq!(world.rows("SELECT count(*) FROM changes WHERE name = 'archived' AND object = 24"), ["1"]);
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
    assert!(world.rows("SHOW TRANSCRIPT 24").iter().any(|line| line.contains("Hello")));
}

#[test]
fn a_workstream_keeps_the_old_version_of_its_lifecycle_until_it_is_told() {
    let folder = copy();
    let mut old = opened(&folder, Format::current()).world;
    old.play(
        "@ 2026-03-04T10:02:00Z maria
         CREATE WORKSTREAM calls WITH (channel = voice, lifecycle = omnichannel, queue = billing);
         OPEN ON calls FOR 'one' BY alice;
         WAIT 24;\n",
    );
    drop(old);
    let Opened { mut world, path } = opened(&folder, pretend());
    world.now = at("2026-03-04T10:02:00Z");
    let version = "SELECT value FROM setting WHERE kind = 'workstream' AND name = 'lifecycle'
        AND object = (SELECT id FROM object WHERE kind = 'workstream' AND name = 'calls')";
    assert_eq!(lines(&path, version), ["[Integer(-1)]"]);
    let opened_one = |world: &mut World, id: i64| {
        world.run("OPEN ON calls FOR 'another' BY alice");
        world.run(&format!("WAIT {id}"));
        world.rows(&format!("SELECT due_at FROM timers WHERE conversation = {id}"))
    };
    let (a_day, two_days) = (["2026-03-05T10:02:00.000Z"], ["2026-03-06T10:02:00.000Z"]);
    assert_eq!(opened_one(&mut world, 25), a_day, "nobody has told it");
    for other in ["topic", "unified", "errand"] {
        assert_eq!(world.refused(&format!("ALTER WORKSTREAM calls SET lifecycle = {other}")), "in_use");
    }
    assert_eq!(world.refused("ALTER WORKSTREAM calls SET lifecycle = omnichannel, channel = chat"), "in_use");
    world.run("ALTER WORKSTREAM calls SET lifecycle = omnichannel");
    assert_eq!(lines(&path, version), ["[Integer(-5)]"]);
    assert_eq!(opened_one(&mut world, 26), two_days, "opened after");
    for id in [24, 25] {
        world.run(&format!("REVIVE {id} BY alice"));
        world.run(&format!("WAIT {id}"));
        let due = format!("SELECT due_at FROM timers WHERE conversation = {id}");
        assert_eq!(world.rows(&due), a_day, "{id} was opened before, and goes on as it began");
    }
    assert_eq!(world.rows("SELECT DISTINCT lifecycle FROM conversations WHERE id >= 24"), ["omnichannel"]);
    let versions = "SELECT id, lifecycle FROM conversation WHERE id >= 24";
    let expected = ["[Integer(24), Integer(-1)]", "[Integer(25), Integer(-1)]", "[Integer(26), Integer(-5)]"];
    assert_eq!(lines(&path, versions), expected);
    world.run("CREATE WORKSTREAM more WITH (channel = voice, lifecycle = omnichannel, queue = billing)");
    let newest = "SELECT value FROM setting WHERE name = 'lifecycle' AND kind = 'workstream' ORDER BY object DESC LIMIT 1";
    assert_eq!(lines(&path, newest), ["[Integer(-5)]"]);
    world.now = at("2026-03-05T10:02:00Z");
    world.run("SWEEP TIMEOUTS");
    let states = "SELECT state FROM conversations WHERE id >= 24 ORDER BY id";
    assert_eq!(world.rows(states), ["Closed", "Closed", "Waiting"]);
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}
