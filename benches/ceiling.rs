//! How close the engine comes to what SQLite can do, in one run on one machine.
//!
//! Printed: the time of a bare fdatasync; the ceiling, which is bare SQLite with one IMMEDIATE
//! transaction that updates a conversation and inserts an audit row (four indexes, WAL, synchronous
//! FULL), once with prepared statements and once, as the engine gets them, from fresh text; and the
//! engine through its text interface, which checks every rule twice and writes a sealed journal.
//! Ratios are ceiling ÷ engine: 1.0 is as fast as bare SQLite.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use switchboard::testing::BatchEnd;
use switchboard::{Context, Creation, Moment, OpenOptions, Parameters, Switchboard};

/// The conversations in both files. Each statement moves one of them, chosen at random.
const CONVERSATIONS: i64 = 200_000;
/// The statements of one round, each in its own transaction.
const SINGLE: usize = 300;
/// The statements of one batch.
const BATCH: usize = 1_000;
/// The rounds; bare SQLite and the engine alternate.
const ROUNDS: usize = 12;

fn main() {
    let folder =
        tempfile::Builder::new().prefix("bench").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let mut bare = Bare::new(&folder.path().join("bare.db"));
    let mut engine = Engine::new(&folder.path().join("engine.db"));
    let sync = median(&mut syncs(&folder.path().join("sync")));
    let mut single: [Vec<Duration>; 3] = Default::default();
    let mut batch: [Vec<Duration>; 3] = Default::default();
    for _ in 0..ROUNDS {
        for (way, text) in [(0, Text::Prepared), (1, Text::Fresh)] {
            single[way].extend((0..SINGLE).map(|_| timed(|| bare.one(text))));
            batch[way].push(timed(|| bare.batch(text)) / BATCH as u32);
        }
        single[2].extend((0..SINGLE).map(|_| timed(|| engine.one())));
        batch[2].push(timed(|| engine.batch()) / BATCH as u32);
    }
    println!("medians over {ROUNDS} rounds; {CONVERSATIONS} conversations in each file");
    println!("fdatasync                                   {:>8.1} µs", micros(sync));
    for (name, times) in
        [("one statement a transaction", &mut single), ("1,000 statements a transaction", &mut batch)]
    {
        let [ceiling, fresh, ours] = times.each_mut().map(|times| micros(median(times)));
        println!("{name}");
        println!("  ceiling, bare SQLite, prepared (2 rows)   {ceiling:>8.1} µs");
        println!("  bare SQLite from fresh text (2 rows)      {fresh:>8.1} µs");
        println!("  engine, text in, reply out (3 rows)       {ours:>8.1} µs");
        println!("  ceiling ÷ engine                          {:>8.2}", ceiling / ours);
        println!("  fresh text ÷ engine                       {:>8.2}", fresh / ours);
    }
    engine.life();
    engine.feelings();
}

/// Returns the conversation of a turn, and whether it is picked. The next turn releases it again.
fn drawn(turn: i64) -> (i64, bool) {
    let place = (turn + 1) / 2;
    (place.wrapping_mul(48_271).rem_euclid(CONVERSATIONS) + 1, turn % 2 == 1)
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn syncs(path: &Path) -> Vec<Duration> {
    let mut file = File::create(path).expect("a file");
    let page = [7; 4096];
    let mut sync = || {
        file.write_all(&page).expect("written");
        timed(|| file.sync_data().expect("synced"))
    };
    (0..300).map(|_| sync()).collect()
}

/// Whether bare SQLite uses prepared statements or prepares the text each time.
#[derive(Clone, Copy)]
enum Text {
    Prepared,
    Fresh,
}

/// Bare SQLite with the writes of the ceiling.
struct Bare {
    connection: Connection,
    next: i64,
}

impl Bare {
    fn new(path: &Path) -> Bare {
        let connection = Connection::open(path).expect("a file");
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768;
                CREATE TABLE conversation (id INTEGER PRIMARY KEY, state TEXT NOT NULL, queue INTEGER NOT NULL, agent INTEGER,
                    priority INTEGER NOT NULL, opened_at INTEGER NOT NULL, state_since INTEGER NOT NULL) STRICT;
                CREATE INDEX by_queue ON conversation (queue, priority, opened_at) WHERE state = 'Open';
                CREATE INDEX by_agent ON conversation (agent) WHERE agent IS NOT NULL;
                CREATE INDEX by_state ON conversation (state, state_since);
                CREATE TABLE audit (seq INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, event TEXT NOT NULL,
                    from_state TEXT, to_state TEXT NOT NULL, agent INTEGER, actor TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
                CREATE INDEX by_conversation ON audit (conversation, seq);
                BEGIN;",
            )
            .expect("a schema");
        for id in 1..=CONVERSATIONS {
            connection
                .execute("INSERT INTO conversation VALUES (?1, 'Open', 1, NULL, 0, ?1, ?1)", [id])
                .expect("inserted");
        }
        connection.execute_batch("COMMIT").expect("committed");
        Bare { connection, next: 0 }
    }

    fn write(&mut self, text: Text) {
        self.next += 1;
        let (id, picks) = drawn(self.next);
        let (event, from, to, agent) =
            if picks { ("pick", "Open", "Active", Some(1)) } else { ("release", "Active", "Open", None) };
        let update = "UPDATE conversation SET state = ?2, agent = ?3, state_since = ?4 WHERE id = ?1";
        let insert = "INSERT INTO audit (conversation, event, from_state, to_state, agent, actor, at)
            VALUES (?1, ?2, ?3, ?4, ?5, 'maria', ?6)";
        self.execute(text, update, (id, to, agent, self.next));
        self.execute(text, insert, (id, event, from, to, agent, self.next));
    }

    fn execute(&self, text: Text, statement: &str, values: impl rusqlite::Params) {
        match text {
            Text::Prepared => {
                self.connection.prepare_cached(statement).and_then(|mut run| run.execute(values))
            }
            Text::Fresh => self.connection.prepare(statement).and_then(|mut run| run.execute(values)),
        }
        .expect("written");
    }

    fn run(&self, statement: &str) {
        self.connection.prepare_cached(statement).and_then(|mut run| run.execute([])).expect("run");
    }

    fn one(&mut self, text: Text) {
        self.run("BEGIN IMMEDIATE");
        self.write(text);
        self.run("COMMIT");
    }

    fn batch(&mut self, text: Text) {
        self.run("BEGIN IMMEDIATE");
        (0..BATCH).for_each(|_| self.write(text));
        self.run("COMMIT");
    }
}

struct Engine {
    desk: Switchboard,
    next: i64,
    turn: i64,
    none: Parameters,
}

impl Engine {
    fn new(path: &Path) -> Engine {
        let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
        let desk = Switchboard::open(path, &options).expect("a file");
        let mut engine = Engine { desk, next: 0, turn: 0, none: Parameters::new() };
        engine.desk.begin_batch().expect("a batch");
        for statement in [
            "CREATE QUEUE front",
            "CREATE AGENT alice WITH (presence = available, capacity = 1000000) IN front",
            "CREATE WORKSTREAM texts WITH (channel = sms, lifecycle = omnichannel, queue = front, waiting_timeout = off)",
        ] {
            engine.run(statement);
        }
        for id in 1..=CONVERSATIONS {
            engine.run(&format!("OPEN ON texts FOR 'customer {id}'"));
        }
        engine.desk.end_batch(BatchEnd::Commit).expect("committed");
        engine
    }

    fn run(&mut self, statement: &str) {
        self.next += 1;
        let context = Context::given(Moment(1_772_442_000_000 + self.next), "maria");
        self.desk
            .run(statement, &self.none, &context)
            .unwrap_or_else(|failure| panic!("{statement}: {failure}"));
    }

    fn one(&mut self) {
        self.turn += 1;
        let (id, picks) = drawn(self.turn);
        let statement = if picks { format!("PICK {id} BY alice") } else { format!("RELEASE {id}") };
        self.run(&statement);
    }

    fn batch(&mut self) {
        self.desk.begin_batch().expect("a batch");
        (0..BATCH).for_each(|_| self.one());
        self.desk.end_batch(BatchEnd::Commit).expect("committed");
    }

    /// Times the detection of sentiment.
    ///
    /// It writes the same message in the same conversation, with the setting off and on in turn.
    fn feelings(&mut self) {
        const MESSAGE: &str =
            "MESSAGE 1 FROM CUSTOMER 'I have been waiting for two weeks and nobody answers, thanks'";
        let mut times: [Vec<Duration>; 2] = Default::default();
        for turn in 0..2 * ROUNDS {
            let word = ["off", "on"][turn % 2];
            self.run(&format!("ALTER WORKSTREAM texts SET sentiment = {word}"));
            self.desk.begin_batch().expect("a batch");
            times[turn % 2].extend((0..BATCH).map(|_| timed(|| self.run(MESSAGE))));
            self.desk.end_batch(BatchEnd::Commit).expect("committed");
        }
        let [off, on] = times.each_mut().map(|times| micros(median(times)));
        println!("a customer's message of 60 characters (1,000 statements a transaction)");
        println!("  sentiment off                             {off:>8.1} µs");
        println!("  sentiment on, over six of them            {on:>8.1} µs");
    }

    /// Times the whole life of conversations, including messages, in a batch.
    fn life(&mut self) {
        const LIVES: i64 = 2_000;
        let first = CONVERSATIONS + 1;
        let took = timed(|| {
            self.desk.begin_batch().expect("a batch");
            for id in first..first + LIVES {
                for statement in [
                    format!("OPEN ON texts FOR 'newcomer {id}' SUBJECT 'Order {id}'"),
                    format!("PICK {id} BY alice"),
                    format!("MESSAGE {id} FROM CUSTOMER 'Where is my order number {id}?'"),
                    format!("MESSAGE {id} FROM AGENT alice 'Order {id} is on its way.'"),
                    format!("END {id}"),
                    format!("CLOSE {id}"),
                ] {
                    self.run(&statement);
                }
            }
            self.desk.end_batch(BatchEnd::Commit).expect("committed");
        });
        println!("a whole life: open, pick, two messages, end, close (6 statements, 1 batch)");
        println!("  engine, a statement                       {:>8.1} µs", micros(took) / (LIVES * 6) as f64);
    }
}
