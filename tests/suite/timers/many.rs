//! Many timers that are due at once fire in several transactions, each of a bounded number, with the result of one.

use switchboard::{Context, Parameters};

use crate::support::{World, at};

const COUNT: usize = 1_050;
/// The maximum number of timers of one entry.
const MOST: i64 = 200;

/// So many conversations whose queue_timeout is due, with the time at which it is.
fn waiting() -> World {
    let mut world = World::new();
    world.play(
        "@ 2026-03-02T09:00:00Z maria
        CREATE QUEUE q; CREATE AGENT ann WITH (presence = available, capacity = 10) IN q;
        CREATE WORKSTREAM w WITH (channel = chat, lifecycle = omnichannel, queue = q, queue_timeout = '5m');\n",
    );
    let mut transaction = world.desk.transaction().expect("a transaction");
    for number in 0..COUNT {
        let context = Context::given(at("2026-03-02T09:00:00Z"), "maria");
        let open = format!("OPEN ON w FOR 'customer {number}'");
        transaction.run(&open, &Parameters::new(), &context).expect("opened");
    }
    transaction.commit().expect("committed");
    world.now = at("2026-03-02T10:00:00Z");
    world
}

/// The moves by timers, however they are spread over entries.
fn moves(world: &mut World) -> Vec<String> {
    world.rows(
        "SELECT conversation, event, to_state, at FROM transitions WHERE actor_kind = 'timer' ORDER BY seq",
    )
}

/// How many moves each entry of timers has.
fn parts(world: &mut World) -> Vec<i64> {
    let rows = world.rows(
        "SELECT count(*) FROM transitions JOIN journal ON journal.seq = transitions.journal
            WHERE journal.actor_kind = 'timer' GROUP BY journal.seq ORDER BY journal.seq",
    );
    rows.iter().map(|count| count.parse().expect("a number")).collect()
}

#[test]
fn a_statement_waits_for_all_of_them_and_others_get_in_between() {
    let mut one = waiting();
    one.run("OPEN ON w FOR 'new' BY ann");
    assert_eq!(moves(&mut one).len(), COUNT, "nothing before the statement is due any more");
    let each = parts(&mut one);
    assert!(each.len() > 5 && each.iter().all(|count| *count <= MOST), "{each:?}");
    // In one transaction they are one entry, with the same moves.
    let mut other = waiting();
    let context = Context::given(other.now, "maria");
    let mut transaction = other.desk.transaction().expect("a transaction");
    transaction.run("OPEN ON w FOR 'new' BY ann", &Parameters::new(), &context).expect("opened");
    transaction.commit().expect("committed");
    assert_eq!(parts(&mut other).len(), 1);
    assert_eq!(moves(&mut one), moves(&mut other));
    // The journal as a script fires them in the same parts.
    let script = one.rows("SHOW JOURNAL AS SCRIPT");
    assert_eq!(script.iter().filter(|line| **line == "SWEEP TIMEOUTS LIMIT 200;").count(), 5);
    let mut again = World::new();
    again.play(&(script.join("\n") + "\n"));
    assert_eq!((parts(&mut again), moves(&mut again)), (each, moves(&mut one)));
}

#[test]
fn a_sweep_answers_all_of_them_and_a_limit_counts_them() {
    let mut world = waiting();
    let swept = |world: &mut World, statement: &str| {
        let reply = world.run(statement);
        reply.value(0, "conversations").and_then(switchboard::Value::as_integer).unwrap_or_default()
    };
    assert_eq!(swept(&mut world, "SWEEP LIMIT 450"), 450);
    assert_eq!(parts(&mut world), [200, 200, 50]);
    assert_eq!(swept(&mut world, "EXPLAIN SWEEP"), COUNT as i64 - 450);
    assert_eq!(swept(&mut world, "SWEEP"), COUNT as i64 - 450);
    assert_eq!(swept(&mut world, "SWEEP"), 0);
    let script = world.rows("SHOW JOURNAL AS SCRIPT");
    let mut again = World::new();
    again.play(&(script.join("\n") + "\n"));
    assert_eq!(moves(&mut again), moves(&mut world));
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}

#[test]
fn at_the_last_moment_of_all_it_ends() {
    let mut world = World::new();
    world.play(
        "@ 9999-12-31T23:59:00Z maria
        CREATE QUEUE q; CREATE AGENT ann WITH (presence = available) IN q;
        CREATE WORKSTREAM w WITH (channel = chat, lifecycle = topic, queue = q, mode = push, response_timeout = '10s');
        MESSAGE ON w FROM 'eve' 'Is anybody there?';
        @ 9999-12-31T23:59:59.999Z maria
        SWEEP;
        NOTE 1 'The last one.';\n",
    );
    let moves: i64 = world.rows("SELECT count(*) FROM transitions")[0].parse().expect("a number");
    assert!((3..20).contains(&moves), "{moves}");
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}
