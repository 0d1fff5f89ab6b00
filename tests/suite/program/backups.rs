//! BACKUP TO in processes: beside others who write, killed, and without room.

use std::fs;

use super::Place;
use crate::support::session::Numbers;

/// Writers beside a backup, and what each of them writes.
const WRITERS: usize = 4;
const NOTES: usize = 150;

#[test]
fn a_backup_while_four_processes_write_is_a_prefix_of_the_journal() {
    let place = &Place::with_desk();
    let write = |writer: usize| {
        let script: String =
            (0..NOTES).map(|number| format!("NOTE 1 'writer {writer} {number}'; ")).collect();
        place.feed(&["--quiet"], script).status
    };
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(move || write(writer))).collect();
        for number in 0..5 {
            let backup = format!("BACKUP TO 'backup {number}.db'");
            let rows = place.rows(&backup);
            let head = rows[0].split('\t').nth(2).expect("a head").to_owned();
            // The head is one of the file, and that of the backup.
            place.rows(&format!("VERIFY JOURNAL AGAINST '{head}'"));
            let copy = place.path(&format!("backup {number}.db"));
            let run = super::finished(
                place.command_on(&copy, &["-f", "tsv"]).arg("SHOW HEAD").output().expect("it runs"),
            );
            assert!(run.out.contains(head.split(':').nth(1).expect("a hash")), "{run:?}");
        }
        for writer in writers {
            assert_eq!(writer.join().expect("it ends"), 0);
        }
    });
    place.assert_whole();
}

/// Verifies a copy of the backup, which other backups may replace meanwhile, and gives its head.
fn head_of_backup(place: &Place) -> String {
    let backup = place.path("looked_at.db");
    fs::copy(place.path("backup.db"), &backup).expect("a copy");
    let run = super::finished(
        place.command_on(&backup, &["-f", "tsv"]).arg("VERIFY JOURNAL").output().expect("it runs"),
    );
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.out.trim_end().ends_with("\twhole"), "{run:?}");
    run.out.lines().nth(1).and_then(|row| row.split('\t').nth(3)).expect("a head").to_owned()
}

#[test]
fn a_killed_backup_leaves_the_earlier_one_or_a_whole_new_one() {
    let place = Place::with_desk();
    place.rows("BACKUP TO 'backup.db'");
    let mut before = head_of_backup(&place);
    let mut numbers = Numbers::new(13);
    let mut new = 0;
    for round in 0..20 {
        place.feed(&["--quiet"], format!("NOTE 1 'round {round}';"));
        let head = place.rows("SHOW HEAD")[0].split('\t').nth(2).expect("a head").to_owned();
        let polls = if round == 0 { usize::MAX } else { numbers.below(20_000) };
        place.killed("BACKUP TO 'backup.db' OVERWRITE", polls);
        let found = head_of_backup(&place);
        assert!(found == before || found == head, "round {round}: {found}");
        new += usize::from(found == head);
        before = found;
    }
    println!("{new} of 20 were new");
    assert!(new > 0);
    // What the killed ones have left does not disturb the next one, which removes it.
    place.rows("BACKUP TO 'backup.db' OVERWRITE");
    let left: Vec<String> = fs::read_dir(place.path(""))
        .expect("a folder")
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter(|name| name.contains("partial"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn two_backups_to_one_name_do_not_disturb_each_other() {
    let place = &Place::with_desk();
    place.rows("BACKUP TO 'backup.db'");
    let refused = || {
        let run = place.run(&[], &["BACKUP TO 'backup.db' OVERWRITE"]);
        let is_busy = run.err.starts_with("error[in_use]: another program is writing a backup to ");
        assert!(run.status == 0 || (run.status == 1 && is_busy), "{run:?}");
        run.status == 1
    };
    let partial = fs::File::create(place.path("backup.db.partial")).expect("a file");
    partial.lock().expect("nobody else has it");
    assert!(refused(), "the other one is still writing");
    drop(partial);
    assert!(!refused(), "the other one is gone");
    std::thread::scope(|scope| {
        let in_turn = move || (0..15).filter(|_| refused()).count();
        let others: Vec<_> = (0..3).map(|_| scope.spawn(in_turn)).collect();
        for _ in 0..15 {
            head_of_backup(place);
        }
        let counts: Vec<usize> = others.into_iter().map(|other| other.join().expect("it ends")).collect();
        println!("refused: {counts:?} of 15 each");
    });
    head_of_backup(place);
    assert!(!place.path("backup.db.partial").exists());
}

#[test]
fn without_room_the_earlier_backup_stays() {
    let place = Place::with_desk();
    place.rows("BACKUP TO 'backup.db'");
    let before = fs::read(place.path("backup.db")).expect("a backup");
    let bytes: String =
        (0..400).map(|number| format!("NOTE 1 '{} {number}'; ", "long ".repeat(400))).collect();
    place.feed(&["--quiet"], bytes);
    let program = place.command(&[]);
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 700; exec \"$0\" \"$@\""]).arg(program.get_program());
    limited.args(program.get_args()).arg("BACKUP TO 'backup.db' OVERWRITE").current_dir(place.path(""));
    let run = super::finished(limited.output().expect("it runs"));
    assert_eq!(run.status, 3, "{run:?}");
    assert!(run.err.starts_with("error[disk_full]: cannot write "), "{run:?}");
    assert!(fs::read(place.path("backup.db")).expect("a backup") == before, "the earlier one is there");
    assert!(!place.path("backup.db.partial").exists());
}

#[test]
fn a_restored_backup_gives_the_same_answers() {
    let place = Place::with_desk();
    let queries = ["SHOW ONGOING", "SHOW AGENTS", "SHOW JOURNAL AS SCRIPT", "SELECT * FROM transitions"];
    let answers = queries.map(|query| place.rows(query));
    place.rows("BACKUP TO 'backup.db'");
    let restored = Place::new();
    fs::rename(place.path("backup.db"), restored.path("desk.db")).expect("the same disk");
    assert_eq!(queries.map(|query| restored.rows(query)), answers);
    restored.feed(&["--quiet"], "NOTE 1 'it works on';");
    restored.assert_whole();
}
