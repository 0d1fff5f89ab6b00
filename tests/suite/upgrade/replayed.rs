//! The script of an upgraded file's journal, and upgrades of random files.
//!
//! Replayed into a new file of the new format, the script gives what the script from before gives in the old
//! format. An upgrade changes nothing in the contents. `UPGRADES` sets the number of random files.

use switchboard::testing::store::Formats;

use super::fixture::{DAY, copy};
use super::pretend::pretend;
use super::{fresh, open, opened};
use crate::support::World;
use crate::support::session::{play, seeds};

/// What a replay gives again: conversations, moves, messages, and their times.
const REPLAYED: [&str; 4] = [
    "SELECT id, workstream, lifecycle, state, customer, subject, queue, agent, last_agent, priority, skills, sentiment, opened_at,
        state_since, first_assigned_at, ended_at, closed_at, predecessor FROM conversations ORDER BY id",
    "SELECT seq, conversation, event, from_state, to_state, from_agent, to_agent, from_queue, to_queue, actor_kind,
        actor, reason, override, at, applied_at FROM transitions ORDER BY seq",
    "SELECT id, conversation, at, author_kind, author, kind, body FROM messages ORDER BY id",
    "SELECT conversation, timer, due_at, remaining_ms FROM timers ORDER BY conversation, timer",
];

#[test]
fn its_script_gives_in_a_fresh_file_what_the_script_of_before_gives() {
    // Nothing of the day is purged, so its script can be replayed.
    let mut new = World::with_desk();
    new.play(DAY);
    let before = new.rows("SHOW JOURNAL AS SCRIPT");
    let path = new.path();
    new.desk = open(&path, pretend()).expect("upgraded");
    let after = new.rows("SHOW JOURNAL AS SCRIPT");
    assert_eq!(after[..before.len()], before);
    assert_eq!(after[before.len()..], ["@ 2026-03-02T09:18:00.000Z", concat!("-- ", upgrade_entry!())]);
    let played = |script: &[String], format| {
        let mut world = fresh(format).world;
        world.play(&(script.join("\n") + "\n"));
        assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
        REPLAYED.map(|question| world.rows(question))
    };
    let first = played(&before, Formats::current());
    assert!(first.iter().all(|rows| rows.len() > 5), "{first:?}");
    assert_eq!(played(&after, pretend()), first);
    let of_upgraded = REPLAYED.map(|question| new.rows(question));
    assert_eq!(first[1].len(), of_upgraded[1].len());
}

#[test]
fn a_sweep_right_before_is_in_the_script_as_it_was() {
    let folder = copy();
    let mut old = opened(&folder, Formats::current()).world;
    old.run("SWEEP TIMEOUTS");
    assert!(old.rows("SHOW JOURNAL LAST 1")[0].contains("|timer||SWEEP TIMEOUTS|"));
    let before = old.rows("SHOW JOURNAL AS SCRIPT");
    assert_eq!(before.last().map(String::as_str), Some("SWEEP TIMEOUTS;"));
    drop(old);
    let mut new = opened(&folder, pretend()).world;
    assert!(new.rows("SHOW JOURNAL AS SCRIPT").starts_with(&before), "the sweep is not left to the upgrade");
    new.run("CREATE QUEUE after");
    let script = new.rows("SHOW JOURNAL AS SCRIPT");
    let end = [concat!("-- ", upgrade_entry!()), "@ 2026-03-04T10:05:00.000Z maria", "CREATE QUEUE after;"];
    assert!(script.ends_with(&end.map(str::to_owned)), "{script:?}");
}

#[test]
fn random_files_are_upgraded() {
    for seed in seeds("UPGRADES", 3) {
        let mut world = World::new();
        play(&mut world, seed, 150);
        let path = world.path();
        let before = REPLAYED.map(|question| world.rows(question));
        world.desk = open(&path, pretend()).expect("upgraded");
        assert_eq!(REPLAYED.map(|question| world.rows(question)), before, "seed {seed}");
        assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"), "seed {seed}");
    }
}
