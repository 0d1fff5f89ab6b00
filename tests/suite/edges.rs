//! Every edge of every built-in lifecycle on every channel is taken by the statement that a person would type,
//! and every timer's edge at its due time and not a millisecond earlier.

use std::collections::BTreeSet;

use switchboard::Moment;

use crate::support::World;
use crate::support::graph::{Course, Edge, graphs, typed};

/// The router's events: nobody types them.
const BY_THEMSELVES: [&str; 4] = ["push", "dispatch", "requeue", "accept"];

/// What was tried, and what could not be.
#[derive(Default)]
struct Tally {
    typed: usize,
    timed: usize,
    by_themselves: BTreeSet<String>,
    /// Edges, a line each; what one setting of the workstream does not reach another one may.
    taken: BTreeSet<String>,
    left: BTreeSet<String>,
}

#[test]
fn every_edge_is_taken() {
    let mut tally = Tally::default();
    for graph in graphs() {
        let mut course = Course::new(&graph);
        for edge in &graph.edges {
            let name = format!("{} {} {}", graph.setting.lifecycle, graph.setting.channel, edge.name());
            if BY_THEMSELVES.contains(&edge.event.as_str()) {
                tally.by_themselves.insert(name);
            } else if take(&mut course, edge, &mut tally) {
                tally.taken.insert(name);
            } else {
                tally.left.insert(name);
            }
        }
    }
    let left: Vec<String> = tally.left.difference(&tally.taken).cloned().collect();
    println!(
        "{} edges taken ({} times by statements, {} times by timers); {} belong to the router; {} left",
        tally.taken.len(),
        tally.typed,
        tally.timed,
        tally.by_themselves.len(),
        left.len()
    );
    left.iter().for_each(|name| println!("  left: {name}"));
    // Only the router leads to Dispatching.
    assert!(left.iter().all(|name| name.contains(": Dispatching →")), "{left:?}");
    let rows = World::new().rows("SELECT count(*) FROM edges");
    assert_eq!(
        rows,
        [(tally.taken.len() + tally.by_themselves.len() + left.len()).to_string()],
        "no row is missed"
    );
}

/// Takes the edge; false: nothing that is typed leads to where it begins.
fn take(course: &mut Course, edge: &Edge, tally: &mut Tally) -> bool {
    if edge.from.is_empty() {
        opens(course, edge);
        tally.typed += 1;
        return true;
    }
    let Some(id) = course.reach(&edge.from) else { return false };
    if edge.event == "housekeep" {
        follows_at_once(course, edge, id);
        tally.timed += 1;
    } else if typed(&edge.event).is_none() {
        fires(course, edge, id);
        tally.timed += 1;
    } else {
        moves(course, edge, id);
        tally.typed += 1;
    }
    true
}

fn opens(course: &mut Course, edge: &Edge) {
    let by_agent = edge.event == "open_queued" && course.graph.setting.bot;
    let id = if by_agent {
        course.open_by_agent()
    } else {
        course.reach(&edge.to).expect("an opening leads there")
    };
    let first = course.moves(id, 0).remove(0);
    assert_eq!(
        first[..3],
        [edge.event.clone(), String::new(), edge.to.clone()],
        "{:?}",
        course.graph.setting
    );
    course.clear(id);
}

fn moves(course: &mut Course, edge: &Edge, id: i64) {
    let before = course.moves(id, 0).len();
    let statement = course.fill(typed(&edge.event).expect("a statement"), id);
    course.world.run(&statement);
    let made = course.moves(id, before);
    let what = format!("{statement} in {:?}", course.graph.setting);
    assert_eq!(made[0][..3], [edge.event.clone(), edge.from.clone(), edge.to.clone()], "{what}");
    course.clear(id);
}

/// Housekeeping comes right after what has led to closing, at the same moment, by the timers.
fn follows_at_once(course: &mut Course, edge: &Edge, id: i64) {
    let what = format!("{edge:?} in {:?}", course.graph.setting);
    let moves = course.moves(id, 0);
    let [before, last] = &moves[moves.len() - 2..] else { panic!("{what} does not happen") };
    assert_eq!(last[..3], [edge.event.clone(), edge.from.clone(), edge.to.clone()], "{what}");
    assert_eq!(before[3], last[3], "{what}: not at once");
    let entry = course.world.rows("SELECT actor_kind, statement FROM journal ORDER BY seq DESC LIMIT 1");
    assert_eq!(entry, ["timer|SWEEP TIMEOUTS"], "{what}");
}

fn fires(course: &mut Course, edge: &Edge, id: i64) {
    let what = format!("{edge:?} in {:?}", course.graph.setting);
    start(course, edge, id);
    let before = course.moves(id, 0).len();
    let now = course.world.now;
    let due = match course.time_of(edge) {
        None => now,
        Some(time) => Moment(now.0 + time.0),
    };
    assert_eq!(due_in_timers(course, edge, id), Some(due.to_string()), "{what}");
    course.world.now = Moment(due.0 - 1);
    course.world.run("SWEEP TIMEOUTS");
    assert_eq!(course.state(id), edge.from, "{what}: it goes too early");
    course.world.now = due;
    course.world.run("SWEEP TIMEOUTS");
    let made = course.moves(id, before);
    let [event, from, to, at] = made.first().unwrap_or_else(|| panic!("{what} does not happen"));
    assert_eq!((event, from, to), (&edge.event, &edge.from, &edge.to), "{what}");
    assert_eq!(*at, due.to_string(), "{what}");
    if edge.event == "agent_timeout" {
        let offline = course.world.rows("SELECT count(*) FROM agents WHERE presence = 'offline'");
        assert_eq!(offline, ["1"], "{what}: who has lost the connection is offline");
        for agent in ["alice", "bob"] {
            course.world.run(&format!("RECONNECT AGENT {agent}"));
        }
    }
    if edge.event == "response_timeout" {
        let inactive = course.world.rows("SELECT count(*) FROM agents WHERE presence = 'inactive'");
        assert_eq!(inactive, ["1"], "{what}: who has not answered is inactive");
        for agent in ["alice", "bob"] {
            course.world.run(&format!("SET PRESENCE available FOR {agent}"));
        }
    }
    course.clear(id);
    course.world.now = Moment(course.world.now.0 + 1);
}

/// What makes a timer start that does not start by itself.
fn start(course: &mut Course, edge: &Edge, id: i64) {
    match edge.event.as_str() {
        "customer_timeout" => {
            // A work item has no session of its own: the customer comes to it by chat.
            if course.graph.setting.channel == "record" {
                course.world.run(&format!("ATTACH {id} CHANNEL chat"));
            }
            course.world.run(&format!("DISCONNECT {id}"));
        }
        "agent_timeout" => {
            let agent = course.one(id, "agent");
            course.world.run(&format!("DISCONNECT AGENT {agent}"));
        }
        // On a work item, and when a call was taken, nobody waits for an answer until they write.
        "response_timeout" if ["record", "voice"].contains(&course.graph.setting.channel.as_str()) => {
            if course.graph.setting.channel == "record" {
                course.world.run(&format!("ATTACH {id} CHANNEL chat"));
            }
            course.world.run(&format!("MESSAGE {id} FROM CUSTOMER 'x'"));
        }
        // It stands still until the customer has an answer, except while the conversation is set aside.
        "inactivity_timeout" => {
            let statements: &[&str] = match course.graph.phase(&edge.from) {
                "bot" => &["MESSAGE # FROM BOT 'x'"],
                "active" => &["MESSAGE # FROM AGENT @ 'x'"],
                "queued" => &["ASSIGN # TO AGENT alice", "MESSAGE # FROM AGENT alice 'x'", "RELEASE #"],
                _ => &[],
            };
            for statement in statements {
                let statement = statement.replace('@', &course.one(id, "agent"));
                let statement = course.fill(&statement, id);
                course.world.run(&statement);
            }
        }
        _ => {}
    }
}

fn due_in_timers(course: &mut Course, edge: &Edge, id: i64) -> Option<String> {
    let timers = course.world.run("SHOW TIMERS");
    let column = |row, name| timers.value(row, name).map(crate::support::text);
    let is_it = |row: &usize| {
        column(*row, "conversation") == Some(id.to_string())
            && column(*row, "timer").as_ref() == Some(&edge.event)
    };
    (0..timers.rows.len()).find(is_it).and_then(|row| column(row, "due_at"))
}
