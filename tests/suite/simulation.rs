//! Random days on random desks: every decision of the router is that of a plain model.
//!
//! The model reads from the log what people and timers did, and decides by itself what the router does next. Its
//! pushes, pools, offers and PICK NEXT are compared in order, and at intervals its loads and offers with those of
//! the file. Timers fire one by one, so that an entry has one cause. `SIMULATIONS` sets the number of days.

mod day;
mod model;

use std::collections::BTreeMap;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Params};
use switchboard::Moment;

use crate::support::World;
use crate::support::session::{Numbers, seeds};
use day::Desk;
use model::{Choice, Model, Moved, Scope};

/// How many seeds are tried where nothing else is asked for.
const SEEDS: u64 = 100;

/// Statements of a day.
const STATEMENTS: usize = 48;

/// An entry of the log: what people and timers did, and what the router did.
#[derive(Debug, Default)]
struct Entry {
    changes: Vec<String>,
    moves: Vec<Moved>,
    by_router: Vec<Moved>,
    offered: Vec<Choice>,
}

/// What a day came to.
#[derive(Debug, Default)]
struct Course {
    pushed: usize,
    offered: usize,
    pooled: usize,
    next: usize,
}

struct Day {
    seed: u64,
    world: World,
    /// Reads beside the program: preparing each question again would take most of the time.
    reader: Connection,
    model: Model,
    script: String,
    read: (i64, i64),
    course: Course,
}

impl Day {
    fn new(seed: u64, desk: &Desk) -> Day {
        let mut world = World::new();
        world.play(&desk.script);
        let reader = Connection::open(world.path()).expect("the file");
        let (model, script) = (Model::default(), desk.script.clone());
        let mut day = Day { seed, world, reader, model, script, read: (0, 0), course: Course::default() };
        for entry in day.entries() {
            day.follow(&entry, Scope::default(), &mut Vec::new());
        }
        day
    }

    fn fail(&self, words: &str) -> ! {
        panic!("seed {}: {words}\n\n{}", self.seed, self.script)
    }

    /// The rows of a question as lines, columns parted by a bar; nothing is empty.
    fn rows(&self, question: &str, values: impl Params) -> Vec<String> {
        let mut statement = self.reader.prepare_cached(question).expect(question);
        let columns = statement.column_count();
        let line = |row: &rusqlite::Row<'_>| {
            let text = |column| match row.get_ref_unwrap(column) {
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                _ => String::new(),
            };
            Ok((0..columns).map(text).collect::<Vec<_>>().join("|"))
        };
        let lines = statement.query_map(values, line).expect(question);
        lines.collect::<rusqlite::Result<_>>().expect(question)
    }

    /// The entries since the last reading.
    fn entries(&mut self) -> Vec<Entry> {
        let mut entries: BTreeMap<i64, Entry> = BTreeMap::new();
        let changes = self.rows(
            "SELECT seq, journal, kind, object, item, name, value FROM changes
                WHERE seq > ?1 AND kind <> 'timer' AND kind <> 'session' ORDER BY seq",
            [self.read.0],
        );
        for row in changes {
            let mut parts = row.splitn(3, '|');
            let mut number = || parts.next().and_then(|part| part.parse().ok()).expect("a number");
            self.read.0 = number();
            let entry = entries.entry(number()).or_default();
            let rest = parts.next().expect("the rest");
            let columns: Vec<&str> = rest.split('|').collect();
            match (columns[0], columns[3]) {
                ("offer", "made") => {
                    let number = |column: usize| columns[column].parse().expect("a number");
                    entry.offered.push(Choice::Offer(number(1), number(2)));
                }
                _ => entry.changes.push(rest.to_owned()),
            }
        }
        let moves = self.rows(
            "SELECT seq, journal, actor_kind, conversation, event, to_state, to_agent, to_queue, at_ms FROM transitions
                WHERE seq > ?1 ORDER BY seq",
            [self.read.1],
        );
        for row in moves {
            let columns: Vec<&str> = row.split('|').collect();
            let number = |column: usize| columns[column].parse::<i64>().expect("a number");
            self.read.1 = number(0);
            let moved = Moved {
                conversation: number(3),
                event: columns[4].to_owned(),
                to_state: columns[5].to_owned(),
                to_agent: Some(columns[6]).filter(|name| !name.is_empty()).map(str::to_owned),
                to_queue: columns[7].to_owned(),
                at: number(8),
            };
            let entry = entries.entry(number(1)).or_default();
            if columns[2] == "router" { entry.by_router.push(moved) } else { entry.moves.push(moved) }
        }
        entries.into_values().collect()
    }

    /// Takes in what happened, and holds what the router did against what the model does. `just`: what was given up
    /// at once before.
    fn follow(&mut self, entry: &Entry, scope: Scope, just: &mut Vec<(i64, i64)>) {
        for change in &entry.changes {
            just.extend(self.model.change(&change.split('|').collect::<Vec<_>>()));
        }
        for moved in &entry.moves {
            let id = moved.conversation;
            if !self.model.conversations.contains_key(&id) {
                let question =
                    "SELECT workstream, customer, priority, skills FROM conversations WHERE id = ?1";
                let row = self.rows(question, [id]);
                self.model.born(id, &row[0].split('|').collect::<Vec<_>>());
            }
            just.extend(self.model.moved(moved));
        }
        let (offers, moves): (Vec<Choice>, Vec<Choice>) =
            self.model.route(scope, just).into_iter().partition(|choice| matches!(choice, Choice::Offer(..)));
        let by_router: Vec<Choice> = entry.by_router.iter().map(|moved| self.choice(moved)).collect();
        if (&moves, &offers) != (&by_router, &entry.offered) {
            self.fail(&format!(
                "the router does {by_router:?}, offers {:?}\n  instead of {moves:?}, offers {offers:?}; given up just now: {just:?}",
                entry.offered
            ));
        }
        self.course.offered += offers.len();
        self.course.pushed += moves.iter().filter(|choice| matches!(choice, Choice::Push(..))).count();
        self.course.pooled += moves.iter().filter(|choice| matches!(choice, Choice::Dispatch(_))).count();
        let faults = if scope.every { Vec::new() } else { self.model.faults(just) };
        if !faults.is_empty() {
            self.fail(&faults.join("\n"));
        }
    }

    fn choice(&self, moved: &Moved) -> Choice {
        let id = moved.conversation;
        let agent = moved.to_agent.as_ref().and_then(|name| {
            self.model.agents.iter().find(|(_, agent)| agent.name == *name).map(|(id, _)| *id)
        });
        match (moved.event.as_str(), agent) {
            ("push", Some(agent)) => Choice::Push(id, agent),
            ("dispatch", None) => Choice::Dispatch(id),
            ("requeue", None) => Choice::Requeue(id),
            _ => self.fail(&format!("the router does {moved:?}")),
        }
    }

    /// Lets happen one by one what is due until then.
    fn pass(&mut self, then: Moment) {
        let due = "SELECT min(due_at_ms) FROM timers WHERE due_at_ms IS NOT NULL";
        while let Ok(at) = self.rows(due, [])[0].parse::<i64>()
            && at <= then.0
        {
            self.world.now = Moment(at.max(self.world.now.0));
            self.script.push_str(&format!("@ {}\nSWEEP LIMIT 1;\n", self.world.now));
            self.world.run("SWEEP LIMIT 1");
            for entry in self.entries() {
                self.follow(&entry, Scope::default(), &mut Vec::new());
            }
        }
        self.world.now = then;
    }

    /// Runs a statement; what PICK NEXT gives is known before.
    fn run(&mut self, statement: &str) {
        self.script.push_str(&format!("@ {}\n{statement};\n", self.world.now));
        let next = self.next(statement);
        let answer = self.world.try_run(statement);
        let code = answer.as_ref().err().map(|failure| failure.error.code().name());
        // Nothing was due: what is refused has written nothing.
        let mut entries = if code.is_none() { self.entries() } else { Vec::new() };
        if let Some(expected) = next {
            let found = match code {
                Some(code) => Err(code),
                None => Ok(entries[0].moves[0].conversation),
            };
            self.course.next += usize::from(found.is_ok());
            if found != expected {
                self.fail(&format!("{statement} gives {found:?} instead of {expected:?}"));
            }
        }
        let scope = self.scope(statement);
        if scope.every && code.is_none() && entries.is_empty() {
            entries.push(Entry::default());
        }
        // What is due at once, housekeeping, comes after it in an entry of its own.
        let mut just = Vec::new();
        for (place, entry) in entries.iter().enumerate() {
            self.follow(entry, if place == 0 { scope } else { Scope::default() }, &mut just);
        }
    }

    /// What the model says about a PICK NEXT.
    fn next(&self, statement: &str) -> Option<Result<i64, &'static str>> {
        let words: Vec<&str> = statement.strip_prefix("PICK NEXT BY ")?.split(" FROM ").collect();
        let agent = self.model.agents.iter().find(|(_, agent)| agent.name == words[0])?.0;
        Some(self.model.next(*agent, words.get(1).map(|name| self.queue(name))))
    }

    fn queue(&self, name: &str) -> i64 {
        let named = self.model.queues.iter().find(|(_, queue)| queue.name == name);
        *named.expect("a queue").0
    }

    fn scope(&self, statement: &str) -> Scope {
        let words: Vec<&str> = statement.split(' ').collect();
        let after = |word: &str| words.iter().position(|known| *known == word).map(|place| words[place + 1]);
        if words[0] != "ROUTE" {
            return Scope::default();
        }
        let limit = after("LIMIT").map(|count| count.parse().expect("a number"));
        Scope { every: true, queue: after("QUEUE").map(|name| self.queue(name)), limit }
    }

    /// Loads and offers of the file are the model's; nobody has more than their capacity unless it was lowered.
    fn compare(&mut self) {
        let loads = self.rows("SELECT agent, load FROM agents ORDER BY agent", []);
        let mut own: Vec<String> = self
            .model
            .agents
            .iter()
            .map(|(id, agent)| format!("{}|{}", agent.name, self.model.load(*id)))
            .collect();
        own.sort();
        if loads != own {
            self.fail(&format!("the loads are {loads:?} instead of {own:?}"));
        }
        let offers =
            self.rows("SELECT conversation FROM offers WHERE answer = 'open' ORDER BY conversation", []);
        let own: Vec<String> = self
            .model
            .conversations
            .iter()
            .filter(|(_, one)| one.offer.is_some())
            .map(|(id, _)| id.to_string())
            .collect();
        if offers != own {
            self.fail(&format!("offered are {offers:?} instead of {own:?}"));
        }
    }
}

/// What the day of that seed leaves.
pub fn world_after(seed: u64) -> World {
    play(seed).world
}

/// Plays the day of that seed.
fn play(seed: u64) -> Day {
    let mut numbers = Numbers::new(seed ^ 0xda7);
    let desk = day::desk(&mut numbers);
    let mut day = Day::new(seed, &desk);
    for place in 1..=STATEMENTS {
        let seconds = match numbers.below(12) {
            0..=3 => 0,
            4 => 60 + numbers.below(400),
            _ => numbers.below(25),
        };
        let then = Moment(day.world.now.0 + 1_000 * seconds as i64);
        if seconds > 0 {
            day.pass(then);
        }
        let statement = desk.statement(&mut numbers, &day.model);
        day.run(&statement);
        if place % 12 == 0 {
            day.compare();
        }
    }
    day
}

#[test]
fn the_router_does_what_its_model_does() {
    let seeds = seeds("SIMULATIONS", SEEDS);
    let mut whole = Course::default();
    let count = seeds.end - seeds.start;
    for seed in seeds {
        let course = play(seed).course;
        whole.pushed += course.pushed;
        whole.offered += course.offered;
        whole.pooled += course.pooled;
        whole.next += course.next;
    }
    println!("{count} days: {whole:?}");
    let least = usize::try_from(count).expect("small") / 2;
    let enough = [whole.pushed, whole.offered, whole.pooled, whole.next].iter().all(|made| *made >= least);
    assert!(enough || count == 1, "too little happens: {whole:?}");
}
