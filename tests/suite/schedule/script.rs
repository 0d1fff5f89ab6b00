//! Random scripts that depend on time: timeouts of seconds, intervals of minutes, several events in the same
//! millisecond.
//!
//! The same seed gives the same desk and the same script. Timestamps are mostly whole seconds, as the timeouts
//! are, so timers are due together and at the time of a statement.

use std::fmt::Write as _;

use switchboard::Moment;

use super::lifecycle::{TIMERS, lifecycle};
use crate::support::at;
use crate::support::session::Numbers;

/// Statements in a script.
const STATEMENTS: usize = 60;

/// A statement and its moment.
#[derive(Debug)]
pub struct Step {
    pub at: Moment,
    pub statement: String,
}

impl Step {
    /// As a replay has it.
    pub fn line(&self) -> String {
        format!("@ {}\n{};", self.at, self.statement)
    }
}

/// Workstreams: channel and lifecycle, and the timers that mean something there.
const WORKSTREAMS: [(&str, &str, &[&str]); 13] = [
    ("chat", "omnichannel", &["queue", "customer", "agent", "waiting", "wrapup"]),
    ("sms", "omnichannel", &["queue", "agent", "waiting", "inactivity", "wrapup"]),
    ("voice", "unified", &["queue", "agent", "inactivity", "wrapup"]),
    ("chat", "unified", &["queue", "customer", "agent", "wrapup"]),
    ("sms", "unified", &["queue", "agent", "inactivity", "waiting", "wrapup"]),
    ("chat", "dispatch", &["inactivity", "customer", "agent"]),
    ("chat", "topic", TOPIC),
    ("sms", "topic", TOPIC),
    ("record", "omnichannel", &["queue"]),
    ("chat", "own0", TIMERS),
    ("sms", "own0", TIMERS),
    ("chat", "own1", TIMERS),
    ("record", "own1", TIMERS),
];
const TOPIC: &[&str] = &["hold", "agent", "response", "wrapup", "inactivity", "customer"];

/// What customers write: what sets the sentiment, and what does not.
const WORDS: [&str; 4] = ["x", "Where is it?", "This is terrible.", "Great, thank you so much!"];

const AGENTS: [&str; 3] = ["alice", "bob", "dana"];

/// The desk of that seed.
pub fn desk(numbers: &mut Numbers) -> String {
    let mut desk = String::from("@ 2026-03-02T09:00:00Z\nCREATE QUEUE front; CREATE QUEUE back;\n");
    for agent in AGENTS {
        let capacity = 2 + numbers.below(5);
        writeln!(
            desk,
            "CREATE AGENT {agent} WITH (presence = available, capacity = {capacity}) IN front, back;"
        )
        .expect("memory");
    }
    for name in ["own0", "own1"] {
        writeln!(desk, "{}", lifecycle(numbers, name)).expect("memory");
    }
    for (index, (channel, lifecycle, timers)) in WORKSTREAMS.iter().enumerate() {
        let mine = lifecycle.starts_with("own");
        let mut settings = format!("channel = {channel}, lifecycle = {lifecycle}, queue = front");
        for timer in timers.iter().filter(|_| !mine) {
            match numbers.below(8) {
                0 => {}
                1 => write!(settings, ", {timer}_timeout = off").expect("memory"),
                // With a response_timeout of less than 10 s the router could move conversations back and forth.
                _ => {
                    let least = if *timer == "response" { 10 } else { 1 };
                    write!(settings, ", {timer}_timeout = '{}s'", least + numbers.below(20)).expect("memory");
                }
            }
        }
        if *lifecycle == "topic" || mine {
            write!(settings, ", wrapup = {}", numbers.one_of(&["on", "off"])).expect("memory");
        }
        if matches!(*lifecycle, "topic" | "dispatch") || mine {
            write!(settings, ", bot = {}", numbers.one_of(&["on", "off"])).expect("memory");
        }
        if timers.contains(&"customer") && !mine && numbers.below(3) == 0 {
            write!(settings, ", reconnect = '{}s'", 1 + numbers.below(30)).expect("memory");
        }
        let cost = numbers.one_of(&["always", "never", "'2s'", "'5s'", "'9s'"]);
        write!(settings, ", wrapup_capacity = {cost}, units = {}", numbers.below(3)).expect("memory");
        settings += &routing(numbers);
        writeln!(desk, "CREATE WORKSTREAM w{index} WITH ({settings});").expect("memory");
    }
    desk
}

/// The settings of the router: on some workstreams it pushes, on some of these it asks first.
fn routing(numbers: &mut Numbers) -> String {
    if numbers.below(3) > 0 {
        return String::new();
    }
    let mut settings = format!(", mode = push, dispatch_limit = {}", numbers.below(3));
    if numbers.below(2) == 0 {
        write!(settings, ", offers = on, offer_timeout = '{}s'", 1 + numbers.below(12)).expect("memory");
    }
    if numbers.below(3) == 0 {
        settings += ", prefer_last_agent = on";
    }
    settings
}

/// The script of that seed.
pub fn script(seed: u64) -> Vec<Step> {
    let mut numbers = Numbers::new(seed ^ 0x5eed);
    let mut now = at("2026-03-02T09:00:00Z");
    let mut opened = 0;
    let mut script = Vec::new();
    for _ in 0..STATEMENTS {
        now = Moment(now.0 + pause(&mut numbers));
        let statement = statement(&mut numbers, opened);
        opened += usize::from(statement.starts_with("OPEN") || statement.starts_with("MESSAGE ON"));
        script.push(Step { at: now, statement });
    }
    script
}

/// When a script is over: what still runs then is compared as it stands.
pub fn end(script: &[Step]) -> Moment {
    script.last().map_or(at("2026-03-02T09:00:00Z"), |step| Moment(step.at.0 + 7_000))
}

/// Mostly whole seconds, often none at all.
fn pause(numbers: &mut Numbers) -> i64 {
    let seconds = |count: usize| 1_000 * i64::try_from(count).expect("small");
    match numbers.below(12) {
        0..=3 => 0,
        4 => i64::try_from(numbers.below(1_000)).expect("small"),
        5 => seconds(20 + numbers.below(40)),
        _ => seconds(1 + numbers.below(6)),
    }
}

fn statement(numbers: &mut Numbers, opened: usize) -> String {
    let id = 1 + numbers.below(opened.max(1));
    let (agent, queue) = (numbers.one_of(&AGENTS), numbers.one_of(&["front", "back"]));
    let workstream = numbers.below(WORKSTREAMS.len());
    let customer = numbers.one_of(&["ann", "bo", "cy", "di", "ed", "fay", "gil", "hal"]);
    let channel = numbers.one_of(&["chat", "sms", "voice"]);
    match numbers.below(61) {
        0..=5 => format!("OPEN ON w{workstream} FOR {customer}"),
        6 => format!("OPEN ON w{workstream} FOR {customer} BY {agent}"),
        7 | 8 => format!("MESSAGE ON w{workstream} FROM {customer} '{}'", numbers.one_of(&WORDS)),
        9..=11 => format!("MESSAGE {id} FROM CUSTOMER '{}'", numbers.one_of(&WORDS)),
        12 => format!("MESSAGE {id} FROM AGENT {agent} 'x'"),
        13 | 14 => format!("PICK NEXT BY {agent}"),
        15..=17 => format!("PICK {id} BY {agent}"),
        18 => format!("ASSIGN {id} TO AGENT {agent} OVERRIDE"),
        19 => format!("ASSIGN {id} TO QUEUE {queue}"),
        20 | 21 => format!("TRANSFER {id} TO AGENT {agent}"),
        22 => format!("TRANSFER {id} TO QUEUE {queue}"),
        23 => format!("RELEASE {id}"),
        24 => format!("WAIT {id}"),
        25 => format!("REVIVE {id} BY {agent}"),
        26 => format!("HOLD {id} FOR {}s", 1 + numbers.below(9)),
        27 => format!("HOLD {id}"),
        28 => format!("RESUME {id}"),
        29 | 30 => format!("END {id}"),
        31 => format!("END {id} BY {}", numbers.one_of(&["CUSTOMER", "BOT"])),
        32 => format!("CLOSE {id}"),
        33 => format!("FORCE CLOSE {id}"),
        34..=36 => format!("DISCONNECT {id}"),
        37 => format!("RECONNECT {id}"),
        38 => format!("DISCONNECT AGENT {agent}"),
        39 => format!("RECONNECT AGENT {agent}"),
        40 => format!("{} {id} CHANNEL {channel}", numbers.one_of(&["ATTACH", "DETACH", "DISCONNECT"])),
        41 => format!("ESCALATE {id}"),
        42 => {
            format!("SET PRESENCE {} FOR {agent}", numbers.one_of(&["available", "busy", "away", "offline"]))
        }
        43 => format!(
            "ALTER AGENT {agent} SET presence = {}, capacity = {}",
            numbers.one_of(&["available", "offline", "dnd"]),
            numbers.below(9)
        ),
        44 => format!("ALTER WORKSTREAM w{workstream} SET wrapup = {}", numbers.one_of(&["on", "off"])),
        45 => format!("ALTER WORKSTREAM w{workstream} SET bot = {}", numbers.one_of(&["on", "off"])),
        46 => format!(
            "ALTER WORKSTREAM w{workstream} SET wrapup_capacity = {}, units = {}",
            numbers.one_of(&["always", "never", "'2s'", "'5s'"]),
            numbers.below(3)
        ),
        47 => format!("OPEN ON w{workstream} FOR {customer} KEY 'key-{}'", numbers.below(6)),
        48 => format!("MESSAGE ON w{workstream} TO {customer} BY {agent} 'x'"),
        49 => format!("RELEASE ALL OF {agent}"),
        51 => format!("ACCEPT {id} BY {agent}"),
        52 => format!("DECLINE {id} BY {agent}"),
        53 => "ROUTE LIMIT 1".to_owned(),
        54 => {
            format!("ALTER WORKSTREAM w{workstream} SET mode = {}", numbers.one_of(&["push", "pick"]))
        }
        55 => format!(
            "MESSAGE {id} FROM {} 'x' AUTOMATIC",
            numbers.one_of(&["CUSTOMER", "BOT", &format!("AGENT {agent}")])
        ),
        56 => format!("MESSAGE ON w{workstream} FROM {customer} 'x' AUTOMATIC"),
        57 => format!(
            "MERGE CUSTOMER {customer} INTO {}",
            numbers.one_of(&["ann", "bo", "cy", "di", "ed", "fay", "gil", "hal"])
        ),
        58 => format!("ADD HANDLE '+49 {}' TO CUSTOMER {customer}", 170_000 + numbers.below(9)),
        59 => match numbers.below(3) {
            0 => format!("ALTER CUSTOMER {customer} SET name = 'Name {}'", numbers.below(9)),
            1 => format!("REMOVE HANDLE {customer} FROM CUSTOMER {customer}"),
            _ => format!("REMOVE {agent} FROM {queue}"),
        },
        50 => format!("MESSAGE ON w{workstream} FROM {customer} 'x' KEY 'word-{}'", numbers.below(6)),
        _ => {
            let (_, _, timers) = WORKSTREAMS[workstream];
            let time = numbers.one_of(&["off", "'2s'", "'4s'", "'10s'", "'30s'"]);
            format!("ALTER WORKSTREAM w{workstream} SET {}_timeout = {time}", numbers.one_of(timers))
        }
    }
}
