//! Every kind of assignment against every guard, one line per combination.
//!
//! Exactly one thing is wrong with the agent; either the assignment is accepted, or it is refused with that code.

use super::Desk;

/// What is wrong with ann, once the conversation stands where the way begins. The last one is wrong with nobody.
const WRONG: [(&str, &str); 5] = [
    ("member", "REMOVE ann FROM front;"),
    ("presence", "SET PRESENCE dnd FOR ann;"),
    ("capacity", "ALTER AGENT ann SET capacity = 0;"),
    ("skills", "ALTER AGENT ann SET skills = null;"),
    ("nothing", "ALTER AGENT ann SET name = 'Ann';"),
];

/// A way: its name, what comes before, the statement, and what each guard makes of it (`yes`: it goes through).
type Way = (&'static str, &'static str, &'static str, [&'static str; 5]);

const WAYS: [Way; 11] = [
    (
        "pick",
        "OPEN ON chats FOR a SKILLS 'latin';",
        "PICK 1 BY ann",
        ["not_member", "yes", "at_capacity", "yes", "yes"],
    ),
    (
        "pick next",
        "OPEN ON chats FOR a SKILLS 'latin';",
        "PICK NEXT BY ann",
        ["nothing_waiting", "yes", "at_capacity", "nothing_waiting", "yes"],
    ),
    (
        "push",
        "OPEN ON chats FOR a SKILLS 'latin';",
        "ROUTE",
        ["nothing", "nothing", "nothing", "nothing", "yes"],
    ),
    (
        "assign",
        "OPEN ON chats FOR a SKILLS 'latin';",
        "ASSIGN 1 TO AGENT ann",
        ["yes", "presence", "at_capacity", "yes", "yes"],
    ),
    (
        "assign with override",
        "OPEN ON chats FOR a SKILLS 'latin';",
        "ASSIGN 1 TO AGENT ann OVERRIDE",
        ["yes", "yes", "yes", "yes", "yes"],
    ),
    (
        "transfer",
        "OPEN ON chats FOR a SKILLS 'latin' BY bob;",
        "TRANSFER 1 TO AGENT ann",
        ["not_member", "presence", "at_capacity", "yes", "yes"],
    ),
    (
        "transfer in one move",
        "OPEN ON cases FOR a SKILLS 'latin' BY bob;",
        "TRANSFER 1 TO AGENT ann",
        ["not_member", "presence", "at_capacity", "yes", "yes"],
    ),
    (
        "transfer with override",
        "OPEN ON chats FOR a SKILLS 'latin' BY bob;",
        "TRANSFER 1 TO AGENT ann OVERRIDE",
        ["not_member", "yes", "yes", "yes", "yes"],
    ),
    (
        "transfer where transfer_presences = any",
        "OPEN ON calls FOR a SKILLS 'latin' BY bob;",
        "TRANSFER 1 TO AGENT ann",
        ["not_member", "yes", "at_capacity", "yes", "yes"],
    ),
    (
        "revive by who had it",
        "OPEN ON chats FOR a SKILLS 'latin' BY ann; WAIT 1;",
        "REVIVE 1",
        ["yes", "yes", "at_capacity", "yes", "yes"],
    ),
    (
        "revive by another",
        "OPEN ON chats FOR a SKILLS 'latin' BY bob; WAIT 1;",
        "REVIVE 1 BY ann",
        ["not_member", "yes", "at_capacity", "yes", "yes"],
    ),
];

fn desk() -> Desk {
    let mut desk = Desk::new("CREATE QUEUE front;");
    for (name, lifecycle) in [("chats", "omnichannel"), ("cases", "topic"), ("calls", "dispatch")] {
        desk.play(&format!(
            "CREATE WORKSTREAM {name} WITH (channel = chat, lifecycle = {lifecycle}, queue = front);"
        ));
    }
    desk.play("CREATE AGENT ann WITH (presence = available, capacity = 1, skills = 'latin') IN front;");
    desk.play("CREATE AGENT bob WITH (presence = dnd) IN front;");
    desk
}

#[test]
fn every_assignment_against_every_guard() {
    for (way, before, statement, expected) in WAYS {
        for ((guard, wrong), expected) in WRONG.into_iter().zip(expected) {
            let mut desk = desk();
            desk.play(before);
            desk.play(wrong);
            let found = match desk.world.try_run(statement) {
                Ok(reply) if reply.rows.is_empty() => "nothing",
                Ok(_) => "yes",
                Err(failure) => failure.error.code().name(),
            };
            assert_eq!(found, expected, "{way}, {guard}: {statement}");
            let has = desk.world.rows("SELECT agent FROM conversations")[0] == "ann";
            assert_eq!(has, expected == "yes", "{way}, {guard}: {statement}");
        }
    }
}

#[test]
fn an_offer_asks_for_all_and_accepting_it_for_membership() {
    for (guard, wrong) in WRONG {
        let mut desk = desk();
        desk.play("ALTER WORKSTREAM chats SET mode = push, offers = on;");
        desk.play(wrong);
        desk.play("OPEN ON chats FOR a SKILLS 'latin';");
        let offered = desk.world.rows("SELECT agent FROM offers");
        assert_eq!(offered.len(), usize::from(guard == "nothing"), "{guard}");
    }
    // What is wrong once it is offered: who is no member or away is asked no longer; the room of the offer is kept
    // whatever the capacity is since.
    let later = ["not_offered", "not_offered", "yes", "yes", "yes"];
    for ((guard, wrong), expected) in WRONG.into_iter().zip(later) {
        let mut desk = desk();
        desk.play("ALTER WORKSTREAM chats SET mode = push, offers = on; OPEN ON chats FOR a SKILLS 'latin';");
        desk.play(wrong);
        let found = match desk.world.try_run("ACCEPT 1 BY ann") {
            Ok(_) => "yes",
            Err(failure) => failure.error.code().name(),
        };
        assert_eq!(found, expected, "{guard}");
    }
    // The presence itself is not asked for: only what it says to the router.
    let mut desk = desk();
    desk.play("ALTER WORKSTREAM chats SET mode = push, offers = on; OPEN ON chats FOR a SKILLS 'latin';");
    desk.play("ALTER WORKSTREAM chats SET presences = 'busy'; ACCEPT 1 BY ann;");
}
