//! The closed lists: the words in Rust and those in the rows and checks of the file are the same.
//!
//! What is missing on either side is named.

mod kinds;

use std::collections::BTreeSet;

use switchboard::testing::domain::closed_lists::{
    ActorKind, Channel, Event, Method, Phase, Presence, Sentiment, SessionStatus, TimerKind,
};
use switchboard::testing::statement::vocabulary;

use crate::schema_fixture::{SCHEMA, SchemaFixture};

/// The rows of a question, columns parted by a bar.
fn rows(file: &SchemaFixture, sql: &str) -> Vec<String> {
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
    let file = SchemaFixture::new();
    let of_rust: BTreeSet<String> = Channel::ALL
        .iter()
        .map(|channel| format!("{}|{}", channel.name(), i64::from(channel.messaging())))
        .collect();
    let of_file = rows(&file, "SELECT channel, messaging FROM channel ORDER BY channel");
    assert_same("channels", of_rust.into_iter().collect(), of_file);
}

#[test]
fn phases_mean_what_the_file_says() {
    let file = SchemaFixture::new();
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
    let file = SchemaFixture::new();
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

/// Who causes each event, in the order of the list. Rust asks only for `opening` and `timer`; the rest describes the events.
#[test]
fn every_event_has_its_driver() {
    let expected = [
        ("opening", "open, open_queued"),
        ("agent", "pick, accept, release, wait, close, revive, hold, resume, end"),
        ("supervisor", "assign, assign_queue, transfer_agent, transfer_queue, force_close"),
        ("router", "push, dispatch, requeue"),
        ("customer", "customer_end, customer_leave, customer_return"),
        ("bot", "start_script, end_script, leave_script, request_agent, bot_end"),
        (
            "timer",
            "queue_timeout, customer_timeout, agent_timeout, response_timeout, inactivity_timeout, hold_timeout, \
             waiting_timeout, wrapup_timeout, housekeep",
        ),
    ];
    let found = rows(
        &SchemaFixture::new(),
        "SELECT driver, group_concat(event, ', ' ORDER BY position) FROM event GROUP BY driver ORDER BY min(position)",
    );
    assert_eq!(found, expected.map(|(driver, events)| format!("{driver}|{events}")));
}

/// The built-in lifecycles themselves are rendered into docs/LIFECYCLES.md.
#[test]
fn only_the_lifecycles_and_the_site_are_built_in() {
    let file = SchemaFixture::new();
    let objects = "SELECT kind, id, name, dropped, change FROM object ORDER BY kind, id DESC";
    let expected = [
        "lifecycle|-1|omnichannel|0|0",
        "lifecycle|-2|dispatch|0|0",
        "lifecycle|-3|topic|0|0",
        "lifecycle|-4|unified|0|0",
        "site|-1|site|0|0",
    ];
    assert_eq!(rows(&file, objects), expected);
    // Each has the three options, and `topic` a customer timeout; none comes from a change.
    let options =
        "SELECT object, group_concat(name, ', ' ORDER BY name), max(change), min(change) FROM setting
        WHERE kind = 'lifecycle' GROUP BY object ORDER BY object DESC";
    let three = "ends_by_sessions, one_per_customer, transfer_presences";
    let expected = [-1, -2, -3, -4].map(|lifecycle| match lifecycle {
        -3 => format!("-3|customer_timeout, {three}|0|0"),
        _ => format!("{lifecycle}|{three}|0|0"),
    });
    assert_eq!(rows(&file, options), expected);
}

#[test]
fn timers_are_those_of_the_file_in_the_order_of_the_events() {
    let file = SchemaFixture::new();
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
    let file = SchemaFixture::new();
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
    let file = SchemaFixture::new();
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
    let file = SchemaFixture::new();
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
    // An entry may be that of an upgrade, too, which nobody does.
    let mut of_entries = of_rust.clone();
    of_entries.insert("upgrade".to_owned());
    assert_eq!(checks, [of_entries, of_rust.clone()], "entries and transitions");
    // Authors are actors, or the program itself; neither a router nor a timer writes as such.
    of_rust.retain(|kind| !["router", "timer"].contains(&kind.as_str()));
    of_rust.insert("system".to_owned());
    assert_eq!(words_of_checks("author_kind"), [of_rust]);
}
