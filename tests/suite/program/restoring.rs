//! `.restore`: the content of a backup, in the same file, with what it replaces beside it; nobody who has the file
//! open loses anything that was answered.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use super::Place;
use crate::journal::tampering::without_triggers;
use crate::support::session::Numbers;

fn head(place: &Place) -> String {
    place.rows("SHOW HEAD")[0].split('\t').nth(2).expect("a head").to_owned()
}

/// The journal's head of another file of the place.
fn head_of(place: &Place, file: &str) -> String {
    let output = place.command_on(&place.path(file), &["-f", "tsv"]).arg("VERIFY JOURNAL").output();
    let run = super::finished(output.expect("it runs"));
    assert!(run.status == 0 && run.out.trim_end().ends_with("\twhole"), "{run:?}");
    run.out.lines().nth(1).and_then(|row| row.split('\t').nth(3)).expect("a head").to_owned()
}

#[test]
fn the_content_is_replaced_and_kept() {
    let place = Place::with_desk();
    place.rows("BACKUP TO 'b.db'");
    let backed_up = head(&place);
    place.feed(&["--quiet"], "NOTE 1 'after the backup';");
    let newer = head(&place);
    let run = place.run(&[], &[".restore b.db", "SHOW HEAD"]);
    assert_eq!(run.status, 0, "{run:?}");
    let kept = place.path("desk.db.before-restore");
    let said =
        format!("restored {} from b.db: 11 entries, head {backed_up}\n", place.path("desk.db").display());
    assert!(run.out.starts_with(&said), "{run:?}");
    assert!(run.out.contains(&format!("the content that it had is kept in {}", kept.display())), "{run:?}");
    assert_eq!(head(&place), backed_up);
    assert_eq!(head_of(&place, "desk.db.before-restore"), newer);
    place.assert_whole();
    // Again, and back: every time what was there is kept under a name of its own.
    assert_eq!(place.run(&[], &[".restore desk.db.before-restore"]).status, 0);
    assert_eq!(head(&place), newer);
    assert_eq!(head_of(&place, "desk.db.before-restore.2"), backed_up);
    place.feed(&["--quiet"], "NOTE 1 'and it works on';");
    place.assert_whole();
}

#[test]
fn what_cannot_be_restored_leaves_the_file_as_it_is() {
    let place = Place::with_desk();
    place.rows("BACKUP TO 'b.db'");
    let before = head(&place);
    fs::copy(place.path("b.db"), place.path("broken.db")).expect("a copy");
    let broken = rusqlite::Connection::open(place.path("broken.db")).expect("the copy");
    without_triggers(&broken, |broken| {
        broken.execute("UPDATE entry SET actor = 'mallory' WHERE seq = 3", []).expect("changed");
    });
    drop(broken);
    fs::write(place.path("other.db"), "nothing of ours").expect("a file");
    for (options, file, status, words) in [
        (&[][..], "broken.db", 1, "error[broken_chain]: broken.db is broken at entry "),
        (&[], "other.db", 3, "error[not_ours]: "),
        (&[], "nowhere.db", 3, "error[not_found]: "),
        (&[], "desk.db", 1, "error[invalid_value]: desk.db is the file itself"),
        (&["--readonly"], "b.db", 1, "error[readonly]: "),
        (&["--atomic"], "b.db", 1, "error[not_allowed]: .restore replaces the whole file"),
    ] {
        let run = place.run(options, &[&format!(".restore {file}")]);
        assert!(run.status == status && run.err.starts_with(words), "{file} {options:?}: {run:?}");
        assert_eq!(head(&place), before, "{file}");
    }
    let run = place.run(&[], &[".as alice", ".restore b.db"]);
    let words = "error[not_allowed]: only a supervisor may restore a backup, and alice is not a supervisor of this file";
    assert!(run.status == 1 && run.err.starts_with(words), "{run:?}");
    assert_eq!(head(&place), before);
    assert!(!place.path("desk.db.before-restore").exists());
}

#[test]
fn a_file_that_is_missing_or_unreadable_is_restored() {
    let place = Place::with_desk();
    place.rows("BACKUP TO 'b.db'");
    let backed_up = head(&place);
    fs::write(place.path("desk.db"), "this was a database, before the disk died").expect("a file");
    let run = place.run(&[], &[".restore b.db"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(head(&place), backed_up);
    assert!(
        fs::read_to_string(place.path("desk.db.before-restore")).expect("kept").contains("the disk died")
    );
    // A page of zeros in the middle.
    let mut bytes = fs::read(place.path("desk.db")).expect("the file");
    bytes[4096..8192].fill(0);
    fs::write(place.path("desk.db"), bytes).expect("a file");
    assert_ne!(place.run(&[], &["VERIFY JOURNAL"]).status, 0);
    let run = place.run(&[], &[".restore b.db"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(head(&place), backed_up);
    place.assert_whole();
    for part in ["desk.db", "desk.db-wal", "desk.db-shm"] {
        let _ = fs::remove_file(place.path(part));
    }
    let run = place.run(&[], &[".restore b.db"]);
    assert!(run.status == 0 && !run.out.contains("is kept"), "{run:?}");
    assert_eq!(head(&place), backed_up);
    place.assert_whole();
}

#[test]
fn whoever_has_the_file_open_continues_with_the_restored_content() {
    let place = Place::with_desk();
    place.rows("BACKUP TO 'b.db'");
    let backed_up = head(&place);
    let mut other = place.talking(&["-f", "jsonl"], Stdio::null());
    let mut input = other.stdin.take().expect("its input");
    let mut lines = BufReader::new(other.stdout.take().expect("its output")).lines();
    let mut answer = |statement: &str| {
        input.write_all(statement.as_bytes()).and_then(|()| input.flush()).expect("written");
        lines.next().expect("an answer").expect("a line")
    };
    answer("NOTE 1 'before the restore';\n");
    assert_eq!(place.run(&[], &[".restore b.db"]).status, 0);
    assert!(answer("SHOW HEAD;\n").contains(&backed_up));
    answer("NOTE 1 'after it';\n");
    drop(input);
    assert!(other.wait().expect("it ends").success());
    place.assert_whole();
    let notes = place.rows("SELECT body FROM messages WHERE kind = 'note'");
    assert_eq!(notes, ["after it"]);
    assert!(head_of(&place, "desk.db.before-restore").starts_with("12:"));
}

#[test]
fn a_killed_restore_leaves_the_one_or_the_other() {
    let place = Place::with_desk();
    place.rows("BACKUP TO 'b.db'");
    let backed_up = head(&place);
    let mut numbers = Numbers::new(14);
    let mut restored = 0;
    for round in 0..20 {
        place.feed(&["--quiet"], format!("NOTE 1 'round {round}';"));
        let newer = head(&place);
        let polls = if round == 0 { usize::MAX } else { numbers.below(20_000) };
        place.killed(".restore b.db", polls);
        let found = head(&place);
        place.assert_whole();
        assert!(found == newer || found == backed_up, "round {round}: {found}");
        restored += usize::from(found == backed_up);
    }
    println!("{restored} of 20 were restored");
    assert!(restored > 0, "the one that was not killed was");
}

#[test]
fn whoever_follows_is_told_that_an_entry_is_gone() {
    let place = Place::with_desk();
    place.rows("BACKUP TO 'b.db'");
    place.feed(&["--quiet"], "NOTE 1 'one'; NOTE 1 'two';");
    let mut child = place.talking(&["-f", "jsonl"], Stdio::piped());
    let mut input = child.stdin.take().expect("its input");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    input.write_all(b"FOLLOW ALL SINCE 12;\n").and_then(|()| input.flush()).expect("written");
    lines.next().expect("an entry").expect("a line");
    assert_eq!(place.run(&[], &[".restore b.db"]).status, 0);
    place.feed(&["--quiet"], "NOTE 1 'three'; NOTE 1 'four'; NOTE 1 'five';");
    let run = super::finished(child.wait_with_output().expect("it ends"));
    assert!(run.status == 3 && run.err.contains("entry 13 cannot be continued"), "{run:?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_is_made_anew_has_the_permissions_of_the_old_one() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_desk();
    place.rows("BACKUP TO 'b.db'");
    fs::write(place.path("desk.db"), vec![0xff; 8_192]).expect("a file");
    fs::set_permissions(place.path("desk.db"), fs::Permissions::from_mode(0o660)).expect("a mode");
    assert_eq!(place.run(&[], &[".restore b.db"]).status, 0);
    let mode = fs::metadata(place.path("desk.db")).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
}
