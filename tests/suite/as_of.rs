//! AS OF answers what the file contained at that time.
//!
//! At random times of random days, every query AS OF the time gives the answer of a file on which the script ran only up to
//! that time and was swept there; and AS OF the present is the present. `AS_OF` sets the number of days.

use switchboard::{Moment, Reply};

use crate::schedule::script::{Step, desk, end, script};
use crate::support::session::{Numbers, seeds};
use crate::support::{World, at};

/// Days by default, and times queried on each.
const DAYS: u64 = 10;
const TIMES: usize = 5;

/// Every query that takes AS OF; `{}` is a conversation.
const QUERIES: [&str; 13] = [
    "SHOW ONGOING LAST 1d",
    "SHOW ONGOING ALL",
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

/// The answer to a query, or the code of its refusal; without the random topic of a conversation.
fn answer(world: &mut World, query: &str) -> String {
    match world.try_run(query) {
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

/// A day that is played step by step.
struct Day<'a> {
    world: World,
    ahead: &'a [Step],
}

impl<'a> Day<'a> {
    fn new(seed: u64, script: &'a [Step]) -> Day<'a> {
        let mut world = World::new();
        world.play(&desk(&mut Numbers::new(seed)));
        Day { world, ahead: script }
    }

    /// Runs the statements up to and including that time.
    fn run_until(&mut self, until: Moment) {
        while let [step, ahead @ ..] = self.ahead
            && step.at <= until
        {
            self.world.now = step.at;
            // What is refused is refused in every run.
            let _ = self.world.try_run(&step.statement);
            self.ahead = ahead;
        }
        self.world.now = until;
    }

    /// A copy of the file as it is now, swept.
    fn swept_copy(&self) -> World {
        let mut copy = self.world.copy();
        copy.run("SWEEP TIMEOUTS");
        copy
    }
}

/// Times of a day in their order, half of them exactly those of statements.
fn times(numbers: &mut Numbers, script: &[Step]) -> Vec<Moment> {
    let begin = at("2026-03-02T09:00:00Z");
    let span = usize::try_from(end(script).0 - begin.0).expect("forward");
    let mut times: Vec<Moment> = (0..TIMES)
        .map(|_| match numbers.below(2) {
            0 => script[numbers.below(script.len())].at,
            _ => Moment(begin.0 + numbers.below(span + 1) as i64),
        })
        .collect();
    times.sort_unstable();
    times
}

#[test]
fn as_of_a_time_is_what_a_file_shows_that_ends_there() {
    let (mut days, mut compared) = (0, 0);
    for seed in seeds("AS_OF", DAYS) {
        let script = script(seed);
        let mut numbers = Numbers::new(!seed);
        let mut day = Day::new(seed, &script);
        let past: Vec<(Moment, World)> = times(&mut numbers, &script)
            .into_iter()
            .map(|time| {
                day.run_until(time);
                (time, day.swept_copy())
            })
            .collect();
        let end = end(&script);
        day.run_until(Moment(end.0 + 1_000));
        let mut whole = day.world;
        whole.run("SWEEP TIMEOUTS");
        whole.now = Moment(end.0 + 3_600_000);
        for (time, mut then) in past {
            let conversation = 1 + numbers.below(12);
            for query in QUERIES {
                let query = query.replace("{}", &conversation.to_string());
                let past = answer(&mut whole, &format!("{query} AS OF '{time}'"));
                assert_eq!(past, answer(&mut then, &query), "seed {seed}: {query} AS OF '{time}'");
                compared += past.lines().count();
            }
        }
        days += 1;
    }
    println!("{compared} rows were equal");
    assert!(compared > 50 * days, "too little to compare: {compared} rows");
}

#[test]
fn as_of_now_is_the_present_even_with_overdue_timers() {
    for seed in 0..5 {
        let script = script(seed);
        let mut day = Day::new(seed, &script);
        day.run_until(script[script.len() / 2].at);
        let mut world = day.swept_copy();
        world.now = Moment(world.now.0 + 60_000);
        for query in QUERIES {
            let conversations = if query.contains("{}") { 1..8 } else { 0..1 };
            for conversation in conversations {
                let query = query.replace("{}", &conversation.to_string());
                let past = format!("{query} AS OF '{}'", world.now);
                assert_eq!(answer(&mut world, &past), answer(&mut world, &query), "seed {seed}: {query}");
            }
        }
    }
}
