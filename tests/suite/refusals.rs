//! In every state of every built-in lifecycle on every channel, a statement is accepted exactly where there is an
//! edge for it. Otherwise it is refused, names the state of the conversation, changes nothing, and its hint lists
//! what is possible.

use std::collections::BTreeSet;

use switchboard::Failure;
use switchboard::testing::Error;

use crate::support::graph::{Course, Graph, graphs, typed};

/// The events that have a statement of their own in a conversation.
const EVENTS: [&str; 18] = [
    "pick",
    "release",
    "wait",
    "close",
    "revive",
    "hold",
    "resume",
    "end",
    "assign",
    "assign_queue",
    "transfer_agent",
    "transfer_queue",
    "force_close",
    "start_script",
    "end_script",
    "leave_script",
    "request_agent",
    "bot_end",
];

/// What a statement that depends on the phase has to give; an empty code: it is done.
struct Spoken {
    statement: &'static str,
    code: fn(&Graph, &str) -> &'static str,
}

const SPOKEN: [Spoken; 6] = [
    Spoken {
        statement: "MESSAGE # FROM CUSTOMER 'x'",
        code: |_, phase| if is_over(phase) { "final_state" } else { "" },
    },
    Spoken {
        statement: "MESSAGE # FROM BOT 'x'",
        code: |_, phase| match phase {
            "bot" => "",
            phase if is_over(phase) => "final_state",
            _ => "not_allowed",
        },
    },
    Spoken {
        statement: "MESSAGE # FROM AGENT @ 'x'",
        code: |_, phase| match phase {
            "parked" => "not_allowed",
            phase if is_over(phase) => "final_state",
            _ => "not_holder",
        },
    },
    Spoken { statement: "NOTE # 'x'", code: |_, phase| if is_over(phase) { "final_state" } else { "" } },
    Spoken {
        statement: "DISCONNECT #",
        code: |graph, phase| match phase {
            phase if is_over(phase) => "final_state",
            _ if graph.setting.channel == "record" => "invalid_value",
            // Where sessions make the states, they have ended here.
            "wrapup" | "departed" if graph.knows("customer_leave") => "invalid_value",
            _ => "",
        },
    },
    Spoken {
        statement: "RECONNECT #",
        code: |graph, phase| match phase {
            phase if is_over(phase) => "too_late",
            "wrapup" | "departed" if !graph.knows("customer_return") || !graph.returns_from(phase) => {
                "too_late"
            }
            _ if graph.setting.channel == "record" => "invalid_value",
            _ => "",
        },
    },
];

fn is_over(phase: &str) -> bool {
    matches!(phase, "closing" | "closed")
}

impl Graph {
    fn returns_from(&self, phase: &str) -> bool {
        self.edges.iter().any(|edge| edge.event == "customer_return" && self.phase(&edge.from) == phase)
    }
}

#[derive(Default)]
struct Tally {
    done: usize,
    refused: usize,
    hints: usize,
}

#[test]
fn a_statement_is_done_exactly_where_an_edge_is() {
    let mut tally = Tally::default();
    let (mut reached, mut not_reached) = (BTreeSet::new(), BTreeSet::new());
    for graph in graphs() {
        let mut course = Course::new(&graph);
        for (state, phase) in &graph.states {
            let name = format!("{} {} {state}", graph.setting.lifecycle, graph.setting.channel);
            if phase == "dispatching" {
                continue; // Only the router leads there.
            }
            if graph.way(state).is_none() {
                not_reached.insert(name);
                continue;
            }
            in_state(&mut course, &graph, state, &mut tally);
            reached.insert(name);
        }
    }
    let nowhere: Vec<&String> = not_reached.difference(&reached).collect();
    assert!(nowhere.is_empty(), "under no setting one comes to {nowhere:?}");
    println!("{} done, {} refused, {} hints tried", tally.done, tally.refused, tally.hints);
    assert!(tally.done > 1_000 && tally.refused > 3_000, "most of the cases are there");
}

fn in_state(course: &mut Course, graph: &Graph, state: &str, tally: &mut Tally) {
    let id = course.reach(state).expect("a way");
    let phase = graph.phase(state);
    if phase == "closing" {
        // Housekeeping is due at once: whatever is typed finds the conversation closed.
        assert_eq!(course.world.refused(&format!("CLOSE {id}")), "final_state");
        assert_eq!(graph.phase(&course.state(id)), "closed");
        return;
    }
    for event in EVENTS {
        let statement = typed(event).expect("a statement");
        let expected = if graph.edge(state, event).is_some() { "" } else { refusal_in(phase) };
        check(course, state, id, statement, expected, tally);
    }
    let leaves = ["customer_end", "customer_leave"].iter().any(|event| graph.edge(state, event).is_some());
    let expected = if leaves { "" } else { refusal_in(phase) };
    check(course, state, id, "END # BY CUSTOMER", expected, tally);
    for spoken in &SPOKEN {
        check(course, state, id, spoken.statement, (spoken.code)(graph, phase), tally);
    }
    course.clear(id);
}

fn refusal_in(phase: &str) -> &'static str {
    if phase == "closed" { "final_state" } else { "no_edge" }
}

/// Refusals are tried on one conversation, which they leave as it is; what is done gets another one.
fn check(course: &mut Course, state: &str, id: i64, statement: &str, expected: &str, tally: &mut Tally) {
    if expected.is_empty() {
        let other = course.reach(state).expect("a way");
        let statement = course.fill(statement, other);
        course.world.run(&statement);
        course.clear(other);
        tally.done += 1;
        return;
    }
    let statement = course.fill(statement, id);
    let what = format!("{statement} in {state} of {:?}", course.graph.setting);
    let before = course.entries();
    let failure = match course.world.try_run(&statement) {
        Err(failure) => failure,
        Ok(reply) => panic!("{what} was not refused but answered {:?}", reply.rows),
    };
    assert_eq!(failure.error.code().name(), expected, "{what}: {failure}");
    assert_eq!(
        (course.state(id), course.entries()),
        (state.to_owned(), before),
        "{what} has changed something"
    );
    assert!(matches!(failure.error, Error::Refused(_)), "{what}: {failure}");
    says_where(state, id, &what, &failure);
    tally.hints += hint(course, id, &what, &failure);
    tally.refused += 1;
}

fn says_where(state: &str, id: i64, what: &str, failure: &Failure) {
    let message = failure.error.message();
    let about_sessions = failure.error.code().name() == "invalid_value";
    assert!(message.contains(&format!("conversation {id}")), "{what}: {message}");
    assert!(about_sessions || message.contains(state), "{what}: {message}");
    assert_ne!(failure.span.len(), 0, "{what} has no place");
}

/// Tries every statement of the hint; gives how many there were.
fn hint(course: &mut Course, id: i64, what: &str, failure: &Failure) -> usize {
    let hint = failure.error.hint().unwrap_or_else(|| panic!("{what} has no hint")).to_owned();
    if failure.error.code().name() != "no_edge" {
        return 0;
    }
    let statements: Vec<String> = match hint.split_once(": ") {
        Some((_, list)) => list.split(", ").map(|statement| with_words(course, statement, id)).collect(),
        None if hint.contains("OPEN") => Vec::new(),
        None => vec![hint.clone()],
    };
    for statement in &statements {
        let explained = course.world.rows(&format!("EXPLAIN {statement}"));
        assert!(!explained[0].starts_with("refused["), "{what} hints at {statement}: {explained:?}");
    }
    statements.len()
}

fn with_words(course: &mut Course, statement: &str, id: i64) -> String {
    let word = match statement {
        queue if queue.contains("QUEUE") => ">",
        script if script.contains("SCRIPT") => "'x'",
        _ => "@",
    };
    course.fill(&statement.replace('…', word), id)
}
