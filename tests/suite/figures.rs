//! The figures of the reports, computed a second way.
//!
//! On random days with transfers, holds, returns, offers, pools and bots, every figure of SHOW SUMMARY (in every
//! grouping and in random windows), SHOW TIMES and SHOW DAY equals what a plain walk over the views gives, which
//! shares no code with the program. `FIGURES` sets the number of days.

use std::collections::BTreeMap;

use switchboard::{Moment, Value};

use crate::simulation::world_after;
use crate::support::session::{Numbers, seeds};
use crate::support::{World, text};

/// Days that are tried where nothing else is asked for.
const DAYS: u64 = 30;

/// Zones whose hours begin at other minutes than those of UTC, in minutes.
const ZONES: [(&str, i64); 3] = [("UTC", 0), ("Asia/Kathmandu", 345), ("Asia/Kolkata", 330)];

const WAITS: [&str; 2] = ["queued", "dispatching"];
const HANDLED: [&str; 3] = ["active", "held", "wrapup"];
const OVER: [&str; 2] = ["closing", "closed"];

/// From, until, phase, agent.
type Span = (i64, i64, String, String);

/// A conversation as a list of spans, its transfers, its offers that were not taken.
#[derive(Default)]
struct Record {
    spans: Vec<Span>,
    states: Vec<(String, i64, i64)>,
    queue: String,
    channel: String,
    transfers: Vec<String>,
    refused: Vec<(String, String)>,
}

impl Record {
    fn entered(&self) -> Option<i64> {
        self.spans.iter().find(|(_, _, phase, _)| WAITS.contains(&phase.as_str())).map(|span| span.0)
    }

    /// When somebody first had it after it had entered, and who.
    fn got(&self) -> Option<(i64, String)> {
        let from = self.spans.iter().position(|(_, _, phase, _)| WAITS.contains(&phase.as_str()))?;
        self.spans[from..].iter().find(|span| span.2 == "active").map(|span| (span.0, span.3.clone()))
    }

    fn over(&self) -> Option<i64> {
        self.spans.iter().find(|(_, _, phase, _)| OVER.contains(&phase.as_str())).map(|span| span.0)
    }

    fn spent(&self, phases: &[&str], agent: Option<&str>) -> i64 {
        let of =
            |span: &&Span| phases.contains(&span.2.as_str()) && agent.is_none_or(|agent| span.3 == agent);
        self.spans.iter().filter(of).map(|(from, until, ..)| until - from).sum()
    }
}

/// Everything, read from the views.
fn records(world: &mut World) -> Vec<Record> {
    let now = world.now.0;
    let mut all: BTreeMap<i64, Record> = BTreeMap::new();
    let moves = world.run(
        "SELECT transitions.conversation, at_ms, states.phase, to_agent, event, to_queue, conversations.channel, to_state, from_state, from_agent
            FROM transitions JOIN conversations ON conversations.id = transitions.conversation
            JOIN states ON states.lifecycle = conversations.lifecycle AND states.channel = conversations.channel AND states.state = to_state
            ORDER BY seq",
    );
    let mut holder: BTreeMap<i64, String> = BTreeMap::new();
    for row in moves.rows {
        let (id, at) = (row[0].as_integer().expect("an id"), row[1].as_integer().expect("a moment"));
        let (phase, agent) = (text(&row[2]), text(&row[3]));
        let one = all.entry(id).or_default();
        if let Some(last) = one.spans.last_mut() {
            last.1 = at;
        }
        if text(&row[4]).starts_with("transfer_") {
            one.transfers.push(holder.get(&id).cloned().unwrap_or_default());
        }
        if one.queue.is_empty() && WAITS.contains(&phase.as_str()) {
            one.queue = text(&row[5]);
        }
        one.channel = text(&row[6]);
        if row[7] != row[8] {
            // What came after the end is nobody's.
            if let Some(last) = one.states.last_mut().filter(|last| last.2 == now) {
                last.2 = at;
            }
            if !OVER.contains(&phase.as_str()) {
                one.states.push((text(&row[7]), at, now));
            }
        }
        if !agent.is_empty() {
            holder.insert(id, agent.clone());
        }
        one.spans.push((at, now, phase, agent));
    }
    for row in world.run("SELECT conversation, agent, answer FROM offers").rows {
        let one = all.get_mut(&row[0].as_integer().expect("an id")).expect("it was opened");
        one.refused.push((text(&row[1]), text(&row[2])));
    }
    all.into_values().collect()
}

/// The sums of a row, by name.
type Sums = BTreeMap<&'static str, i64>;

fn count(sums: &mut Sums, name: &'static str, more: i64) {
    *sums.entry(name).or_default() += more;
}

fn wait(sums: &mut Sums, one: &Record, entered: i64) {
    count(sums, "entered", 1);
    let waited = match (one.got(), one.over()) {
        (Some((at, _)), _) => {
            count(sums, "answered", 1);
            count(sums, "answer", at - entered);
            count(sums, "within", i64::from(at - entered <= 20_000));
            at - entered
        }
        (None, Some(at)) => {
            count(sums, if at - entered < 5_000 { "short" } else { "abandoned" }, 1);
            at - entered
        }
        (None, None) => return,
    };
    count(sums, "waits", 1);
    count(sums, "wait", waited);
    let longest = sums.get("longest").copied().unwrap_or(-1).max(waited);
    sums.insert("longest", longest);
}

fn times(sums: &mut Sums, one: &Record, agent: Option<&str>) {
    count(sums, "served", 1);
    count(sums, "handle", one.spent(&HANDLED, agent));
    count(sums, "hold", one.spent(&["held"], agent));
    count(sums, "wrapup", one.spent(&["wrapup"], agent));
}

/// The rows of a grouping, by what stands first in them.
fn rows(all: &[Record], grouping: &str, minutes: i64, window: (i64, i64)) -> BTreeMap<String, Sums> {
    let mut rows: BTreeMap<String, Sums> = BTreeMap::new();
    if grouping.is_empty() {
        rows.insert(String::new(), Sums::new());
    }
    for one in all {
        let Some(entered) = one.entered().filter(|at| (window.0..window.1).contains(at)) else { continue };
        let begin = |length: i64| {
            let local = entered + minutes * 60_000;
            Moment(local - local.rem_euclid(length) - minutes * 60_000).to_string()
        };
        if grouping == "AGENT" {
            by_agent(&mut rows, one, entered);
            continue;
        }
        let key = match grouping {
            "QUEUE" => one.queue.clone(),
            "CHANNEL" => one.channel.clone(),
            "HOUR" => begin(3_600_000),
            "DAY" => begin(86_400_000),
            _ => String::new(),
        };
        let sums = rows.entry(key).or_default();
        wait(sums, one, entered);
        if one.got().is_some() {
            times(sums, one, None);
        }
        count(sums, "transfers", one.transfers.len() as i64);
        for (_, answer) in &one.refused {
            count(
                sums,
                if answer == "missed" { "missed" } else { "declined" },
                i64::from(answer == "missed" || answer == "declined"),
            );
        }
    }
    rows
}

fn by_agent(rows: &mut BTreeMap<String, Sums>, one: &Record, entered: i64) {
    let first = one.got().map(|(_, agent)| agent).unwrap_or_default();
    wait(rows.entry(first).or_default(), one, entered);
    if one.got().is_some() {
        let mut agents: Vec<&str> =
            one.spans.iter().filter(|span| span.2 == "active").map(|span| &*span.3).collect();
        agents.sort_unstable();
        agents.dedup();
        for agent in agents {
            times(rows.entry(agent.to_owned()).or_default(), one, Some(agent));
        }
    }
    for agent in &one.transfers {
        count(rows.entry(agent.clone()).or_default(), "transfers", 1);
    }
    for (agent, answer) in one.refused.iter().filter(|(_, answer)| answer == "missed" || answer == "declined")
    {
        let name = if answer == "missed" { "missed" } else { "declined" };
        count(rows.entry(agent.clone()).or_default(), name, 1);
    }
}

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
        .filter(|(_, figures)| !timed || figures[0] != "0")
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

/// The day of the simulation, looked at every second.
fn compare_day(seed: u64, world: &mut World, all: &[Record], minutes: i64) {
    let shift = minutes * 60_000;
    let hour_of = |at: i64| Moment(at + shift - (at + shift).rem_euclid(3_600_000) - shift).0;
    let mut expected: BTreeMap<i64, (i64, i64, i64)> = BTreeMap::new();
    let first =
        all.iter().filter_map(|one| one.spans.first()).map(|span| span.0).min().unwrap_or(world.now.0);
    for at in (first..=world.now.0).step_by(1_000) {
        let at_once = |holds: &dyn Fn(&Span) -> Option<String>| {
            let spans =
                all.iter().enumerate().flat_map(|(id, one)| one.spans.iter().map(move |span| (id, span)));
            let mut names: Vec<String> = spans
                .filter(|(_, span)| span.0 <= at && at < span.1)
                .filter_map(|(id, span)| {
                    holds(span).map(|name| if name.is_empty() { id.to_string() } else { name })
                })
                .collect();
            names.sort();
            names.dedup();
            names.len() as i64
        };
        let waiting = at_once(&|span| WAITS.contains(&span.2.as_str()).then(String::new));
        let busy = at_once(&|span| Some(span.3.clone()).filter(|name| !name.is_empty()));
        let hour = expected.entry(hour_of(at)).or_default();
        *hour = (hour.0, hour.1.max(waiting), hour.2.max(busy));
    }
    for entered in all.iter().filter_map(Record::entered) {
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
        let mut world = world_after(seed);
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
    let names = ["served", "abandoned", "within", "hold", "wrapup", "transfers", "declined", "missed"];
    let missing: Vec<&&str> =
        names.iter().filter(|name| met.get(**name).is_none_or(|sum| *sum == 0)).collect();
    assert!(days < 20 || missing.is_empty(), "the days have none of these: {missing:?}");
}
