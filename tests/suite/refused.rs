//! What the file refuses from a statement that is well-formed SQL but is not allowed: each with its code.
//!
//! What matters: the code before the colon is the language's, and nothing is left of the attempt. It deliberately
//! does not look at the words behind the colon.

mod archive;

use crate::bare::{Answer, Bare, Move, code, phase_of};
use crate::desk::desk;
use rusqlite::types::{Null, Value};

type Attempt = (&'static str, &'static str, fn(&Bare) -> Answer);

fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

/// Makes each attempt in an open entry of its own, taken back again.
fn assert_refused(attempts: &[Attempt]) {
    let file = desk();
    for (what, expected, attempt) in attempts {
        file.run("BEGIN").expect("a transaction");
        file.entry(80_000).expect("an entry opens");
        let before = file.dump();
        let answer = attempt(&file);
        assert_eq!(code(&answer), *expected, "{what}: {answer:?}");
        assert_eq!(file.dump(), before, "{what}: something is left");
        file.run("ROLLBACK").expect("taken back");
    }
    println!("{} refusals", attempts.len());
}

/// A transition with its columns given as SQL.
fn raw(file: &Bare, columns: &str) -> Answer {
    file.run(&format!(
        "INSERT INTO transition (seq, journal, conversation, event, from_state, to_state, to_phase, from_agent, to_agent,
             from_queue, to_queue, units, actor_kind, actor, reason, override, at)
         WITH new (conversation, event, from_state, to_state, from_agent, to_agent, from_queue, to_queue, units,
             actor_kind, actor, reason, override, at) AS (SELECT {columns})
         SELECT (SELECT max(seq) + 1 FROM transition), (SELECT max(seq) FROM entry), conversation, event, from_state,
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
        ("no such conversation", "unknown_conversation", |file| {
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
        ("an agent where nobody has it", "not_holder", |file| {
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
            file.entry(80_000)?;
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
                "INSERT INTO change SELECT max(seq) + 1, (SELECT max(seq) FROM entry), 'queue', 1, NULL, 'priority', 3, max(at) - 1,
                    (SELECT max(seq) FROM transition) FROM change",
            )
        }),
        ("a message before the last one", "clock", |file| {
            file.run(
                "INSERT INTO message SELECT max(id) + 1, (SELECT max(seq) FROM entry), 2, 'agent', 'x', 'note', 1, NULL, max(at) - 1
                    FROM message",
            )
        }),
        ("after its entry", "clock", |file| {
            raw(file, "1, 'pick', 'Open', 'Active', NULL, 2, 1, 1, 1, 'agent', 'x', NULL, 0, 80001")
        }),
    ]);
}

#[test]
fn a_move_before_a_self_loop() {
    let file = desk();
    file.logged(|file| file.transition(&Move::new(1, "assign_queue", "Open", 2)));
    file.entry(80_000).expect("an entry opens");
    let moment = file.number("SELECT max(at) - 1 FROM transition");
    let answer = raw(
        &file,
        &format!("1, 'pick', 'Open', 'Active', NULL, 2, 2, 2, 1, 'agent', 'x', NULL, 0, {moment}"),
    );
    assert_eq!(code(&answer), "clock", "{answer:?}");
}

#[test]
fn entries_and_seals_out_of_order() {
    assert_refused(&[
        ("an entry while one is open", "unlogged", |file| file.entry(80_001)),
        ("an entry with a gap", "unlogged", |file| {
            file.run("INSERT INTO entry VALUES (900, 80000, 'agent', 'x', 'SHOW', NULL)")
        }),
        ("a state set by hand", "unlogged", |file| {
            file.run("UPDATE conversation SET state = 'Closed' WHERE id = 1")
        }),
        ("a transition into a sealed entry", "unlogged", |file| {
            file.run("INSERT INTO transition SELECT (SELECT max(seq) + 1 FROM transition), 1, 1, 'pick', 'Open', 'Active', 'active',
                 NULL, 2, 1, 1, 1, 'agent', 'x', NULL, 0, 1000")
        }),
        ("a seal of another entry", "unlogged", |file| {
            file.run("INSERT INTO seal VALUES (900, zeroblob(32))")
        }),
        ("a second seal", "unlogged", |file| {
            file.run("INSERT INTO seal SELECT max(seq) - 1, zeroblob(32) FROM entry")
        }),
        ("a conversation that never moved", "unlogged", |file| {
            file.run("SAVEPOINT half")?;
            file.opening(1, 1)?;
            let answer = file.seal();
            file.connection.execute_batch("ROLLBACK TO half; RELEASE half")?;
            answer
        }),
        ("a known customer", "exists", |file| file.customer("ann")),
        ("no message text", "invalid_value", |file| file.message(1, 99)),
        ("a message in a closed conversation", "final_state", |file| file.message(7, 1)),
        ("a message nowhere", "unknown_conversation", |file| file.message(99, 1)),
        ("a conversation of nobody", "unknown_customer", |file| file.opening(1, 99)),
        ("a conversation of an erased customer", "unknown_customer", |file| file.opening(1, 4)),
        ("a conversation on nothing", "unknown_workstream", |file| file.opening(99, 1)),
    ]);
    let file = desk();
    assert_eq!(code(&file.entry(1)), "clock");
    assert_eq!(code(&file.entry(253_402_300_800_000)), "clock");
    assert_eq!(
        code(&file.run("INSERT INTO entry SELECT max(seq) + 1, 80000, 'agent', 'x', NULL, NULL FROM entry")),
        "invalid_value"
    );
    assert_eq!(
        code(&file.run(
            "INSERT INTO entry SELECT max(seq) + 1, 80000, 'agent', 'x', 'SHOW', 'key 1000' FROM entry"
        )),
        "exists"
    );
    assert_eq!(code(&file.seal()), "unlogged", "nothing is open");
}

/// Values that a kind of change does not take: of another type, out of range, outside the list.
fn wrong_values(value: &str, minimum: i64, maximum: i64, choices: &str, optional: bool) -> Vec<Value> {
    let (first, bytes) = (choices.split('|').next().unwrap_or_default(), Value::Blob(vec![1]));
    let mut wrong = vec![bytes, Value::Real(1.5), text("")];
    match value {
        "none" => wrong.extend([Value::Integer(1), text("on")]),
        "text" => wrong.extend([
            Value::Integer(7),
            text("a\0b"),
            text(&"x".repeat(usize::try_from(maximum + 1).unwrap_or(0))),
        ]),
        "choice" => wrong.extend([Value::Integer(1), text("|"), text(choices), text(&first.to_uppercase())]),
        _ => {
            wrong.extend([text("12"), text("|"), text("no such word")]);
            wrong.extend(minimum.checked_sub(1).map(Value::Integer));
            wrong.extend(maximum.checked_add(1).map(Value::Integer));
        }
    }
    if !optional && value != "none" {
        wrong.push(Value::Null);
    }
    if choices.contains('|') {
        wrong.push(text(choices));
    }
    wrong
}

#[test]
fn changes_with_wrong_values_and_subjects() {
    let file = desk();
    file.entry(80_000).expect("an entry opens");
    let before = file.dump();
    let sql = "SELECT kind, name, value, minimum, maximum, choices, optional FROM change_kind";
    let mut statement = file.connection.prepare(sql).expect(sql);
    let mut rows = statement.query([]).expect(sql);
    let mut count = 0;
    while let Some(row) = rows.next().expect(sql) {
        let (kind, name, value): (String, String, String) =
            (row.get_unwrap(0), row.get_unwrap(1), row.get_unwrap(2));
        let part = match kind.as_str() {
            "member" => Value::Integer(1),
            "session" => text("chat"),
            "participant" => text("bob"),
            "timer" => text("queue_timeout"),
            _ => Value::Null,
        };
        let choices: String = row.get_unwrap(5);
        let (minimum, maximum, optional) = (row.get_unwrap(3), row.get_unwrap(4), row.get_unwrap(6));
        for wrong in wrong_values(&value, minimum, maximum, &choices, optional) {
            let answer = file.change(&kind, 1, part.clone(), &name, wrong.clone());
            assert_eq!(code(&answer), "invalid_value", "{kind} {name} {wrong:?}: {answer:?}");
            count += 1;
        }
        let no_part = if part == Value::Null { text("chat") } else { Value::Null };
        for (subject, part) in [(1, no_part), (0, part.clone()), (999, part)] {
            let answer = file.change(&kind, subject, part.clone(), &name, Null);
            assert!(answer.is_err(), "{kind} {name} of {subject} {part:?}");
            count += 1;
        }
    }
    assert_eq!(file.dump(), before, "something is left");
    println!("{count} wrong changes");
}

#[test]
fn changes_of_what_is_not_there_or_is_needed() {
    assert_refused(&[
        ("no such kind", "invalid_value", |file| file.change("queue", 1, Null, "colour", 1)),
        ("no such queue", "invalid_value", |file| file.change("queue", 9, Null, "priority", 1)),
        ("a dropped queue", "invalid_value", |file| file.change("queue", 3, Null, "priority", 1)),
        ("no such agent in it", "invalid_value", |file| file.change("member", 1, 9, "joined", Null)),
        ("no such lifecycle", "unknown_lifecycle", |file| {
            file.change("workstream", 5, Null, "lifecycle", 99)
        }),
        ("no such queue for it", "unknown_queue", |file| file.change("workstream", 5, Null, "queue", 99)),
        ("another channel", "in_use", |file| file.change("workstream", 1, Null, "channel", text("sms"))),
        ("another lifecycle", "in_use", |file| file.change("workstream", 1, Null, "lifecycle", 4)),
        ("a queue with workstreams", "in_use", |file| file.change("queue", 1, Null, "dropped", Null)),
        ("an agent with conversations", "in_use", |file| file.change("agent", 1, Null, "dropped", Null)),
        ("a workstream with conversations", "in_use", |file| {
            file.change("workstream", 1, Null, "dropped", Null)
        }),
        ("a customer with conversations", "in_use", |file| file.change("customer", 1, Null, "erased", Null)),
        ("the last supervisor", "in_use", |file| {
            file.run("SAVEPOINT first")?;
            file.change("supervisor", 1, Null, "dropped", Null)?;
            let answer = file.change("supervisor", 2, Null, "dropped", Null);
            file.connection.execute_batch("ROLLBACK TO first; RELEASE first")?;
            answer
        }),
        ("a name that is taken", "exists", |file| file.change("queue", 4, Null, "created", text("BILLING"))),
        ("an agent's name for a service", "exists", |file| {
            file.change("service", 3, Null, "created", text("Alice"))
        }),
        ("a gap", "unlogged", |file| file.change("queue", 9, Null, "created", text("new"))),
        ("a closed conversation", "final_state", |file| file.change("conversation", 7, Null, "priority", 1)),
        ("an open one in the archive", "invalid_value", |file| {
            file.change("conversation", 1, Null, "archived", 7)
        }),
        ("an open one left out of it", "invalid_value", |file| {
            file.change("conversation", 1, Null, "kept", 1)
        }),
        ("one in the archive once more", "invalid_value", |file| {
            file.change("conversation", 7, Null, "archived", 7)
        }),
        ("one in the archive left out of it", "invalid_value", |file| {
            file.change("conversation", 7, Null, "kept", 1)
        }),
        ("an archived text", "invalid_value", |file| file.change("text", 4, Null, "erased", Null)),
        ("a session on a closed one", "final_state", |file| {
            file.change("session", 7, text("chat"), "connected", Null)
        }),
        ("a session on no channel", "invalid_value", |file| {
            file.change("session", 1, text("record"), "connected", Null)
        }),
        ("a timer that is none", "invalid_value", |file| {
            file.change("timer", 1, text("pick"), "stopped", Null)
        }),
        ("a subject that is no text", "invalid_value", |file| {
            file.change("conversation", 1, Null, "subject", 99)
        }),
        ("an erased text", "invalid_value", |file| file.change("text", 3, Null, "erased", Null)),
        ("a purged entry", "invalid_value", |file| file.change("entry", 1, Null, "purged", "0".repeat(64))),
    ]);
}
