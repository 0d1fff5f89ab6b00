//! Several processes at one file at once.

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
        let look = format!("SELECT body FROM messages WHERE body LIKE '{name} %' ORDER BY id");
        let expected: Vec<String> = (0..EACH).map(|number| format!("{name} {number}")).collect();
        assert_eq!(place.rows(&look), expected, "in order, all there");
    }
    place.assert_whole();
}

#[test]
fn two_agents_who_pick_at_once_never_get_the_same() {
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
fn two_makers_of_one_file_both_find_it_made() {
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
