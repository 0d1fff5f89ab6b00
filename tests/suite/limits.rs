//! How large a lifecycle may be, and that the largest works.

use std::fmt::Write as _;

use switchboard::testing::language::token::LONGEST_STATEMENT;
use switchboard::testing::statement::{MOST_CLAUSES, MOST_STATES};
use switchboard::{Context, Parameters};

use crate::support::World;

/// A lifecycle of that many states, every one queued but the last, with more clauses.
fn lifecycle(states: usize, more: &str) -> String {
    let mut statement = "CREATE LIFECYCLE large (".to_owned();
    for state in 1..states {
        write!(statement, "STATE s{state} PHASE queued, ON requeue FROM s1 TO s{state} IF BOT, ")
            .expect("memory");
    }
    statement + "STATE done PHASE closed, ON open TO s1, ON customer_end TO done" + more + ")"
}

#[test]
fn more_states_and_clauses_than_the_most_are_refused() {
    let mut world = World::new();
    let clauses = |count: usize| ", ON assign_queue FROM s1 TO s1".repeat(count);
    assert_eq!(world.refused(&lifecycle(MOST_STATES + 1, "")), "too_large");
    assert_eq!(world.refused(&lifecycle(2, &clauses(MOST_CLAUSES - 4))), "too_large");
    assert_eq!(
        world.refused(&lifecycle(2, &clauses(MOST_CLAUSES - 5))),
        "invalid_lifecycle",
        "defined twice"
    );
}

#[test]
fn the_largest_lifecycles_work() {
    let mut world = World::new();
    // Every one of a hundred states, a thousand times over.
    let states: Vec<String> = (1..MOST_STATES).map(|state| format!("STATE s{state} PHASE queued")).collect();
    let edges = ", ON customer_end TO done".repeat(MOST_CLAUSES - MOST_STATES - 1);
    let twice = format!(
        "CREATE LIFECYCLE large ({}, STATE done PHASE closed, ON open TO s1{edges})",
        states.join(", ")
    );
    assert_eq!(world.refused(&twice), "invalid_lifecycle");
    // And as many edges as are sound.
    let mut edges = String::new();
    for (place, event) in
        ["assign_queue", "requeue", "dispatch", "hold", "resume", "release", "close", "wait"]
            .iter()
            .enumerate()
    {
        write!(edges, ", ON {event} TO s{}", place + 1).expect("memory");
    }
    for state in 2..MOST_STATES {
        write!(edges, ", ON end FROM s{} TO s{state}", state - 1).expect("memory");
    }
    let sound = format!(
        "CREATE LIFECYCLE large ({}, STATE done PHASE closed, ON open TO s1, ON customer_end TO done{edges})",
        states.join(", ")
    );
    world.run(&sound);
    let script = world.rows("SHOW LIFECYCLE large AS SCRIPT").join("\n");
    world.run(&script.replace("LIFECYCLE large", "LIFECYCLE again"));
    assert_eq!(world.rows("SHOW LIFECYCLE again AS SCRIPT").join("\n").replace("again", "large"), script);
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}

/// The journal keeps names, not parameters: what would be too long to be read again is not written.
#[test]
fn a_statement_that_grows_too_long_with_its_parameters_is_refused() {
    let mut world = World::new();
    let context = Context::given(world.now, "maria");
    // The same statement with short names is within the limit, and refused only for its content.
    let (statement, short) = with_parameters(|state| format!("s{state}"));
    assert!(statement.len() < LONGEST_STATEMENT, "{} bytes", statement.len());
    let failure = world.desk.run(&statement, &short, &context).expect_err("an edge twice");
    assert_eq!(failure.error.code().name(), "invalid_lifecycle", "{failure}");
    let (statement, long) = with_parameters(|state| format!("{state:0>64}"));
    let failure = world.desk.run(&statement, &long, &context).expect_err("too long");
    assert_eq!(failure.error.code().name(), "too_large", "{failure}");
}

/// A statement of as many states and clauses as possible, whose states are named by parameters.
fn with_parameters(name: impl Fn(usize) -> String) -> (String, Parameters) {
    let mut parameters = Parameters::new();
    let names: Vec<String> = (1..MOST_STATES).map(name).collect();
    let mut statement =
        "CREATE LIFECYCLE large (STATE done PHASE closed CHANNEL chat, ON open TO :p0".to_owned();
    for (place, name) in names.iter().enumerate() {
        parameters.insert(&format!("p{place}"), name.as_str());
        write!(statement, ", STATE :p{place} PHASE queued CHANNEL chat").expect("memory");
    }
    let from: Vec<String> = (0..names.len()).map(|place| format!(":p{place}")).collect();
    for _ in names.len() + 2..MOST_CLAUSES {
        write!(statement, ", ON pick FROM {} TO :p1", from.join(", ")).expect("memory");
    }
    (statement + ")", parameters)
}

#[test]
fn the_length_of_a_value_is_limited() {
    let mut world = World::with_desk();
    assert_eq!(world.rows("SELECT length(hex(zeroblob(1000000)))"), ["2000000"]);
    assert_eq!(world.refused("SELECT length(hex(zeroblob(2000000)))"), "too_large");
    // The limit is that of the query alone.
    world.run("NOTE 1 'afterwards'");
}
