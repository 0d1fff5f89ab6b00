//! The copy of the old file that an upgrade leaves beside the new one.
//!
//! It is complete, of the old format, and ends where the file ended. No file in its place is overwritten, nothing
//! else is left behind, and whoever could not read the file cannot read the copy.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rusqlite::Connection;
use switchboard::testing::store::Formats;
use switchboard::{OpenOptions, Switchboard};

use super::fixture::copy;
use super::pretend::pretend;
use super::{Opened, names, open, opened};
use crate::support::World;

/// What a file of the old format ends with.
fn head(path: &Path) -> String {
    let mut world = World::new();
    let readonly = OpenOptions { readonly: true, ..OpenOptions::default() };
    world.desk = Switchboard::open(path, &readonly).expect("a file of an earlier format");
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
    world.rows("SHOW HEAD").join("")
}

#[test]
fn the_old_file_is_kept_beside_the_new_one() {
    let folder = copy();
    let path = folder.path().join("desk.db");
    let before = head(&path);
    let mut world = opened(&folder, pretend()).world;
    let reported = world.desk.take_warnings();
    assert_eq!(reported.len(), 1, "{reported:?}");
    assert!(
        reported[0].contains(concat!("from format ", old!(), " to ", next!()))
            && reported[0].contains(kept!(" ")),
        "{reported:?}"
    );
    drop(world);
    assert_eq!(names(folder.path()), ["desk.db", kept!()]);
    assert_eq!(head(&folder.path().join(kept!())), before);
    // What it was before is worked on as before.
    fs::rename(folder.path().join(kept!()), &path).expect("put back");
    let mut old = opened(&folder, Formats::current()).world;
    old.run("CREATE QUEUE after");
    assert!(old.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}

#[test]
fn what_was_committed_and_not_yet_written_back_is_in_the_copy() {
    let folder = copy();
    let path = folder.path().join("desk.db");
    let mut old = opened(&folder, Formats::current()).world;
    old.run("CREATE QUEUE last");
    let written = old.rows("SHOW HEAD").join("");
    // While it is open, what it wrote stands in the write-ahead log.
    drop(open(&path, pretend()).expect("upgraded"));
    drop(old);
    assert_eq!(head(&folder.path().join(kept!())), written);
}

#[test]
fn the_copy_has_the_permissions_of_the_file() {
    for mode in [0o600, 0o640, 0o660, 0o666] {
        let folder = copy();
        let path = folder.path().join("desk.db");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
        drop(opened(&folder, pretend()));
        for name in ["desk.db", kept!()] {
            let found = fs::metadata(folder.path().join(name)).expect(name).permissions().mode() & 0o777;
            assert_eq!(found, mode, "{name}: {found:o} instead of {mode:o}");
        }
    }
}

#[test]
fn a_file_in_the_place_of_the_copy_is_not_overwritten() {
    let folder = copy();
    let place = |name: &str| folder.path().join(name);
    let mut other = World::new();
    other.run("CREATE QUEUE front");
    let other_path = other.path();
    drop(other.desk);
    fs::write(place(kept!()), "what somebody wrote").expect("a file");
    fs::copy(&other_path, place(kept!(".2"))).expect("another file");
    symlink(place("nowhere"), place(kept!(".3"))).expect("a link to nothing");
    fs::create_dir(place(kept!(".4"))).expect("a folder");
    let before = head(&place("desk.db"));
    drop(opened(&folder, pretend()));
    let suffixes = [
        "",
        concat!(".format-", old!()),
        concat!(".format-", old!(), ".2"),
        concat!(".format-", old!(), ".3"),
        concat!(".format-", old!(), ".4"),
        concat!(".format-", old!(), ".5"),
    ];
    assert_eq!(names(folder.path()), suffixes.map(|suffix| format!("desk.db{suffix}")));
    assert_eq!(fs::read(place(kept!())).expect("the file"), b"what somebody wrote");
    assert_eq!(fs::read(place(kept!(".2"))).expect("the file"), fs::read(other_path).expect("the other"));
    assert!(fs::read_link(place(kept!(".3"))).is_ok());
    assert_eq!(head(&place(kept!(".5"))), before);
}

#[test]
fn a_copy_of_an_upgrade_that_was_interrupted_is_used() {
    let folder = copy();
    let place = |name: &str| folder.path().join(name);
    fs::copy(place("desk.db"), place(kept!())).expect("a copy");
    // Half a copy, and what SQLite would undo it with.
    fs::write(place(kept!(".partial")), "half a copy").expect("a file");
    fs::write(place(kept!(".partial-journal")), "half a journal").expect("a file");
    let before = fs::read(place(kept!())).expect("the copy");
    let mut world = opened(&folder, pretend()).world;
    assert!(world.desk.take_warnings()[0].contains(kept!(" ")));
    drop(world);
    assert!(fs::read(place(kept!())).expect("the copy") == before);
    let left = names(folder.path());
    assert!(
        !left.iter().any(|name| name.contains("-1.2") || name.contains("-wal") || name.contains("-shm")),
        "{left:?}"
    );
}

#[test]
fn a_half_copy_and_its_journal_are_no_part_of_the_next_one() {
    let folder = copy();
    let place = |name: &str| folder.path().join(name);
    let before = head(&place("desk.db"));
    // A journal that SQLite would play back: it says that the file had no page.
    let half = Connection::open(place(kept!(".partial"))).expect("half a copy");
    half.execute_batch(
        "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; CREATE TABLE a (b);
        INSERT INTO a SELECT randomblob(9000) FROM pragma_function_list LIMIT 50",
    )
    .expect("half of it is written");
    let journal = fs::read(place(kept!(".partial-journal"))).expect("a journal");
    drop(half);
    fs::write(place(kept!(".partial-journal")), journal).expect("it is still there");
    drop(opened(&folder, pretend()));
    assert_eq!(names(folder.path()), ["desk.db", kept!()]);
    assert_eq!(head(&place(kept!())), before);
}

#[test]
fn other_tables_and_views_in_the_file_stay() {
    let folder = copy();
    let path = folder.path().join("desk.db");
    let file = Connection::open(&path).expect("the file");
    file.execute_batch(
        "CREATE TABLE mine (a); INSERT INTO mine VALUES ('kept');
         CREATE VIEW my_view AS SELECT conversation.id, conversations.state FROM conversation JOIN conversations USING (id);
         CREATE TRIGGER my_trigger AFTER INSERT ON mine BEGIN DELETE FROM mine WHERE a = (SELECT state FROM conversation); END;
         CREATE INDEX my_index ON conversation (state);
         ANALYZE",
    )
    .expect("what a site adds");
    let question = "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema
        WHERE name IN ('mine', 'my_view', 'my_trigger', 'my_index') ORDER BY name)";
    let added = |file: &Connection| file.query_row(question, [], |row| row.get::<_, String>(0)).expect("SQL");
    let before = added(&file);
    drop(file);
    let Opened { mut world, .. } = opened(&folder, pretend());
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
    let file = Connection::open(&path).expect("the file");
    assert_eq!(added(&file), before);
    let rows = |question: &str| file.query_row(question, [], |row| row.get::<_, i64>(0)).expect(question);
    assert_eq!((rows("SELECT count(*) FROM mine"), rows("SELECT count(*) FROM my_view")), (1, 23));
}
