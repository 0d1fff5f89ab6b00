//! Processes that are killed, or that run out of disk space: what was answered is in the file, and nothing is
//! half done.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use super::{Place, fed};
use crate::erasing::{WORD, desk, words_left};
use crate::purging::closed;
use crate::support::session::Numbers;

/// How often it is killed.
const ROUNDS: usize = 12;
/// How many statements it is given each time.
const STATEMENTS: usize = 400;

/// The notes of a round in the file are the first so many, without a gap; at least those that were answered.
fn assert_kept(place: &Place, round: usize, answered: usize) {
    let query = format!("SELECT body FROM messages WHERE body LIKE 'round {round} %' ORDER BY id");
    let kept = place.rows(&query);
    let expected: Vec<String> = (0..kept.len()).map(|number| format!("round {round} {number}")).collect();
    assert_eq!(kept, expected, "round {round}: no gap");
    assert!(kept.len() >= answered, "round {round}: {answered} were answered, {} are there", kept.len());
    let unsealed = "SELECT count(*) FROM journal WHERE hash IS NULL";
    assert_eq!(place.rows(unsealed), ["0"], "round {round}: no entry is half done");
    place.assert_whole();
}

#[test]
fn answered_statements_survive_a_kill() {
    let place = Place::with_desk();
    let mut numbers = Numbers::new(9);
    for round in 0..ROUNDS {
        let wanted = numbers.below(60);
        let mut child = place.talking(&["-f", "jsonl"], Stdio::null());
        let mut stdin = child.stdin.take().expect("a pipe");
        let script: String =
            (0..STATEMENTS).map(|number| format!("NOTE 1 'round {round} {number}'; ")).collect();
        let writer = std::thread::spawn(move || stdin.write_all(script.as_bytes()).unwrap_or_default());
        let mut replies = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut answered = replies.by_ref().take(wanted).filter(Result::is_ok).count();
        child.kill().expect("it is killed");
        // What it had answered before it was killed still comes out of the pipe.
        answered += replies.map_while(Result::ok).filter(|line| line.ends_with('}')).count();
        child.wait().expect("it is gone");
        writer.join().expect("the input is written");
        assert_kept(&place, round, answered);
    }
}

#[test]
fn a_batch_is_all_or_nothing_after_a_kill() {
    let place = Place::with_desk();
    let mut numbers = Numbers::new(10);
    for round in 0..ROUNDS / 2 {
        let mut child = place
            .command(&["--atomic", "--quiet"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        for number in 0..numbers.below(200) {
            write!(stdin, "NOTE 1 'round {round} {number}'; ").expect("it reads");
        }
        child.kill().expect("it is killed");
        child.wait().expect("it is gone");
        drop(stdin);
        let query = format!("SELECT count(*) FROM messages WHERE body LIKE 'round {round} %'");
        assert_eq!(place.rows(&query), ["0"], "the batch had no end yet");
        place.assert_whole();
    }
}

#[test]
fn a_conversation_is_archived_completely_or_not_at_all_after_a_kill() {
    let place = Place::with_desk();
    let talks: String = (4..304)
        .map(|id| {
            format!("OPEN ON chats FOR eve; MESSAGE {id} FROM CUSTOMER 'hello {id}'; NOTE {id} 'noted {id}'; FORCE CLOSE {id};")
        })
        .collect();
    let run =
        place.feed(&["--replay", "--atomic", "--quiet"], format!("@ 2026-03-02T09:00:00Z maria\n{talks}"));
    assert_eq!(run.status, 0, "{run:?}");
    let query = "SELECT id, conversation, body FROM messages ORDER BY id";
    let before = place.rows(query);
    let archived = "SELECT count(*) FROM changes WHERE name IN ('archived', 'unpacked')";
    let mut counts = std::collections::BTreeSet::new();
    for round in 0..30 {
        place.killed("SWEEP", round * 1_000);
        let count: u32 = place.rows(archived)[0].parse().expect("a number");
        assert!(count.is_multiple_of(25), "{count}: half a batch");
        counts.insert(count);
    }
    for _ in 0..13 {
        assert_eq!(place.run(&["--quiet"], &["SWEEP"]).status, 0);
    }
    assert_eq!(place.rows(archived), ["300"]);
    assert_eq!(place.rows(query), before);
    place.assert_whole();
    println!("archived after a kill: {counts:?}");
}

#[test]
fn answered_statements_survive_a_full_disk() {
    let place = Place::with_desk();
    let program = place.command(&["-f", "jsonl"]);
    // No file may grow beyond the limit; what the unit is (512 or 1024 bytes), the shell decides.
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -f 4000; exec \"$0\" \"$@\""]).arg(program.get_program());
    limited.args(program.get_args()).current_dir(place.path(""));
    let filling = "x".repeat(6000);
    let script: String =
        (0..2000).map(|number| format!("NOTE 1 'round 0 {number}'; NOTE 1 'filling {filling}'; ")).collect();
    let run = fed(&mut limited, script.as_bytes());
    assert_eq!(run.status, 3, "{:.600}", run.err);
    assert!(run.err.contains("\"code\":\"disk_full\""), "{:.600}", run.err);
    let answered = run.out.lines().filter(|line| line.contains("\"round 0 ")).count();
    assert!(answered > 20, "{answered} were answered");
    assert_kept(&place, 0, answered);
    let after = place.run(&[], &["CREATE QUEUE more"]);
    assert_eq!(after.status, 0, "with room again it goes on: {after:?}");
}

/// Chats that are opened in the past: their three minutes are over when it is swept.
const DUE: usize = 1_500;

#[test]
fn a_sweep_is_whole_parts_after_a_kill() {
    let place = Place::new();
    let opened: String = (1..=DUE).map(|id| format!("OPEN ON chats FOR c{id}; DISCONNECT {id}; ")).collect();
    let desk = format!(
        "@ 2026-03-02T09:00:00Z maria\nCREATE QUEUE front;
         CREATE WORKSTREAM chats WITH (channel = chat, lifecycle = omnichannel, queue = front); {opened}"
    );
    assert_eq!(place.feed(&["--replay", "--atomic", "--quiet"], desk).status, 0);
    let swept = || place.rows("SELECT count(*) FROM transitions WHERE event = 'customer_timeout'");
    // The first one at once, so that even a busy machine has not ended it.
    let (mut killed, mut polls) = (0, 0);
    for round in 0..3 * ROUNDS {
        // Later each time: at last it has swept all.
        killed += usize::from(place.killed("SWEEP TIMEOUTS", polls));
        polls += polls / 2 + 25;
        place.assert_whole();
        let count = swept()[0].parse::<usize>().expect("a number");
        assert!(count == DUE || count % 200 == 0, "round {round}: {count} have fired");
        if count == DUE {
            break;
        }
    }
    println!("killed {killed} times");
    assert!(killed > 0, "every sweep ended before it was killed");
    assert_eq!(place.run(&[], &["SWEEP TIMEOUTS"]).status, 0);
    assert_eq!(swept(), [DUE.to_string()]);
    place.assert_whole();
}

/// Erases in a process that is killed after that many polls; then somebody opens the file.
fn kill_in_erasure(bytes: &[u8], polls: usize) -> bool {
    let place = Place::new();
    let path = place.path("desk.db");
    std::fs::write(&path, bytes).expect("a file");
    place.killed(&format!("ERASE CUSTOMER '{WORD}@example.com'"), polls);
    let erased = place.rows("SELECT count(*) FROM messages WHERE body IS NULL")[0] != "0";
    // The next program that opens it for writing finishes the erasure.
    place.feed(&[], "SWEEP;");
    assert_eq!(words_left(&path) == 0, erased, "killed after {polls} polls: all or nothing");
    place.assert_whole();
    erased
}

#[test]
fn an_erasure_is_all_or_nothing_after_a_kill() {
    let world = desk();
    let path = world.path();
    drop(world.desk);
    let bytes = std::fs::read(path).expect("the file");
    let mut numbers = Numbers::new(12);
    let mut erased = 0;
    for round in 0..ROUNDS {
        let polls = if round == 0 { usize::MAX } else { numbers.below(30_000) };
        erased += usize::from(kill_in_erasure(&bytes, polls));
    }
    println!("{erased} of {ROUNDS} had erased");
    assert!(erased > 0, "the one that was not killed had");
}

/// A purge that is killed has purged whole batches, and the next one ends it.
#[test]
fn a_purge_is_continued_after_a_kill() {
    let world = closed(500);
    let path = world.path();
    drop(world.desk);
    let bytes = std::fs::read(path).expect("the file");
    let mut numbers = Numbers::new(13);
    let purge = "PURGE CLOSED BEFORE '2026-03-02T12:00:00Z'";
    let mut partly = 0;
    for round in 0..ROUNDS {
        let place = Place::new();
        let path = place.path("desk.db");
        std::fs::write(&path, &bytes).expect("a file");
        // The kill comes immediately after the first batch, or some time later.
        let reader = rusqlite::Connection::open(&path).expect("the file");
        let purged = "SELECT count(*) FROM conversation WHERE archived = 3";
        let mut child =
            place.command(&["--quiet"]).arg(purge).stdout(Stdio::null()).spawn().expect("it starts");
        while reader.query_row(purged, [], |row| row.get::<_, i64>(0)).is_ok_and(|count| count == 0) {
            std::thread::yield_now();
        }
        for _ in 0..if round % 2 == 0 { 0 } else { numbers.below(2_000) } {
            std::thread::yield_now();
        }
        child.kill().and_then(|()| child.wait()).expect("it is gone");
        drop(reader);
        let left = "SELECT count(DISTINCT conversation) FROM messages WHERE body LIKE '%note'";
        let left: i64 = place.rows(left)[0].parse().expect("a number");
        partly += usize::from(left > 0 && left < 500);

        place.assert_whole();
        assert_eq!(place.run(&[], &[purge]).status, 0);
        assert_eq!(words_left(&path), 0);
        place.assert_whole();
    }
    println!("{partly} of {ROUNDS} had purged a part");
    assert!(partly > 0, "every purge ended before it was killed");
}
