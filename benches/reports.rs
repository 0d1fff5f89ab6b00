//! The reports on a large file: SHOW ONGOING, SHOW SUMMARY and AS OF with 5,000 open conversations
//! among 10,000 and among 1,000,000.
//!
//! Printed: SHOW ONGOING, as a whole and its query alone, compared with a bare read of the same
//! rows from a covering index of their own; the same on both files; the summary of the last 24
//! hours and of everything; a day; and the state of an hour ago.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod filling;

use std::path::Path;
use std::time::{Duration, Instant};

use filling::{connected, copy_of_the_first, opened, without_triggers};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use switchboard::{Context, Moment, Parameters, Switchboard};

/// The number of open conversations.
const OPEN: i64 = 5_000;
/// The present, in ms since 1970.
const NOW: i64 = 1_772_442_000_000;
/// The time between two openings, in ms: 3,000 a day.
const APART: i64 = 28_800;
/// How often a short query is repeated; longer ones are repeated less often.
const ROUNDS: usize = 31;

fn main() {
    let folder =
        tempfile::Builder::new().prefix("reports").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let mut ongoing = Vec::new();
    for count in [10_000, 1_000_000] {
        let path = folder.path().join(format!("{count}.db"));
        filled(&path, count);
        let bare = bare_read(&path);
        let mut desk = opened(&path);
        println!("{count} conversations, {OPEN} open");
        println!("  bare read of {OPEN} rows from a covering index  {:>10.3} ms", ms(bare));
        let query = query(&path);
        println!("  SHOW ONGOING's query                          {:>10.3} ms", ms(query));
        println!("  as many bare reads                            {:>10.1}", ms(query) / ms(bare));
        let whole = median(&mut desk, "SHOW ONGOING LAST 36500d", ROUNDS);
        ongoing.push(whole);
        println!("  SHOW ONGOING, text to reply                   {:>10.3} ms", ms(whole));
        for (name, statement, rounds) in [
            ("SHOW ONGOING of the last 24 hours", "SHOW ONGOING", ROUNDS),
            ("SHOW ONGOING of one agent", "SHOW ONGOING AGENT agent7 LAST 36500d", ROUNDS),
            ("SHOW SUMMARY of the last 24 hours", "SHOW SUMMARY LAST 24h", ROUNDS),
            ("the same, by agent", "SHOW SUMMARY LAST 24h BY AGENT", ROUNDS),
            ("SHOW DAY", "SHOW DAY", ROUNDS),
            ("SHOW AGENTS AS OF an hour ago", "SHOW AGENTS AS OF '2026-03-02T08:00:00Z'", 3),
            ("SHOW ONGOING AS OF an hour ago", "SHOW ONGOING AS OF '2026-03-02T08:00:00Z'", 3),
            ("SHOW ONGOING AS OF half a year ago", "SHOW ONGOING AS OF '2025-09-02T08:00:00Z'", 3),
            ("SHOW SUMMARY of everything", "SHOW SUMMARY", 1),
        ] {
            println!("  {name:<44}  {:>10.3} ms", ms(median(&mut desk, statement, rounds)));
        }
    }
    println!("SHOW ONGOING among 1,000,000 to among 10,000: {:.2}", ms(ongoing[1]) / ms(ongoing[0]));
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn timed(rounds: usize, mut work: impl FnMut()) -> Duration {
    // The first run loads the pages into memory.
    work();
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[rounds / 2]
}

fn median(desk: &mut Switchboard, statement: &str, rounds: usize) -> Duration {
    let context = Context::given(Moment(NOW), "maria");
    timed(rounds, || drop(desk.run(statement, &Parameters::new(), &context).expect(statement)))
}

/// Times a read of the report's rows from a covering index that was made for it, with every column.
fn bare_read(path: &Path) -> Duration {
    let connection = connected(path);
    connection
        .execute_batch(
            "CREATE TEMP TABLE line AS SELECT conversation.id, text.body AS subject, state, agent.name AS agent, queue.name AS queue, 'chat' AS channel,
                handle, state_since, first_assigned_at, entered_at, handled_ms, sentiment, opening.at
            FROM conversation JOIN opening ON opening.id = conversation.id JOIN customer ON customer.id = opening.customer
            JOIN object AS queue ON queue.kind = 'queue' AND queue.id = conversation.queue
            LEFT JOIN object AS agent ON agent.kind = 'agent' AND agent.id = conversation.agent
            LEFT JOIN text ON text.id = conversation.subject WHERE phase <> 'closed';
            CREATE INDEX temp.line_whole ON line (agent, state_since, id, subject, state, queue, channel, handle, first_assigned_at,
                entered_at, handled_ms, sentiment, at)",
        )
        .expect("a line");
    let sql = "SELECT id, subject, state, agent, queue, channel, handle, state_since, first_assigned_at, entered_at, handled_ms, sentiment, at
        FROM line INDEXED BY line_whole ORDER BY agent, state_since, id";
    read(&connection, sql)
}

/// Times the query of the report, without the program around it.
fn query(path: &Path) -> Duration {
    let connection = connected(path);
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("switchboard_now", 0, flags, |_| Ok(NOW)).expect("a function");
    read(
        &connection,
        "SELECT conversation, subject, state, agent, queue, channel, customer, wait_ms, handle_ms, sentiment, opened_at_ms
            FROM ongoing WHERE touched_at_ms >= 0",
    )
}

/// Times a query of which every value is read.
fn read(connection: &Connection, sql: &str) -> Duration {
    let mut question = connection.prepare(sql).expect(sql);
    let columns = question.column_count();
    timed(ROUNDS, || {
        let mut rows = question.query([]).expect(sql);
        let mut bytes = 0;
        while let Some(row) = rows.next().expect("a row") {
            for column in 0..columns {
                bytes += match row.get_ref(column).expect("a value") {
                    ValueRef::Text(text) => text.len(),
                    ValueRef::Null => 0,
                    _ => 8,
                };
            }
        }
        assert!(bytes > 0);
    })
}

/// Makes a file with `count` conversations that were opened one after the other; the last ones are
/// open.
fn filled(path: &Path, count: i64) {
    let mut desk = opened(path);
    let context = Context::given(Moment(NOW - count * APART - 1_000), "maria");
    let mut run = |statement: &str| {
        desk.run(statement, &Parameters::new(), &context).expect(statement);
    };
    for queue in 1..=4 {
        run(&format!("CREATE QUEUE q{queue}"));
    }
    for agent in 1..=8 {
        run(&format!(
            "CREATE AGENT agent{agent} WITH (presence = available, capacity = 100000) IN q1, q2, q3, q4"
        ));
    }
    run("CREATE WORKSTREAM chat WITH (channel = chat, lifecycle = unified, queue = q1)");
    run("OPEN ON chat FOR 'customer-1@example.com' SUBJECT 'A subject of usual length'");
    drop(desk);
    without_triggers(path, |connection| fill(connection, count));
}

fn fill(connection: &Connection, count: i64) {
    let run = |sql: &str| connection.execute_batch(sql).expect(sql);
    let first = NOW - count * APART;
    let closed = count - OPEN;
    run(&format!("CREATE TEMP TABLE number AS
        WITH RECURSIVE number (id) AS (VALUES (2) UNION ALL SELECT id + 1 FROM number WHERE id < {count}) SELECT id FROM number"));
    run("INSERT INTO customer SELECT number.id, entry, salt, 'customer-' || number.id || '@example.com', NULL FROM number, customer;
        INSERT INTO text (id, entry, salt, body) SELECT number.id, entry, salt, body FROM number, text");
    run(&format!("INSERT INTO opening SELECT number.id, first.entry, randomblob(16), 1, first.lifecycle, number.id, number.id, 0, NULL, NULL, {first} + number.id * {APART}
        FROM number, opening AS first"));
    run(&copy_of_the_first(connection, "conversation"));
    // Each closed conversation is picked after a quarter of the time to the next opening and ended
    // after half of it. The open ones wait or are active.
    run(&format!("CREATE TEMP TABLE move AS
            SELECT id, 0 AS step, {first} + id * {APART} AS at FROM number
            UNION ALL SELECT id, 1, {first} + id * {APART} + {APART} / 4 FROM number WHERE id <= {closed} OR id % 2
            UNION ALL SELECT id, 2, {first} + id * {APART} + {APART} / 2 FROM number WHERE id <= {closed};
        CREATE INDEX temp.move_at ON move (at, id, step)"));
    run("INSERT INTO transition SELECT 1 + row_number() OVER (ORDER BY move.at, move.id, step), first.entry, move.id,
            CASE step WHEN 0 THEN 'open' WHEN 1 THEN 'pick' ELSE 'end' END,
            CASE step WHEN 0 THEN NULL WHEN 1 THEN 'Open' ELSE 'Active' END, CASE step WHEN 0 THEN 'Open' WHEN 1 THEN 'Active' ELSE 'Closed' END,
            CASE step WHEN 0 THEN 'queued' WHEN 1 THEN 'active' ELSE 'closed' END,
            CASE step WHEN 2 THEN 1 + move.id % 8 END, CASE step WHEN 1 THEN 1 + move.id % 8 END, 1, 1 + move.id % 4, step = 1, 'agent', 'x', NULL, 0, move.at
        FROM move, (SELECT * FROM transition WHERE seq = 1) AS first ORDER BY move.at, move.id, step");
    run(&format!("UPDATE conversation SET customer = id, opened_at = {first} + id * {APART}, subject = id, queue = 1 + id % 4, state_since = {first} + id * {APART}, touched_at = {first} + id * {APART},
            entered_at = {first} + id * {APART}, arrival = {first} + id * {APART}, archived = 2, transition = (SELECT max(seq) FROM transition WHERE conversation = conversation.id)
            WHERE id > 1;
        UPDATE conversation SET state = 'Active', phase = 'active', agent = 1 + id % 8, last_agent = 1 + id % 8, units = 1, state_since = state_since + {APART} / 4,
            first_assigned_at = state_since + {APART} / 4 WHERE id > {closed} AND id % 2;
        UPDATE conversation SET state = 'Closed', phase = 'closed', last_agent = 1 + id % 8, units = 0, first_assigned_at = entered_at + {APART} / 4, handled_ms = {APART} / 4,
            ended_at = entered_at + {APART} / 2, closed_at = entered_at + {APART} / 2, state_since = entered_at + {APART} / 2 WHERE id > 1 AND id <= {closed};
        UPDATE entry SET at = {NOW} WHERE seq = (SELECT max(seq) FROM entry)"));
}
