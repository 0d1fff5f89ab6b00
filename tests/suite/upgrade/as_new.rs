//! An upgraded file and one that the new program creates are the same.
//!
//! Every object of the schema is the same, letter by letter, and every built-in row, however many formats lie
//! between. A file without entries becomes like a new file.

use switchboard::testing::store::Formats;

use super::fixture::copy;
use super::pretend::{after_that, pretend};
use super::{Opened, fresh, lines, names, open, opened};

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
        (&at_once, &[concat!("UPGRADE FROM ", old!(), " TO ", after!())][..]),
        (&step_by_step, &[upgrade_entry!(), concat!("UPGRADE FROM ", next!(), " TO ", after!())]),
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
    assert_eq!(left[..3], ["desk.db", "desk.db-lock", kept!()]);
    assert!(left.contains(&"desk.db.format-4".to_owned()), "{left:?}");
}

#[test]
fn a_file_without_entries_becomes_like_a_new_file_of_the_new_format() {
    let old = fresh(Formats::current());
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
    world.play(switchboard::testing::statement::support::manual::DESK);
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}
