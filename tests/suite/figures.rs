//! The figures of the reports, computed a second way.
//!
//! On random days with transfers, holds, returns, offers, pools and bots, every figure of SHOW SUMMARY (in every
//! grouping and in random windows), SHOW TIMES and SHOW DAY equals what a plain walk over the views gives, which
//! shares no code with the program. `FIGURES` sets the number of days.

mod expected;
mod records;

use std::collections::{BTreeMap, BTreeSet};

use switchboard::{Moment, Value};

use expected::{Sums, rows};
use records::{Record, Span, records, waits};

use crate::simulation::world_after;
use crate::support::session::{Numbers, play, seeds};
use crate::support::{World, text};

/// Days that are tried where nothing else is asked for.
const DAYS: u64 = 30;

/// Zones whose hours begin at other minutes than those of UTC, in minutes.
const ZONES: [(&str, i64); 3] = [("UTC", 0), ("Asia/Kathmandu", 345), ("Asia/Kolkata", 330)];

/// The row as SHOW SUMMARY answers it, after its first column.
fn shown(sums: &Sums) -> Vec<String> {
    let get = |name: &str| sums.get(name).copied().unwrap_or(0);
    let average = |sum: &str, of: i64| match of {
        0 => String::new(),
        of => ((get(sum) as f64 / of as f64 + 0.5).floor() as i64).to_string(),
    };
    let level = match get("answered") + get("abandoned") {
        0 => String::new(),
        of => (get("within") as f64 / of as f64).to_string(),
    };
    vec![
        get("entered").to_string(),
        get("served").to_string(),
        get("abandoned").to_string(),
        get("short").to_string(),
        average("wait", get("waits")),
        sums.get("longest").map_or_else(String::new, i64::to_string),
        average("answer", get("answered")),
        level,
        average("handle", get("served")),
        average("hold", get("served")),
        average("wrapup", get("served")),
        get("transfers").to_string(),
        get("declined").to_string(),
        get("missed").to_string(),
        get("requeued").to_string(),
        get("lost").to_string(),
        get("outbound").to_string(),
        get("contained").to_string(),
        get("handed_over").to_string(),
    ]
}

fn compare(
    seed: u64,
    world: &mut World,
    all: &[Record],
    grouping: &str,
    minutes: i64,
    window: Option<(i64, i64)>,
) -> usize {
    let mut statement = "SHOW SUMMARY".to_owned();
    if let Some((from, to)) = window {
        statement += &format!(" FROM '{}' TO '{}'", Moment(from), Moment(to));
    }
    if !grouping.is_empty() {
        statement += &format!(" BY {grouping}");
    }
    let answered = world.run(&statement);
    let timed = ["HOUR", "DAY"].contains(&grouping);
    let found: BTreeMap<String, Vec<String>> = answered
        .rows
        .iter()
        .map(|row| {
            let (key, rest) =
                if grouping.is_empty() { (String::new(), &row[..]) } else { (text(&row[0]), &row[1..]) };
            (key, rest.iter().map(text).collect::<Vec<_>>())
        })
        // Hours in which nobody came fill the gaps.
        .filter(|(_, figures)| !timed || figures.iter().any(|figure| !figure.is_empty() && figure != "0"))
        .collect();
    let expected = rows(all, grouping, minutes, window.unwrap_or((i64::MIN, i64::MAX)));
    let expected: BTreeMap<String, Vec<String>> =
        expected.iter().map(|(key, sums)| (key.clone(), shown(sums))).collect();
    assert_eq!(found, expected, "seed {seed}: {statement}");
    found.len()
}

/// The time in every state, of all conversations.
fn compare_times(seed: u64, world: &mut World, all: &[Record]) {
    let mut expected: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for one in all {
        for (state, from, until) in &one.states {
            let (visits, total) = expected.entry(state.clone()).or_default();
            *visits += 1;
            *total += until - from;
        }
    }
    let found: BTreeMap<String, (i64, i64)> = world
        .run("SHOW TIMES")
        .rows
        .iter()
        .map(|row| (text(&row[0]), (row[1].as_integer().expect("visits"), row[2].as_integer().expect("ms"))))
        .collect();
    assert_eq!(found, expected, "seed {seed}: SHOW TIMES");
}

/// What SHOW ONGOING says of those that have waited is what counts as their wait.
fn compare_waits(seed: u64, world: &mut World, all: &[Record]) -> usize {
    let waits = world.run(
        "SELECT conversation, wait_ms FROM ongoing JOIN conversations ON id = conversation WHERE phase NOT IN ('queued', 'dispatching')",
    );
    for row in &waits.rows {
        let one = &all[usize::try_from(row[0].as_integer().expect("an id")).expect("small") - 1];
        let waited = one.entered().map(|entered| one.got().map_or(world.now.0, |(at, _)| at) - entered);
        assert_eq!(row[1].as_integer(), waited, "seed {seed}: conversation {:?}", row[0]);
    }
    waits.rows.len()
}

/// The day, looked at whenever something begins.
fn compare_day(seed: u64, world: &mut World, all: &[Record], minutes: i64) {
    let shift = minutes * 60_000;
    let hour_of = |at: i64| Moment(at + shift - (at + shift).rem_euclid(3_600_000) - shift).0;
    let mut expected: BTreeMap<i64, (i64, i64, i64)> = BTreeMap::new();
    let first =
        all.iter().filter_map(|one| one.spans.first()).map(|span| span.from).min().unwrap_or(world.now.0);
    // What is counted rises only where a span begins; a peak also holds at the begin of an hour.
    let begins = all.iter().flat_map(|one| one.spans.iter().map(|span| span.from));
    let hours = (hour_of(first)..=world.now.0).step_by(3_600_000).filter(|at| *at >= first);
    let moments: BTreeSet<i64> = begins.chain(hours).collect();
    for at in moments {
        let at_once = |holds: &dyn Fn(&Span) -> Option<String>| {
            let spans =
                all.iter().enumerate().flat_map(|(id, one)| one.spans.iter().map(move |span| (id, span)));
            let mut names: Vec<String> = spans
                .filter(|(_, span)| span.from <= at && at < span.until)
                .filter_map(|(id, span)| {
                    holds(span).map(|name| if name.is_empty() { id.to_string() } else { name })
                })
                .collect();
            names.sort();
            names.dedup();
            names.len() as i64
        };
        let waiting = at_once(&|span| waits(span).then(String::new));
        let busy = at_once(&|span| Some(span.agent.clone()).filter(|name| !name.is_empty()));
        let hour = expected.entry(hour_of(at)).or_default();
        *hour = (hour.0, hour.1.max(waiting), hour.2.max(busy));
    }
    for entered in all.iter().filter(|one| !one.is_outbound()).filter_map(Record::entered) {
        expected.entry(hour_of(entered)).or_default().0 += 1;
    }
    let day = Moment(world.now.0 + shift).to_string()[..10].to_owned();
    let number = |value: &Value| value.as_integer().expect("a number");
    let reply = world.run(&format!("SHOW DAY '{day}'"));
    let found =
        reply.rows.iter().map(|row| (text(&row[0]), (number(&row[1]), number(&row[2]), number(&row[3]))));
    let found: BTreeMap<String, (i64, i64, i64)> = found.filter(|(_, counts)| *counts != (0, 0, 0)).collect();
    let expected: BTreeMap<String, (i64, i64, i64)> = expected
        .into_iter()
        .filter(|(_, counts)| *counts != (0, 0, 0))
        .map(|(at, counts)| (Moment(at).to_string(), counts))
        .collect();
    assert_eq!(found, expected, "seed {seed}: SHOW DAY '{day}'");
}

#[test]
fn every_figure_is_what_a_second_computation_gives() {
    let (mut compared, mut days) = (0, 0);
    let mut met: BTreeMap<&str, i64> = BTreeMap::new();
    for seed in seeds("FIGURES", DAYS) {
        let mut world = match seed % 3 {
            0 => {
                let mut world = World::new();
                play(&mut world, seed, 250);
                world.actor = "maria".to_owned();
                world
            }
            _ => world_after(seed),
        };
        let (zone, minutes) = ZONES[seed as usize % ZONES.len()];
        world.run(&format!("ALTER SITE SET time_zone = '{zone}'"));
        let all = records(&mut world);
        let mut numbers = Numbers::new(seed);
        let begin = 1_772_442_000_000;
        let length = usize::try_from(world.now.0 - begin).expect("forward") + 1;
        let mut moments =
            [numbers.below(length), numbers.below(length) + 1].map(|after| begin + after as i64);
        moments.sort_unstable();
        for grouping in ["", "QUEUE", "AGENT", "CHANNEL", "HOUR", "DAY"] {
            compared += compare(seed, &mut world, &all, grouping, minutes, None);
            let window = (moments[0], moments[1].max(moments[0] + 1));
            compared += compare(seed, &mut world, &all, grouping, minutes, Some(window));
        }
        compared += compare_waits(seed, &mut world, &all);
        compare_times(seed, &mut world, &all);
        compare_day(seed, &mut world, &all, minutes);
        for sums in rows(&all, "", 0, (i64::MIN, i64::MAX)).values() {
            for (name, sum) in sums {
                *met.entry(name).or_default() += sum;
            }
        }
        days += 1;
    }
    println!("{days} days, {compared} rows of figures were equal: {met:?}");
    let names = [
        "served",
        "abandoned",
        "within",
        "hold",
        "wrapup",
        "transfers",
        "declined",
        "missed",
        "requeued",
        "lost",
        "outbound",
        "contained",
        "handed_over",
    ];
    let missing: Vec<&&str> =
        names.iter().filter(|name| met.get(**name).is_none_or(|sum| *sum == 0)).collect();
    assert!(days < 20 || missing.is_empty(), "the days have none of these: {missing:?}");
}
