//! Lifecycles that nobody would design, but that pass every check: whatever is done with them, nothing breaks.
//!
//! Each is a built-in lifecycle with clauses removed, changed and added at random, by a seed. Those that the
//! checks refuse are counted; the others are used by random statements and verified.

use std::collections::BTreeMap;

use switchboard::Moment;
use switchboard::testing::domain::closed_lists::{Channel, Event};

use crate::support::World;
use crate::support::session::Numbers;

/// How many are tried, and how many statements are tried on each that is sound.
const DRAWN: u64 = 200;
const STATEMENTS: usize = 80;

const BUILT_IN: [&str; 4] = ["omnichannel", "dispatch", "topic", "unified"];
const CONDITIONS: [&str; 6] = ["", "", " IF BOT", " IF NO BOT", " IF WRAPUP", " IF NO WRAPUP"];

/// The clauses of a lifecycle and the names of its states.
struct Sketch {
    options: String,
    states: Vec<String>,
    clauses: Vec<String>,
}

impl Sketch {
    fn of(world: &mut World, lifecycle: &str, channel: Channel) -> Sketch {
        let lines = world.rows(&format!("SHOW LIFECYCLE {lifecycle} CHANNEL {channel} AS SCRIPT"));
        let options = lines[0].split_once(lifecycle).map_or("", |(_, rest)| rest).trim_end_matches('(');
        let clauses =
            lines[1..lines.len() - 1].iter().map(|line| line.trim().trim_end_matches(',').to_owned());
        let states = world.rows(&format!(
            "SELECT state FROM states WHERE lifecycle = '{lifecycle}' AND channel = '{channel}'"
        ));
        Sketch { options: options.to_owned(), states, clauses: clauses.collect() }
    }

    fn state(&self, numbers: &mut Numbers) -> String {
        format!("\"{}\"", self.states[numbers.below(self.states.len())])
    }

    fn bend(&mut self, numbers: &mut Numbers) {
        let edges: Vec<usize> =
            (0..self.clauses.len()).filter(|at| self.clauses[*at].starts_with("ON")).collect();
        match numbers.below(3) {
            0 => drop(self.clauses.remove(edges[numbers.below(edges.len())])),
            1 => {
                let at = edges[numbers.below(edges.len())];
                let to = self.state(numbers);
                let clause = &self.clauses[at];
                let (before, after) = clause.split_once(" TO ").unwrap_or((clause, ""));
                let rest = [" AFTER", " IF"].iter().find_map(|word| after.find(word).map(|at| &after[at..]));
                self.clauses[at] = format!("{before} TO {to}{}", rest.unwrap_or_default());
            }
            _ => {
                let event = Event::ALL[numbers.below(Event::ALL.len())];
                let from =
                    if event.opens() { String::new() } else { format!(" FROM {}", self.state(numbers)) };
                let after = if event.is_timer() && event != Event::Housekeep { " AFTER 7m" } else { "" };
                let to = self.state(numbers);
                self.clauses.push(format!("ON {event}{from} TO {to}{}{after}", numbers.one_of(&CONDITIONS)));
            }
        }
    }

    fn statement(&self) -> String {
        format!("CREATE LIFECYCLE wild{} ({})", self.options, self.clauses.join(", "))
    }
}

/// A desk with that lifecycle, on workstreams with and without a bot and after-work; none: it is not sound.
fn desk(seed: u64) -> Result<(World, String), String> {
    let mut numbers = Numbers::new(seed);
    let mut world = World::new();
    let channel = *[Channel::Chat, Channel::Sms, Channel::Record].get(numbers.below(3)).expect("a channel");
    let mut sketch = Sketch::of(&mut world, BUILT_IN[numbers.below(4)], channel);
    for _ in 0..=numbers.below(6) {
        sketch.bend(&mut numbers);
    }
    let statement = sketch.statement();
    if let Err(failure) = world.try_run(&statement) {
        return Err(format!("{}", failure.error.code()));
    }
    for queue in ["billing", "front", "\"my /* queue\""] {
        world.run(&format!("CREATE QUEUE {queue}"));
    }
    for agent in ["alice", "bob"] {
        world.run(&format!(
            "CREATE AGENT {agent} WITH (presence = available, capacity = 4) IN billing, front"
        ));
    }
    for (place, more) in ["", ", bot = on", ", wrapup = on", ", bot = on, wrapup = on"].iter().enumerate() {
        let settings = format!("channel = {channel}, lifecycle = wild, queue = billing{more}");
        let _ = world.try_run(&format!("CREATE WORKSTREAM w{} WITH ({settings})", place + 1));
    }
    Ok((world, statement))
}

fn work(seed: u64, world: &mut World, definition: &str) {
    let mut numbers = Numbers::new(seed ^ 0x5eed);
    for _ in 0..STATEMENTS {
        if numbers.below(4) == 0 {
            world.now = Moment(world.now.0 + 1 + numbers.below(900_000) as i64);
            world.run("SWEEP");
        }
        let opened = world.rows("SELECT count(*) FROM conversations")[0].parse().expect("a number");
        let statement = numbers.statement(opened);
        if let Err(failure) = world.try_run(&statement) {
            let code = failure.error.code().name();
            assert_ne!(code, "internal", "seed {seed}: {statement}: {failure}\n{definition}");
        }
    }
    world.now = Moment(world.now.0 + 40 * 86_400_000);
    world.run("SWEEP");
    let verdict = world.try_run("VERIFY JOURNAL");
    assert!(verdict.is_ok(), "seed {seed}: {verdict:?}\n{definition}");
}

#[test]
fn every_lifecycle_that_passes_the_checks_can_be_worked_with() {
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..DRAWN {
        let outcome = match desk(seed) {
            Ok((mut world, definition)) => {
                work(seed, &mut world, &definition);
                "sound".to_owned()
            }
            Err(code) => code,
        };
        *outcomes.entry(outcome).or_default() += 1;
    }
    println!("{outcomes:?}");
    assert!(outcomes["sound"] > 30 && outcomes["invalid_lifecycle"] > 30, "{outcomes:?}");
}
