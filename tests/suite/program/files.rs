//! Files that belong to other programs, are damaged, read-only or missing.
//!
//! Each is reported with one error and exit status 3 (1 if it may only be read). No byte of the file is changed,
//! and no other file is left behind.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;

use rusqlite::Connection;
use switchboard::testing::store::Formats;

use super::{Place, Run, finished};

/// Every file of a folder with its bytes; what is not a regular file has none.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            let entry = entry.expect("an entry");
            let ordinary = entry.file_type().is_ok_and(|kind| kind.is_file());
            let bytes = if ordinary { fs::read(entry.path()).unwrap_or_default() } else { Vec::new() };
            (entry.file_name().to_string_lossy().into_owned(), bytes)
        })
        .collect();
    found.sort();
    found
}

/// Runs a query and a CREATE on a file; both must be reported the same, and change nothing.
fn refused(place: &Place, name: &str, code: &str) {
    let file = place.path(name);
    let before = contents(place.path("").as_path());
    for statement in ["SHOW ONGOING", "CREATE QUEUE more", "SELECT 1"] {
        let run = on(place, &file, &[], statement);
        assert_reported(&run, code, 3, &format!("{name}: {statement}"));
    }
    assert!(contents(place.path("").as_path()) == before, "{name}: something was changed in the folder");
}

fn on(place: &Place, file: &Path, options: &[&str], statement: &str) -> Run {
    finished(place.command_on(file, options).arg(statement).output().expect("the program starts"))
}

fn assert_reported(run: &Run, code: &str, status: i32, context: &str) {
    let errors = run.err.lines().filter(|line| line.starts_with("error[")).count();
    let clear = run.err.starts_with(&format!("error[{code}]: ")) && errors == 1;
    assert!(run.status == status && run.out.is_empty() && clear, "{context}: {run:?}");
}

#[test]
fn files_of_other_programs_are_left_alone() {
    let place = Place::with_desk();
    let whole = fs::read(place.path("desk.db")).expect("the desk");
    fs::write(place.path("words.txt"), "not a database, but some words\n".repeat(100)).expect("a file");
    refused(&place, "words.txt", "not_ours");
    // SQLite would take a file that is smaller than a page for an empty database.
    for bytes in [1, 16, 511] {
        fs::write(place.path("small"), &whole[..bytes]).expect("a file");
        let run = finished(
            place.command_on(&place.path("small"), &[]).arg("CREATE QUEUE q").output().expect("it runs"),
        );
        assert_reported(&run, "not_ours", 3, "a small file");
        assert_eq!(fs::read(place.path("small")).expect("a file"), &whole[..bytes]);
    }
    let other = Connection::open(place.path("other.db")).expect("another database");
    other.execute_batch("CREATE TABLE a (b); PRAGMA user_version = 1").expect("a table");
    drop(other);
    refused(&place, "other.db", "not_ours");
    fs::create_dir(place.path("folder")).expect("a folder");
    refused(&place, "folder", "not_ours");
    symlink(place.path("desk.db"), place.path("link.db")).expect("a link");
    refused(&place, "link.db", "not_ours");
    symlink(place.path("nowhere.db"), place.path("dangling.db")).expect("a link");
    refused(&place, "dangling.db", "not_ours");
    fs::write(place.path("half.db"), &whole[..whole.len() / 2]).expect("a file");
    refused(&place, "half.db", "damaged");
    let mut holed = whole.clone();
    holed[4096..].fill(0);
    fs::write(place.path("holed.db"), holed).expect("a file");
    refused(&place, "holed.db", "damaged");
    fs::hard_link(place.path("words.txt"), place.path("again.txt")).expect("a second name");
    refused(&place, "again.txt", "damaged");
}

#[test]
fn a_file_of_another_version_is_left_alone() {
    let next = Formats::current().newest.number + 1;
    for (version, code) in [(next, "newer"), (99, "newer"), (0, "damaged"), (-1, "damaged")] {
        let place = Place::with_desk();
        let file = Connection::open(place.path("desk.db")).expect("the desk");
        file.execute_batch(&format!("PRAGMA user_version = {version}")).expect("a version");
        drop(file);
        refused(&place, "desk.db", code);
    }
}

#[test]
fn a_second_hard_link_is_reported_while_it_exists() {
    let place = Place::with_desk();
    fs::hard_link(place.path("desk.db"), place.path("second.db")).expect("a second name");
    refused(&place, "desk.db", "damaged");
    refused(&place, "second.db", "damaged");
    fs::remove_file(place.path("second.db")).expect("it goes");
    place.assert_whole();
}

#[test]
fn a_missing_file_is_created_by_a_create_statement_only() {
    let place = Place::new();
    for statement in
        ["SHOW ONGOING", "OPEN ON chats FOR x", "SELECT 1", "VERIFY JOURNAL", "SHOW JOURNAL AS SCRIPT"]
    {
        assert_reported(&place.run(&[], &[statement]), "not_found", 3, statement);
    }
    assert_reported(
        &place.run(&[], &["CREAT QUEUE a"]),
        "syntax",
        2,
        "what does not parse is reported first",
    );
    assert_reported(&place.run(&["--readonly"], &["CREATE QUEUE a"]), "not_found", 3, "only to be read");
    assert!(contents(place.path("").as_path()).is_empty(), "nothing was made");
    assert_reported(
        &on(&place, &place.path("no/folder/x.db"), &[], "CREATE QUEUE a"),
        "not_found",
        3,
        "no folder",
    );
    // An empty file is nobody's: a CREATE makes it ours.
    fs::write(place.path("desk.db"), "").expect("an empty file");
    assert_reported(&place.run(&[], &["SHOW ONGOING"]), "not_ours", 3, "an empty file");
    assert_eq!(place.run(&[], &["CREATE QUEUE a"]).status, 0);
    place.assert_whole();
    let mode = fs::metadata(place.path("desk.db")).expect("the file").permissions().mode();
    assert_ne!(mode & 0o400, 0);
}

#[test]
fn a_new_file_is_private_to_its_owner() {
    let place = Place::new();
    assert_eq!(place.run(&[], &["CREATE QUEUE a"]).status, 0);
    for name in ["desk.db", "desk.db-lock"] {
        let mode = fs::metadata(place.path(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_read_only_file_is_only_read() {
    let place = Place::with_desk();
    let head = place.head();
    for statement in ["CREATE QUEUE more", "CLOSE 1", "SWEEP"] {
        assert_reported(&place.run(&["--readonly"], &[statement]), "readonly", 1, statement);
    }
    let query = place.run(&["--readonly"], &["SHOW QUEUES"]);
    assert_eq!(query.status, 0, "{query:?}");
    assert_eq!(place.head(), head);
    let file = place.path("desk.db");
    for (mode, code) in [(0o400, "readonly"), (0o000, "not_found")] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("a mode");
        // Permissions are nothing to the superuser, who is let through by the system itself.
        if is_superuser(&file) {
            continue;
        }
        let run = place.run(&[], &["CREATE QUEUE more"]);
        assert!(run.err.starts_with(&format!("error[{code}]: ")) && run.out.is_empty(), "{mode:o}: {run:?}");
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a mode");
    assert_eq!(place.head(), head);
}

/// Whether the system lets us read a file in spite of its mode.
fn is_superuser(beside: &Path) -> bool {
    let probe = beside.with_extension("probe");
    fs::write(&probe, "").expect("a probe");
    fs::set_permissions(&probe, fs::Permissions::from_mode(0o000)).expect("a mode");
    let opened = fs::File::open(&probe).is_ok();
    fs::remove_file(&probe).expect("it goes");
    opened
}

#[test]
fn explain_works_read_only_and_writes_nothing() {
    let place = Place::with_desk();
    let statements = [
        "EXPLAIN OPEN ON chats FOR dee SUBJECT 'Refund'",
        "EXPLAIN PICK 2 BY alice",
        "EXPLAIN ASSIGN 2 TO AGENT alice OVERRIDE",
        "EXPLAIN SWEEP",
        "EXPLAIN ROUTE",
        "EXPLAIN ERASE CUSTOMER cy",
        "EXPLAIN PURGE CLOSED BEFORE '2027-01-01T00:00:00Z'",
    ];
    let before = place.head();
    for statement in statements {
        let written = place.run(&[], &[statement]);
        let bytes = std::fs::read(place.path("desk.db")).expect("the file");
        let readonly = place.run(&["--readonly"], &[statement]);
        assert_eq!((readonly.status, &readonly.out), (0, &written.out), "{statement}: {readonly:?}");
        assert!(std::fs::read(place.path("desk.db")).expect("the file") == bytes, "{statement}");
    }
    assert_eq!(place.head(), before);
    // A batch of queries sees no difference.
    let run = place.run(&["--readonly", "--atomic"], &statements);
    assert_eq!(run.status, 0, "{run:?}");
}

/// A program that has the file open does not answer a statement that would be written into a file that nobody can
/// open any more.
#[test]
fn files_that_vanish_under_an_open_program_are_noticed() {
    for part in ["desk.db", "desk.db-wal", "desk.db-shm"] {
        for replaced in [false, true] {
            let place = Place::with_desk();
            let mut child = place.talking(&["-f", "jsonl"], Stdio::piped());
            let mut input = child.stdin.take().expect("its input");
            let mut answers = BufReader::new(child.stdout.take().expect("its output")).lines();
            input.write_all(b"NOTE 1 'before';\n").and_then(|()| input.flush()).expect("written");
            answers.next().expect("an answer").expect("a line");
            let path = place.path(part);
            if replaced {
                let copy = place.path("copy");
                fs::copy(&path, &copy).and_then(|_| fs::rename(&copy, &path)).expect("replaced");
            } else {
                fs::remove_file(&path).expect("removed");
            }
            input.write_all(b"NOTE 1 'after';\n").expect("written");
            drop(input);
            assert!(answers.next().is_none(), "{part}: it was answered");
            let run = finished(child.wait_with_output().expect("it ends"));
            let what = if replaced { "replaced" } else { "removed" };
            let words =
                format!("{} was {what} while the database was open; nothing was written", path.display());
            assert!(run.status == 3 && run.err.contains(&words), "{part}: {run:?}");
        }
    }
}
