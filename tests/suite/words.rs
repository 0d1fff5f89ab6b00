//! The closed lists and the settings: what Rust says and what the file's rows and checks say are the same, both ways.
//!
//! What matters: what is missing on either side is named. It deliberately does not know what a word does.

use std::collections::BTreeSet;

use switchboard::domain::figures::Promise;
use switchboard::domain::words::{
    ActorKind, Channel, Event, Method, Phase, Presence, Sentiment, SessionStatus, TimerKind,
};
use switchboard::statement::settings::{self, Kind, Setting};
use switchboard::statement::vocabulary;

use crate::bare::{Bare, SCHEMA};

/// The rows of a question, columns parted by a bar.
fn rows(file: &Bare, sql: &str) -> Vec<String> {
    let mut question = file.connection.prepare(sql).expect(sql);
    let columns = question.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        let cells = (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at));
        let cells: Vec<String> = cells.map(|cell| cell.map(cell_text)).collect::<rusqlite::Result<_>>()?;
        Ok(cells.join("|"))
    };
    let found = question.query_map([], row).expect(sql);
    found.collect::<rusqlite::Result<_>>().expect(sql)
}

fn cell_text(value: rusqlite::types::Value) -> String {
    match value {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        _ => String::new(),
    }
}

fn assert_same(what: &str, rust: Vec<String>, file: Vec<String>) {
    let (rust_set, file_set): (BTreeSet<_>, BTreeSet<_>) = (rust.iter().collect(), file.iter().collect());
    let only_rust: Vec<_> = rust_set.difference(&file_set).collect();
    let only_file: Vec<_> = file_set.difference(&rust_set).collect();
    assert!(
        only_rust.is_empty() && only_file.is_empty(),
        "{what}: in Rust alone {only_rust:?}; in the file alone {only_file:?}"
    );
    assert_eq!(rust, file, "{what}: the order");
}

/// The words of every CHECK or list of the schema that begins with such a text: `actor_kind = 'agent' OR …`.
fn words_of_checks(column: &str) -> Vec<BTreeSet<String>> {
    let pattern = format!("CHECK ({column} = '");
    let (before, after) = (format!("{column} = '"), "'");
    SCHEMA
        .match_indices(&pattern)
        .map(|(at, _)| {
            let check = &SCHEMA[at..at + SCHEMA[at..].find(')').expect("a check has an end")];
            check
                .split(&before)
                .skip(1)
                .map(|rest| rest.split(after).next().unwrap_or("").to_owned())
                .collect()
        })
        .collect()
}

#[test]
fn channels_are_those_of_the_file() {
    let file = Bare::new();
    let of_rust: BTreeSet<String> = Channel::ALL
        .iter()
        .map(|channel| format!("{}|{}", channel.name(), i64::from(channel.messaging())))
        .collect();
    let of_file = rows(&file, "SELECT channel, messaging FROM channel ORDER BY channel");
    assert_same("channels", of_rust.into_iter().collect(), of_file);
}

#[test]
fn phases_mean_what_the_file_says() {
    let file = Bare::new();
    let of_rust = (1..).zip(Phase::ALL).map(|(position, phase)| {
        let flags = [phase.holds_agent(), phase.uses_capacity(), phase.waits()].map(i64::from);
        format!("{position}|{}|{}|{}|{}", phase.name(), flags[0], flags[1], flags[2])
    });
    let of_file =
        rows(&file, "SELECT position, phase, holds_agent, uses_capacity, waits FROM phase ORDER BY position");
    assert_same("phases", of_rust.collect(), of_file);
    for phase in Phase::ALL {
        assert_eq!(phase.is_over(), ["closing", "closed"].contains(&phase.name()), "{phase}");
    }
    let of_rust = vocabulary::phases().into_iter().map(|(phase, meaning)| format!("{phase}|{meaning}"));
    let of_file = rows(&file, "SELECT phase, meaning FROM phase ORDER BY position");
    assert_same("meanings", of_rust.collect(), of_file);
}

#[test]
fn events_are_those_of_the_file_in_its_order() {
    let file = Bare::new();
    let of_rust = (1..)
        .zip(Event::ALL)
        .map(|(position, event)| format!("{position}|{}|{}", event.name(), driver(*event)));
    let of_file = rows(
        &file,
        "SELECT position, event, CASE WHEN driver IN ('opening', 'timer') THEN driver ELSE 'somebody' END FROM event ORDER BY position",
    );
    assert_same("events", of_rust.collect(), of_file);
    let mut sorted = Event::ALL.to_vec();
    sorted.sort();
    assert_eq!(sorted, Event::ALL, "their order in Rust is that of the list");
}

#[test]
fn timers_are_those_of_the_file_in_the_order_of_the_events() {
    let file = Bare::new();
    let of_rust = TimerKind::ALL.iter().map(|kind| kind.name().to_owned());
    assert_same("timers", of_rust.collect(), rows(&file, "SELECT timer FROM timer_kind ORDER BY position"));
    let moving: Vec<Event> = TimerKind::ALL.iter().filter_map(|kind| kind.event()).collect();
    let timeouts: Vec<Event> = Event::ALL.iter().copied().filter(|event| event.is_timer()).collect();
    assert_eq!(moving, timeouts, "every timeout among the events is a timer");
}

fn driver(event: Event) -> &'static str {
    match event {
        event if event.opens() => "opening",
        event if event.is_timer() => "timer",
        _ => "somebody",
    }
}

#[test]
fn methods_and_the_statuses_of_sessions_are_those_of_the_file() {
    let file = Bare::new();
    let methods =
        rows(&file, "SELECT choices FROM change_kind WHERE kind = 'queue' AND name = 'method'").join("");
    assert_same(
        "methods",
        Method::ALL.iter().map(|method| method.name().to_owned()).collect(),
        methods.split('|').map(str::to_owned).collect(),
    );
    assert_same(
        "statuses of sessions",
        SessionStatus::ALL.iter().map(|status| status.name().to_owned()).collect(),
        rows(&file, "SELECT name FROM change_kind WHERE kind = 'session' ORDER BY name"),
    );
}

#[test]
fn presences_are_those_of_the_file() {
    let file = Bare::new();
    let of_file =
        rows(&file, "SELECT choices FROM change_kind WHERE kind = 'agent' AND name = 'presence'").join("");
    let of_file = of_file.split('|').map(str::to_owned).collect();
    assert_same(
        "presences",
        Presence::ALL.iter().map(|presence| presence.name().to_owned()).collect(),
        of_file,
    );
}

#[test]
fn sentiments_are_those_of_the_file() {
    let file = Bare::new();
    let of_file =
        rows(&file, "SELECT choices FROM change_kind WHERE kind = 'conversation' AND name = 'sentiment'")
            .join("");
    let of_file = of_file.split('|').map(str::to_owned).collect();
    let of_rust = Sentiment::ALL.iter().map(|sentiment| sentiment.name().to_owned()).collect();
    assert_same("sentiments", of_rust, of_file);
}

#[test]
fn kinds_of_actors_are_those_of_the_checks() {
    let mut of_rust: BTreeSet<String> = ActorKind::ALL.iter().map(|kind| kind.name().to_owned()).collect();
    let checks = words_of_checks("actor_kind");
    assert_eq!(checks.len(), 2, "entries and transitions");
    for check in checks {
        assert_eq!(check, of_rust);
    }
    // Authors are actors, or the program itself; neither a router nor a timer writes as such.
    of_rust.retain(|kind| !["router", "timer"].contains(&kind.as_str()));
    of_rust.insert("system".to_owned());
    assert_eq!(words_of_checks("author_kind"), [of_rust]);
}

/// Whose settings a table holds: the word of the language, and the table of the file in which they stand.
const TABLES: [(&str, &str, &[Setting]); 7] = [
    ("queue", "queue", settings::QUEUE),
    ("agent", "agent", settings::AGENT),
    ("supervisor", "supervisor", settings::SUPERVISOR),
    ("service", "service", settings::SERVICE),
    ("site", "site_setting", settings::SITE),
    ("workstream", "workstream", settings::WORKSTREAM),
    ("lifecycle", "lifecycle", settings::LIFECYCLE),
];

/// A kind as a row of `change_kind` would have it: value, optional, minimum, maximum, choices.
fn as_row(setting: &Setting) -> String {
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
        Kind::Name(_) => format!("id|{optional}|1|{}|", i64::MAX),
    }
}

fn required(setting: &Setting) -> bool {
    setting.help.starts_with("required")
}

/// Of a timer null is the lifecycle's default, offers included; a time that is no timer has none.
fn timer_may_be_null(setting: &Setting) -> i64 {
    i64::from(setting.name.ends_with("_timeout"))
}

/// `inactive` is a presence that the program sets, and no statement.
#[test]
fn settings_are_the_kinds_of_change_of_the_file() {
    let file = Bare::new();
    for (kind, _, table) in TABLES {
        let of_rust: BTreeSet<String> =
            table.iter().map(|setting| format!("{}|{}", setting.name, as_row(setting))).collect();
        // What happens to a thing besides its settings has statements of its own.
        let of_file = rows(
            &file,
            &format!(
                "SELECT name, value, optional, minimum, maximum, replace(choices, '|inactive', '') FROM change_kind
                 WHERE kind = '{kind}' AND name NOT IN ('created', 'dropped', 'connected', 'offline_at', 'drawn') ORDER BY name, value, optional"
            ),
        );
        assert_same(kind, of_rust.into_iter().collect(), {
            let mut sorted = of_file;
            sorted.sort();
            sorted
        });
        let known: Vec<&str> = settings::table(kind).iter().map(|setting| setting.name).collect();
        assert_eq!(known, table.iter().map(|setting| setting.name).collect::<Vec<_>>(), "{kind}");
    }
}

#[test]
fn defaults_are_those_of_the_columns() {
    let file = Bare::new();
    for (kind, table, list) in TABLES {
        let mut faults = Vec::new();
        for setting in list {
            let column = rows(
                &file,
                &format!(
                    "SELECT name, coalesce(dflt_value, '') FROM pragma_table_info('{table}')
                     WHERE name = '{0}' OR name = '{0}_ms'",
                    setting.name
                ),
            );
            let [column] = column.as_slice() else {
                faults.push(format!("{kind} {} has no column: {column:?}", setting.name));
                continue;
            };
            let found = column.split('|').nth(1).unwrap_or_default().trim_matches('\'').to_owned();
            let wanted = in_the_file(setting);
            if found != wanted {
                faults.push(format!("{kind} {}: Rust {wanted:?}, the column {found:?}", setting.name));
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}

/// A default as its column has it: a duration in ms, and of a timer none.
fn in_the_file(setting: &Setting) -> String {
    let typed = setting.default.trim_matches('\'');
    match setting.kind {
        // The column is null, which is the default that the settings tell: 120 s.
        Kind::WordOrDuration(..) if setting.name == "offer_timeout" => String::new(),
        Kind::Duration(..) => {
            switchboard::Duration::parse(typed).map_or(typed.to_owned(), |duration| duration.0.to_string())
        }
        _ => typed.to_owned(),
    }
}

#[test]
fn what_a_queue_promises_unasked_is_what_the_file_says() {
    let file = Bare::new();
    let defaults = rows(
        &file,
        "SELECT dflt_value FROM pragma_table_info('queue') WHERE name IN ('service_level_ms', 'short_abandon_ms') ORDER BY name",
    );
    let promise = Promise::default();
    assert_eq!(defaults, [promise.service_level.to_string(), promise.short_abandon.to_string()]);
}
