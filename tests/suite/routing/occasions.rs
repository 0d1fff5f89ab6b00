//! A push happens in the entry of the statement that makes it possible, one line per kind of statement.
//!
//! Nothing fits before; the statement makes it fit, and its own entry contains the push.

use super::{Desk, agent, chats};

/// A statement after which what waits goes to somebody, what comes before it, and what is pushed.
const OCCASIONS: [(&str, &str, &str); 16] = [
    ("", "OPEN ON chats FOR a", "push 1 ann"),
    ("", "MESSAGE ON chats FROM a 'Hello'", "push 1 ann"),
    ("OPEN ON chats FOR a; WAIT 1;", "MESSAGE 1 FROM CUSTOMER 'I am back.'", "push 1 ann"),
    ("SET PRESENCE away FOR ann; OPEN ON chats FOR a;", "SET PRESENCE busy FOR ann", "push 1 ann"),
    (
        "SET PRESENCE away FOR ann; OPEN ON chats FOR a;",
        "ALTER AGENT ann SET presence = available",
        "push 1 ann",
    ),
    ("OPEN ON quick FOR a; OPEN ON chats FOR b;", "END 1", "push 2 ann"),
    ("OPEN ON chats FOR a; END 1; OPEN ON chats FOR b;", "CLOSE 1", "push 2 ann"),
    ("OPEN ON chats FOR a; OPEN ON chats FOR b;", "WAIT 1", "push 2 ann"),
    ("OPEN ON chats FOR a; OPEN ON chats FOR b;", "FORCE CLOSE 1", "push 2 ann"),
    ("OPEN ON chats FOR a QUEUE back;", "ADD ann TO back", "push 1 ann"),
    ("OPEN ON chats FOR a; OPEN ON chats FOR b;", "ALTER AGENT ann SET capacity = 2", "push 2 ann"),
    ("OPEN ON chats FOR a SKILLS 'latin';", "ALTER AGENT ann SET skills = 'latin'", "push 1 ann"),
    (
        "ALTER AGENT ann SET skills = 'french'; OPEN ON chats FOR a SKILLS 'latin';",
        "ALTER CONVERSATION 1 SET skills = 'french'",
        "push 1 ann",
    ),
    (
        "ALTER WORKSTREAM chats SET mode = pick; OPEN ON chats FOR a;",
        "ALTER WORKSTREAM chats SET mode = push",
        "push 1 ann",
    ),
    (
        "SET PRESENCE away FOR ann; OPEN ON chats FOR a;",
        "ALTER WORKSTREAM chats SET presences = 'away'",
        "push 1 ann",
    ),
    ("DISCONNECT AGENT ann; OPEN ON chats FOR a;", "RECONNECT AGENT ann", "push 1 ann"),
];

fn desk() -> Desk {
    let quick = "CREATE QUEUE back; CREATE WORKSTREAM quick WITH (channel = record, lifecycle = omnichannel, queue = front, mode = push);";
    Desk::new(&(chats("") + quick + &agent("ann", ", capacity = 1")))
}

#[test]
fn a_push_is_in_the_entry_that_makes_it_possible() {
    for (before, statement, pushed) in OCCASIONS {
        let mut desk = desk();
        desk.play(before);
        assert_eq!(desk.play(&format!("{statement};")), [pushed], "{before} {statement}");
        let entry = desk.world.rows(
            "SELECT journal.statement FROM transitions JOIN journal ON journal.seq = transitions.journal
                WHERE event = 'push' ORDER BY transitions.seq DESC LIMIT 1",
        );
        let verb = statement.split(' ').next().expect("a word");
        assert!(entry[0].starts_with(verb), "{statement}: {entry:?}");
    }
}

#[test]
fn a_reply_with_moves_includes_the_pushes() {
    let mut desk = desk();
    let reply = desk.world.run("OPEN ON chats FOR a");
    let events: Vec<_> = (0..reply.rows.len()).map(|row| reply.value(row, "event").cloned()).collect();
    assert_eq!(events, [Some("open".into()), Some("push".into())]);
}

#[test]
fn the_end_of_wrapup_capacity_makes_room() {
    let mut desk = desk();
    desk.play(
        "ALTER WORKSTREAM chats SET wrapup_capacity = '2m'; OPEN ON chats FOR a; END 1; OPEN ON chats FOR b;",
    );
    assert!(desk.pass(119).is_empty());
    assert_eq!(desk.pass(1), ["push 2 ann"]);
    let never = "ALTER WORKSTREAM chats SET wrapup_capacity = never; OPEN ON chats FOR c;";
    desk.play(never);
    assert_eq!(desk.play("END 2;"), ["push 3 ann"]);
}

#[test]
fn a_timer_that_ends_something_makes_room_at_its_due_time() {
    let mut desk = desk();
    desk.play("OPEN ON chats FOR a; END 1; OPEN ON chats FOR b;");
    assert_eq!(desk.pass(3_600), ["push 2 ann"]);
    let times = desk.world.rows("SELECT at FROM transitions WHERE event = 'push' AND conversation = 2");
    assert_eq!(times, ["2026-03-02T09:15:00.000Z"]);
}

#[test]
fn a_pick_workstream_is_routed_by_route_only() {
    let mut desk = desk();
    desk.play("ALTER WORKSTREAM chats SET mode = pick; ALTER AGENT ann SET capacity = 9;");
    let opened = "OPEN ON chats FOR a; OPEN ON chats FOR b; OPEN ON chats FOR c QUEUE back; OPEN ON chats FOR d; ADD ann TO back;";
    assert!(desk.play(opened).is_empty());
    assert_eq!(desk.play("ROUTE QUEUE back;"), ["push 3 ann"]);
    assert_eq!(desk.play("ROUTE LIMIT 1;"), ["push 1 ann"]);
    assert_eq!(desk.play("ROUTE;"), ["push 2 ann", "push 4 ann"]);
    // And in push workstreams one may pick.
    desk.play("ALTER WORKSTREAM chats SET mode = push; SET PRESENCE dnd FOR ann; OPEN ON chats FOR e; PICK NEXT BY ann;");
    assert_eq!(desk.world.rows("SELECT agent FROM conversations WHERE id = 5"), ["ann"]);
}

#[test]
fn nothing_is_pushed_to_a_disconnected_or_absent_agent() {
    let mut desk = desk();
    desk.play("DISCONNECT AGENT ann;");
    assert!(desk.play("OPEN ON chats FOR a; ROUTE; SET PRESENCE available FOR ann;").is_empty());
    assert_eq!(desk.world.refused("PICK NEXT BY zoe"), "unknown_agent");
}

#[test]
fn a_conversation_with_a_bot_is_not_pushed() {
    let bots = "CREATE WORKSTREAM bots WITH (channel = chat, lifecycle = topic, queue = front, mode = push, bot = on);";
    let mut desk = desk();
    assert!(desk.play(&(bots.to_owned() + "OPEN ON bots FOR a; ROUTE;")).is_empty());
    assert_eq!(desk.play("ESCALATE 1;"), ["push 1 ann"]);
}
