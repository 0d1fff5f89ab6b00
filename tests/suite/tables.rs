//! The product's tables once more, typed by hand, and the rows of the file: they are the same, both ways.
//!
//! What matters: nothing here is read off `schema.sql`; words and order are those of the description of the product.
//! "Messaging" is every channel but record, "social" stands for social and email, "any" for the states used on the
//! channel that are neither closing nor closed. It deliberately does not know how the file spells its rows out.

use crate::bare::Bare;
use std::collections::BTreeSet;

const CHANNELS: &str = "chat, sms, social, email, voice, record";

/// Phase, holds an agent, uses capacity.
const PHASES: [(&str, bool, bool); 10] = [
    ("bot", false, false),
    ("queued", false, false),
    ("dispatching", false, false),
    ("active", true, true),
    ("held", true, true),
    ("parked", false, false),
    ("departed", true, true),
    ("wrapup", true, true),
    ("closing", false, false),
    ("closed", false, false),
];

/// By whom, and the events in their order.
const EVENTS: [(&str, &str); 7] = [
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

/// Name, one_per_customer, ends_by_sessions, customer_timeout, transfer_presences.
const LIFECYCLES: [(&str, &str, &str, &str, &str); 4] = [
    ("omnichannel", "off", "off", "", "allowed"),
    ("dispatch", "off", "off", "", "any"),
    ("topic", "on", "on", "3 min", "allowed"),
    ("unified", "off", "off", "", "allowed"),
];

/// State, phase, channels; in the product's order.
type State = (&'static str, &'static str, &'static str);
/// Events, from states, to state, channels, condition, after.
type Edge = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const OMNICHANNEL_STATES: &[State] = &[
    ("Open", "queued", "all"),
    ("Active", "active", "all"),
    ("Waiting", "parked", "messaging"),
    ("In-progress", "parked", "sms"),
    ("Wrap-up", "wrapup", "messaging"),
    ("Closed", "closed", "all"),
];
const OMNICHANNEL: &[Edge] = &[
    ("open", "", "Open", "all", "", ""),
    ("pick, push, assign, accept", "Open", "Active", "all", "", ""),
    ("assign_queue", "Open", "Open", "all", "", ""),
    ("customer_end", "Open", "Closed", "chat", "", ""),
    ("customer_timeout", "Open", "Closed", "chat", "", "3 min"),
    ("end", "Active", "Closed", "record", "", ""),
    ("end", "Active", "Wrap-up", "messaging", "", ""),
    ("customer_end", "Active", "Wrap-up", "messaging", "", ""),
    ("customer_timeout", "Active", "Wrap-up", "chat", "", "3 min"),
    ("close", "Active", "Waiting", "chat, social, voice", "", ""),
    ("close", "Active", "In-progress", "sms", "", ""),
    ("wait", "Active", "Waiting", "messaging", "", ""),
    ("release", "Active", "Open", "messaging", "", ""),
    ("agent_timeout", "Active", "Open", "messaging", "", "150 s"),
    ("transfer_agent, transfer_queue", "Active, Waiting", "Open", "messaging", "", ""),
    ("revive", "Waiting", "Active", "messaging", "", ""),
    ("customer_return", "Waiting", "Open", "messaging", "", ""),
    ("customer_end", "Waiting", "Closed", "messaging", "", ""),
    ("waiting_timeout", "Waiting", "Closed", "messaging", "", "1 day"),
    ("inactivity_timeout", "In-progress", "Closed", "sms", "", "1 day"),
    ("close", "Wrap-up", "Closed", "messaging", "", ""),
    ("wrapup_timeout", "Wrap-up", "Closed", "messaging", "", "15 min chat, 1 day else"),
    ("force_close", "any", "Closed", "all", "", ""),
    ("customer_end", "Open", "Closed", "voice", "", ""),
    ("revive", "In-progress", "Active", "sms", "", ""),
    ("customer_return", "In-progress", "Open", "sms", "", ""),
    ("queue_timeout", "Open", "Closed", "all", "", ""),
];

const DISPATCH_STATES: &[State] = &[
    ("Bot", "bot", "all"),
    ("Script", "bot", "all"),
    ("Waiting", "queued", "all"),
    ("Dispatching", "dispatching", "all"),
    ("Processing", "active", "all"),
    ("Finished", "closed", "all"),
];
const DISPATCH: &[Edge] = &[
    ("open", "", "Bot", "all", "bot", ""),
    ("open_queued", "", "Waiting", "all", "", ""),
    ("start_script", "Bot, Script", "Script", "all", "", ""),
    ("leave_script", "Script", "Bot", "all", "", ""),
    ("end_script", "Script", "Script", "all", "", ""),
    ("request_agent", "Bot, Script", "Waiting", "all", "", ""),
    ("bot_end", "Bot, Script", "Finished", "all", "", ""),
    ("dispatch", "Waiting", "Dispatching", "all", "", ""),
    ("requeue", "Dispatching", "Waiting", "all", "", ""),
    ("pick, push, assign, accept", "Dispatching, Waiting", "Processing", "all", "", ""),
    ("assign_queue", "Waiting, Dispatching", "Waiting", "all", "", ""),
    ("transfer_agent", "Processing", "Processing", "all", "", ""),
    ("transfer_queue, release", "Processing", "Waiting", "all", "", ""),
    ("agent_timeout", "Processing", "Waiting", "all", "", "150 s"),
    ("end", "Processing", "Finished", "all", "", ""),
    ("customer_end, inactivity_timeout, customer_timeout", "any", "Finished", "all", "", ""),
    ("force_close", "any", "Finished", "all", "", ""),
];

const TOPIC_STATES: &[State] = &[
    ("Created", "bot", "all"),
    ("Active", "active", "all"),
    ("On Hold", "held", "all"),
    ("Customer Left", "departed", "all"),
    ("Wrap-up", "wrapup", "all"),
    ("Inactive", "queued", "all"),
    ("Closing", "closing", "all"),
    ("Closed", "closed", "all"),
];
const TOPIC: &[Edge] = &[
    ("open", "", "Created", "all", "bot", ""),
    ("open_queued", "", "Inactive", "all", "", ""),
    ("request_agent", "Created", "Inactive", "all", "", ""),
    ("pick, assign", "Created, Inactive", "Active", "all", "", ""),
    ("push, accept", "Inactive", "Active", "all", "", ""),
    ("assign_queue", "Inactive", "Inactive", "all", "", ""),
    ("hold", "Active", "On Hold", "all", "", ""),
    ("resume, hold_timeout", "On Hold", "Active", "all", "", ""),
    ("transfer_agent", "Active, On Hold", "Active", "all", "", ""),
    ("release, transfer_queue", "Active, On Hold", "Inactive", "all", "", ""),
    ("agent_timeout", "Active, On Hold", "Inactive", "all", "", "150 s"),
    ("response_timeout", "Active", "Inactive", "all", "", ""),
    ("customer_leave", "Active, On Hold", "Wrap-up", "all", "wrapup", ""),
    ("customer_leave", "Active, On Hold", "Customer Left", "all", "no wrapup", ""),
    ("end", "Active, On Hold", "Wrap-up", "all", "wrapup", ""),
    ("end", "Active, On Hold", "Closing", "all", "no wrapup", ""),
    ("customer_return", "Customer Left, Wrap-up", "Active", "all", "", ""),
    ("close, release", "Customer Left, Wrap-up", "Closing", "all", "", ""),
    ("agent_timeout", "Customer Left, Wrap-up", "Closing", "all", "", "150 s"),
    ("wrapup_timeout", "Customer Left, Wrap-up", "Closing", "all", "", "15 min chat, 1 day else"),
    ("customer_leave", "Created, Inactive", "Closing", "all", "", ""),
    ("bot_end", "Created", "Closing", "all", "", ""),
    ("inactivity_timeout", "Inactive", "Closing", "all", "", "1 day"),
    ("housekeep", "Closing", "Closed", "all", "", ""),
    ("force_close", "any", "Closing", "all", "", ""),
];

const UNIFIED_STATES: &[State] = &[
    ("Open", "queued", "all"),
    ("Active", "active", "all"),
    ("Waiting", "parked", "sms, social"),
    ("Wrap-up", "wrapup", "messaging"),
    ("Closed", "closed", "all"),
];
const UNIFIED: &[Edge] = &[
    ("open", "", "Open", "all", "", ""),
    ("pick, push, assign, accept", "Open", "Active", "all", "", ""),
    ("assign_queue", "Open", "Open", "all", "", ""),
    ("customer_end", "Open", "Closed", "chat, voice", "", ""),
    ("customer_timeout", "Open", "Closed", "chat", "", "3 min"),
    ("queue_timeout", "Open", "Closed", "messaging", "", "20 min chat, 30 days else"),
    ("transfer_agent", "Active", "Active", "all", "", ""),
    ("transfer_agent", "Waiting", "Active", "sms, social", "", ""),
    ("transfer_queue", "Active", "Open", "all", "", ""),
    ("transfer_queue", "Waiting", "Open", "sms, social", "", ""),
    ("release", "Active", "Open", "all", "", ""),
    ("agent_timeout", "Active", "Open", "all", "", "150 s"),
    ("close", "Active", "Open", "chat, voice", "", ""),
    ("close, wait", "Active", "Waiting", "sms, social", "", ""),
    ("end", "Active", "Wrap-up", "messaging", "", ""),
    ("end", "Active", "Closed", "record", "", ""),
    ("customer_end", "Active", "Wrap-up", "chat, voice", "", ""),
    ("customer_timeout", "Active", "Wrap-up", "chat", "", "3 min"),
    ("inactivity_timeout", "Active", "Wrap-up", "voice", "", "2 hours"),
    ("inactivity_timeout", "Active", "Closed", "sms, social", "", "30 days"),
    ("revive", "Waiting", "Active", "sms, social", "", ""),
    ("customer_return", "Waiting", "Open", "sms, social", "", ""),
    ("waiting_timeout", "Waiting", "Closed", "sms, social", "", "1 day"),
    ("close", "Wrap-up", "Closed", "messaging", "", ""),
    ("wrapup_timeout", "Wrap-up", "Closed", "messaging", "", "15 min chat, 1 day else"),
    ("force_close", "any", "Closed", "all", "", ""),
];

const GRAPHS: [(&str, &[State], &[Edge]); 4] = [
    ("omnichannel", OMNICHANNEL_STATES, OMNICHANNEL),
    ("dispatch", DISPATCH_STATES, DISPATCH),
    ("topic", TOPIC_STATES, TOPIC),
    ("unified", UNIFIED_STATES, UNIFIED),
];

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split(", ")
}

/// The channels that a group names.
fn channels(group: &str) -> Vec<&'static str> {
    let meant = |channel: &str| {
        words(group).any(|word| match word {
            "all" => true,
            "messaging" => channel != "record",
            "social" => matches!(channel, "social" | "email"),
            one => one == channel,
        })
    };
    words(CHANNELS).filter(|channel| meant(channel)).collect()
}

/// "15 min chat, 1 day else" on a channel, in ms; nothing where the table says nothing.
fn after(text: &str, channel: &str) -> Option<i64> {
    words(text).filter(|part| !part.is_empty()).find_map(|part| {
        let mut parts = part.split(' ');
        let count: i64 = parts.next()?.parse().expect("a number");
        let unit = match parts.next().expect("a unit") {
            "s" => 1_000,
            "min" => 60_000,
            "hours" => 3_600_000,
            "day" | "days" => 86_400_000,
            other => panic!("{other} is no unit"),
        };
        let meant = parts.next().is_none_or(|word| word == "else" || word == channel);
        meant.then_some(count * unit)
    })
}

/// The edges of a table, spelled out as the file would say them.
fn edges(lifecycle: &str, states: &[State], table: &[Edge]) -> Vec<String> {
    let open = |channel: &str| -> Vec<&'static str> {
        let used = states.iter().filter(|(_, phase, on)| {
            !matches!(*phase, "closing" | "closed") && channels(on).contains(&channel)
        });
        used.map(|(state, ..)| *state).collect()
    };
    let mut rows = Vec::new();
    for (events, from, to, group, condition, time) in table {
        let phase = states.iter().find(|(state, ..)| state == to).map_or("", |(_, phase, _)| phase);
        for channel in channels(group) {
            let from = if *from == "any" { open(channel) } else { words(from).collect() };
            for event in words(events) {
                for from in &from {
                    let time = after(time, channel);
                    rows.push(format!(
                        "{lifecycle} {channel}: {event} [{from}] -> [{to} {phase}] if '{condition}' after {time:?}"
                    ));
                }
            }
        }
    }
    rows
}

/// Rows of the file, each formatted by SQL.
fn rows(file: &Bare, sql: &str) -> Vec<String> {
    let mut statement = file.connection.prepare(sql).expect(sql);
    let rows = statement.query_map([], |row| row.get(0)).expect(sql);
    rows.collect::<rusqlite::Result<_>>().expect(sql)
}

/// Names what is missing and what is too much; gives the number of rows compared.
fn assert_same(what: &str, expected: Vec<String>, found: Vec<String>) -> usize {
    let count = expected.len();
    let (expected, found): (BTreeSet<_>, BTreeSet<_>) =
        (expected.into_iter().collect(), found.into_iter().collect());
    assert_eq!(expected.len(), count, "{what}: the tables say something twice");
    let missing: Vec<_> = expected.difference(&found).collect();
    let surplus: Vec<_> = found.difference(&expected).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "{what}: missing {missing:#?}, surplus {surplus:#?}");
    count
}

#[test]
fn edges_are_those_of_the_product() {
    let expected = GRAPHS.iter().flat_map(|(name, states, table)| edges(name, states, table)).collect();
    let found = rows(
        &Bare::new(),
        "SELECT object.name || ' ' || channel || ': ' || event || ' [' || from_state || '] -> [' || to_state || ' ' || to_phase
            || '] if ''' || condition || ''' after ' || iif(after_ms IS NULL, 'None', 'Some(' || after_ms || ')')
         FROM edge LEFT JOIN object ON object.kind = 'lifecycle' AND object.id = edge.lifecycle",
    );
    println!("{} edges compared", assert_same("edge", expected, found));
}

#[test]
fn states_are_those_of_the_product() {
    let mut expected = Vec::new();
    for (name, states, _) in GRAPHS {
        for (state, phase, group) in states {
            expected.extend(
                channels(group).iter().map(|channel| format!("{name} {channel}: {state} is {phase}")),
            );
        }
        let order: Vec<String> = rows(
            &Bare::new(),
            &format!(
                "SELECT state FROM state JOIN object ON object.kind = 'lifecycle' AND object.id = state.lifecycle
                      WHERE name = '{name}' GROUP BY state ORDER BY min(position)"
            ),
        );
        assert_eq!(order, states.iter().map(|(state, ..)| (*state).to_owned()).collect::<Vec<_>>(), "{name}");
    }
    let found = rows(
        &Bare::new(),
        "SELECT object.name || ' ' || channel || ': ' || state || ' is ' || phase
         FROM state LEFT JOIN object ON object.kind = 'lifecycle' AND object.id = state.lifecycle",
    );
    println!("{} states compared", assert_same("state", expected, found));
}

#[test]
fn lifecycles_and_phases_are_those_of_the_product() {
    let file = Bare::new();
    let expected = LIFECYCLES.iter().map(|(name, one, ends, time, presences)| {
        format!("{name} {one} {ends} {} {presences} 0", after(time, "").unwrap_or(0))
    });
    let option = |name: &str| {
        format!(
            "(SELECT value FROM setting WHERE kind = 'lifecycle' AND object = object.id AND name = '{name}')"
        )
    };
    let found = rows(
        &file,
        &format!(
            "SELECT concat_ws(' ', name, {}, {}, coalesce({}, 0), {}, dropped) FROM object WHERE kind = 'lifecycle'",
            option("one_per_customer"),
            option("ends_by_sessions"),
            option("customer_timeout"),
            option("transfer_presences")
        ),
    );
    assert_same("lifecycle", expected.collect(), found);
    // They have no other settings, come from no change, and nothing else is built in but the site.
    let options =
        "SELECT count(*) || ' ' || max(change) || ' ' || min(change) FROM setting WHERE kind = 'lifecycle'";
    assert_eq!(rows(&file, options), ["13 0 0"]);
    let built_in =
        "SELECT concat_ws(' ', kind, id, name, dropped, change) FROM object ORDER BY kind, id DESC";
    let ids = [
        "lifecycle -1 omnichannel 0 0",
        "lifecycle -2 dispatch 0 0",
        "lifecycle -3 topic 0 0",
        "lifecycle -4 unified 0 0",
    ];
    assert_eq!(rows(&file, built_in), [ids.as_slice(), &["site -1 site 0 0"]].concat());
    let expected: Vec<_> = PHASES
        .iter()
        .map(|(phase, holds, uses)| format!("{phase} {} {}", i64::from(*holds), i64::from(*uses)))
        .collect();
    let found =
        rows(&file, "SELECT concat_ws(' ', phase, holds_agent, uses_capacity) FROM phase ORDER BY position");
    assert_eq!(expected, found, "phases and their order");
}

#[test]
fn events_and_channels_are_those_of_the_product() {
    let file = Bare::new();
    let expected: Vec<_> =
        EVENTS.iter().flat_map(|(driver, list)| words(list).map(move |e| format!("{driver}: {e}"))).collect();
    assert_eq!(
        expected,
        rows(&file, "SELECT driver || ': ' || event FROM event ORDER BY position"),
        "events"
    );
    let expected =
        words(CHANNELS).map(|channel| format!("{channel} {}", i64::from(channel != "record"))).collect();
    assert_same("channel", expected, rows(&file, "SELECT channel || ' ' || messaging FROM channel"));
}
