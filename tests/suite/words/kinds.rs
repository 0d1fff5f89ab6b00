//! The settings and the kinds of change: those in Rust and those in the rows of the file are the same.
//!
//! `change_kind` is the only list in the file, including the initial values.

use std::collections::BTreeSet;

use switchboard::testing::domain::change::ChangeKind;
use switchboard::testing::domain::closed_lists::{
    Channel, ConversationChange, CustomerChange, Entity, MemberChange, OfferChange, ParticipantChange,
    Personal, SessionStatus, TimerChange,
};
use switchboard::testing::domain::metrics::ServiceTarget;
use switchboard::testing::statement::support::settings::{self, Kind, SettingDef};

use super::{assert_same, rows};
use crate::schema_fixture::SchemaFixture;

/// Whose settings a table holds.
const TABLES: [(&str, &[SettingDef]); 7] = [
    ("queue", settings::QUEUE),
    ("agent", settings::AGENT),
    ("supervisor", settings::SUPERVISOR),
    ("service", settings::SERVICE),
    ("site", settings::SITE),
    ("workstream", settings::WORKSTREAM),
    ("lifecycle", settings::LIFECYCLE),
];

/// What is set about an object by statements of its own, or by the program, and has no place in `SET`.
const APART: [(&str, &str); 6] = [
    ("agent", "connected"),
    ("agent", "offline_at"),
    ("lifecycle", "digest"),
    ("report", "sql"),
    ("site", "left"),
    ("site", "upgraded"),
];

/// A kind as a row of `change_kind` would have it: value, optional, minimum, maximum, choices.
fn as_row(setting: &SettingDef) -> String {
    // A length or a list is the file's own limit, and where Rust checks more it says so elsewhere.
    let optional = i64::from(setting.default.is_empty() && !required(setting));
    match setting.kind {
        Kind::Integer(least, most) | Kind::Duration(least, most) => {
            format!("integer|{optional}|{least}|{most}|")
        }
        Kind::WordOrDuration(words, least, most) => {
            format!("integer|{}|{least}|{most}|{}", timer_may_be_null(setting), words.join("|"))
        }
        Kind::Choice(words) => format!("choice|{optional}|0|0|{}", words.join("|")),
        Kind::Channel => {
            let words: Vec<&str> = Channel::ALL.iter().map(|channel| channel.name()).collect();
            format!("choice|{optional}|0|0|{}", words.join("|"))
        }
        Kind::Text(most) => format!("text|{optional}|1|{most}|"),
        Kind::Skills => format!("text|{optional}|1|1000|"),
        Kind::Presences | Kind::TimeZone => format!("text|{optional}|1|64|"),
        // Those that are built in have ids below 0.
        Kind::Name("lifecycle") => format!("id|{optional}|-{0}|{0}|", i64::MAX),
        Kind::Name(_) => format!("id|{optional}|1|{}|", i64::MAX),
    }
}

fn required(setting: &SettingDef) -> bool {
    setting.help.starts_with("required")
}

/// Of a timer null is the lifecycle's default, offers included; a time that is no timer has none.
fn timer_may_be_null(setting: &SettingDef) -> i64 {
    i64::from(setting.name.ends_with("_timeout"))
}

/// `inactive` is a presence that the program sets, and no statement.
#[test]
fn settings_are_the_kinds_of_change_of_the_file() {
    let file = SchemaFixture::new();
    for (kind, table) in TABLES {
        let of_rust: BTreeSet<String> =
            table.iter().map(|setting| format!("{}|{}", setting.name, as_row(setting))).collect();
        let mut of_file = rows(
            &file,
            &format!(
                "SELECT name, value, optional, minimum, maximum, replace(choices, '|inactive', '') FROM change_kind
                 WHERE kind = '{kind}' AND follows = 'setting' AND name NOT IN ({})",
                apart(kind)
            ),
        );
        of_file.sort();
        assert_same(kind, of_rust.into_iter().collect(), of_file);
        let known: Vec<&str> = settings::table(kind).iter().map(|setting| setting.name).collect();
        assert_eq!(known, table.iter().map(|setting| setting.name).collect::<Vec<_>>(), "{kind}");
    }
}

/// The names of what is set apart about a kind of object, as SQL has them.
fn apart(kind: &str) -> String {
    let names = APART.iter().filter(|(of, _)| *of == kind).map(|(_, name)| format!("'{name}'"));
    names.collect::<Vec<_>>().join(", ")
}

#[test]
fn the_kinds_of_change_of_rust_are_those_of_the_file() {
    let mut of_rust: BTreeSet<String> = BTreeSet::new();
    let mut add = |change: ChangeKind, follows: &str, item: &str| {
        of_rust.insert(format!("{}|{}|{follows}|{item}", change.kind(), change.name()));
    };
    for entity in Entity::ALL.iter().filter(|entity| **entity != Entity::Site) {
        add(ChangeKind::Created(*entity), "object", "");
        add(ChangeKind::Dropped(*entity), "object", "");
    }
    for entity in Entity::ALL {
        let settings = settings::table(entity.name()).iter().map(|setting| setting.name);
        let apart = APART.iter().filter(|(kind, _)| *kind == entity.name()).map(|(_, name)| *name);
        settings.chain(apart).for_each(|name| add(ChangeKind::Set(*entity, name), "setting", ""));
    }
    for change in ConversationChange::ALL {
        add(ChangeKind::Conversation(*change), "conversation", "");
    }
    for change in CustomerChange::ALL {
        let follows = if *change == CustomerChange::Name { "setting" } else { "handle" };
        add(ChangeKind::Customer(*change), follows, "");
    }
    MemberChange::ALL.iter().for_each(|change| add(ChangeKind::Member(*change), "queue_member", "agent"));
    SessionStatus::ALL
        .iter()
        .for_each(|status| add(ChangeKind::Session(*status), "channel_session", "channel"));
    OfferChange::ALL.iter().for_each(|change| add(ChangeKind::Offer(*change), "offer", "agent"));
    ParticipantChange::ALL
        .iter()
        .for_each(|change| add(ChangeKind::Participant(*change), "participant", "person"));
    TimerChange::ALL.iter().for_each(|change| add(ChangeKind::Timer(*change), "timer", "timer"));
    for personal in Personal::ALL {
        of_rust.insert(format!("{personal}|erased|{personal}|"));
    }
    // What purges a statement is no statement yet.
    of_rust.insert("entry|purged|entry|".to_owned());
    let mut of_file = rows(&SchemaFixture::new(), "SELECT kind, name, follows, item FROM change_kind");
    of_file.sort();
    assert_same("kinds of change", of_rust.into_iter().collect(), of_file);
}

#[test]
fn what_a_kind_of_change_follows_is_a_table_that_cites_changes_or_keeps_digests() {
    let file = SchemaFixture::new();
    for table in rows(&file, "SELECT DISTINCT follows FROM change_kind ORDER BY follows") {
        let column = match table.as_str() {
            "text" | "customer" | "key" => "digest",
            "entry" => "statement",
            _ => "change",
        };
        assert!(file.columns(&table).iter().any(|name| name == column), "{table} has no {column}");
    }
}

#[test]
fn defaults_are_those_of_the_file() {
    let file = SchemaFixture::new();
    for (kind, list) in TABLES {
        let mut faults = Vec::new();
        for setting in list {
            let found = rows(
                &file,
                &format!(
                    "SELECT coalesce(initial, ''), typeof(initial) FROM change_kind WHERE kind = '{kind}' AND name = '{}'",
                    setting.name
                ),
            );
            let wanted = in_the_file(setting);
            if found != [wanted.clone()] {
                faults.push(format!("{kind} {}: Rust {wanted:?}, the file {found:?}", setting.name));
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
    let apart: Vec<String> = APART.iter().map(|(kind, name)| format!("{kind}|{name}")).collect();
    let of_file = rows(
        &file,
        "SELECT kind, name FROM change_kind WHERE follows = 'setting' AND (kind, name) IN
            (VALUES ('agent', 'connected'), ('agent', 'offline_at'), ('lifecycle', 'digest'), ('report', 'sql'), ('site', 'left'),
                ('site', 'upgraded'))
         ORDER BY kind, name",
    );
    assert_same("what is set apart", apart, of_file);
    let initial = "SELECT kind, name, initial FROM change_kind WHERE initial IS NOT NULL AND (follows <> 'setting' OR name = 'connected')";
    assert_eq!(rows(&file, initial), ["agent|connected|on"], "nothing else begins with a value");
}

/// A default as the file has it, and its type: a duration in ms, and of a timer none.
fn in_the_file(setting: &SettingDef) -> String {
    let typed = setting.default.trim_matches('\'');
    let number = |number: i64| format!("{number}|integer");
    match setting.kind {
        // It is null, which is the default that the settings tell: 120 s.
        Kind::WordOrDuration(..) if setting.name == "offer_timeout" => "|null".to_owned(),
        _ if typed.is_empty() => "|null".to_owned(),
        Kind::Duration(..) => number(switchboard::testing::Duration::parse(typed).expect("a duration").0),
        Kind::Integer(..) => number(typed.parse().expect("a number")),
        _ => format!("{typed}|text"),
    }
}

#[test]
fn initial_values_are_values_that_their_kind_takes() {
    let file = SchemaFixture::new();
    let wrong = rows(
        &file,
        "SELECT kind, name, initial FROM change_kind WHERE initial IS NOT NULL AND NOT CASE value
            WHEN 'text' THEN typeof(initial) = 'text' AND length(initial) BETWEEN minimum AND maximum
            WHEN 'choice' THEN instr('|' || choices || '|', '|' || initial || '|')
            ELSE typeof(initial) = 'integer' AND initial BETWEEN minimum AND maximum
                OR typeof(initial) = 'text' AND instr('|' || choices || '|', '|' || initial || '|') END",
    );
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_default_service_level_of_a_queue_is_that_of_the_file() {
    let file = SchemaFixture::new();
    let defaults = rows(
        &file,
        "SELECT initial FROM change_kind WHERE kind = 'queue' AND name IN ('service_level', 'short_abandon') ORDER BY name",
    );
    let promise = ServiceTarget::default();
    assert_eq!(defaults, [promise.service_level.to_string(), promise.short_abandon.to_string()]);
}
