//! A sweep of 100,000 due timers in a file of 1,000,000 conversations, compared with bare SQLite.
//!
//! Printed: the time of one SWEEP TIMEOUTS through the engine, which decides each transition,
//! checks it, logs it and seals it; the time in which bare SQLite, without triggers or a chain,
//! writes the same rows into the same tables and indexes by five set-based statements; their ratio
//! (1.0: as fast); and a second SWEEP straight after. The file is filled by plain INSERTs without
//! triggers: only what is measured runs under them.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod filling;

use std::path::Path;
use std::time::{Duration, Instant};

use filling::{connected, copy_of_the_first, opened, without_triggers};
use rusqlite::Connection;
use switchboard::{Context, Moment, Parameters, Switchboard};

/// The conversations in the file.
const CONVERSATIONS: i64 = 1_000_000;
/// How many of them, evenly spread, have a timer that is due.
const DUE: i64 = 100_000;
/// The time of the opening, in ms since 1970. The timers are due from a minute later on, one per
/// ms.
const OPENED: i64 = 1_772_442_000_000;
const DUE_AT: i64 = OPENED + 60_000;

fn main() {
    let folder =
        tempfile::Builder::new().prefix("sweep").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let (ours, bare) = (folder.path().join("ours.db"), folder.path().join("bare.db"));
    let moment = Moment(DUE_AT + DUE);
    filled(&ours);
    std::fs::copy(&ours, &bare).expect("a copy");
    let set_based = timed(|| set_based(&bare, moment.0));
    let mut desk = opened(&ours);
    let run = |desk: &mut Switchboard, text: &str| {
        desk.run(text, &Parameters::new(), &Context::given(moment, "cron")).expect(text)
    };
    let mut swept = Vec::new();
    let sweep = timed(|| swept = run(&mut desk, "SWEEP TIMEOUTS").rows);
    let again = timed(|| drop(run(&mut desk, "SWEEP TIMEOUTS")));
    assert_eq!(swept.len(), 1, "one kind of move");
    println!("{DUE} timers due among {CONVERSATIONS} conversations: {:?}", swept[0]);
    println!("bare SQLite, set-based, the same rows      {:>9.3} s", set_based.as_secs_f64());
    println!("SWEEP TIMEOUTS                             {:>9.3} s", sweep.as_secs_f64());
    println!(
        "bare ÷ sweep                               {:>9.2}",
        set_based.as_secs_f64() / sweep.as_secs_f64()
    );
    println!("a second SWEEP straight after              {:>9.3} ms", again.as_secs_f64() * 1e3);
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Makes a file with a workstream, and conversations that wait in its queue.
fn filled(path: &Path) {
    let mut desk = opened(path);
    let context = Context::given(Moment(OPENED), "maria");
    for statement in [
        "CREATE QUEUE front",
        "CREATE WORKSTREAM chat WITH (channel = chat, lifecycle = unified, queue = front)",
        "OPEN ON chat FOR ann",
    ] {
        desk.run(statement, &Parameters::new(), &context).expect(statement);
    }
    drop(desk);
    without_triggers(path, fill);
}

/// Inserts the rows of the conversations, and the timers that are due.
fn fill(connection: &Connection) {
    let run = |sql: &str| connection.execute_batch(sql).expect(sql);
    run(&format!("CREATE TEMP TABLE number AS
        WITH RECURSIVE number (id) AS (VALUES (2) UNION ALL SELECT id + 1 FROM number WHERE id < {CONVERSATIONS}) SELECT id FROM number"));
    run(
        "INSERT INTO opening SELECT number.id, 3, randomblob(16), 1, first.lifecycle, 1, NULL, 0, NULL, NULL, first.at FROM number, opening AS first",
    );
    for table in ["transition", "conversation"] {
        // Copies the row of the first conversation, with other ids.
        run(&copy_of_the_first(connection, table));
    }
    let step = CONVERSATIONS / DUE;
    run(&format!(
        "DELETE FROM timer; INSERT INTO timer (conversation, timer, due_at, visit, change)
            SELECT id, 'queue_timeout', {DUE_AT} + id / {step}, id, (SELECT max(seq) FROM change) FROM conversation WHERE id % {step} = 0"
    ));
}

/// Writes the rows that the sweep writes, with one statement per table.
fn set_based(path: &Path, now: i64) {
    let connection = connected(path);
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'trigger'";
    let names: Vec<String> = {
        let mut question = connection.prepare(sql).expect(sql);
        let rows = question.query_map([], |row| row.get(0)).expect(sql);
        rows.collect::<rusqlite::Result<_>>().expect(sql)
    };
    names.iter().for_each(|name| connection.execute_batch(&format!("DROP TRIGGER {name}")).expect(name));
    let work = format!(
        "BEGIN IMMEDIATE;
        INSERT INTO transition (entry, conversation, event, from_state, to_state, to_phase, from_queue, to_queue, units, actor_kind, at)
            SELECT (SELECT max(seq) + 1 FROM entry), timer.conversation, timer, state, 'Closed', 'closed', queue, queue, 0, 'timer', due_at
            FROM timer JOIN conversation ON conversation.id = timer.conversation WHERE due_at <= {now} ORDER BY due_at;
        INSERT INTO message (entry, conversation, author_kind, kind, system, at)
            SELECT (SELECT max(seq) + 1 FROM entry), conversation, 'system', 'system', 'Nobody was free in time.', due_at
            FROM timer WHERE due_at <= {now} ORDER BY due_at;
        UPDATE conversation SET state = 'Closed', phase = 'closed', ended_at = moved.at, closed_at = moved.at, state_since = moved.at,
                touched_at = moved.at, transition = moved.seq, visit = moved.seq, message = moved.seq - {CONVERSATIONS}
            FROM (SELECT conversation, at, seq FROM transition WHERE seq > {CONVERSATIONS}) AS moved
            WHERE conversation.id = moved.conversation;
        DELETE FROM timer WHERE due_at <= {now};
        INSERT INTO entry VALUES ((SELECT max(seq) + 1 FROM entry), {now}, 'timer', NULL, 'SWEEP TIMEOUTS', NULL, randomblob(32));
        COMMIT"
    );
    connection.execute_batch(&work).expect("written");
}
