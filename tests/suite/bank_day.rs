//! A real day of a call centre, if its log is available: every figure, counted with SELECTs over the views and as
//! SHOW SUMMARY answers it.
//!
//! The log is not part of the project; without it the test says so and passes.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value as Json, json};
use switchboard::Value;
use switchboard::testing::BatchEnd;

use crate::support::World;

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    folder.join("bank_day.script").exists().then_some(folder)
}

/// Waits, services and abandonments of every conversation that entered the queue.
const CALLS: &str = "WITH moves AS (
        SELECT conversation, min(iif(event = 'request_agent', at_ms, NULL)) AS entered,
            min(iif(event = 'pick', at_ms, NULL)) AS picked, max(iif(to_state = 'Finished', at_ms, NULL)) AS finished,
            max(iif(event = 'pick', to_agent, NULL)) AS server
        FROM transitions GROUP BY conversation),
    calls AS (SELECT conversation, entered, picked, finished, server, coalesce(picked, finished) - entered AS wait,
            iif(picked IS NULL, 0, finished - picked) AS handle FROM moves WHERE entered IS NOT NULL) ";

fn number(world: &mut World, select: &str) -> i64 {
    match world.run(&format!("{CALLS}{select}")).rows[0][0] {
        Value::Integer(number) => number,
        ref other => panic!("{select} gives {other:?}"),
    }
}

#[test]
fn the_real_day_gives_its_figures() {
    let Some(folder) = folder() else {
        println!("bank_day.script is not at hand: nothing was compared");
        return;
    };
    let mut world = World::new();
    world.desk.begin_batch().expect("a batch");
    world.play(&fs::read_to_string(folder.join("bank_day.script")).expect("the day"));
    world.desk.end_batch(BatchEnd::Commit).expect("committed");
    let expected: Json =
        serde_json::from_str(&fs::read_to_string(folder.join("bank_day.expected.json")).expect("figures"))
            .expect("JSON");
    let found = figures(&mut world);
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(found.get(name), Some(value), "{name}");
    }
    assert_eq!(summary(&mut world), expected_summary(&expected));
    println!("{} figures of the real day are equal", expected.as_object().map_or(0, |figures| figures.len()));
    assert_eq!(world.run("VERIFY JOURNAL").value(0, "verdict"), Some(&Value::from("whole")));
}

fn figures(world: &mut World) -> BTreeMap<String, Json> {
    let served = "FROM calls WHERE picked IS NOT NULL";
    let abandoned = "FROM calls WHERE picked IS NULL";
    let mut found = BTreeMap::new();
    for (name, select) in [
        ("conversations", "SELECT count(*) FROM conversations".to_owned()),
        ("statements", "SELECT count(*) FROM journal".to_owned()),
        ("transitions", "SELECT count(*) FROM transitions".to_owned()),
        ("left_in_vru", "SELECT count(*) FROM moves WHERE entered IS NULL".to_owned()),
        ("served", format!("SELECT count(*) {served}")),
        ("abandoned_in_queue", format!("SELECT count(*) {abandoned}")),
        ("short_abandoned_5s", format!("SELECT count(*) {abandoned} AND wait < 5000")),
        ("answered_within_20s", format!("SELECT count(*) {served} AND wait <= 20000")),
        ("longest_wait_ms", "SELECT max(wait) FROM calls".to_owned()),
        ("longest_wait_ms_served", format!("SELECT max(wait) {served}")),
        ("wait_ms_served", format!("SELECT sum(wait) {served}")),
        ("wait_ms_abandoned", format!("SELECT sum(wait) {abandoned}")),
        ("handle_ms", format!("SELECT sum(handle) {served}")),
    ] {
        found.insert(name.to_owned(), json!(number(world, &select)));
    }
    found.insert("by_agent".into(), by_agent(world));
    found.insert("by_hour".into(), by_hour(world));
    found
}

fn by_agent(world: &mut World) -> Json {
    let rows = world.run(&format!(
        "{CALLS}SELECT server, count(*), sum(handle) FROM calls WHERE picked IS NOT NULL GROUP BY server"
    ));
    let row = |row: &Vec<Value>| {
        let agent = row[0].as_text().expect("a name").to_owned();
        (agent, json!({"served": row[1].as_integer(), "handle_ms": row[2].as_integer()}))
    };
    Json::Object(rows.rows.iter().map(row).collect())
}

fn by_hour(world: &mut World) -> Json {
    let rows = world.run(&format!(
        "{CALLS}SELECT strftime('%Y-%m-%dT%H:00:00.000Z', entered / 1000, 'unixepoch') AS hour, count(*),
            sum(picked IS NOT NULL), sum(picked IS NULL AND wait >= 5000), sum(picked IS NULL AND wait < 5000),
            sum(wait), max(wait), sum(handle)
        FROM calls GROUP BY hour"
    ));
    let names =
        ["entered", "served", "abandoned", "short_abandoned", "wait_ms", "longest_wait_ms", "handle_ms"];
    let row = |row: &Vec<Value>| {
        let figures =
            names.iter().zip(&row[1..]).map(|(name, value)| ((*name).to_owned(), json!(value.as_integer())));
        (row[0].as_text().expect("an hour").to_owned(), Json::Object(figures.collect()))
    };
    Json::Object(rows.rows.iter().map(row).collect())
}

/// SHOW SUMMARY in total, by agent and by hour, of what the expected figures tell.
fn summary(world: &mut World) -> Vec<Json> {
    let mut rows = Vec::new();
    for (statement, names) in [
        ("SHOW SUMMARY", TOTAL),
        ("SHOW SUMMARY BY AGENT", BY_AGENT),
        ("SHOW SUMMARY FROM '1999-08-30T00:00:00Z' TO '1999-08-31T00:00:00Z' BY HOUR", BY_HOUR),
    ] {
        let reply = world.run(statement);
        for row in 0..reply.rows.len() {
            let figures = names.iter().map(|name| match reply.value(row, name) {
                Some(Value::Integer(number)) => json!(number),
                Some(Value::Text(text)) => json!(text),
                Some(Value::Real(number)) => json!(number),
                _ => Json::Null,
            });
            rows.push(Json::Array(figures.collect()));
        }
    }
    rows
}

const TOTAL: &[&str] = &[
    "entered",
    "served",
    "abandoned",
    "short_abandoned",
    "average_wait_ms",
    "longest_wait_ms",
    "average_speed_to_answer_ms",
    "service_level",
    "average_handle_ms",
];
const BY_AGENT: &[&str] = &["agent", "served", "average_handle_ms"];
const BY_HOUR: &[&str] = &[
    "hour",
    "entered",
    "served",
    "abandoned",
    "short_abandoned",
    "average_wait_ms",
    "longest_wait_ms",
    "average_handle_ms",
];

/// The same, from the expected sums.
fn expected_summary(expected: &Json) -> Vec<Json> {
    let number = |of: &Json, name: &str| of[name].as_i64().expect("a number");
    // Half up: twice the sum, and a half.
    let average = |sum: i64, count: i64| json!((2 * sum + count) / (2 * count));
    let (served, short) = (number(expected, "served"), number(expected, "short_abandoned_5s"));
    let abandoned = number(expected, "abandoned_in_queue") - short;
    let waited = number(expected, "wait_ms_served") + number(expected, "wait_ms_abandoned");
    let entered = number(expected, "conversations") - number(expected, "left_in_vru");
    let level = number(expected, "answered_within_20s") as f64 / (served + abandoned) as f64;
    let mut rows = vec![json!([
        entered,
        served,
        abandoned,
        short,
        average(waited, served + abandoned + short),
        number(expected, "longest_wait_ms"),
        average(number(expected, "wait_ms_served"), served),
        level,
        average(number(expected, "handle_ms"), served),
    ])];
    for (agent, of) in expected["by_agent"].as_object().expect("agents") {
        let served = number(of, "served");
        rows.push(json!([agent, served, average(number(of, "handle_ms"), served)]));
    }
    rows.push(json!([null, 0, null]));
    for (hour, of) in expected["by_hour"].as_object().expect("hours") {
        let (served, all) = (
            number(of, "served"),
            number(of, "served") + number(of, "abandoned") + number(of, "short_abandoned"),
        );
        rows.push(json!([
            hour,
            number(of, "entered"),
            served,
            number(of, "abandoned"),
            number(of, "short_abandoned"),
            average(number(of, "wait_ms"), all),
            number(of, "longest_wait_ms"),
            average(number(of, "handle_ms"), served),
        ]));
    }
    rows
}
