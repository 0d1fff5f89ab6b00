//! The figures of the reports, computed a second way.
//!
//! On random days with transfers, holds, returns, offers, pools and bots, every figure of SHOW SUMMARY (in every
//! grouping and in random windows), SHOW TIMES and SHOW DAY equals what a plain walk over the views gives, which
//! shares no code with the program. `FIGURES` sets the number of days.

use std::collections::{BTreeMap, BTreeSet};

use switchboard::{Moment, Value};

use crate::simulation::world_after;
use crate::support::session::{Numbers, play, seeds};
use crate::support::{World, text};

/// Days that are tried where nothing else is asked for.
const DAYS: u64 = 30;

/// Zones whose hours begin at other minutes than those of UTC, in minutes.
const ZONES: [(&str, i64); 3] = [("UTC", 0), ("Asia/Kathmandu", 345), ("Asia/Kolkata", 330)];

const WAITS: [&str; 2] = ["queued", "dispatching"];
const HANDLED: [&str; 3] = ["active", "held", "wrapup"];
const OVER: [&str; 2] = ["closing", "closed"];

/// What a conversation did from one move to the next.
#[derive(Clone)]
struct Span {
    from: i64,
    until: i64,
    phase: String,
    agent: String,
    queue: String,
    event: String,
    entry: i64,
    seq: i64,
}

/// An offer that was not taken: who was asked, the answer, and the last move before it.
struct NotTaken {
    agent: String,
    answer: String,
    after: i64,
}

/// A conversation as a list of spans, its transfers, its offers that were not taken.
#[derive(Default)]
struct Record {
    spans: Vec<Span>,
    states: Vec<(String, i64, i64)>,
    channel: String,
    transfers: Vec<String>,
    refused: Vec<NotTaken>,
}

fn waits(span: &Span) -> bool {
    WAITS.contains(&span.phase.as_str())
}

impl Record {
    fn entered(&self) -> Option<i64> {
        self.spans.iter().find(|span| waits(span)).map(|span| span.from)
    }

    /// Whether the contact centre began it.
    fn is_outbound(&self) -> bool {
        self.spans.len() > 1 && self.spans[1].event == "pick" && self.spans[0].entry == self.spans[1].entry
    }

    /// When somebody first had it after it had entered, and who.
    fn got(&self) -> Option<(i64, String)> {
        let from = self.spans.iter().position(waits)?;
        let found = self.spans[from..].iter().find(|span| span.phase == "active");
        found.map(|span| (span.from, span.agent.clone()))
    }

    fn over(&self) -> Option<i64> {
        self.spans.iter().find(|span| OVER.contains(&span.phase.as_str())).map(|span| span.from)
    }

    fn spent(&self, phases: &[&str], agent: Option<&str>) -> i64 {
        let end = self.spans.iter().position(|span| OVER.contains(&span.phase.as_str()));
        let of = |span: &&Span| {
            phases.contains(&span.phase.as_str()) && agent.is_none_or(|agent| span.agent == agent)
        };
        self.spans[..end.unwrap_or(self.spans.len())]
            .iter()
            .filter(of)
            .map(|span| span.until - span.from)
            .sum()
    }

    /// The record from one visit of a queue to the next; what comes before the first one belongs to it.
    fn visits(&self) -> Vec<(usize, Record)> {
        let begins = |place: usize| {
            let before = place.checked_sub(1).map(|before| &self.spans[before]);
            waits(&self.spans[place])
                && before.is_none_or(|before| !waits(before) || before.queue != self.spans[place].queue)
        };
        let begun: Vec<usize> = (0..self.spans.len()).filter(|place| begins(*place)).collect();
        let mut parts = Vec::new();
        for (number, &place) in begun.iter().enumerate() {
            let next = begun.get(number + 1).copied().unwrap_or(self.spans.len());
            let first = if number == 0 { 0 } else { place };
            parts.push((place, Record { spans: self.spans[first..next].to_vec(), ..Record::default() }));
        }
        parts
    }

    /// Where waits after the first one begin, who had it before, and whether it ended in the wait.
    fn later_waits(&self) -> Vec<(usize, String, bool)> {
        let Some(first) = self.spans.iter().position(waits) else { return Vec::new() };
        let Some(had) = (first..self.spans.len()).find(|place| self.spans[*place].phase == "active") else {
            return Vec::new();
        };
        (had..self.spans.len())
            .filter(|place| waits(&self.spans[*place]) && !waits(&self.spans[place - 1]))
            .map(|place| {
                let agent = self.spans[..place].iter().rev().find(|span| !span.agent.is_empty());
                let after = self.spans[place..].iter().find(|span| !waits(span));
                let lost = after.is_some_and(|span| OVER.contains(&span.phase.as_str()));
                (place, agent.map(|span| span.agent.clone()).unwrap_or_default(), lost)
            })
            .collect()
    }
}

/// Everything, read from the views.
fn records(world: &mut World) -> Vec<Record> {
    let now = world.now.0;
    let mut all: BTreeMap<i64, Record> = BTreeMap::new();
    let moves = world.run(
        "SELECT transitions.conversation, at_ms, states.phase, to_agent, event, to_queue, conversations.channel, to_state, from_state, journal, seq
            FROM transitions JOIN conversations ON conversations.id = transitions.conversation
            JOIN states ON states.lifecycle = conversations.lifecycle AND states.channel = conversations.channel AND states.state = to_state
            ORDER BY seq",
    );
    let mut holder: BTreeMap<i64, String> = BTreeMap::new();
    for row in moves.rows {
        let number = |place: usize| row[place].as_integer().expect("a number");
        let (id, at) = (number(0), number(1));
        let (phase, agent) = (text(&row[2]), text(&row[3]));
        let one = all.entry(id).or_default();
        if let Some(last) = one.spans.last_mut() {
            last.until = at;
        }
        if text(&row[4]).starts_with("transfer_") {
            one.transfers.push(holder.get(&id).cloned().unwrap_or_default());
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
        let (event, queue) = (text(&row[4]), text(&row[5]));
        one.spans.push(Span {
            from: at,
            until: now,
            phase,
            agent,
            queue,
            event,
            entry: number(9),
            seq: number(10),
        });
    }
    let offers = "SELECT offers.conversation, offers.agent, answer, (SELECT max(seq) FROM transitions
            WHERE transitions.conversation = offers.conversation AND (journal < changes.journal OR journal = changes.journal AND at_ms < answered_at_ms))
        FROM offers LEFT JOIN changes ON changes.kind = 'offer' AND changes.name = answer
            AND changes.object = offers.conversation AND changes.at_ms = answered_at_ms";
    for row in world.run(offers).rows {
        let one = all.get_mut(&row[0].as_integer().expect("an id")).expect("it was opened");
        let after = row[3].as_integer().unwrap_or_default();
        one.refused.push(NotTaken { agent: text(&row[1]), answer: text(&row[2]), after });
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
struct Rows {
    rows: BTreeMap<String, Sums>,
    grouping: String,
    minutes: i64,
    window: (i64, i64),
}

impl Rows {
    /// The row for something at that moment; none: it is outside the window.
    fn at(&mut self, at: i64, queue: &str, agent: &str, channel: &str) -> Option<&mut Sums> {
        if !(self.window.0..self.window.1).contains(&at) {
            return None;
        }
        let begin = |length: i64| {
            let local = at + self.minutes * 60_000;
            Moment(local - local.rem_euclid(length) - self.minutes * 60_000).to_string()
        };
        let key = match self.grouping.as_str() {
            "QUEUE" => queue.to_owned(),
            "AGENT" => agent.to_owned(),
            "CHANNEL" => channel.to_owned(),
            "HOUR" => begin(3_600_000),
            "DAY" => begin(86_400_000),
            _ => String::new(),
        };
        Some(self.rows.entry(key).or_default())
    }
}

fn rows(all: &[Record], grouping: &str, minutes: i64, window: (i64, i64)) -> BTreeMap<String, Sums> {
    let mut rows = Rows { rows: BTreeMap::new(), grouping: grouping.to_owned(), minutes, window };
    if grouping.is_empty() {
        rows.rows.insert(String::new(), Sums::new());
    }
    for one in all {
        besides(&mut rows, one);
        match grouping {
            "AGENT" => by_agent(&mut rows, one),
            _ if one.is_outbound() => {}
            "QUEUE" => by_queue(&mut rows, one),
            _ => whole(&mut rows, one),
        }
    }
    rows.rows
}

/// What is counted beside waiting: what the contact centre began, and what a bot ended or handed over.
fn besides(rows: &mut Rows, one: &Record) {
    let spans = &one.spans;
    if one.is_outbound()
        && let Some(sums) = rows.at(spans[0].from, &spans[0].queue, &spans[1].agent, &one.channel)
    {
        count(sums, "outbound", 1);
    }
    if let Some(span) = spans.iter().find(|span| span.event == "bot_end")
        && let Some(sums) = rows.at(span.from, &span.queue, "", &one.channel)
    {
        count(sums, "contained", 1);
    }
    let left = (1..spans.len()).find(|place| {
        let to = &spans[*place];
        spans[place - 1].phase == "bot" && (waits(to) || !to.agent.is_empty())
    });
    if let Some(place) = left {
        let agent = spans[place..].iter().find(|span| !span.agent.is_empty()).map_or("", |span| &span.agent);
        if let Some(sums) = rows.at(spans[place].from, &spans[place].queue, agent, &one.channel) {
            count(sums, "handed_over", 1);
        }
    }
}

fn refused(sums: &mut Sums, not_taken: &NotTaken) {
    match not_taken.answer.as_str() {
        "missed" => count(sums, "missed", 1),
        "declined" => count(sums, "declined", 1),
        _ => {}
    }
}

fn whole(rows: &mut Rows, one: &Record) {
    let Some(entered) = one.entered() else { return };
    let Some(sums) = rows.at(entered, "", "", &one.channel) else { return };
    wait(sums, one, entered);
    if one.got().is_some() {
        times(sums, one, None);
    }
    count(sums, "transfers", one.transfers.len() as i64);
    one.refused.iter().for_each(|not_taken| refused(sums, not_taken));
    for (_, _, lost) in one.later_waits() {
        count(sums, "requeued", 1);
        count(sums, "lost", i64::from(lost));
    }
}

fn by_queue(rows: &mut Rows, one: &Record) {
    let visits = one.visits();
    let later = one.later_waits();
    for (number, (place, visit)) in visits.iter().enumerate() {
        let queue = one.spans[*place].queue.clone();
        let next = visits.get(number + 1).map_or(one.spans.len(), |(next, _)| *next);
        let Some(sums) = rows.at(one.spans[*place].from, &queue, "", "") else { continue };
        // It ends at the first move after it that is not a wait; in another queue, elsewhere.
        let left = one.spans[*place..next]
            .iter()
            .find(|span| !waits(span))
            .or(one.spans.get(next).filter(|_| one.spans[*place..next].iter().all(waits)));
        match left {
            Some(span) if span.phase == "active" || OVER.contains(&span.phase.as_str()) => {
                let mut alone = Record { spans: one.spans[*place..].to_vec(), ..Record::default() };
                alone
                    .spans
                    .truncate(alone.spans.iter().position(|other| other.seq == span.seq).expect("there") + 1);
                wait(sums, &alone, one.spans[*place].from);
                if span.phase == "active" {
                    times(sums, visit, None);
                }
            }
            _ => count(sums, "entered", 1),
        }
        let from = if number == 0 { 0 } else { place + 1 };
        let until = visits.get(number + 1).map_or(one.spans.len(), |(next, _)| next + 1);
        let moves = &one.spans[from..until];
        count(
            sums,
            "transfers",
            moves.iter().filter(|span| span.event.starts_with("transfer_")).count() as i64,
        );
        let last = one.spans.get(next).map_or(i64::MAX, |span| span.seq);
        let first = if number == 0 { 0 } else { one.spans[*place].seq };
        for not_taken in one.refused.iter().filter(|not_taken| (first..last).contains(&not_taken.after)) {
            refused(sums, not_taken);
        }
        // The last later wait that began before or with this visit, if no agent had it since.
        let of = later.iter().rfind(|(begun, ..)| begun <= place);
        if let Some((begun, _, _)) = of.filter(|(begun, ..)| one.spans[*begun..=*place].iter().all(waits)) {
            count(sums, "requeued", 1);
            let ended = left.is_some_and(|span| OVER.contains(&span.phase.as_str()));
            assert!(*begun <= *place);
            count(sums, "lost", i64::from(ended));
        }
    }
}

fn by_agent(rows: &mut Rows, one: &Record) {
    let had = one.spans.iter().find(|span| span.phase == "active").map(|span| span.from);
    let entered = one.entered().filter(|_| !one.is_outbound());
    let begun = if one.is_outbound() { Some(one.spans[0].from) } else { entered.or(had) };
    let Some(begun) = begun else { return };
    let mut add = |agent: &str, sum: &dyn Fn(&mut Sums)| {
        if let Some(sums) = rows.at(begun, "", agent, "") {
            sum(sums);
        }
    };
    if let Some(entered) = entered {
        let first = one.got().map(|(_, agent)| agent).unwrap_or_default();
        add(&first, &|sums| wait(sums, one, entered));
        for (_, agent, lost) in one.later_waits() {
            add(&agent, &|sums| {
                count(sums, "requeued", 1);
                count(sums, "lost", i64::from(lost));
            });
        }
    }
    let mut agents: Vec<&str> =
        one.spans.iter().filter(|span| span.phase == "active").map(|span| &*span.agent).collect();
    agents.sort_unstable();
    agents.dedup();
    for agent in agents {
        add(agent, &|sums| times(sums, one, Some(agent)));
    }
    for agent in &one.transfers {
        add(agent, &|sums| count(sums, "transfers", 1));
    }
    for not_taken in
        one.refused.iter().filter(|not_taken| ["missed", "declined"].contains(&&*not_taken.answer))
    {
        add(&not_taken.agent, &|sums| refused(sums, not_taken));
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
