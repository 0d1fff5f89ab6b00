//! FOLLOW as a process: it prints what others write once, complete and in order, and ends on a signal or when nobody
//! reads its output.
//!
//! The lines of two readers are compared with the rows that are in the file afterwards. Nothing here waits for a time to
//! pass, only for lines and for the end of a process; the timeout only keeps a process that hangs from hanging the tests.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{Place, Run, finished};

/// A process that prints nothing and does not end for that long is taken to hang.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A follower, and its lines as they come.
struct Follower {
    child: Child,
    lines: Receiver<String>,
}

impl Follower {
    fn new(place: &Place, format: &str, statement: &str) -> Follower {
        let mut child = started(place, format, statement);
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, lines) = channel();
        // Whoever has seen enough drops the other end: then the rest is read into nothing.
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).for_each(|line| sender.send(line).unwrap_or_default());
        });
        Follower { child, lines }
    }

    /// The lines up to and including the one with that word.
    fn until(&self, word: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self
                .lines
                .recv_timeout(TIMEOUT)
                .unwrap_or_else(|_| panic!("no line with {word} within {TIMEOUT:?}, only {lines:#?}"));
            lines.push(line);
            if lines.last().is_some_and(|line| line.contains(word)) {
                return lines;
            }
        }
    }

    /// Sends that signal and waits for the end.
    fn signalled(self, signal: Signal) -> Run {
        signalled(self.child, signal)
    }
}

fn started(place: &Place, format: &str, statement: &str) -> Child {
    let mut command = place.command(&["-f", format]);
    command.arg(statement).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

fn signalled(child: Child, signal: Signal) -> Run {
    kill_process(Pid::from_child(&child), signal).expect("it is there");
    ended(child)
}

fn ended(child: Child) -> Run {
    let (sender, end) = channel();
    let pid = Pid::from_child(&child);
    std::thread::spawn(move || sender.send(child.wait_with_output().expect("it ends")));
    match end.recv_timeout(TIMEOUT) {
        Ok(output) => finished(output),
        Err(_) => {
            kill_process(pid, Signal::KILL).expect("it is still there");
            panic!("the process did not end within {TIMEOUT:?}");
        }
    }
}

/// What one of four writers does: some of it is refused, as it happens.
fn script(writer: usize) -> String {
    (0..30)
        .map(|number| match number % 6 {
            0 | 3 => format!("OPEN ON chats FOR 'c{writer}-{number}' SUBJECT 'It is {number}'; "),
            1 => format!("NOTE 1 'note {writer} {number}'; "),
            2 => format!("PICK NEXT BY a{writer}; "),
            4 => format!("MESSAGE ON chats FROM 'c{writer}-0' 'message {writer} {number}'; "),
            _ => format!("RELEASE ALL OF a{writer}; "),
        })
        .collect()
}

fn number(row: &Value, column: &str) -> i64 {
    row[column].as_i64().unwrap_or_else(|| panic!("{row} has no {column}"))
}

/// Every row after that entry is there once, whole and in order.
fn assert_complete(place: &Place, lines: &[String], after: i64) {
    let rows: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).expect(line)).collect();
    let rank = |row: &Value| match row["kind"].as_str().expect("a kind") {
        "entry" => 0,
        "transition" => 1,
        "message" => 2,
        _ => 3,
    };
    let places: Vec<_> = rows.iter().map(|row| (number(row, "seq"), rank(row).min(1))).collect();
    assert!(places.is_sorted(), "entry by entry, its own row first");
    for entry in rows.iter().filter(|row| rank(row) == 0) {
        let seq = number(entry, "seq");
        let own = places.iter().filter(|(of, rank)| *of == seq && *rank > 0).count();
        assert_eq!(Ok(own), usize::try_from(number(entry, "rows")), "{entry}");
    }
    let printed = |of: usize, columns: [&str; 3]| -> Vec<String> {
        let word = |row: &Value, column| row[column].as_str().map_or(row[column].to_string(), str::to_owned);
        let line = |row| columns.map(|column| word(row, column)).join("\t");
        rows.iter().filter(|row| rank(row) == of).map(line).collect()
    };
    assert_eq!(
        printed(0, ["seq", "at", "statement"]),
        place.rows(&format!("SELECT seq, at, statement FROM journal WHERE seq > {after} ORDER BY seq"))
    );
    let moves = "SELECT journal, seq, to_state FROM transitions WHERE journal";
    assert_eq!(printed(1, ["seq", "id", "to_state"]), place.rows(&format!("{moves} > {after} ORDER BY seq")));
    let first = printed(2, ["id", "author", "body"]).first().cloned().unwrap_or_default();
    let first = first.split('\t').next().unwrap_or_default().to_owned();
    let messages =
        format!("SELECT id, coalesce(author, 'null'), body FROM messages WHERE id >= {first} ORDER BY id");
    assert_eq!(printed(2, ["id", "author", "body"]), place.rows(&messages));
    let changes = format!(
        "SELECT journal, seq, name FROM changes WHERE journal > {after} AND kind <> 'timer' AND name <> 'offline_at' ORDER BY seq"
    );
    assert_eq!(printed(3, ["seq", "id", "name"]), place.rows(&changes));
}

#[test]
fn two_readers_see_what_four_writers_do_once_whole_and_in_order() {
    let place = Place::with_desk();
    let agents: String = (0..4)
        .map(|writer| format!("CREATE AGENT a{writer} WITH (presence = available) IN front; "))
        .collect();
    assert_eq!(place.feed(&["--quiet"], agents).status, 0);
    let head: i64 = place.rows("SELECT max(seq) FROM journal")[0].parse().expect("a number");
    let whole = Follower::new(&place, "jsonl", "FOLLOW ALL SINCE 0");
    let tail = Follower::new(&place, "json", &format!("FOLLOW ALL SINCE {}", head - 1));
    // Both are at the end before anybody begins.
    let mut seen = whole.until("CREATE AGENT a3");
    let mut seen_too = tail.until("CREATE AGENT a3");
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let place = &place;
            scope.spawn(move || {
                let run = place.feed(&["--keep-going", "--quiet"], script(writer));
                assert!([0, 1, 5].contains(&run.status), "{run:?}");
            });
        }
    });
    assert_eq!(place.run(&["--quiet"], &["NOTE 1 'the end'"]).status, 0);
    seen.extend(whole.until("the end"));
    seen_too.extend(tail.until("the end"));
    assert!(seen.iter().filter(|line| line.contains("\"kind\":\"entry\"")).count() > 80, "they have written");
    assert_complete(&place, &seen, 0);
    assert_complete(&place, &seen_too, head - 1);
    for follower in [whole, tail] {
        let run = follower.signalled(Signal::INT);
        assert_eq!((run.status, run.err.as_str()), (130, ""), "{run:?}");
    }
    place.assert_whole();
}

#[test]
fn a_queues_follower_has_one_header_and_only_what_concerns_it() {
    let place = Place::with_desk();
    let follower = Follower::new(&place, "tsv", "FOLLOW QUEUE spare");
    assert!(follower.until("\tstatement\trows")[0].starts_with("seq\tkind\tat\t"));
    for statements in [["NOTE 1 'elsewhere'", "ASSIGN 2 TO QUEUE spare"], ["NOTE 1 'x'", "NOTE 2 'here'"]] {
        assert_eq!(place.run(&["--quiet"], &statements).status, 0);
    }
    let lines = follower.until("here").join("\n");
    assert!(lines.contains("assign_queue\tOpen\tOpen\t"), "{lines}");
    assert!(!lines.contains("statement") && !lines.contains("elsewhere"), "{lines}");
    assert_eq!(follower.signalled(Signal::TERM).status, 143);
}

#[test]
fn a_follower_without_a_reader_ends_quietly_while_nothing_happens() {
    let place = Place::with_desk();
    let mut child = started(&place, "jsonl", "FOLLOW ALL SINCE 0");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut lines = Vec::new();
    // All that there is has been read: from now on nothing is written.
    while !lines.last().is_some_and(|line: &String| line.contains("\"kind\":\"message\"")) {
        let mut line = String::new();
        assert!(stdout.read_line(&mut line).expect("a line") > 0, "{lines:#?}");
        lines.push(line);
    }
    drop(stdout);
    let run = ended(child);
    assert_eq!((run.status, run.err.as_str()), (141, ""));
}

#[test]
fn a_reader_that_takes_nothing_does_not_hold_a_follower_up() {
    let place = Place::with_desk();
    let much: String = (0..300).map(|number| format!("NOTE 1 '{number} {}'; ", "x".repeat(1000))).collect();
    assert_eq!(place.feed(&["--atomic", "--quiet"], much).status, 0);
    let mut child = started(&place, "jsonl", "FOLLOW ALL SINCE 0");
    let mut stdout = child.stdout.take().expect("a pipe");
    let mut first = [0; 1];
    stdout.read_exact(&mut first).expect("it has begun");
    let run = signalled(child, Signal::INT);
    assert_eq!((run.status, run.err.as_str()), (130, ""));
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).expect("what is in the pipe");
    assert!(rest.len() > 10_000 && rest.ends_with("}\n"), "it ends with a whole line");
}

#[test]
fn a_batch_follows_nothing() {
    let place = Place::with_desk();
    let head = place.head();
    let run = place.feed(&["--atomic"], "NOTE 1 'x'; FOLLOW ALL SINCE 0;");
    assert_eq!((run.status, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains("error[not_allowed]"), "{run:?}");
    assert_eq!(place.head(), head);
    let run = place.run(&["--atomic"], &["EXPLAIN FOLLOW ALL"]);
    assert!(run.status == 0 && !run.out.contains("refused["), "{run:?}");
}
