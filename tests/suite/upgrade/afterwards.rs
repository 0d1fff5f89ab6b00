//! Work continues after an upgrade.
//!
//! The upgrade is an entry of the chain. Everything that was configured stays as it was until it is altered,
//! including the old version of a corrected lifecycle.

use rusqlite::Connection;
use switchboard::testing::store::Formats;

use super::fixture::copy;
use super::pretend::pretend;
use super::{Opened, lines, opened};
use crate::support::{World, at};

#[test]
fn the_upgrade_is_one_entry_and_the_chain_covers_it() {
    let folder = copy();
    let mut old = opened(&folder, Formats::current());
    let head = old.world.rows("SHOW HEAD")[0].split('|').next_back().expect("a head").to_owned();
    let before = old.world.rows("VERIFY JOURNAL")[0].clone();
    assert!(before.ends_with(&format!("|{head}|whole")), "{before}");
    drop(old);
    let Opened { mut world, path } = opened(&folder, pretend());
    let last = "SELECT seq, at, actor_kind, actor, statement, key FROM journal ORDER BY seq DESC LIMIT 1";
    assert_eq!(
        world.rows(last),
        [format!(
            "{}|2026-03-04T10:00:00.000Z|upgrade||{}|",
            super::fixture::entries() + 1,
            upgrade_entry!()
        )]
    );
    let upgrade = super::fixture::entries() + 1;
    let changes =
        format!("SELECT kind, object, item, name, length(value) FROM changes WHERE journal = {upgrade}");
    assert_eq!(world.rows(&changes), ["site|-1||upgraded|64"]);
    assert!(world.rows(&format!("VERIFY JOURNAL AGAINST '{head}'"))[0].ends_with("|whole"));
    drop(world);
    for _ in 0..2 {
        let mut again = opened(&folder, pretend()).world;
        assert_eq!(again.rows("SELECT count(*) FROM journal"), [upgrade.to_string()], "it is upgraded once");
        assert_eq!(again.desk.take_warnings(), [""; 0]);
    }
    // What it says of the built-in rows is held against the formats that were released.
    let file = Connection::open(&path).expect("the file");
    file.execute_batch(
        "DROP TRIGGER change_update; UPDATE change SET value = zeroblob(32) WHERE name = 'upgraded'",
    )
    .expect("forged");
    let rule =
        lines(&folder.path().join(kept!()), "SELECT sql FROM sqlite_schema WHERE name = 'change_update'");
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
fn work_continues_after_the_upgrade() {
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
fn a_workstream_keeps_the_old_version_of_its_lifecycle_until_it_is_altered() {
    let folder = copy();
    let mut old = opened(&folder, Formats::current()).world;
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
    assert_eq!(opened_one(&mut world, 25), a_day, "nobody has altered it");
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
