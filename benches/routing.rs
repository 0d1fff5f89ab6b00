//! Choosing the next conversation, however many wait and whatever is at the front of the line.
//!
//! Printed, for 1,000 and for 100,000 waiting in 10 queues with 600 sets of skills, of which the
//! first tenth in line fits no agent: the time in which PICK NEXT and ROUTE choose (EXPLAIN within
//! one batch, minus EXPLAIN of a statement that makes no choice), compared with a bare read of the
//! head of a queue from an index of its own; and their ratios.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod filling;

use std::path::Path;
use std::time::{Duration, Instant};

use filling::{connected, copy_of_the_first, opened, without_triggers};
use rusqlite::Connection;
use switchboard::testing::BatchEnd;
use switchboard::{Context, Moment, Parameters, Switchboard};

const QUEUES: i64 = 10;
const SETS: i64 = 600;
const ROUNDS: usize = 300;
const NOW: i64 = 1_772_442_000_000;

fn main() {
    let folder =
        tempfile::Builder::new().prefix("routing").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    for waiting in [1_000, 100_000] {
        let path = folder.path().join(format!("{waiting}.db"));
        filled(&path, waiting);
        let bare = bare_head(&path);
        let mut desk = opened(&path);
        desk.begin_batch().expect("a batch");
        let base = median(&mut desk, &format!("EXPLAIN ASSIGN {waiting} TO AGENT alice"));
        println!("{waiting} waiting");
        println!("  bare read of the head of a queue           {:>9.1} µs", micros(bare));
        for (name, statement) in
            [("PICK NEXT", "EXPLAIN PICK NEXT BY alice"), ("ROUTE", "EXPLAIN ROUTE QUEUE q1 LIMIT 1")]
        {
            let choosing = median(&mut desk, statement).saturating_sub(base);
            println!("  {name:<10} chooses in                        {:>9.1} µs", micros(choosing));
            println!(
                "  as many bare reads                          {:>9.1}",
                micros(choosing) / micros(bare)
            );
        }
        desk.end_batch(BatchEnd::Rollback).expect("rolled back");
    }
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn timed(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[ROUNDS / 2]
}

fn median(desk: &mut Switchboard, statement: &str) -> Duration {
    let context = Context::given(Moment(NOW + 1_000), "maria");
    timed(|| drop(desk.run(statement, &Parameters::new(), &context).expect(statement)))
}

/// Times a read of the head of a queue from an index that was made for it.
fn bare_head(path: &Path) -> Duration {
    let connection = connected(path);
    connection
        .execute_batch(
            "CREATE TEMP TABLE line AS SELECT queue, priority, arrival, id FROM conversation;
            CREATE INDEX temp.line_head ON line (queue, priority DESC, arrival, id)",
        )
        .expect("a line");
    let sql = "SELECT id FROM line WHERE queue = 1 ORDER BY priority DESC, arrival, id LIMIT 1";
    let mut question = connection.prepare(sql).expect(sql);
    timed(|| {
        question.query_row([], |row| row.get::<_, i64>(0)).expect(sql);
    })
}

/// Makes a file in which `waiting` conversations wait; the first tenth requires a skill that nobody
/// has.
fn filled(path: &Path, waiting: i64) {
    let mut desk = opened(path);
    let context = Context::given(Moment(NOW), "maria");
    let mut run = |statement: &str| {
        desk.run(statement, &Parameters::new(), &context).expect(statement);
    };
    for queue in 1..=QUEUES {
        run(&format!("CREATE QUEUE q{queue}"));
    }
    run("CREATE WORKSTREAM chat WITH (channel = chat, lifecycle = unified, queue = q1)");
    run("OPEN ON chat FOR ann");
    let skills: Vec<String> = (0..12).map(|skill| format!("s{skill}")).collect();
    run(&format!(
        "CREATE AGENT alice WITH (presence = available, capacity = 5, skills = '{}') IN q1",
        skills.join(", ")
    ));
    drop(desk);
    without_triggers(path, |connection| fill(connection, waiting));
}

fn fill(connection: &Connection, waiting: i64) {
    let run = |sql: &str| connection.execute_batch(sql).expect(sql);
    run(&format!("CREATE TEMP TABLE number AS
        WITH RECURSIVE number (id) AS (VALUES (2) UNION ALL SELECT id + 1 FROM number WHERE id <= {waiting}) SELECT id FROM number"));
    run("INSERT INTO opening SELECT number.id, first.entry, randomblob(16), 1, first.lifecycle, 1, NULL, 0, NULL, NULL, first.at
        FROM number, opening AS first");
    for table in ["transition", "conversation"] {
        run(&copy_of_the_first(connection, table));
    }
    // Each conversation gets a set of skills. The first tenth requires one that nobody has, and
    // comes first.
    run(&format!(
        "UPDATE conversation SET queue = 1 + id % {QUEUES}, arrival = arrival + id, priority = iif(id <= {waiting} / 10, 5, 0),
            skills = iif(id <= {waiting} / 10, 'x' || (id % ({SETS} / 10)), 's' || (id / {QUEUES} % 40) || ', t' || (id % 2));
        UPDATE conversation SET skills = 's' || (id / {QUEUES} % ({SETS} / {QUEUES})) WHERE skills LIKE 's%'"
    ));
}
