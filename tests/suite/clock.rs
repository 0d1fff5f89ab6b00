//! The system clock: behind the file, far ahead of it, and a replay that goes back in time.
//!
//! A wrong clock neither damages a file nor keeps anybody from reading it.

use switchboard::{Context, Moment, Parameters};

use crate::support::{World, at};

/// Ten seconds before the file's last moment, six of which are more than nobody notices.
fn behind() -> Moment {
    at("2026-03-02T08:59:50Z")
}

fn a_little_behind() -> Moment {
    at("2026-03-02T08:59:55Z")
}

fn ahead() -> Moment {
    at("2027-04-06T09:00:00.001Z")
}

fn just_in_time() -> Moment {
    at("2027-04-06T09:00:00Z")
}

/// A file whose last moment is nine o'clock.
fn desk() -> World {
    let mut world = World::new();
    world.run("CREATE QUEUE front");
    world
}

/// Runs a statement by that clock: the notes of the reply, or the code of the refusal.
fn live(world: &mut World, clock: fn() -> Moment, statement: &str) -> Result<Vec<String>, &'static str> {
    let context = Context::live(clock, "maria", [7; 32]);
    match world.desk.run(statement, &Parameters::new(), &context) {
        Ok(reply) => Ok(reply.notes),
        Err(failure) => Err(failure.error.code().name()),
    }
}

fn last_timestamp(world: &mut World) -> String {
    world.rows("SELECT at FROM journal ORDER BY seq DESC LIMIT 1").remove(0)
}

#[test]
fn a_clock_that_is_behind_is_reported_and_the_last_timestamp_is_used() {
    let mut world = desk();
    let notes = live(&mut world, behind, "CREATE QUEUE one").expect("done");
    assert_eq!(notes, ["the system clock is 10s behind the last entry; using the last entry's time"]);
    assert_eq!(last_timestamp(&mut world), "2026-03-02T09:00:00.000Z");
    assert_eq!(live(&mut world, a_little_behind, "CREATE QUEUE two"), Ok(Vec::new()), "5 s are nothing");
    assert_eq!(last_timestamp(&mut world), "2026-03-02T09:00:00.000Z");
}

#[test]
fn a_clock_that_is_far_ahead_writes_nothing_unless_it_is_accepted() {
    let mut world = desk();
    assert_eq!(live(&mut world, ahead, "CREATE QUEUE one"), Err("clock"));
    assert_eq!(live(&mut world, ahead, "SWEEP"), Err("clock"));
    live(&mut world, ahead, "SHOW QUEUES").expect("a query is never refused for the clock");
    let mut context = Context::live(ahead, "maria", [7; 32]);
    context.accept_clock = true;
    world.desk.run("CREATE QUEUE one", &Parameters::new(), &context).expect("accepted");
    assert_eq!(last_timestamp(&mut world), "2027-04-06T09:00:00.001Z");
}

#[test]
fn four_hundred_days_are_taken() {
    let mut world = desk();
    live(&mut world, just_in_time, "CREATE QUEUE one").expect("done");
    assert_eq!(last_timestamp(&mut world), "2027-04-06T09:00:00.000Z");
}

#[test]
fn a_replay_cannot_go_back_in_time() {
    let mut world = desk();
    world.now = at("2026-03-02T08:59:59.999Z");
    assert_eq!(world.refused("CREATE QUEUE one"), "clock");
    assert_eq!(world.refused("SWEEP"), "clock");
    world.now = at("2026-03-02T09:00:00Z");
    world.run("CREATE QUEUE one");
}
