//! What the triggers of the log refuse about changes: wrong values, invalid items, and objects that do not exist
//! or are needed.
//!
//! The kinds of change are read from the file, so a new one is included; each would be accepted but for its
//! value.

use super::{assert_refused, taken_back, text};
use crate::change_effects::{Kind, begun, kinds, spare, subject};
use crate::schema_fixture::{code, digest};
use rusqlite::types::{Null, Value};
use std::collections::BTreeSet;

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
        "digest" => {
            let long = |length: i64| Value::Blob(vec![0; usize::try_from(length).unwrap_or(0)]);
            wrong.extend([Value::Integer(7), text(&"0".repeat(64)), long(minimum - 1), long(maximum + 1)]);
        }
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
fn changes_with_wrong_values_and_objects() {
    let file = spare();
    let (mut count, mut spoken) = (0, BTreeSet::new());
    for kind in &kinds(&file) {
        let sql = "SELECT value, minimum, maximum, choices, optional FROM change_kind WHERE kind = ?1 AND name = ?2";
        let wrong = file.connection.query_row(sql, [&kind.kind, &kind.name], |row| {
            let (value, choices): (String, String) = (row.get(0)?, row.get(3)?);
            Ok(wrong_values(&value, row.get(1)?, row.get(2)?, &choices, row.get(4)?))
        });
        file.run("BEGIN").expect("a transaction");
        file.begin(80_000);
        let subject = subject(&file, kind);
        begun(&file, kind);
        let before = file.dump();
        let Kind { kind, name, .. } = kind;
        // But for its value each of these would pass.
        for wrong in wrong.expect(sql) {
            let answer = file.change(kind, subject.id, subject.item.clone(), name, wrong.clone());
            let code = code(&answer);
            if code != "invalid_value" {
                spoken.insert(format!("{kind} {name}: {code}"));
            }
            count += 1;
        }
        let item = subject.item;
        let no_item = if item == Value::Null { text("chat") } else { Value::Null };
        for (object, item) in [(subject.id, no_item), (0, item.clone()), (999, item)] {
            let answer = file.change(kind, object, item.clone(), name, Null);
            assert!(answer.is_err(), "{kind} {name} of {object} {item:?}");
            count += 1;
        }
        assert_eq!(file.dump(), before, "{kind} {name}: something is left");
        file.run("ROLLBACK").expect("rolled back");
    }
    println!("{count} wrong changes");
    // Where the rule of the subject refuses, too, either may speak.
    let either = [
        "customer merged: unknown_customer",
        "workstream lifecycle: unknown_lifecycle",
        "workstream queue: unknown_queue",
    ];
    assert_eq!(spoken, BTreeSet::from(either.map(str::to_owned)));
}

#[test]
fn changes_of_what_is_not_there_or_is_needed() {
    assert_refused(&[
        ("no such kind", "invalid_value", |file| file.change("queue", 1, Null, "colour", 1)),
        ("the queue does not exist", "invalid_value", |file| file.change("queue", 9, Null, "priority", 1)),
        ("a dropped queue", "invalid_value", |file| file.change("queue", 3, Null, "priority", 1)),
        ("the agent does not exist in it", "invalid_value", |file| {
            file.change("member", 1, 9, "joined", Null)
        }),
        ("the lifecycle does not exist", "unknown_lifecycle", |file| {
            file.change("workstream", 5, Null, "lifecycle", 99)
        }),
        ("the queue does not exist for it", "unknown_queue", |file| {
            file.change("workstream", 5, Null, "queue", 99)
        }),
        ("another channel", "in_use", |file| file.change("workstream", 1, Null, "channel", text("sms"))),
        ("another lifecycle", "in_use", |file| file.change("workstream", 1, Null, "lifecycle", -4)),
        ("a queue with workstreams", "in_use", |file| file.change("queue", 1, Null, "dropped", Null)),
        ("an agent with conversations", "in_use", |file| file.change("agent", 1, Null, "dropped", Null)),
        ("a workstream with conversations", "in_use", |file| {
            file.change("workstream", 1, Null, "dropped", Null)
        }),
        ("a customer with conversations", "in_use", |file| {
            file.change("customer", 1, Null, "erased", digest(0))
        }),
        ("the last supervisor", "in_use", |file| {
            taken_back(file, |file| {
                file.change("supervisor", 1, Null, "dropped", Null)?;
                file.change("supervisor", 2, Null, "dropped", Null)
            })
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
            file.change("conversation", 1, Null, "unpacked", 1)
        }),
        ("one in the archive once more", "invalid_value", |file| {
            file.change("conversation", 7, Null, "archived", 7)
        }),
        ("one in the archive left out of it", "invalid_value", |file| {
            file.change("conversation", 7, Null, "unpacked", 1)
        }),
        ("an erased text", "invalid_value", |file| file.change("text", 3, Null, "erased", digest(0))),
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
        ("an erased text", "invalid_value", |file| file.change("text", 3, Null, "erased", digest(0))),
        ("a purged entry", "invalid_value", |file| file.change("entry", 1, Null, "purged", digest(0))),
    ]);
}
