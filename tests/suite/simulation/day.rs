//! Random desks and statements: the same seed gives the same day.
//!
//! Every setting that the router reads is chosen at random. Statements are chosen from what exists at the time,
//! since most others would be refused.

use std::fmt::Write as _;

use super::model::Model;
use crate::support::session::Numbers;

const QUEUES: [&str; 4] = ["front", "back", "vip", "night"];
const AGENTS: [&str; 8] = ["ann", "bob", "cid", "dee", "eve", "fay", "gil", "hal"];
const LIFECYCLES: [&str; 5] = ["omnichannel", "unified", "dispatch", "dispatch", "topic"];
const METHODS: [&str; 3] = ["highest_capacity", "round_robin", "least_active"];
const SKILLS: [&str; 9] = [
    "latin",
    "latin:2",
    "latin:4",
    "french",
    "french:3",
    "latin, french",
    "latin:3, french:2",
    "latin:2, french:4",
    "greek",
];

/// A desk, and how large it is.
pub struct Desk {
    pub script: String,
    queues: usize,
    agents: usize,
    workstreams: usize,
}

/// The desk of these numbers.
pub fn desk(numbers: &mut Numbers) -> Desk {
    let (queues, agents) = (2 + numbers.below(3), 2 + numbers.below(7));
    let mut script = String::new();
    for queue in &QUEUES[..queues] {
        let (priority, method) = (numbers.one_of(&["10", "10", "50", "100"]), numbers.one_of(&METHODS));
        writeln!(script, "CREATE QUEUE {queue} WITH (priority = {priority}, method = {method});")
            .expect("memory");
    }
    for agent in &AGENTS[..agents] {
        let presence = numbers.one_of(&["available", "available", "available", "available", "busy", "away"]);
        let mut settings = format!("presence = {presence}, capacity = {}", 1 + numbers.below(5));
        if numbers.below(3) > 0 {
            write!(settings, ", skills = '{}'", numbers.one_of(&SKILLS)).expect("memory");
        }
        let mut own: Vec<&str> = QUEUES[..queues].iter().copied().filter(|_| numbers.below(3) > 0).collect();
        if own.is_empty() {
            own.push(QUEUES[0]);
        }
        writeln!(script, "CREATE AGENT {agent} WITH ({settings}) IN {};", own.join(", ")).expect("memory");
    }
    let workstreams = 3 + numbers.below(4);
    for index in 0..workstreams {
        writeln!(script, "CREATE WORKSTREAM w{index} WITH ({});", workstream(numbers, queues))
            .expect("memory");
    }
    Desk { script, queues, agents, workstreams }
}

fn workstream(numbers: &mut Numbers, queues: usize) -> String {
    let lifecycle = numbers.one_of(&LIFECYCLES);
    let on = |numbers: &mut Numbers, one_in: usize| if numbers.below(one_in) == 0 { "on" } else { "off" };
    let mut settings = format!(
        "channel = chat, lifecycle = {lifecycle}, queue = {}, mode = {}, units = {}",
        QUEUES[numbers.below(queues)],
        numbers.one_of(&["push", "push", "push", "push", "push", "pick"]),
        numbers.one_of(&["1", "1", "1", "2", "2", "3", "0"]),
    );
    write!(
        settings,
        ", skills = {}, prefer_last_agent = {}, relaxed_skills = {}, offers = {}, dispatch_limit = {}, wrapup_capacity = {}",
        numbers.one_of(&["exact", "exact", "closest"]),
        on(numbers, 3),
        on(numbers, 3),
        on(numbers, 4),
        1 + numbers.below(3),
        numbers.one_of(&["always", "never", "'40s'"]),
    )
    .expect("memory");
    if numbers.below(4) == 0 {
        write!(settings, ", presences = {}", numbers.one_of(&["'available'", "'available, away'"]))
            .expect("memory");
    }
    if matches!(lifecycle, "topic" | "dispatch") && numbers.below(4) == 0 {
        settings += ", bot = on";
    }
    if lifecycle == "topic" && numbers.below(2) == 0 {
        settings += ", wrapup = on";
    }
    settings
}

impl Desk {
    /// The next statement, given what stands there.
    pub fn statement(&self, numbers: &mut Numbers, model: &Model) -> String {
        let (agent, queue) = (AGENTS[numbers.below(self.agents)], QUEUES[numbers.below(self.queues)]);
        let workstream = numbers.below(self.workstreams);
        match numbers.below(46) {
            0..=13 => open(numbers, workstream, queue),
            14 => {
                let from = if numbers.below(4) == 0 { format!(" FROM {queue}") } else { String::new() };
                format!("PICK NEXT BY {agent}{from}")
            }
            15..=18 => offered(numbers, model).unwrap_or_else(|| format!("PICK NEXT BY {agent}")),
            19..=33 => self.work(numbers, model, agent, queue),
            34..=36 => {
                let presence =
                    numbers.one_of(&["available", "available", "available", "busy", "away", "offline"]);
                match numbers.below(4) {
                    0 => format!("ALTER AGENT {agent} SET presence = {presence}"),
                    _ => format!("SET PRESENCE {presence} FOR {agent}"),
                }
            }
            37 => format!("DISCONNECT AGENT {agent}"),
            38 => format!("RECONNECT AGENT {agent}"),
            39 => format!("ALTER AGENT {agent} SET capacity = {}", numbers.below(5)),
            40 => format!("ADD {agent} TO {queue}"),
            41 => format!("REMOVE {agent} FROM {queue}"),
            42 => match numbers.below(4) {
                0 => "ROUTE".to_owned(),
                1 => format!("ROUTE QUEUE {queue}"),
                2 => format!("ROUTE QUEUE {queue} LIMIT 1"),
                _ => format!("ROUTE LIMIT {}", 1 + numbers.below(3)),
            },
            43 => format!("RELEASE ALL OF {agent}"),
            44 => format!("ALTER AGENT {agent} SET skills = '{}'", numbers.one_of(&SKILLS)),
            _ => match numbers.below(4) {
                0 => format!("ALTER QUEUE {queue} SET priority = {}", numbers.one_of(&["10", "50", "90"])),
                1 => format!("ALTER QUEUE {queue} SET method = {}", numbers.one_of(&METHODS)),
                2 => format!("ALTER WORKSTREAM w{workstream} SET dispatch_limit = {}", numbers.below(4)),
                _ => {
                    format!("ALTER WORKSTREAM w{workstream} SET mode = {}", numbers.one_of(&["push", "pick"]))
                }
            },
        }
    }

    fn work(&self, numbers: &mut Numbers, model: &Model, agent: &str, queue: &str) -> String {
        let held = |phase: &str| ["active", "held", "departed", "wrapup"].contains(&phase);
        let wanted = numbers.below(4);
        let open: Vec<i64> = model
            .conversations
            .iter()
            .filter(|(_, one)| one.phase != "closed" && (wanted == 0 || held(one.phase)))
            .map(|(id, _)| *id)
            .collect();
        let Some(id) = (!open.is_empty()).then(|| open[numbers.below(open.len())]) else {
            return format!("PICK NEXT BY {agent}");
        };
        match numbers.below(20) {
            0..=4 => format!("END {id}"),
            5..=7 => format!("CLOSE {id}"),
            8..=10 => format!("RELEASE {id}"),
            11 => format!("TRANSFER {id} TO AGENT {agent}"),
            12 => format!("TRANSFER {id} TO QUEUE {queue}"),
            13 => format!("ASSIGN {id} TO AGENT {agent}"),
            14 => format!("ASSIGN {id} TO QUEUE {queue}"),
            15 => format!("WAIT {id}"),
            16 => format!("MESSAGE {id} FROM CUSTOMER 'x'"),
            17 => format!("END {id} BY CUSTOMER"),
            18 => format!("ALTER CONVERSATION {id} SET priority = {}", numbers.below(3)),
            _ => match numbers.below(4) {
                0 => format!("ESCALATE {id}"),
                1 => format!("HOLD {id} FOR 20s"),
                2 => format!("PICK {id} BY {agent}"),
                _ => format!("ALTER CONVERSATION {id} SET skills = '{}'", numbers.one_of(&SKILLS)),
            },
        }
    }
}

fn open(numbers: &mut Numbers, workstream: usize, queue: &str) -> String {
    let mut open = format!("OPEN ON w{workstream} FOR c{}", numbers.below(30));
    if numbers.below(4) == 0 {
        write!(open, " QUEUE {queue}").expect("memory");
    }
    if numbers.below(3) == 0 {
        write!(open, " PRIORITY {}", numbers.below(3)).expect("memory");
    }
    if numbers.below(3) == 0 {
        write!(open, " SKILLS '{}'", numbers.one_of(&SKILLS)).expect("memory");
    }
    open
}

/// An answer to an offer that stands.
fn offered(numbers: &mut Numbers, model: &Model) -> Option<String> {
    let asked = model.conversations.iter().filter_map(|(id, one)| Some((*id, one.offer?.0)));
    let asked: Vec<(i64, i64)> = asked.collect();
    let (id, agent) = *asked.get(numbers.below(asked.len().max(1)))?;
    let verb = numbers.one_of(&["ACCEPT", "ACCEPT", "DECLINE", "DECLINE", "PICK"]);
    Some(format!("{verb} {id} BY {}", model.agents[&agent].name))
}
