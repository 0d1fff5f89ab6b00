//! Random custom lifecycles, each of them sound.
//!
//! Every phase, both switches, both options and timeouts of seconds occur. A timeout leads only to a state
//! further down the list, so there are no cycles of timeouts.

use crate::support::session::Numbers;

/// The states, each with its phase; the order is that in which timeouts lead on.
const STATES: [(&str, &str); 12] = [
    ("Bot", "bot"),
    ("Held", "held"),
    ("Busy", "active"),
    ("Queue", "queued"),
    ("Pool", "dispatching"),
    ("Second", "active"),
    ("Aside", "parked"),
    ("Left", "departed"),
    ("After", "wrapup"),
    ("Later", "wrapup"),
    ("Over", "closing"),
    ("Gone", "closed"),
];

/// What leads to every state, and from every state to the end: event, from, to, condition.
const WAYS: [(&str, &str, &str, &str); 22] = [
    ("open", "", "Bot", " IF BOT"),
    ("open", "", "Queue", " IF NO BOT"),
    ("request_agent", "Bot", "Queue", ""),
    ("bot_end", "Bot", "Over", ""),
    ("pick", "Queue", "Busy", ""),
    ("assign", "Queue", "Second", ""),
    ("assign_queue", "Queue", "Pool", ""),
    ("pick", "Pool", "Busy", ""),
    ("assign_queue", "Pool", "Queue", ""),
    ("hold", "Busy", "Held", ""),
    ("resume", "Held", "Busy", ""),
    ("wait", "Busy", "Aside", ""),
    ("revive", "Aside", "Second", ""),
    ("end", "Busy", "After", " IF WRAPUP"),
    ("end", "Busy", "Over", " IF NO WRAPUP"),
    ("end", "Second", "Later", ""),
    ("close", "Second", "After", ""),
    ("close", "Left", "Gone", ""),
    ("close", "After", "Over", ""),
    ("close", "Later", "After", ""),
    ("customer_leave", "Busy", "Left", ""),
    ("housekeep", "Over", "Gone", ""),
];

/// Where a timeout may begin.
const TIMEOUTS: [(&str, &[&str]); 8] = [
    ("queue_timeout", &["queued", "dispatching"]),
    ("customer_timeout", &["bot", "held", "active", "queued", "dispatching", "parked", "departed", "wrapup"]),
    ("agent_timeout", HOLDING),
    ("response_timeout", &["active"]),
    (
        "inactivity_timeout",
        &["bot", "held", "active", "queued", "dispatching", "parked", "departed", "wrapup"],
    ),
    ("hold_timeout", &["held"]),
    ("waiting_timeout", &["parked"]),
    ("wrapup_timeout", &["departed", "wrapup"]),
];
const HOLDING: &[&str] = &["active", "held", "departed", "wrapup"];
const OVER: &[&str] = &["closing", "closed"];

/// Moves that people make; those that bring an agent or the customer first.
const MOVES: [&str; 18] = [
    "pick",
    "assign",
    "revive",
    "transfer_agent",
    "customer_return",
    "customer_return",
    "assign_queue",
    "release",
    "wait",
    "close",
    "hold",
    "resume",
    "end",
    "transfer_queue",
    "force_close",
    "customer_end",
    "customer_leave",
    "start_script",
];

/// The timers whose settings may mean something.
pub const TIMERS: &[&str] =
    &["queue", "customer", "agent", "response", "inactivity", "hold", "waiting", "wrapup"];

/// A lifecycle of that name, as it is typed.
pub fn lifecycle(numbers: &mut Numbers, name: &str) -> String {
    let mut clauses: Vec<String> =
        STATES.iter().map(|(state, phase)| format!("STATE {state} PHASE {phase}")).collect();
    let mut defined: Vec<(&str, &str)> = Vec::new();
    for (event, from, to, condition) in WAYS {
        defined.push((from, event));
        let from = if from.is_empty() { String::new() } else { format!(" FROM {from}") };
        clauses.push(format!("ON {event}{from} TO {to}{condition}"));
    }
    clauses.push("ON customer_end FROM Aside TO Gone".to_owned());
    defined.push(("Aside", "customer_end"));
    for (place, (from, phase)) in STATES.into_iter().enumerate() {
        for (event, phases) in TIMEOUTS {
            if numbers.below(3) > 0 || !phases.contains(&phase) {
                continue;
            }
            timeout(numbers, place, event, &mut clauses);
        }
        for event in MOVES {
            if numbers.below(4) > 0 || OVER.contains(&phase) || defined.contains(&(from, event)) {
                continue;
            }
            if let Some(to) = target(numbers, place, event) {
                defined.push((from, event));
                clauses.push(format!("ON {event} FROM {from} TO {}{}", STATES[to].0, condition(numbers)));
            }
        }
    }
    let by_sessions = numbers.below(2) == 0;
    let mut options = format!(
        "one_per_customer = {}, ends_by_sessions = {}",
        numbers.one_of(&["on", "off"]),
        if by_sessions { "on" } else { "off" }
    );
    if by_sessions && numbers.below(3) > 0 {
        options += &format!(", customer_timeout = '{}s'", 1 + numbers.below(12));
    }
    format!("CREATE LIFECYCLE {name} WITH ({options}) ({});", clauses.join(", "))
}

/// A timeout edge, or two of them for the two values of a switch.
fn timeout(numbers: &mut Numbers, place: usize, event: &str, clauses: &mut Vec<String>) {
    let conditions: &[&str] = match numbers.below(5) {
        0 => &[" IF WRAPUP", " IF NO WRAPUP"],
        1 => &[" IF NO BOT"],
        _ => &[""],
    };
    for condition in conditions {
        let Some(to) = target(numbers, place, event).filter(|to| *to > place) else { continue };
        let after = match numbers.below(4) {
            0 => String::new(),
            _ => format!(" AFTER {}s", 1 + numbers.below(12)),
        };
        let (from, to) = (STATES[place].0, STATES[to].0);
        clauses.push(format!("ON {event} FROM {from} TO {to}{condition}{after}"));
    }
}

fn condition(numbers: &mut Numbers) -> &'static str {
    numbers.one_of(&["", "", "", " IF WRAPUP", " IF NO WRAPUP", " IF NO BOT"])
}

/// Where that event may lead from that state; none: what came up may not.
fn target(numbers: &mut Numbers, place: usize, event: &str) -> Option<usize> {
    let to = numbers.below(STATES.len());
    let (phase, brings) = (STATES[to].1, ["pick", "assign", "revive", "transfer_agent"].contains(&event));
    let holder = HOLDING.contains(&STATES[place].1) || brings;
    let sound = (holder || !HOLDING.contains(&phase))
        && !(OVER.contains(&phase) && (brings || event == "customer_return"))
        && (event != "customer_leave" || to > place);
    sound.then_some(to)
}
