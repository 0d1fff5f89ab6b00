//! Several processes that work on one file at the same time.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use super::{Place, fed, finished};

/// How many statements each writes.
const EACH: usize = 200;

#[test]
fn two_writers_at_once_lose_nothing() {
    let place = Place::with_desk();
    let script =
        |name: &str| -> String { (0..EACH).map(|number| format!("NOTE 1 '{name} {number}'; ")).collect() };
    std::thread::scope(|scope| {
        for name in ["left", "right"] {
            let (place, script) = (&place, script(name));
            scope.spawn(move || {
                let run = fed(&mut place.command(&["-f", "jsonl"]), script.as_bytes());
                assert_eq!((run.status, run.out.lines().count()), (0, EACH), "{name}: {}", run.err);
            });
        }
    });
    for name in ["left", "right"] {
        let query = format!("SELECT body FROM messages WHERE body LIKE '{name} %' ORDER BY id");
        let expected: Vec<String> = (0..EACH).map(|number| format!("{name} {number}")).collect();
        assert_eq!(place.rows(&query), expected, "in order, all there");
    }
    place.assert_whole();
}

#[test]
fn two_agents_who_pick_at_once_never_get_the_same_conversation() {
    let place = Place::new();
    let desk: String = (0..40).map(|number| format!("OPEN ON chats FOR c{number}; ")).collect();
    let desk = format!(
        "CREATE QUEUE front; CREATE AGENT a WITH (capacity = 30) IN front; CREATE AGENT b WITH (capacity = 30) IN front;
         CREATE WORKSTREAM chats WITH (channel = chat, lifecycle = omnichannel, queue = front); {desk}"
    );
    assert_eq!(place.feed(&["--atomic", "--quiet"], desk).status, 0);
    std::thread::scope(|scope| {
        for agent in ["a", "b"] {
            let place = &place;
            scope.spawn(move || {
                let picks = format!("PICK NEXT BY {agent}; ").repeat(30);
                let run = place.feed(&["--keep-going", "--quiet"], picks);
                assert!([0, 1, 5].contains(&run.status), "{run:?}");
            });
        }
    });
    let taken = place.rows("SELECT conversation FROM transitions WHERE event = 'pick' ORDER BY conversation");
    let expected: Vec<String> = (1..=40).map(|id| id.to_string()).collect();
    assert_eq!(taken, expected, "each was picked once");
    assert_eq!(place.rows("SELECT count(*) FROM agents WHERE load > capacity"), ["0"]);
    place.assert_whole();
}

#[test]
fn two_programs_that_create_the_same_file_both_succeed() {
    let place = Place::new();
    let children: Vec<_> = ["one", "two", "three", "four"]
        .iter()
        .map(|name| {
            let statement = format!("CREATE QUEUE {name}");
            let mut command = place.command(&["--quiet"]);
            command.arg(statement).stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().expect("the program starts")
        })
        .collect();
    for child in children {
        let run = finished(child.wait_with_output().expect("it ends"));
        assert_eq!(run.status, 0, "{run:?}");
    }
    assert_eq!(place.rows("SELECT count(*) FROM queues"), ["4"]);
    place.assert_whole();
}

/// Agents, a process each.
const AGENTS: usize = 8;
/// What waits for them in one queue.
const WAITING: usize = 1_000;

/// An agent at work: picks and ends until nothing waits. Gives how many he had.
fn works(place: &Place, agent: &str) -> usize {
    let mut child = place.talking(&["-f", "jsonl"], Stdio::piped());
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut replies = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut had = 0;
    // It ends by itself when nothing is left: then nobody reads any more.
    while writeln!(stdin, "PICK NEXT BY {agent};").is_ok()
        && let Some(Ok(picked)) = replies.next()
    {
        let id = picked.split([':', ',']).nth(1).expect("a conversation").to_owned();
        writeln!(stdin, "END {id};").expect("it reads");
        let ended = replies.next().expect("it answers").expect("a line");
        assert!(ended.contains("\"to_state\":\"Closed\""), "{agent}: {ended}");
        had += 1;
    }
    drop(stdin);
    let run = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(5), "{agent}: nothing_waiting was the only refusal: {said}");
    had
}

#[test]
fn eight_agents_at_one_queue_pick_each_conversation_once() {
    let place = Place::new();
    let agents: Vec<String> = (1..=AGENTS).map(|number| format!("agent{number}")).collect();
    let made: String =
        agents.iter().map(|agent| format!("CREATE AGENT {agent} WITH (capacity = 1) IN front; ")).collect();
    let opened: String = (0..WAITING).map(|number| format!("OPEN ON forms FOR c{number}; ")).collect();
    let desk = format!(
        "CREATE QUEUE front; {made}
         CREATE WORKSTREAM forms WITH (channel = record, lifecycle = omnichannel, queue = front); {opened}"
    );
    assert_eq!(place.feed(&["--atomic", "--quiet"], desk).status, 0);
    let had: Vec<usize> = std::thread::scope(|scope| {
        let place = &place;
        let working: Vec<_> = agents.iter().map(|agent| scope.spawn(move || works(place, agent))).collect();
        working.into_iter().map(|agent| agent.join().expect("an agent")).collect()
    });
    println!("each had {had:?}");
    assert_eq!(had.iter().sum::<usize>(), WAITING);
    assert_never_over_capacity(&place, 1);
    place.assert_whole();
}

/// From the log alone: nobody has more at once than that, and nobody has what another one has.
pub fn assert_never_over_capacity(place: &Place, capacity: i64) {
    let query = "SELECT conversation, coalesce(from_agent, '-'), coalesce(to_agent, '-') FROM transitions ORDER BY seq";
    let mut holder: HashMap<String, String> = HashMap::new();
    let mut load: HashMap<String, i64> = HashMap::new();
    for row in place.rows(query) {
        let [conversation, from, to] =
            [0, 1, 2].map(|at| row.split('\t').nth(at).expect("a column").to_owned());
        let before = holder.get(&conversation).map_or("-", String::as_str);
        assert_eq!(before, from, "conversation {conversation} comes from who has it");
        *load.entry(from).or_default() -= 1;
        let now = load.entry(to.clone()).or_default();
        *now += 1;
        assert!(to == "-" || *now <= capacity, "{to} has {now} at {row}");
        holder.insert(conversation, to);
    }
}
