//! What the triggers of the file refuse, although it is well-formed SQL: each attempt with its code.
//!
//! The code before the colon is one of the language's, and nothing is left of the attempt. The words after the
//! colon are not compared.

mod archive;
mod changes;
mod customers;

use crate::desk_fixture::desk;
use crate::schema_fixture::{Answer, Move, OPEN, SchemaFixture, code, phase_of};
use rusqlite::types::{Null, Value};

type Attempt = (&'static str, &'static str, fn(&SchemaFixture) -> Answer);

fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

/// Makes each attempt in an entry of its own, rolled back.
fn assert_refused(attempts: &[Attempt]) {
    let file = desk();
    for (what, expected, attempt) in attempts {
        file.run("BEGIN").expect("a transaction");
        file.begin(80_000);
        let before = file.dump();
        let answer = attempt(&file);
        // What is not refused by a trigger is followed by what SQLite says of it.
        assert_eq!(code(&answer).split(" (").next(), Some(*expected), "{what}: {answer:?}");
        assert_eq!(file.dump(), before, "{what}: something is left");
        file.run("ROLLBACK").expect("rolled back");
    }
    println!("{} refusals", attempts.len());
}

/// What is answered to the last step of several; all of them are rolled back.
fn taken_back(file: &SchemaFixture, steps: fn(&SchemaFixture) -> Answer) -> Answer {
    file.run("SAVEPOINT steps")?;
    let answer = steps(file);
    file.connection.execute_batch("ROLLBACK TO steps; RELEASE steps")?;
    answer
}

/// A transition with its columns given as SQL.
pub fn raw(file: &SchemaFixture, columns: &str) -> Answer {
    file.run(&format!(
        "INSERT INTO transition (seq, entry, conversation, event, from_state, to_state, to_phase, from_agent, to_agent,
             from_queue, to_queue, units, actor_kind, actor, reason, override, at)
         WITH new (conversation, event, from_state, to_state, from_agent, to_agent, from_queue, to_queue, units,
             actor_kind, actor, reason, override, at) AS (SELECT {columns})
         SELECT (SELECT max(seq) + 1 FROM transition), {OPEN}, conversation, event, from_state,
             to_state, {}, from_agent, to_agent, from_queue, to_queue, units, actor_kind, actor, reason, override, at FROM new",
        phase_of("new.conversation", "new.to_state")
    ))
}

#[test]
fn moves_off_the_graph() {
    assert_refused(&[
        ("no such edge", "no_edge", |file| file.transition(&Move::new(1, "end", "Wrap-up", 1))),
        ("another end", "no_edge", |file| file.transition(&Move::new(1, "pick", "Wrap-up", 1).with(2, 1))),
        ("another channel's edge", "no_edge", |file| {
            file.transition(&Move::new(2, "close", "In-progress", 1))
        }),
        ("another lifecycle's state", "no_edge", |file| {
            file.transition(&Move::new(1, "pick", "Processing", 1).with(2, 1))
        }),
        ("from another state", "no_edge", |file| {
            raw(file, "1, 'close', 'Active', 'Waiting', NULL, NULL, 1, 1, 0, 'agent', 'x', NULL, 0, 80000")
        }),
        ("under a condition that does not hold", "no_edge", |file| {
            file.transition(&Move::new(5, "end", "Closing", 1))
        }),
        ("a second creation", "no_edge", |file| {
            raw(file, "1, 'open', NULL, 'Open', NULL, NULL, 1, 1, 0, 'agent', 'x', NULL, 0, 80000")
        }),
        ("out of a closed state", "final_state", |file| {
            file.transition(&Move::new(7, "pick", "Active", 1).with(1, 1))
        }),
        ("the conversation does not exist", "unknown_conversation", |file| {
            file.transition(&Move::new(99, "pick", "Active", 1).with(1, 1))
        }),
        ("in letters of another case", "no_edge", |file| {
            file.transition(&Move::new(1, "pick", "ACTIVE", 1).with(2, 1))
        }),
    ]);
}

#[test]
fn moves_of_the_wrong_agent_queue_or_cost() {
    assert_refused(&[
        ("nobody takes it", "unknown_agent", |file| file.transition(&Move::new(1, "pick", "Active", 1))),
        ("an agent who is not there", "unknown_agent", |file| {
            file.transition(&Move::new(1, "pick", "Active", 1).with(9, 1))
        }),
        ("a dropped agent", "unknown_agent", |file| {
            file.transition(&Move::new(1, "pick", "Active", 1).with(3, 1))
        }),
        ("an agent where it is not assigned", "not_holder", |file| {
            file.transition(&Move::new(2, "release", "Open", 1).with(1, 0))
        }),
        ("another agent ends it", "not_holder", |file| {
            file.transition(&Move::new(2, "end", "Wrap-up", 1).with(2, 1))
        }),
        ("a transfer to the same agent", "same_agent", |file| {
            file.transition(&Move::new(9, "transfer_agent", "Active", 2).with(2, 1))
        }),
        ("another queue by the way", "same_queue", |file| {
            file.transition(&Move::new(1, "pick", "Active", 2).with(2, 1))
        }),
        ("the same queue", "same_queue", |file| file.transition(&Move::new(1, "assign_queue", "Open", 1))),
        ("a queue that is not there", "unknown_queue", |file| {
            file.transition(&Move::new(1, "assign_queue", "Open", 9))
        }),
        ("a dropped queue", "unknown_queue", |file| {
            file.transition(&Move::new(1, "assign_queue", "Open", 3))
        }),
        ("for nothing", "at_capacity", |file| file.transition(&Move::new(1, "pick", "Active", 1).with(2, 0))),
        ("one more than fits", "at_capacity", |file| {
            file.change("agent", 2, Null, "capacity", 2)?;
            file.run("SAVEPOINT change")?;
            let answer = file.transition(&Move::new(1, "pick", "Active", 1).with(2, 1));
            file.run("ROLLBACK")?;
            file.run("BEGIN")?;
            answer
        }),
        ("from another agent", "unlogged", |file| {
            raw(file, "2, 'release', 'Active', 'Open', 2, NULL, 1, 1, 0, 'agent', 'x', NULL, 0, 80000")
        }),
        ("for a reason that is not there", "invalid_value", |file| {
            raw(file, "1, 'pick', 'Open', 'Active', NULL, 2, 1, 1, 1, 'agent', 'x', 99, 0, 80000")
        }),
        ("before the last move", "clock", |file| {
            raw(file, "1, 'pick', 'Open', 'Active', NULL, 2, 1, 1, 1, 'agent', 'x', NULL, 0, 1")
        }),
        ("before the last move of another one", "clock", |file| {
            raw(
                file,
                "1, 'pick', 'Open', 'Active', NULL, 2, 1, 1, 1, 'agent', 'x', NULL, 0, (SELECT max(at) - 1 FROM transition)",
            )
        }),
        ("a change before the last one", "clock", |file| {
            file.run(
                "INSERT INTO change SELECT max(seq) + 1, (SELECT max(seq) + 1 FROM entry), 'queue', 1, NULL, 'priority', 3, max(at) - 1,
                    (SELECT max(seq) FROM transition) FROM change",
            )
        }),
        ("a message before the last one", "clock", |file| {
            file.run(
                "INSERT INTO message SELECT max(id) + 1, (SELECT max(seq) + 1 FROM entry), 2, 'agent', 'x', 'note', 1, NULL, max(at) - 1
                    FROM message",
            )
        }),
        ("a move after its entry", "clock", |file| {
            taken_back(file, |file| {
                raw(file, "1, 'pick', 'Open', 'Active', NULL, 2, 1, 1, 1, 'agent', 'x', NULL, 0, 80001")?;
                file.close()
            })
        }),
        ("a change after its entry", "clock", |file| {
            taken_back(file, |file| {
                file.change("queue", 1, Null, "priority", 3)?;
                file.close_at(79_999)
            })
        }),
        ("a message after its entry", "clock", |file| {
            taken_back(file, |file| {
                file.message(2, 1)?;
                file.close_at(79_999)
            })
        }),
        ("an opening after its entry", "clock", |file| {
            taken_back(file, |file| {
                file.opening(1, 1)?;
                file.transition(&Move::new(10, "open", "Open", 1))?;
                file.close_at(79_999)
            })
        }),
        ("an opening before its entry", "clock", |file| {
            taken_back(file, |file| {
                file.opening(1, 1)?;
                file.transition(&Move::new(10, "open", "Open", 1))?;
                file.close_at(80_001)
            })
        }),
        ("an opening before the last entry", "clock", |file| {
            file.begin(1);
            let answer = file.opening(1, 1);
            file.begin(80_000);
            answer
        }),
        ("two openings of one entry at two moments", "clock", |file| {
            taken_back(file, |file| {
                file.opening(1, 1)?;
                file.transition(&Move::new(10, "open", "Open", 1))?;
                file.begin(80_001);
                let answer = file.opening(1, 1);
                file.begin(80_000);
                answer
            })
        }),
    ]);
}

#[test]
fn a_move_before_a_self_loop() {
    let file = desk();
    file.logged(|file| file.transition(&Move::new(1, "assign_queue", "Open", 2)));
    let moment = file.number("SELECT max(at) - 1 FROM transition");
    let answer = raw(
        &file,
        &format!("1, 'pick', 'Open', 'Active', NULL, 2, 2, 2, 1, 'agent', 'x', NULL, 0, {moment}"),
    );
    assert_eq!(code(&answer), "clock", "{answer:?}");
}

#[test]
fn entries_out_of_order() {
    assert_refused(&[
        ("a row of the entry after the open one", "unlogged", |file| {
            raw_change(file, "(SELECT max(seq) + 2 FROM entry)")
        }),
        ("an entry with a gap", "unlogged", |file| {
            file.run("INSERT INTO entry (seq, at, actor_kind, actor, statement, key, hash) VALUES (900, 80000, 'agent', 'x', 'SHOW', NULL, zeroblob(32))")
        }),
        ("a state set by hand", "unlogged", |file| {
            file.run("UPDATE conversation SET state = 'Closed' WHERE id = 1")
        }),
        ("a transition into a closed entry", "unlogged", |file| {
            file.run("INSERT INTO transition SELECT (SELECT max(seq) + 1 FROM transition), 1, 1, 'pick', 'Open', 'Active', 'active',
                 NULL, 2, 1, 1, 1, 'agent', 'x', NULL, 0, 1000")
        }),
        ("a transition into the last entry", "unlogged", |file| {
            file.run("INSERT INTO transition SELECT (SELECT max(seq) + 1 FROM transition), max(seq), 1, 'pick', 'Open', 'Active', 'active',
                 NULL, 2, 1, 1, 1, 'agent', 'x', NULL, 0, 80000 FROM entry")
        }),
        ("a change into the last entry", "unlogged", |file| raw_change(file, "(SELECT max(seq) FROM entry)")),
        ("a message into the last entry", "unlogged", |file| {
            file.run("INSERT INTO message SELECT (SELECT max(id) + 1 FROM message), max(seq), 2, 'agent', 'x', 'note', 1, NULL, 80000 FROM entry")
        }),
        ("a customer into the last entry", "unlogged", |file| {
            file.run("INSERT INTO customer SELECT (SELECT max(id) + 1 FROM customer), max(seq), zeroblob(16), 'dee', NULL FROM entry")
        }),
        ("a text into the last entry", "unlogged", |file| {
            file.run("INSERT INTO text SELECT (SELECT max(id) + 1 FROM text), max(seq), zeroblob(16), 'words', NULL, NULL FROM entry")
        }),
        ("an opening into the last entry", "unlogged", |file| {
            file.run("INSERT INTO opening SELECT 10, max(seq), randomblob(16), 1, -1, 1, NULL, 0, NULL, NULL, 80000 FROM entry")
        }),
        ("the last entry once more", "unlogged", |file| {
            file.run("INSERT INTO entry (seq, at, actor_kind, actor, statement, key, hash) SELECT max(seq), 80000, 'agent', 'x', 'SHOW', NULL, zeroblob(32) FROM entry")
        }),
        ("the entry before it once more", "unlogged", |file| {
            file.run("INSERT INTO entry (seq, at, actor_kind, actor, statement, key, hash) SELECT max(seq) - 1, 80000, 'agent', 'x', 'SHOW', NULL, zeroblob(32) FROM entry")
        }),
        ("another hash", "unlogged", |file| file.run("UPDATE entry SET hash = randomblob(32) WHERE seq = 5")),
        ("a conversation that never moved", "unlogged", |file| {
            taken_back(file, |file| {
                file.opening(1, 1)?;
                file.close()
            })
        }),
        ("a conversation before the last one has moved", "unlogged", |file| {
            taken_back(file, |file| {
                file.opening(1, 1)?;
                file.opening(1, 1)
            })
        }),
        ("a known customer", "exists", |file| taken_back(file, |file| file.customer("ann"))),
        ("a customer without a handle", "unlogged", |file| {
            taken_back(file, |file| {
                file.run("INSERT INTO customer SELECT max(id) + 1, (SELECT max(seq) + 1 FROM entry), zeroblob(16), 'dee', NULL FROM customer")?;
                file.close()
            })
        }),
        ("a key that was used", "exists", |file| file.key("keyed")),
        ("a key in the last entry", "unlogged", |file| {
            file.run("INSERT INTO key SELECT max(seq), zeroblob(16), 'x', zeroblob(16), NULL FROM entry")
        }),
        ("a key that cannot be looked up", "invalid_value", |file| {
            file.run("INSERT INTO key SELECT max(seq) + 1, zeroblob(16), 'x', NULL, NULL FROM entry")
        }),
        ("no message text", "invalid_value", |file| file.message(1, 99)),
        ("a message in a closed conversation", "final_state", |file| file.message(7, 1)),
        ("a message nowhere", "unknown_conversation", |file| file.message(99, 1)),
        ("a conversation of nobody", "unknown_customer", |file| file.opening(1, 99)),
        ("a conversation of an erased customer", "unknown_customer", |file| file.opening(1, 4)),
        ("a conversation on nothing", "unknown_workstream", |file| file.opening(99, 1)),
        ("a conversation in another lifecycle", "unknown_lifecycle", |file| {
            file.run("INSERT INTO opening SELECT 10, max(seq) + 1, randomblob(16), 1, -4, 1, NULL, 0, NULL, NULL, 80000 FROM entry")
        }),
        ("an entry without a hash", "not by a trigger", |file| {
            file.run(
                "INSERT INTO entry (seq, at, actor_kind, actor, statement, key, hash) SELECT max(seq) + 1, 80000, 'agent', 'x', 'SHOW', NULL, NULL FROM entry",
            )
        }),
        ("an entry with half a hash", "not by a trigger", |file| {
            file.run("INSERT INTO entry (seq, at, actor_kind, actor, statement, key, hash) SELECT max(seq) + 1, 80000, 'agent', 'x', 'SHOW', NULL, zeroblob(16) FROM entry")
        }),
    ]);
    let file = desk();
    assert_eq!(code(&file.close_at(1)), "clock");
    assert_eq!(code(&file.close_at(253_402_300_800_000)), "clock");
    assert_eq!(
        code(&file.run(
            "INSERT INTO entry (seq, at, actor_kind, actor, statement, key, hash) SELECT max(seq) + 1, 80000, 'agent', 'x', NULL, NULL, zeroblob(32) FROM entry"
        )),
        "invalid_value"
    );
    assert_eq!(
        code(&file.run(
            "INSERT INTO entry (seq, at, actor_kind, actor, statement, key, hash) SELECT max(seq) + 1, 80000, 'agent', 'x', 'SHOW', 'key 1000', zeroblob(32) FROM entry"
        )),
        "invalid_value"
    );
}

/// A change of that entry, given as SQL.
fn raw_change(file: &SchemaFixture, entry: &str) -> Answer {
    file.run(&format!(
        "INSERT INTO change SELECT max(seq) + 1, {entry}, 'queue', 1, NULL, 'priority', 3, 80000, (SELECT max(seq) FROM transition) FROM change"
    ))
}
