//! Files of a released format, opened by a program of the next format.
//!
//! Whatever happens, a file has the old format or the new one, complete in both; its contents are the same; and
//! the old file is kept beside it. The next format exists in tests only (`pretend.rs`); the old file is a
//! committed one (`fixture.rs`).

/// The number of the format that this program writes: the old one here. A new format changes these
/// three.
macro_rules! old {
    () => {
        "4"
    };
}

/// The number of the format that comes next.
macro_rules! next {
    () => {
        "5"
    };
}

/// The number of the one after that.
macro_rules! after {
    () => {
        "6"
    };
}

/// The name of the copy of the old file, with a suffix.
macro_rules! kept {
    ($($suffix:literal)?) => {
        concat!("desk.db.format-", old!() $(, $suffix)?)
    };
}

/// The statement of the upgrade's entry.
macro_rules! upgrade_entry {
    () => {
        concat!("UPGRADE FROM ", old!(), " TO ", next!())
    };
}

mod afterwards;
mod as_new;
pub mod fixture;
mod old_copy;
mod power;
mod pretend;
mod processes;
mod queries;
mod refused;
mod replayed;
mod to_2;

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::Value;
use switchboard::testing::store::Formats;
use switchboard::{Context, Creation, OpenOptions, Parameters, Switchboard};
use tempfile::TempDir;

use crate::support::{World, at, text};

/// An open file, and where it is.
pub struct Opened {
    pub world: World,
    pub path: PathBuf,
}

/// Opens the `desk.db` of a folder as a program of those formats.
pub fn open(path: &Path, format: &'static Formats) -> Result<Switchboard, switchboard::testing::Error> {
    Switchboard::open(path, &OpenOptions { format: Some(format), ..OpenOptions::default() })
        .map_err(|failure| failure.error)
}

/// The same, which must not be refused; some time after all that is in it.
pub fn opened(folder: &TempDir, format: &'static Formats) -> Opened {
    let path = folder.path().join("desk.db");
    let mut world = World::new();
    world.desk = open(&path, format).unwrap_or_else(|error| panic!("{error:?}"));
    world.now = at("2026-03-04T10:05:00Z");
    Opened { world, path }
}

#[test]
fn the_old_format_is_the_one_that_this_program_writes() {
    let number = Formats::current().newest.number;
    assert_eq!([old!(), next!(), after!()], [0, 1, 2].map(|more| (number + more).to_string()));
}

#[test]
fn every_released_file_is_upgraded_and_whole() {
    for number in 1..=Formats::current().newest.number {
        let folder = fixture::copy_of(number);
        let mut world = opened(&folder, Formats::current()).world;
        assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"), "format {number}");
        assert_eq!(world.desk.take_warnings().len(), usize::from(number < Formats::current().newest.number));
        world.run("CREATE QUEUE after");
        assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"), "format {number}");
    }
}

/// A fresh file of a format, in the folder of a world.
fn fresh(format: &'static Formats) -> Opened {
    let mut world = World::new();
    let path = world.path().with_file_name("fresh.db");
    let options =
        OpenOptions { creation: Creation::IfMissing, format: Some(format), ..OpenOptions::default() };
    world.desk = Switchboard::open(&path, &options).expect("a new file");
    Opened { world, path }
}

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

/// What a file was when an upgrade of it had been interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Old,
    New,
}

/// A copy of the committed file on which an upgrade was interrupted is of the old format or of the new one, whole; and
/// comes to the new one.
pub fn assert_upgradable(path: &Path, context: &str) -> Found {
    let file = Connection::open(path).expect("the file");
    let question = "SELECT user_version, (SELECT count(*) FROM entry), (SELECT actor_kind FROM entry ORDER BY seq DESC LIMIT 1),
        integrity_check FROM pragma_user_version, pragma_integrity_check";
    let state: (i64, i64, String, String) = file
        .query_row(question, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap_or_else(|error| panic!("{context}: {error}"));
    drop(file);
    let state = (state.0, state.1, state.2.as_str(), state.3.as_str());
    let old = (Formats::current().newest.number, fixture::entries());
    let found = match state {
        (format, entries, "supervisor", "ok") if (format, entries) == old => Found::Old,
        (format, entries, "upgrade", "ok") if (format, entries) == (old.0 + 1, old.1 + 1) => Found::New,
        between => panic!("{context}: neither the old file nor the new one: {between:?}"),
    };
    let formats = [Formats::current(), pretend::pretend()];
    for format in &formats[usize::from(found == Found::New)..] {
        let mut desk = open(path, format).unwrap_or_else(|error| panic!("{context}: {error:?}"));
        let now = Context::given(at("2026-03-04T10:05:00Z"), "maria");
        let verdict = desk.run("VERIFY JOURNAL", &Parameters::new(), &now);
        let verdict = verdict.unwrap_or_else(|failure| panic!("{context}: {failure}"));
        assert_eq!(verdict.value(0, "verdict").map(text).as_deref(), Some("whole"), "{context}");
    }
    let file = Connection::open(path).expect("the file");
    let upgrades = "SELECT count(*) FROM entry WHERE actor_kind = 'upgrade' AND seq = ?1";
    let upgrades: i64 =
        file.query_row(upgrades, [fixture::entries() + 1], |row| row.get(0)).expect("a count");
    assert_eq!(upgrades, 1, "{context}");
    found
}

/// The names of the files in a folder.
fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("an entry").file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = std::fs::read_dir(folder).expect("a folder").map(name).collect();
    names.sort();
    names
}
