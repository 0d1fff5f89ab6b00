//! AS OF gives what stood there at that moment.
//!
//! What matters: at random moments of random days, every look AS OF the moment equals the same look at a fresh file on
//! which the script was run up to that moment only, and swept there; and AS OF the present is the present.
//! `AS_OF=500` tries so many days instead of the usual ones, `AS_OF_SEED=17` that one alone.

use switchboard::{Moment, Reply};

use crate::schedule::script::{Step, desk, end, script};
use crate::support::session::{Numbers, seeds};
use crate::support::{World, at};

/// Days, and moments looked at on each: 200 together.
const DAYS: u64 = 40;
const MOMENTS: usize = 5;

/// Every look that takes AS OF; `{}` is a conversation.
const LOOKS: [&str; 12] = [
    "SHOW ONGOING LAST 1d",
    "SHOW ONGOING QUEUE front LAST 1m",
    "SHOW AGENTS",
    "SHOW QUEUES",
    "SHOW WORKSTREAMS",
    "SHOW LIFECYCLES",
    "SHOW SUPERVISORS",
    "SHOW SERVICES",
    "SHOW TIMERS",
    "SHOW SITE",
    "SHOW REPORTS",
    "SHOW CONVERSATION {}",
];

/// What a look says, or why it is refused; of a conversation its random topic apart.
fn said(world: &mut World, look: &str) -> String {
    match world.try_run(look) {
        Ok(reply) => rows(&reply),
        Err(failure) => failure.error.code().name().to_owned(),
    }
}

fn rows(reply: &Reply) -> String {
    let topic = reply.columns.iter().position(|column| column.name == "topic");
    let row = |row: &Vec<switchboard::Value>| {
        let shown = row.iter().enumerate().filter(|(place, _)| Some(*place) != topic);
        shown.map(|(_, value)| crate::support::text(value)).collect::<Vec<_>>().join("|")
    };
    reply.rows.iter().map(row).collect::<Vec<_>>().join("\n")
}

/// A world on which the script has run up to that moment, and which was swept there.
fn run_until(seed: u64, script: &[Step], until: Moment) -> World {
    let mut world = World::in_memory();
    world.play(&desk(&mut Numbers::new(seed)));
    for step in script.iter().take_while(|step| step.at <= until) {
        world.now = step.at;
        // What is refused is refused in every run.
        let _ = world.try_run(&step.statement);
    }
    world.now = until;
    world.run("SWEEP TIMEOUTS");
    world
}

#[test]
fn as_of_a_moment_is_what_a_file_shows_that_ends_there() {
    let mut compared = 0;
    for seed in seeds("AS_OF", DAYS) {
        let script = script(seed);
        let whole_day = end(&script);
        let mut day = run_until(seed, &script, Moment(whole_day.0 + 1_000));
        day.now = Moment(whole_day.0 + 3_600_000);
        let begin = at("2026-03-02T09:00:00Z");
        let mut numbers = Numbers::new(!seed);
        for _ in 0..MOMENTS {
            // Half of them at the very moment of a statement.
            let moment = match numbers.below(2) {
                0 => script[numbers.below(script.len())].at,
                _ => {
                    let span = usize::try_from(whole_day.0 - begin.0).expect("forward");
                    Moment(begin.0 + numbers.below(span + 1) as i64)
                }
            };
            let mut then = run_until(seed, &script, moment);
            let conversation = 1 + numbers.below(12);
            for look in LOOKS {
                let look = look.replace("{}", &conversation.to_string());
                let past = said(&mut day, &format!("{look} AS OF '{moment}'"));
                assert_eq!(past, said(&mut then, &look), "seed {seed}: {look} AS OF '{moment}'");
                compared += past.lines().count();
            }
        }
    }
    println!("{compared} rows were equal");
    assert!(compared > 2_000, "too little to compare: {compared} rows");
}

#[test]
fn as_of_now_is_the_present_even_where_timers_are_overdue() {
    for seed in 0..5 {
        let script = script(seed);
        let mut world = run_until(seed, &script, script[script.len() / 2].at);
        world.now = Moment(world.now.0 + 60_000);
        for look in LOOKS {
            for conversation in 1..8 {
                let look = look.replace("{}", &conversation.to_string());
                let past = format!("{look} AS OF '{}'", world.now);
                assert_eq!(said(&mut world, &past), said(&mut world, &look), "seed {seed}: {look}");
            }
        }
    }
}
