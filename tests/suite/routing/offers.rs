//! Offers: accepted, declined, missed and withdrawn; three at most.
//!
//! An offer moves nothing, and the view of offers shows it with its outcome.

use super::{Desk, agent, chats};

/// Two agents with as much room.
fn two() -> Desk {
    Desk::new(&(chats(", offers = on") + &agent("ann", ", capacity = 3") + &agent("bob", ", capacity = 3")))
}

/// Every offer of a conversation, in order, with its answer.
fn offers(desk: &mut Desk, conversation: i64) -> Vec<String> {
    desk.world.rows(&format!(
        "SELECT substr('annbob', 3 * item - 2, 3) || ' ' || (SELECT name FROM changes AS answer
                WHERE kind = 'offer' AND object = made.object AND answer.seq > made.seq ORDER BY answer.seq LIMIT 1)
            FROM changes AS made WHERE kind = 'offer' AND name = 'made' AND object = {conversation} ORDER BY made.seq"
    ))
}

/// What is offered now: conversation and agent.
fn open(desk: &mut Desk) -> Vec<String> {
    desk.world
        .rows("SELECT conversation || ' ' || agent FROM offers WHERE answer = 'open' ORDER BY conversation")
}

#[test]
fn an_offer_moves_nothing_until_it_is_accepted() {
    let mut desk = two();
    assert!(desk.play("OPEN ON chats FOR a;").is_empty());
    assert_eq!(open(&mut desk), ["1 ann"]);
    assert_eq!(desk.world.rows("SELECT state, agent FROM conversations"), ["Open|"]);
    assert_eq!(desk.world.refused("ACCEPT 1 BY bob"), "not_offered");
    desk.play("ACCEPT 1 BY ann;");
    assert_eq!(offers(&mut desk, 1), ["ann accepted"]);
    assert_eq!(desk.world.rows("SELECT state, agent FROM conversations"), ["Active|ann"]);
    assert_eq!(desk.world.rows("SELECT load FROM agents WHERE agent = 'ann'"), ["1"]);
}

#[test]
fn reserved_units_count() {
    let mut desk = Desk::new(&(chats(", offers = on, units = 2") + &agent("ann", ", capacity = 3")));
    desk.play("OPEN ON chats FOR a; OPEN ON chats FOR b;");
    assert_eq!(open(&mut desk), ["1 ann"]);
    assert_eq!(desk.world.rows("SELECT load FROM agents"), ["2"]);
    assert_eq!(desk.world.refused("ASSIGN 2 TO AGENT ann"), "at_capacity");
    assert_eq!(desk.world.refused("PICK 2 BY ann"), "at_capacity");
    // The room that an offer keeps is room for that one.
    desk.play("ALTER AGENT ann SET capacity = 2; PICK 1 BY ann;");
    assert_eq!(offers(&mut desk, 1), ["ann withdrawn"]);
    assert_eq!(desk.world.rows("SELECT load FROM agents"), ["2"]);
}

#[test]
fn a_declined_offer_goes_to_the_next_agent_and_back_only_later() {
    let mut desk = two();
    desk.play("OPEN ON chats FOR a; DECLINE 1 BY ann;");
    assert_eq!(open(&mut desk), ["1 bob"]);
    assert_eq!(desk.world.refused("DECLINE 1 BY ann"), "not_offered");
    // Both have declined: whose turn it is decides among them, but not who did so just now.
    desk.play("DECLINE 1 BY bob;");
    assert_eq!(open(&mut desk), ["1 ann"]);
    desk.play("SET PRESENCE away FOR bob; DECLINE 1 BY ann;");
    assert_eq!(open(&mut desk), [""; 0]);
    desk.play("ALTER QUEUE front SET priority = 9;");
    assert_eq!(open(&mut desk), ["1 ann"]);
}

#[test]
fn a_missed_offer_makes_the_agent_inactive_and_goes_to_the_next() {
    let mut desk = two();
    desk.play("OPEN ON chats FOR a; OPEN ON chats FOR b PRIORITY 3;");
    assert_eq!(open(&mut desk), ["1 ann", "2 bob"]);
    desk.pass(119);
    assert_eq!(open(&mut desk), ["1 ann", "2 bob"]);
    desk.play("ACCEPT 2 BY bob;");
    desk.pass(1);
    assert_eq!(offers(&mut desk, 1)[0], "ann missed");
    assert_eq!(open(&mut desk), ["1 bob"]);
    assert_eq!(desk.world.rows("SELECT agent FROM agents WHERE presence = 'inactive'"), ["ann"]);
}

#[test]
fn an_agent_who_misses_an_offer_loses_the_other_offers() {
    let mut desk = Desk::new(&(chats(", offers = on") + &agent("ann", "")));
    desk.play("OPEN ON chats FOR a;");
    desk.pass(10);
    desk.play("OPEN ON chats FOR b;");
    desk.pass(110);
    assert_eq!(open(&mut desk), [""; 0]);
    assert_eq!(offers(&mut desk, 1), ["ann missed"]);
    assert_eq!(offers(&mut desk, 2), ["ann withdrawn"]);
}

#[test]
fn an_offer_that_no_longer_applies_is_withdrawn() {
    for (statement, left) in [
        ("PICK 1 BY bob", ""),
        ("ASSIGN 1 TO AGENT bob", ""),
        ("END 1 BY CUSTOMER", ""),
        ("FORCE CLOSE 1", ""),
        ("ASSIGN 1 TO QUEUE back", ""),
        ("SET PRESENCE away FOR ann", "1 bob"),
        ("ALTER AGENT ann SET presence = away", "1 bob"),
        ("DISCONNECT AGENT ann", "1 bob"),
        ("REMOVE ann FROM front", "1 bob"),
        ("DROP AGENT ann", "1 bob"),
    ] {
        let mut desk = two();
        desk.play("CREATE QUEUE back; OPEN ON chats FOR a;");
        assert_eq!(open(&mut desk), ["1 ann"], "{statement}");
        desk.play(&format!("{statement};"));
        assert_eq!(open(&mut desk).join(""), left, "{statement}");
        let answered =
            desk.world.rows("SELECT name FROM changes WHERE kind = 'offer' AND name <> 'made' ORDER BY seq");
        assert_eq!(answered, ["withdrawn"], "{statement}");
        let running = desk.world.rows("SELECT conversation FROM timers WHERE timer = 'offer_timeout'");
        assert_eq!(running.len(), usize::from(!left.is_empty()), "{statement}");
    }
    // Another presence that the workstream allows is no reason.
    let mut desk = two();
    desk.play("OPEN ON chats FOR a; SET PRESENCE busy FOR ann;");
    assert_eq!(open(&mut desk), ["1 ann"]);
}

#[test]
fn a_conversation_is_offered_three_times_at_most() {
    let mut desk = Desk::new(&(chats(", offers = on") + &agent("ann", "")));
    desk.play("OPEN ON chats FOR a;");
    for _ in 0..2 {
        desk.play("DECLINE 1 BY ann;");
        assert_eq!(open(&mut desk), [""; 0]);
        desk.play("ALTER AGENT ann SET capacity = 5; ALTER AGENT ann SET capacity = 6;");
        assert_eq!(open(&mut desk), ["1 ann"]);
    }
    desk.pass(120);
    desk.play("SET PRESENCE available FOR ann; ROUTE;");
    assert_eq!(open(&mut desk), [""; 0]);
    assert_eq!(offers(&mut desk, 1), ["ann declined", "ann declined", "ann missed"]);
    // What was withdrawn is not counted, and of another one she is asked still.
    desk.play("OPEN ON chats FOR b;");
    assert_eq!(open(&mut desk), ["2 ann"]);
    desk.play("PICK 1 BY ann;");
}
