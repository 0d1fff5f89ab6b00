//! Each timer alone: when it starts, continues, pauses, restarts and stops; a millisecond before its due time
//! nothing happens.
//!
//! A case is a line of statements at minutes after nine, and the minute at which the timer is due. That every
//! timeout edge of every lifecycle fires at its time is tried in `edges`.

mod many;

use switchboard::Moment;

use crate::support::{World, at};

/// A case: the settings of workstream `w`, what is typed at which minute, and what happens when.
struct Case {
    name: &'static str,
    settings: &'static str,
    typed: &'static [(i64, &'static str)],
    timer: &'static str,
    /// In ms after nine.
    due: i64,
    /// The event, and the state or presence that it leads to.
    effect: &'static str,
}

const MINUTE: i64 = 60_000;
const CHAT: &str = "channel = chat, lifecycle = omnichannel";
const TOPIC: &str = "channel = chat, lifecycle = topic";
const SMS: &str = "channel = sms, lifecycle = omnichannel";

const fn case(
    name: &'static str,
    settings: &'static str,
    typed: &'static [(i64, &'static str)],
    timer: &'static str,
    due: i64,
    effect: &'static str,
) -> Case {
    Case { name, settings, typed, timer, due, effect }
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    case("a change of queue does not start queue_timeout again", "channel = chat, lifecycle = omnichannel, queue_timeout = '20m'",
        &[(0, "OPEN ON w FOR ann"), (5, "ASSIGN 1 TO QUEUE back")], "queue_timeout", 20 * MINUTE, "queue_timeout → Closed"),
    case("who comes back into line waits again", "channel = chat, lifecycle = omnichannel, queue_timeout = '20m'",
        &[(0, "OPEN ON w FOR ann"), (5, "PICK 1 BY alice"), (7, "RELEASE 1")], "queue_timeout", 27 * MINUTE, "queue_timeout → Closed"),
    case("a changed setting leaves a running timer alone", "channel = chat, lifecycle = omnichannel, queue_timeout = '20m'",
        &[(0, "OPEN ON w FOR ann"), (1, "ALTER WORKSTREAM w SET queue_timeout = '2m'")], "queue_timeout", 20 * MINUTE, "queue_timeout → Closed"),
    case("customer_timeout runs from the disconnection on, whoever takes the conversation", CHAT,
        &[(0, "OPEN ON w FOR ann"), (1, "DISCONNECT 1"), (2, "PICK 1 BY alice")], "customer_timeout", 4 * MINUTE, "customer_timeout → Wrap-up"),
    case("a message from the customer connects them, another disconnection begins again", CHAT,
        &[(0, "OPEN ON w FOR ann"), (1, "DISCONNECT 1"), (2, "MESSAGE 1 FROM CUSTOMER 'x'"), (3, "DISCONNECT 1")], "customer_timeout", 6 * MINUTE, "customer_timeout → Closed"),
    case("only the last connected session starts it", CHAT,
        &[(0, "OPEN ON w FOR ann"), (1, "ATTACH 1 CHANNEL sms"), (2, "DISCONNECT 1 CHANNEL chat"), (3, "DISCONNECT 1 CHANNEL sms")], "customer_timeout", 6 * MINUTE, "customer_timeout → Closed"),
    case("a session that ends leaves the disconnected one to be waited for", CHAT,
        &[(0, "OPEN ON w FOR ann"), (1, "ATTACH 1 CHANNEL sms"), (2, "DISCONNECT 1 CHANNEL chat"), (3, "DETACH 1 CHANNEL sms")], "customer_timeout", 6 * MINUTE, "customer_timeout → Closed"),
    case("where no edge needs it, it waits for a state that has one", CHAT,
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (0, "WAIT 1"), (1, "DISCONNECT 1"), (2, "REVIVE 1 BY alice")], "customer_timeout", 4 * MINUTE, "customer_timeout → Wrap-up"),
    case("entering a state with the edge when it is overdue starts it again", CHAT,
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (0, "WAIT 1"), (1, "DISCONNECT 1"), (30, "REVIVE 1 BY alice")], "customer_timeout", 33 * MINUTE, "customer_timeout → Wrap-up"),
    case("reconnect is the window in active", "channel = chat, lifecycle = omnichannel, reconnect = '1h'",
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (1, "DISCONNECT 1")], "customer_timeout", 61 * MINUTE, "customer_timeout → Wrap-up"),
    case("entering active makes the window count from the disconnection", "channel = chat, lifecycle = omnichannel, reconnect = '1h'",
        &[(0, "OPEN ON w FOR ann"), (1, "DISCONNECT 1"), (2, "PICK 1 BY alice")], "customer_timeout", 61 * MINUTE, "customer_timeout → Wrap-up"),
    case("in topic the disconnected sessions end, and with the last the customer leaves", TOPIC,
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (1, "DISCONNECT 1")], "customer_timeout", 4 * MINUTE, "customer_leave → Customer Left"),
    case("it does not stand still on hold", TOPIC,
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (1, "DISCONNECT 1"), (2, "HOLD 1")], "customer_timeout", 4 * MINUTE, "customer_leave → Customer Left"),
    case("agent_timeout runs for what the agent has", CHAT,
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (1, "DISCONNECT AGENT alice")], "agent_timeout", MINUTE + 150_000, "agent_timeout → Open"),
    case("being given a conversation while disconnected starts it", CHAT,
        &[(0, "OPEN ON w FOR ann"), (1, "DISCONNECT AGENT alice"), (2, "ASSIGN 1 TO AGENT alice")], "agent_timeout", 2 * MINUTE + 150_000, "agent_timeout → Open"),
    case("so does being given one while offline", "channel = chat, lifecycle = dispatch, transfer_presences = any",
        &[(0, "OPEN ON w FOR ann BY alice"), (1, "SET PRESENCE offline FOR bob"), (2, "TRANSFER 1 TO AGENT bob")], "agent_timeout", 2 * MINUTE + 150_000, "agent_timeout → Waiting"),
    case("the customer's return to an agent who is offline starts it", TOPIC,
        &[(0, "OPEN ON w FOR ann BY alice"), (1, "SET PRESENCE offline FOR alice"), (2, "END 1 BY CUSTOMER"), (3, "MESSAGE 1 FROM CUSTOMER 'x'")], "agent_timeout", 3 * MINUTE + 150_000, "agent_timeout → Inactive"),
    case("it runs on from Active to On Hold", TOPIC,
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (1, "DISCONNECT AGENT alice"), (2, "HOLD 1")], "agent_timeout", MINUTE + 150_000, "agent_timeout → Inactive"),
    case("it runs on when the customer leaves", TOPIC,
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (1, "DISCONNECT AGENT alice"), (2, "END 1 BY CUSTOMER")], "agent_timeout", MINUTE + 150_000, "agent_timeout → Closing"),
    case("another holder who is disconnected, too, starts it again", "channel = chat, lifecycle = unified",
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (1, "DISCONNECT AGENT alice"), (1, "DISCONNECT AGENT bob"), (2, "TRANSFER 1 TO AGENT bob")], "agent_timeout", 2 * MINUTE + 150_000, "agent_timeout → Open"),
    case("response_timeout runs from the agent's arrival", "channel = chat, lifecycle = topic, response_timeout = '4m'",
        &[(0, "OPEN ON w FOR ann"), (1, "PICK 1 BY alice")], "response_timeout", 5 * MINUTE, "response_timeout → Inactive"),
    case("a second message does not start it again", "channel = chat, lifecycle = topic, response_timeout = '4m'",
        &[(0, "OPEN ON w FOR ann"), (1, "PICK 1 BY alice"), (2, "MESSAGE 1 FROM CUSTOMER 'x'")], "response_timeout", 5 * MINUTE, "response_timeout → Inactive"),
    case("an answer stops it, the next message starts it", "channel = chat, lifecycle = topic, response_timeout = '4m'",
        &[(0, "OPEN ON w FOR ann"), (1, "PICK 1 BY alice"), (2, "MESSAGE 1 FROM AGENT alice 'x'"), (20, "MESSAGE 1 FROM CUSTOMER 'x'")], "response_timeout", 24 * MINUTE, "response_timeout → Inactive"),
    case("held 10 minutes, it is 10 minutes later", "channel = chat, lifecycle = topic, response_timeout = '4m'",
        &[(0, "OPEN ON w FOR ann"), (1, "PICK 1 BY alice"), (2, "HOLD 1"), (12, "RESUME 1")], "response_timeout", 15 * MINUTE, "response_timeout → Inactive"),
    case("a message on hold is to be answered after it", "channel = chat, lifecycle = topic, response_timeout = '4m'",
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (1, "MESSAGE 1 FROM AGENT alice 'x'"), (2, "HOLD 1"), (3, "MESSAGE 1 FROM CUSTOMER 'x'"), (12, "RESUME 1")], "response_timeout", 16 * MINUTE, "response_timeout → Inactive"),
    case("a change of holder starts it again", "channel = chat, lifecycle = topic, response_timeout = '4m'",
        &[(0, "OPEN ON w FOR ann"), (1, "PICK 1 BY alice"), (3, "TRANSFER 1 TO AGENT bob")], "response_timeout", 7 * MINUTE, "response_timeout → Inactive"),
    case("so does one from hold", "channel = chat, lifecycle = topic, response_timeout = '4m'",
        &[(0, "OPEN ON w FOR ann"), (1, "PICK 1 BY alice"), (2, "HOLD 1"), (9, "TRANSFER 1 TO AGENT bob")], "response_timeout", 13 * MINUTE, "response_timeout → Inactive"),
    case("who waits for an answer is not silent: the answer starts inactivity", "channel = sms, lifecycle = unified, inactivity_timeout = '1h'",
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (30, "MESSAGE 1 FROM AGENT alice 'x'")], "inactivity_timeout", 90 * MINUTE, "inactivity_timeout → Closed"),
    case("so does every further message of the agent", "channel = sms, lifecycle = unified, inactivity_timeout = '1h'",
        &[(0, "OPEN ON w FOR ann BY alice"), (20, "MESSAGE 1 FROM AGENT alice 'x'"), (30, "MESSAGE 1 FROM AGENT alice 'y'")], "inactivity_timeout", 90 * MINUTE, "inactivity_timeout → Closed"),
    case("a customer's message stops it until it is answered", "channel = sms, lifecycle = unified, inactivity_timeout = '1h'",
        &[(0, "OPEN ON w FOR ann BY alice"), (50, "MESSAGE 1 FROM CUSTOMER 'x'"), (500, "MESSAGE 1 FROM AGENT alice 'x'")], "inactivity_timeout", 560 * MINUTE, "inactivity_timeout → Closed"),
    case("on voice, taking the call is an answer", "channel = voice, lifecycle = unified",
        &[(0, "OPEN ON w FOR ann"), (30, "PICK 1 BY alice")], "inactivity_timeout", 150 * MINUTE, "inactivity_timeout → Wrap-up"),
    case("set aside, it runs whoever wrote last", SMS,
        &[(0, "MESSAGE ON w FROM ann 'x'"), (0, "PICK 1 BY alice"), (5, "CLOSE 1")], "inactivity_timeout", 5 * MINUTE + 86_400_000, "inactivity_timeout → Closed"),
    case("entering a state starts it again", SMS,
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (30, "CLOSE 1")], "inactivity_timeout", 30 * MINUTE + 86_400_000, "inactivity_timeout → Closed"),
    case("in topic it is the customer who leaves an active conversation, after the day of Inactive", TOPIC,
        &[(0, "OPEN ON w FOR ann"), (30, "PICK 1 BY alice"), (40, "MESSAGE 1 FROM AGENT alice 'x'")], "inactivity_timeout", 40 * MINUTE + 86_400_000, "customer_leave → Customer Left"),
    case("held 10 minutes, inactivity is 10 minutes later", "channel = chat, lifecycle = topic, inactivity_timeout = '1h'",
        &[(0, "OPEN ON w FOR ann BY alice"), (20, "HOLD 1"), (30, "RESUME 1")], "inactivity_timeout", 70 * MINUTE, "customer_leave → Customer Left"),
    case("an answer on hold gives it its whole time, from the end of the hold on", "channel = chat, lifecycle = topic, inactivity_timeout = '1h'",
        &[(0, "OPEN ON w FOR ann BY alice"), (20, "HOLD 1"), (25, "MESSAGE 1 FROM CUSTOMER 'x'"), (26, "MESSAGE 1 FROM AGENT alice 'y'"), (30, "RESUME 1")], "inactivity_timeout", 90 * MINUTE, "customer_leave → Customer Left"),
    case("HOLD FOR says how long", TOPIC,
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (1, "HOLD 1 FOR 5m")], "hold_timeout", 6 * MINUTE, "hold_timeout → Active"),
    case("a hold without FOR is as long as the workstream says", "channel = chat, lifecycle = topic, hold_timeout = '3m'",
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (1, "HOLD 1")], "hold_timeout", 4 * MINUTE, "hold_timeout → Active"),
    case("waiting_timeout runs from the setting aside on", CHAT,
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (1, "WAIT 1")], "waiting_timeout", MINUTE + 86_400_000, "waiting_timeout → Closed"),
    case("wrapup_timeout runs in after-work", CHAT,
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (1, "END 1")], "wrapup_timeout", 16 * MINUTE, "wrapup_timeout → Closed"),
    case("and when the customer has left", TOPIC,
        &[(0, "OPEN ON w FOR ann"), (0, "PICK 1 BY alice"), (1, "END 1 BY CUSTOMER")], "wrapup_timeout", 16 * MINUTE, "wrapup_timeout → Closing"),
];

fn desk(settings: &str) -> World {
    let mut world = World::new();
    world.desk.begin_batch().expect("a batch");
    world.play(
        "CREATE QUEUE front; CREATE QUEUE back;
        CREATE AGENT alice WITH (presence = available, capacity = 5) IN front, back;
        CREATE AGENT bob WITH (presence = busy, capacity = 5) IN front, back;",
    );
    world.run(&format!("CREATE WORKSTREAM w WITH ({settings}, queue = front)"));
    world
}

fn minute(minute: i64) -> Moment {
    Moment(at("2026-03-02T09:00:00Z").0 + minute * MINUTE)
}

fn moves(world: &mut World) -> Vec<String> {
    world.rows("SELECT event || ' → ' || to_state || ' ' || at FROM transitions ORDER BY seq")
}

fn tried(case: &Case) {
    let mut world = desk(case.settings);
    for (then, statement) in case.typed {
        world.now = minute(*then);
        world.run(statement);
    }
    let due = Moment(minute(0).0 + case.due);
    let question =
        format!("SELECT due_at FROM timers WHERE timer = '{}' AND conversation IS NOT NULL", case.timer);
    assert_eq!(world.rows(&question), [due.to_string()], "{}: when it is due", case.name);
    let before = moves(&mut world);
    world.now = Moment(due.0 - 1);
    world.run("SWEEP");
    assert_eq!(moves(&mut world), before, "{}: a millisecond before", case.name);
    world.now = due;
    world.run("SWEEP");
    let after = moves(&mut world);
    assert_eq!(after.get(before.len()), Some(&format!("{} {due}", case.effect)), "{}", case.name);
    let reported = world.rows("SELECT count(*) FROM messages WHERE kind = 'system'");
    assert_eq!(reported, [(after.len() - before.len()).to_string()], "{}: every move is reported", case.name);
    let verdict = world.run("VERIFY JOURNAL");
    assert_eq!(verdict.value(0, "verdict"), Some(&"whole".into()), "{}", case.name);
}

#[test]
fn each_timer_is_due_when_the_table_says() {
    CASES.iter().for_each(tried);
    println!("{} cases", CASES.len());
}

#[test]
fn what_stops_a_timer_stops_it() {
    #[rustfmt::skip]
    let cases: [(&str, &str, &[&str]); 11] = [
        ("customer_timeout", CHAT, &["OPEN ON w FOR ann", "DISCONNECT 1", "RECONNECT 1"]),
        ("customer_timeout", CHAT, &["OPEN ON w FOR ann", "DISCONNECT 1", "ATTACH 1 CHANNEL sms"]),
        ("customer_timeout", CHAT, &["OPEN ON w FOR ann", "DISCONNECT 1", "DETACH 1 CHANNEL chat"]),
        ("agent_timeout", CHAT, &["OPEN ON w FOR ann BY alice", "DISCONNECT AGENT alice", "RECONNECT AGENT alice"]),
        ("agent_timeout", CHAT, &["OPEN ON w FOR ann BY alice", "DISCONNECT AGENT alice", "TRANSFER 1 TO AGENT bob", "RECONNECT AGENT alice"]),
        ("agent_timeout", CHAT, &["OPEN ON w FOR ann BY alice", "DISCONNECT AGENT alice", "END 1", "RECONNECT AGENT alice"]),
        ("agent_timeout", CHAT, &["OPEN ON w FOR ann", "DISCONNECT AGENT alice", "PICK 1 BY alice"]),
        ("agent_timeout", CHAT, &["OPEN ON w FOR ann BY alice", "DISCONNECT AGENT alice", "MESSAGE 1 FROM AGENT alice 'x'"]),
        ("agent_timeout", CHAT, &["OPEN ON w FOR ann", "DISCONNECT AGENT alice", "ASSIGN 1 TO AGENT alice OVERRIDE"]),
        ("queue_timeout", "channel = chat, lifecycle = unified", &["OPEN ON w FOR ann", "PICK 1 BY alice"]),
        ("hold_timeout", TOPIC, &["OPEN ON w FOR ann BY alice", "HOLD 1 FOR 5m", "RESUME 1"]),
    ];
    for (timer, settings, statements) in cases {
        let mut world = desk(settings);
        for statement in statements {
            world.run(statement);
        }
        let left =
            world.rows(&format!("SELECT * FROM timers WHERE timer = '{timer}' AND conversation IS NOT NULL"));
        assert!(left.is_empty(), "{timer} after {statements:?}: {left:?}");
    }
}

#[test]
fn a_slow_message_is_no_disconnection() {
    let mut world = desk(CHAT);
    world.run("OPEN ON w FOR ann BY alice");
    world.now = minute(30);
    world.run("MESSAGE 1 FROM CUSTOMER 'I had to look for the number.'");
    world.now = minute(300);
    world.run("SWEEP");
    assert_eq!(world.rows("SELECT state, agent FROM conversations"), ["Active|alice"]);
}

fn load(world: &mut World) -> String {
    world.rows("SELECT load FROM agents WHERE agent = 'alice'").remove(0)
}

#[test]
fn wrapup_uses_its_units_as_long_as_the_workstream_sets() {
    let wrapup = "channel = chat, lifecycle = topic, wrapup = on, units = 2, wrapup_timeout = '1h'";
    for (capacity, at_once, after) in [("always", "2", "2"), ("never", "0", "0"), ("'5m'", "2", "0")] {
        let mut world = desk(&format!("{wrapup}, wrapup_capacity = {capacity}"));
        world.run("OPEN ON w FOR ann BY alice");
        assert_eq!(load(&mut world), "2");
        world.run("END 1");
        assert_eq!(load(&mut world), at_once, "{capacity}");
        world.now = Moment(minute(5).0 - 1);
        world.run("SWEEP");
        assert_eq!(load(&mut world), at_once, "{capacity}, a millisecond before");
        world.now = minute(5);
        world.run("SWEEP");
        assert_eq!(load(&mut world), after, "{capacity}, when the time is over");
        assert_eq!(world.rows("SELECT state FROM conversations"), ["Wrap-up"], "it moves nothing");
        world.run("RECONNECT 1");
        assert_eq!(load(&mut world), "2", "{capacity}: who comes back uses their units again");
        assert_eq!(world.run("VERIFY JOURNAL").value(0, "verdict"), Some(&"whole".into()));
    }
}

fn bob(world: &mut World) -> String {
    world.rows("SELECT presence || ' ' || connected FROM agents WHERE agent = 'bob'").remove(0)
}

#[test]
fn an_agent_who_stays_away_is_offline_and_returns_with_the_same_presence() {
    let mut world = desk(CHAT);
    world.run("DISCONNECT AGENT bob");
    world.now = Moment(minute(0).0 + 149_999);
    world.run("SWEEP");
    assert_eq!(bob(&mut world), "busy off");
    world.now = Moment(minute(0).0 + 150_000);
    world.run("SWEEP");
    assert_eq!(bob(&mut world), "offline off", "with nothing to do he is offline after 150 s");
    world.now = minute(60);
    world.run("RECONNECT AGENT bob");
    assert_eq!(bob(&mut world), "busy on", "with the presence of before");
    world.run("DISCONNECT AGENT bob");
    world.run("SET PRESENCE offline FOR bob");
    world.run("RECONNECT AGENT bob");
    assert_eq!(bob(&mut world), "offline on", "what he said himself stays");
}

#[test]
fn an_agent_who_is_away_goes_offline_when_the_last_conversation_is_taken_away() {
    let mut world = desk("channel = chat, lifecycle = omnichannel, agent_timeout = '10m'");
    world.run("OPEN ON w FOR ann BY bob");
    world.run("DISCONNECT AGENT bob");
    world.now = Moment(minute(10).0 - 1);
    world.run("SWEEP");
    assert_eq!(bob(&mut world), "busy off");
    world.now = minute(10);
    world.run("SWEEP");
    assert_eq!(bob(&mut world), "offline off");
    assert_eq!(world.rows("SELECT state FROM conversations"), ["Open"]);
}

#[test]
fn a_presence_that_is_altered_is_one_that_is_set() {
    for by in ["ALTER AGENT bob SET presence = offline", "SET PRESENCE offline FOR bob"] {
        let mut world = desk(CHAT);
        world.run("DISCONNECT AGENT bob");
        world.run(by);
        assert!(world.rows("SELECT * FROM timers").is_empty(), "{by}: he is offline already");
        world.now = minute(10);
        world.run("SWEEP");
        world.run(&by.replace("offline", "available"));
        let due = world.rows("SELECT due_at_ms FROM timers WHERE agent = 'bob'");
        assert_eq!(due, [(minute(10).0 + 150_000).to_string()], "{by}, and available again");
        world.now = minute(20);
        world.run("SWEEP");
        assert_eq!(bob(&mut world), "offline off", "{by}");
        world.run("RECONNECT AGENT bob");
        assert_eq!(bob(&mut world), "available on", "{by}");
        assert_eq!(world.run("VERIFY JOURNAL").value(0, "verdict"), Some(&"whole".into()));
    }
}
