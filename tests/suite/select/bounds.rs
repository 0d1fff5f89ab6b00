//! No SELECT uses all memory or all time, and each can be interrupted, whatever functions it calls.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::World;

/// Queries that never end by themselves, or not for hours.
const ENDLESS: [&str; 8] = [
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "SELECT count(*) FROM edges AS a, edges AS b, edges AS c, edges AS d WHERE a.after_ms + b.after_ms = c.after_ms * d.after_ms",
    // The built-in versions of these functions compare two texts at every position.
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT count(instr(hex(zeroblob(1000000)), hex(zeroblob(500000)) || i)) FROM n",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT count(replace(hex(zeroblob(1000000)), hex(zeroblob(500000)) || i, 'x')) FROM n",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT count(trim(hex(zeroblob(1000000)), hex(zeroblob(500000)) || i)) FROM n",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT count(hex(zeroblob(1000000)) LIKE '%' || hex(zeroblob(100)) || 'x' || i) FROM n",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT count(hex(zeroblob(1000000)) GLOB '*' || hex(zeroblob(100)) || 'x' || i) FROM n",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT max(json_array_length('[' || rtrim(replace(hex(zeroblob(300000)), '0', '0,'), ',') || ']') + i) FROM n",
];

/// Queries that would need all memory, and what they are told.
const HUGE: [(&str, &str); 6] = [
    (
        "WITH RECURSIVE n (i, body) AS (SELECT 1, hex(zeroblob(1000000)) UNION ALL SELECT i + 1, body FROM n)
            SELECT i FROM n ORDER BY body || i",
        "the query needs more than 256 MiB of memory",
    ),
    (
        "WITH RECURSIVE n (i, body) AS (SELECT 1, hex(zeroblob(1000000)) UNION ALL SELECT i + 1, body FROM n)
            SELECT count(DISTINCT body || i) FROM n",
        "the query needs more than 256 MiB of memory",
    ),
    (
        // Each row is followed by two.
        "WITH RECURSIVE n (i, body) AS (SELECT 1, hex(zeroblob(1000000))
            UNION ALL SELECT i * 2, body || '' FROM n UNION ALL SELECT i * 2 + 1, body || '' FROM n) SELECT count(*) FROM n",
        "the query needs more than 256 MiB of memory",
    ),
    (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
            SELECT i, hex(zeroblob(1000000)) FROM n",
        "the rows of the query need more than 1 GiB of memory",
    ),
    ("SELECT hex(zeroblob(2000000))", "a value in the query is longer than 2 MiB"),
    (
        "SELECT 'a' LIKE '%' || hex(zeroblob(200))",
        "a pattern of LIKE or GLOB is longer than 256 bytes",
    ),
];

#[test]
fn an_endless_select_can_be_interrupted() {
    let mut world = World::with_desk();
    world.run("SELECT 1");
    let stop = world.desk.stopper();
    let done = AtomicBool::new(false);
    for select in ENDLESS {
        done.store(false, Ordering::SeqCst);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // A stop before the statement starts has no effect, so it is repeated until the statement ends.
                while !done.load(Ordering::SeqCst) {
                    stop();
                    std::thread::yield_now();
                }
            });
            let failure = world.try_run(select).expect_err(select);
            done.store(true, Ordering::SeqCst);
            assert_eq!(failure.error.code().name(), "interrupted", "{select}: {failure}");
        });
    }
    assert_eq!(world.rows("SELECT 1"), ["1"], "and it goes on");
}

#[test]
fn what_needs_too_much_memory_is_refused() {
    let mut world = World::with_desk();
    for (select, expected) in HUGE {
        let failure = world.try_run(select).expect_err(select);
        assert_eq!(failure.error.code().name(), "too_large", "{select}: {failure}");
        assert_eq!(failure.message(), expected, "{select}");
    }
    assert_eq!(world.rows("SELECT 1"), ["1"], "and it goes on");
}
