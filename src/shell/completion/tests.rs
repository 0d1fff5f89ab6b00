//! Tests of Tab completion without a terminal.

use super::*;

fn world(kind: &str) -> Vec<(String, String)> {
    let list: &[(&str, &str)] = match kind {
        "agent" => &[("alice", "2/3 available"), ("dana", "0/3 available"), ("Al B", "away"), ("x\x1b", "")],
        "queue" => &[("billing", "2 waiting")],
        "conversation" => &[("12", "Open"), ("15", "Active alice")],
        "customer" => &[("ann@example.com", "1 open"), ("bo", "")],
        _ => &[],
    };
    list.iter().map(|(name, state)| ((*name).to_owned(), (*state).to_owned())).collect()
}

fn check(line: &str, start: usize, expected: &[&str]) {
    let (at, pairs) = candidates(line, line.len(), &world);
    let offered: Vec<&str> = pairs.iter().map(|pair| pair.replacement.trim_end()).collect();
    assert_eq!((at, offered.as_slice()), (start, expected), "{line:?}");
}

#[test]
fn keywords_follow_the_case_that_is_typed() {
    check("assi", 0, &["assign"]);
    check("ASSI", 0, &["ASSIGN"]);
    check("assign 12 to ", 13, &["agent", "queue"]);
    check("ASSIGN 12 TO ", 13, &["AGENT", "QUEUE"]);
    check("show site; assign 12 to qu", 24, &["queue"]);
    check("explain assign 12 to a", 21, &["agent"]);
    check("help assi", 5, &["assign"]);
    check("-- assi", 7, &[]);
    check("nonsense assi", 9, &[]);
}

#[test]
fn closed_lists_are_offered_where_a_lifecycle_is_drawn() {
    let drawn = "create lifecycle l (state a phase queued channel chat, sms, ";
    check("create lifecycle l (state a phase d", 34, &["dispatching", "departed"]);
    check("create lifecycle l (state a phase queued channel s", 49, &["sms", "social"]);
    check(
        &format!("{drawn}on cust"),
        63,
        &["customer_end", "customer_leave", "customer_return", "customer_timeout"],
    );
    check(&format!("{drawn}on open to a i"), 73, &["if"]);
    check(&format!("{drawn}on open to a if "), 76, &["wrapup", "no", "bot"]);
    check("show lifecycle l as ", 20, &["table", "mermaid", "dot", "script"]);
}

#[test]
fn settings_are_offered_with_what_they_take() {
    check("alter workstream w set wrapup_", 23, &["wrapup_capacity =", "wrapup_timeout ="]);
    check("create queue q with (m", 21, &["method ="]);
    check("create queue q with (method = r", 30, &["round_robin"]);
    check("create lifecycle l with (o", 25, &["one_per_customer ="]);
    check("alter workstream w set wrapup_capacity = ", 41, &["always", "never"]);
    check("create workstream w with (channel = s", 36, &["sms", "social"]);
    check("create workstream w with (queue = ", 34, &["billing"]);
    check("alter agent a set presence = a", 29, &["available", "away"]);
    check("alter agent a set wings = ", 26, &[]);
}

#[test]
fn states_are_those_that_the_statement_has_drawn() {
    let drawn =
        "create lifecycle l (state Open phase queued, state \"With doctor\" phase active, on pick from ";
    check(drawn, drawn.len(), &["Open", "\"With doctor\""]);
    check(&format!("{drawn}Open to w"), drawn.len() + 8, &["\"With doctor\""]);
    check(&format!("{drawn}Open, \"w"), drawn.len() + 6, &["\"With doctor\""]);
}

#[test]
fn live_things_are_offered_as_they_must_be_written() {
    check("assign 12 to agent ", 19, &["alice", "dana", "\"Al B\""]);
    check("assign 12 to agent a", 19, &["alice", "\"Al B\""]);
    check("assign 12 to agent \"a", 19, &["\"alice\"", "\"Al B\""]);
    check("assign ", 7, &["12", "15"]);
    check("assign #", 7, &["#12", "#15"]);
    check("open on webchat for an", 20, &["'ann@example.com'"]);
    check("open on webchat for 'an", 20, &["'ann@example.com'"]);
    check("set presence a", 13, &["available", "away"]);
    check("create queue ", 13, &["if"]);
    check("hold 12 for 90 m", 15, &["minutes"]);
    check("select * from conv", 14, &["conversations"]);
}

#[test]
fn dot_commands_complete_too() {
    check(".mo", 0, &[".mode"]);
    check(".mode js", 6, &["json", "jsonl"]);
    check(".as da", 4, &["dana"]);
    check(".watch 5 assign 12 to a", 22, &["agent"]);
    check(".read x", 6, &[]);
}

#[test]
fn the_state_stands_beside_the_name() {
    let (_, pairs) = candidates("assign 12 to agent ", 19, &world);
    let shown: Vec<&str> = pairs.iter().map(|pair| pair.display.as_str()).collect();
    assert_eq!(shown, ["alice  2/3 available", "dana   0/3 available", "Al B   away"]);
}

#[test]
fn no_cursor_and_no_text_is_too_strange() {
    let line = "note 12 'é☹' é\0\u{1b} .x \"";
    for cursor in 0..=line.len() + 2 {
        let _ = candidates(line, cursor, &world);
    }
}
