//! A next format that exists in tests only.
//!
//! It has one of everything that a format may change: a setting, a row of a closed list, a rule, a column, an
//! index, a view, and a corrected built-in lifecycle. It is made from the schema by replacing short pieces, each
//! of which occurs once.

use std::sync::OnceLock;

use switchboard::testing::store::{Formats, Migration, Released, SCHEMA, format_of};

use crate::schema_fixture::schema_with;

/// Pieces of the schema, and what stands there in the next format.
const PIECES: [(&str, &str); 8] = [
    (concat!("PRAGMA user_version = ", old!(), ";"), concat!("PRAGMA user_version = ", next!(), ";")),
    (
        "('agent', 'created',",
        "('queue', 'music', 'setting', '', 'choice', 0, 0, 0, 'on|off', 'on'),\n    ('agent',        'created',",
    ),
    ("('offer_timeout', 37),", "('music_timeout', 39), ('offer_timeout', 37),"),
    ("the conversation is not offered to that agent", "the conversation was never offered to that agent"),
    (
        "disconnected_at INTEGER,",
        "weight             INTEGER NOT NULL DEFAULT 7,\n    disconnected_at    INTEGER,",
    ),
    (
        "CREATE INDEX conversation_open",
        "CREATE INDEX conversation_weight ON conversation (weight);\nCREATE INDEX conversation_open",
    ),
    (
        "('lifecycle', -4, 'unified', 0);",
        "('lifecycle', -4, 'unified', 0);
UPDATE object SET dropped = 1 WHERE kind = 'lifecycle' AND id = -1;
INSERT INTO object (kind, id, name, change) VALUES ('lifecycle', -5, 'omnichannel', 0);",
    ),
    (
        "DROP TABLE channel_group;",
        "UPDATE edge SET after_ms = 172800000 WHERE lifecycle = -5 AND channel = 'voice' AND event = 'waiting_timeout';
DROP TABLE channel_group;",
    ),
];

const MIGRATION: &str = "
    INSERT INTO change_kind (kind, name, follows, item, value, optional, minimum, maximum, choices, initial)
        VALUES ('queue', 'music', 'setting', '', 'choice', 0, 0, 0, 'on|off', 'on');
    INSERT INTO timer_kind (timer, position) VALUES ('music_timeout', 39);
    UPDATE object SET dropped = 1 WHERE kind = 'lifecycle' AND id = -1;
    INSERT INTO object (kind, id, name, change) VALUES ('lifecycle', -5, 'omnichannel', 0);
    INSERT INTO state (lifecycle, state, channel, phase, position)
        SELECT -5, state, channel, phase, position FROM state WHERE lifecycle = -1;
    INSERT INTO edge (lifecycle, channel, from_state, event, condition, to_state, to_phase, after_ms)
        SELECT -5, channel, from_state, event, condition, to_state, to_phase,
            iif(channel = 'voice' AND event = 'waiting_timeout', 172800000, after_ms) FROM edge WHERE lifecycle = -1;";

/// What comes after that: one more column of the same table, and one more setting.
const NEXT_PIECES: [(&str, &str); 3] = [
    (concat!("PRAGMA user_version = ", next!(), ";"), concat!("PRAGMA user_version = ", after!(), ";")),
    (
        "disconnected_at INTEGER,",
        "height             INTEGER NOT NULL DEFAULT 8,\n    disconnected_at    INTEGER,",
    ),
    (
        "('agent', 'created',",
        "('queue', 'lights', 'setting', '', 'choice', 0, 0, 0, 'on|off', 'off'),\n    ('agent',        'created',",
    ),
];

const NEXT_MIGRATION: &str = "
    INSERT INTO change_kind (kind, name, follows, item, value, optional, minimum, maximum, choices, initial)
        VALUES ('queue', 'lights', 'setting', '', 'choice', 0, 0, 0, 'on|off', 'off');";

fn schema_of(before: &str, pieces: &[(&str, &str)]) -> String {
    pieces.iter().fold(before.to_owned(), |schema, (piece, instead)| schema_with(&schema, piece, instead))
}

fn migration(steps: i64, sql: &str) -> Migration {
    let to = Formats::current().newest.number + steps;
    Migration { to, sql: sql.to_owned(), rebuilt: vec!["conversation".to_owned()], ..Migration::default() }
}

fn made(schema: String, older: Vec<Released>, migrations: Vec<Migration>) -> &'static Formats {
    let newest = format_of(&schema).expect("the pretend schema is SQL");
    Box::leak(Box::new(Formats::new(schema, newest, older, migrations)))
}

/// The formats of a program that comes after this one.
pub fn pretend() -> &'static Formats {
    static PRETEND: OnceLock<&Formats> = OnceLock::new();
    PRETEND.get_or_init(|| {
        let view = "\nCREATE VIEW weights AS SELECT id AS conversation, weight FROM conversation;\n";
        let schema = schema_of(SCHEMA, &PIECES) + view;
        made(schema, vec![Formats::current().newest.clone()], vec![migration(1, MIGRATION)])
    })
}

/// Those of one that comes after that.
pub fn after_that() -> &'static Formats {
    static AFTER: OnceLock<&Formats> = OnceLock::new();
    AFTER.get_or_init(|| {
        let schema = schema_of(&pretend().schema, &NEXT_PIECES);
        let older = vec![Formats::current().newest.clone(), pretend().newest.clone()];
        made(schema, older, vec![migration(1, MIGRATION), migration(2, NEXT_MIGRATION)])
    })
}
