//! What was rolled back leaves nothing, neither in the file nor in the caches of the program: its ids are used
//! again.
//!
//! Everything that the program caches (lifecycles, workstreams, names of queues and agents) is read within the
//! batch that is rolled back, and is a different object under the same id afterwards.

use switchboard::testing::BatchEnd;

use crate::support::World;

/// A desk of these names: a queue, an agent in it, a lifecycle of these states, a workstream, and one conversation.
fn desk(world: &mut World, queue: &str, agent: &str, states: [&str; 3], channel: &str) {
    let [open, busy, done] = states;
    world.run(&format!("CREATE QUEUE {queue}"));
    world.run(&format!("CREATE AGENT {agent} WITH (presence = available) IN {queue}"));
    world.run(&format!(
        "CREATE LIFECYCLE own (STATE {open} PHASE queued, STATE {busy} PHASE active, STATE {done} PHASE closed,
             ON open TO {open}, ON pick FROM {open} TO {busy}, ON end FROM {busy} TO {done})"
    ));
    world.run(&format!("CREATE WORKSTREAM w WITH (channel = {channel}, lifecycle = own, queue = {queue})"));
    world.run("OPEN ON w FOR 'ann@example.com'");
    world.run(&format!("PICK 1 BY {agent}"));
}

const HOW_IT_STANDS: &str =
    "SELECT id, workstream, channel, lifecycle, state, queue, agent FROM conversations ORDER BY id";

#[test]
fn a_rolled_back_batch_leaves_nothing() {
    let mut world = World::new();
    world.run("CREATE QUEUE kept");
    world.desk.begin_batch().expect("a batch");
    desk(&mut world, "first", "alice", ["Asked", "Doing", "Done"], "chat");
    assert_eq!(world.rows(HOW_IT_STANDS), ["1|w|chat|own|Doing|first|alice"]);
    world.desk.end_batch(BatchEnd::Rollback).expect("rolled back");
    assert!(world.rows(HOW_IT_STANDS).is_empty());
    assert_eq!(world.refused("SHOW LIFECYCLE own"), "unknown_lifecycle");
    assert_eq!(world.rows("SELECT count(*) FROM journal"), ["1"], "nothing of it is in the journal");
    desk(&mut world, "second", "bob", ["Received", "Bench", "Shelf"], "sms");
    assert_eq!(world.rows(HOW_IT_STANDS), ["1|w|sms|own|Bench|second|bob"]);
    let moved = world.run("END 1");
    assert_eq!(moved.value(0, "to_state").cloned(), Some("Shelf".into()));
    assert_eq!(moved.value(0, "queue").cloned(), Some("second".into()));
    assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}

#[test]
fn a_rolled_back_rehearsal_leaves_nothing() {
    let mut world = World::new();
    desk(&mut world, "first", "alice", ["Asked", "Doing", "Done"], "chat");
    let head = world.run("SHOW HEAD").rows;
    let statement = |state: &str| {
        format!(
            "CREATE LIFECYCLE other (STATE {state} PHASE queued, STATE Gone PHASE closed, ON open TO {state}, ON customer_end TO Gone)"
        )
    };
    world.desk.begin_batch().expect("a batch");
    let reported = world.rows(&format!("EXPLAIN {}", statement("Here")));
    assert_eq!(
        reported,
        ["lifecycle other would be created", "2 states and 2 edges would be defined", "nothing was written"]
    );
    world.run(&statement("There"));
    assert_eq!(world.rows("SHOW LIFECYCLE other AS SCRIPT")[1].trim(), "STATE There PHASE queued,");
    world.desk.end_batch(BatchEnd::Rollback).expect("rolled back");
    world.rows(&format!("EXPLAIN {}", statement("Here")));
    assert_eq!(world.run("SHOW HEAD").rows, head, "EXPLAIN writes nothing");
}

#[test]
fn a_lifecycle_in_a_batch_that_ends_in_a_refusal_leaves_nothing() {
    let mut world = World::new();
    world.run("CREATE QUEUE kept");
    let head = world.run("SHOW HEAD").rows;
    world.desk.begin_batch().expect("a batch");
    world.run("CREATE LIFECYCLE own (STATE A PHASE queued, STATE B PHASE closed, ON open TO A, ON customer_end TO B)");
    let unsound =
        "CREATE LIFECYCLE two (STATE A PHASE queued, STATE B PHASE closed, ON open TO A, ON end FROM B TO A)";
    assert_eq!(world.refused(unsound), "invalid_lifecycle");
    assert_eq!(world.rows("SHOW LIFECYCLE own").len(), 2, "a refusal leaves a batch as it was");
    world.desk.end_batch(BatchEnd::Rollback).expect("rolled back");
    assert_eq!(world.run("SHOW HEAD").rows, head);
    assert_eq!(world.refused("SHOW LIFECYCLE own"), "unknown_lifecycle");
    assert_eq!(world.rows("SELECT count(*) FROM states WHERE lifecycle = 'own'"), ["0"]);
}
