//! Statements whose old row is out of date: a temporary trigger changed it after SQLite had read it, so a
//! statement that sets a column to itself restores the old value.
//!
//! No value that does not follow from the log survives the end of the entry. Which of the rules refuses it does
//! not matter.

use super::{ROWS, closed, insert};
use crate::log_copy::LogCopy;
use crate::schema_fixture::{Answer, Move, OPEN, SchemaFixture, code};

/// Temporary triggers, and the statement that they run under.
struct Stale {
    name: &'static str,
    triggers: &'static [&'static str],
    statement: &'static str,
}

const STALE: [Stale; 8] = [
    Stale {
        name: "a move is set back",
        triggers: &["BEFORE UPDATE OF state ON main.conversation BEGIN INSERT INTO {resume}; END"],
        statement: "UPDATE conversation SET state = state, phase = phase, agent = agent, units = units, visit = visit WHERE id = 5",
    },
    Stale {
        name: "a priority is set back",
        triggers: &["BEFORE UPDATE OF priority ON main.conversation BEGIN INSERT INTO {priority}; INSERT INTO {skills}; END"],
        statement: "UPDATE conversation SET change = (SELECT max(seq) + 2 FROM change), priority = priority, skills = 'b' WHERE id = 1",
    },
    Stale {
        name: "a timer that was started again is deleted",
        triggers: &["BEFORE DELETE ON main.timer WHEN (SELECT state FROM conversation WHERE id = 1) = 'Open' BEGIN
            INSERT INTO {pick}; INSERT INTO {timer}; INSERT INTO {queue}; END"],
        statement: "DELETE FROM timer WHERE conversation = 1 AND timer = 'queue_timeout'",
    },
    Stale {
        name: "an erased text is put into an archive",
        triggers: &["BEFORE UPDATE OF message ON main.text BEGIN
            INSERT INTO {erased}; INSERT INTO {archived}; INSERT INTO archive SELECT 10, x'01', max(seq) FROM change; END"],
        statement: "UPDATE text SET body = NULL, salt = salt, digest = NULL, message = (SELECT max(id) FROM message WHERE text = 5) WHERE id = 5",
    },
    Stale {
        name: "an agent has another setting in place of their capacity",
        triggers: &[
            "BEFORE INSERT ON main.setting WHEN NEW.name = 'capacity' BEGIN SELECT RAISE(IGNORE); END",
            "AFTER INSERT ON main.change WHEN NEW.name = 'created' BEGIN INSERT INTO setting VALUES ('agent', 4, 'created', 'new', NEW.seq); END",
        ],
        statement: "INSERT INTO {new agent}",
    },
    Stale {
        name: "a priority is a setting, too",
        triggers: &["AFTER INSERT ON main.change BEGIN INSERT INTO setting VALUES ('conversation', 1, 'priority', 9, NEW.seq); END"],
        statement: "INSERT INTO {priority}",
    },
    Stale {
        name: "a name is a setting, too",
        triggers: &["AFTER INSERT ON main.change BEGIN INSERT INTO setting VALUES ('agent', 4, 'created', 'new', NEW.seq); END"],
        statement: "INSERT INTO {new agent}",
    },
    Stale {
        name: "units stay as they were",
        triggers: &["AFTER INSERT ON main.change WHEN NEW.name = 'priority' BEGIN
            UPDATE conversation SET units = 7, change = NEW.seq, priority = 9 WHERE id = 1; END"],
        statement: "INSERT INTO {priority}",
    },
];

const MORE: [(&str, &str); 3] = [
    (
        "skills",
        "change SELECT max(seq) + 1, :entry, 'conversation', 1, NULL, 'skills', 'b', 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "erased",
        "change SELECT max(seq) + 1, :entry, 'text', 5, NULL, 'erased', zeroblob(32), 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "archived",
        "change SELECT max(seq) + 1, :entry, 'conversation', 10, NULL, 'archived', 1, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
];

/// The statement with the rows that it names in braces.
fn with_rows(sql: &str) -> String {
    let rows = ROWS.into_iter().chain(MORE);
    rows.fold(sql.to_owned(), |sql, (name, row)| sql.replace(&format!("{{{name}}}"), row))
        .replace(":entry", OPEN)
}

fn done(file: &SchemaFixture, stale: &Stale) -> Answer {
    for (place, trigger) in stale.triggers.iter().enumerate() {
        file.connection
            .execute_batch(&format!("CREATE TEMP TRIGGER stale_{place} {}", with_rows(trigger)))?;
    }
    file.run(&with_rows(stale.statement))?;
    for place in 0..stale.triggers.len() {
        file.connection.execute_batch(&format!("DROP TRIGGER temp.stale_{place}"))?;
    }
    file.close()
}

#[test]
fn a_stale_row_never_restores_an_old_value() {
    for recursive in [false, true] {
        let file = closed();
        let twin = LogCopy::of(&file);
        file.run(&format!("PRAGMA recursive_triggers = {recursive}")).expect("a setting");
        let mut faults = Vec::new();
        for stale in &STALE {
            file.run("SAVEPOINT stale").expect("a savepoint");
            file.begin(80_000);
            let answer = done(&file, stale);
            match &answer {
                Ok(_) => faults.extend(twin.fault(&file).map(|fault| format!("{}: {fault}", stale.name))),
                Err(_) if recursive => (),
                Err(_) => assert_eq!(code(&answer), "unlogged", "{}: {answer:?}", stale.name),
            }
            file.connection.execute_batch("ROLLBACK TO stale; RELEASE stale").expect("rolled back");
        }
        assert!(faults.is_empty(), "entries closed over what the log does not say:\n{}", faults.join("\n"));
    }
}

#[test]
fn nothing_opens_before_the_last_row_has_taken_effect() {
    let file = closed();
    file.begin(80_000);
    for (kept_away, row) in [
        (
            "BEFORE UPDATE ON main.object",
            "change SELECT max(seq) + 1, :entry, 'workstream', 5, NULL, 'dropped', NULL, 80000, (SELECT max(seq) FROM transition) FROM change",
        ),
        ("BEFORE UPDATE ON main.conversation", ROWS[0].1),
    ] {
        file.run("SAVEPOINT away").expect("a savepoint");
        let trigger = format!("CREATE TEMP TRIGGER away {kept_away} BEGIN SELECT RAISE(IGNORE); END");
        file.connection.execute_batch(&trigger).expect("a trigger");
        assert_eq!(insert(&file, "INSERT", row), Ok(1));
        file.connection.execute_batch("DROP TRIGGER temp.away").expect("the trigger goes");
        assert_eq!(code(&file.opening(5, 1)), "unlogged", "{row}");
        file.connection.execute_batch("ROLLBACK TO away; RELEASE away").expect("rolled back");
    }
}

#[test]
fn nothing_changes_before_an_opening_or_a_move_has_taken_effect() {
    for (kept_away, first) in [
        ("BEFORE INSERT ON main.conversation", None),
        ("BEFORE UPDATE ON main.conversation", Some(Move::new(1, "pick", "Active", 1).with(2, 1))),
    ] {
        let file = closed();
        file.begin(80_000);
        let trigger = format!("CREATE TEMP TRIGGER away {kept_away} BEGIN SELECT RAISE(IGNORE); END");
        file.connection.execute_batch(&trigger).expect("a trigger");
        match &first {
            None => file.opening(5, 1),
            Some(first) => file.transition(first),
        }
        .expect("the row of the log");
        file.connection.execute_batch("DROP TRIGGER temp.away").expect("the trigger goes");
        assert_eq!(
            code(&file.change("queue", 1, rusqlite::types::Null, "priority", 7)),
            "unlogged",
            "{kept_away}"
        );
    }
}

#[test]
fn units_are_released_in_wrapup_only() {
    let file = closed();
    file.begin(80_000);
    file.change("timer", 5, "wrapup_capacity".to_owned(), "started", 79_000).expect("a timer");
    let answer = file.change("conversation", 5, rusqlite::types::Null, "units", 0);
    assert_eq!(code(&answer), "at_capacity", "a held conversation: {answer:?}");
}
