//! Several processes pick, route, transfer, offer and force-close at random, and are killed.
//!
//! What was answered is in the log as it was answered; no conversation has two owners, and no agent exceeds the
//! capacity. A statement that was sent to a process that was killed is there completely or not at all.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::Value;

use super::Place;
use super::concurrent::assert_never_over_capacity;
use crate::support::session::Numbers;

const PROCESSES: u64 = 6;
const STATEMENTS: usize = 600;
const AGENTS: [&str; 4] = ["alice", "bob", "dana", "eve"];
const CAPACITY: i64 = 3;

const DESK: &str = "CREATE QUEUE front; CREATE QUEUE back;
    CREATE AGENT alice WITH (presence = available) IN front, back; CREATE AGENT bob WITH (presence = available) IN front;
    CREATE AGENT dana WITH (presence = busy) IN front, back; CREATE AGENT eve WITH (presence = available) IN back;
    CREATE WORKSTREAM w0 WITH (channel = chat, lifecycle = unified, queue = front, mode = push);
    CREATE WORKSTREAM w1 WITH (channel = sms, lifecycle = unified, queue = back, mode = push, offers = on);
    CREATE WORKSTREAM w2 WITH (channel = voice, lifecycle = dispatch, queue = front, mode = push);
    CREATE WORKSTREAM w3 WITH (channel = chat, lifecycle = topic, queue = back);
    CREATE WORKSTREAM w4 WITH (channel = record, lifecycle = omnichannel, queue = front);";

fn statement(numbers: &mut Numbers, process: u64, count: usize, known: &[i64]) -> String {
    let (agent, other) = (numbers.one_of(&AGENTS), numbers.one_of(&AGENTS));
    // Mostly one that has moved lately.
    let recent = &known[known.len().saturating_sub(8)..];
    let id = match recent {
        [] => 1,
        recent => recent[numbers.below(recent.len())],
    };
    match numbers.below(22) {
        0..=4 => format!("OPEN ON w{} FOR c{process}_{count} KEY '{process}-{count}'", numbers.below(5)),
        5..=7 => format!("PICK NEXT BY {agent}"),
        8 => format!("PICK {id} BY {agent}"),
        9 | 10 => format!("END {id}"),
        11 | 12 => format!("CLOSE {id}"),
        13 => format!("TRANSFER {id} TO AGENT {other}"),
        14 => format!("TRANSFER {id} TO QUEUE {}", numbers.one_of(&["front", "back"])),
        15 => format!("RELEASE {id}"),
        16 => format!("{} {id} BY {agent}", numbers.one_of(&["ACCEPT", "DECLINE"])),
        17 => format!("SET PRESENCE {} FOR {agent}", numbers.one_of(&["available", "available", "away"])),
        18 => format!("FORCE CLOSE {id}"),
        19 => "ROUTE".to_owned(),
        20 => format!("ASSIGN {id} TO AGENT {agent}"),
        _ => format!("{} AGENT {agent}", numbers.one_of(&["DISCONNECT", "RECONNECT", "RECONNECT"])),
    }
}

/// A move as a row of the log has it.
fn move_of(answer: &Value) -> Option<String> {
    let word =
        |name: &str| answer.get(name).map(|value| value.as_str().map_or(value.to_string(), str::to_owned));
    let columns = ["conversation", "event", "from_state", "to_state", "queue", "agent", "at"].map(word);
    let columns: Option<Vec<String>> = columns.into_iter().collect();
    Some(columns?.join("|").replace("null", "-"))
}

/// What one process was answered, until it was through or was killed.
fn history(place: &Place, process: u64) -> Vec<String> {
    let mut numbers = Numbers::new(process);
    let mut child = place.talking(&["-f", "jsonl", "--keep-going"], Stdio::null());
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut replies = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let killed_at = if process.is_multiple_of(2) { STATEMENTS } else { 60 + numbers.below(60) };
    let (mut moves, mut known) = (Vec::new(), Vec::new());
    for count in 0..STATEMENTS {
        // The head of the journal ends the answer of the statement before it.
        writeln!(stdin, "{}; SHOW HEAD;", statement(&mut numbers, process, count, &known)).expect("it reads");
        if count == killed_at {
            child.kill().expect("it is killed");
            break;
        }
        for line in replies.by_ref() {
            let answer: Value = serde_json::from_str(&line.expect("a line")).expect("an object");
            if answer.get("head").is_some() {
                break;
            }
            known.extend(answer.get("conversation").and_then(Value::as_i64));
            moves.extend(move_of(&answer));
        }
    }
    drop(stdin);
    child.wait().expect("it ends");
    moves
}

#[test]
fn concurrent_programs_leave_what_was_answered_in_the_log() {
    let place = Place::new();
    assert_eq!(place.feed(&["--quiet"], DESK).status, 0);
    let answered: Vec<String> = std::thread::scope(|scope| {
        let place = &place;
        let working: Vec<_> =
            (1..=PROCESSES).map(|process| scope.spawn(move || history(place, process))).collect();
        working.into_iter().flat_map(|process| process.join().expect("a process")).collect()
    });
    let query = "SELECT conversation || '|' || event || '|' || coalesce(from_state, '-') || '|' || to_state || '|' || to_queue
        || '|' || coalesce(to_agent, '-') || '|' || at FROM transitions ORDER BY seq";
    let mut log = place.rows(query);
    println!("{} moves answered, {} in the log", answered.len(), log.len());
    assert!(answered.len() > 200, "something happens");
    for moved in &answered {
        let place = log.iter().position(|row| row == moved);
        log.remove(place.unwrap_or_else(|| panic!("answered, and not in the log: {moved}")));
    }
    assert_never_over_capacity(&place, CAPACITY);
    place.assert_whole();
}
