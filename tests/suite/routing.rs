//! The router by example: pools, selection, order, and which agents are skipped.
//!
//! Each expectation is the complete list of the router's moves in their order, read from the log, so an
//! additional move is found as well as a missing one. Random desks are tried in `simulation`.

mod guards;
mod occasions;
mod offers;

use switchboard::Moment;

use crate::support::World;

/// A world, and how much of its log was read.
pub struct Desk {
    pub world: World,
    read: i64,
}

impl Desk {
    /// The world after that script.
    pub fn new(script: &str) -> Desk {
        let mut desk = Desk { world: World::new(), read: 0 };
        desk.play(script);
        desk
    }

    /// Runs a script; gives the router's moves since the last reading.
    pub fn play(&mut self, script: &str) -> Vec<String> {
        self.world.play(script);
        let rows = self.world.rows(&format!(
            "SELECT seq, event, conversation, to_agent FROM transitions WHERE actor_kind = 'router' AND seq > {} ORDER BY seq",
            self.read
        ));
        let mut moves = Vec::new();
        for row in rows {
            let (seq, words) = row.split_once('|').expect("columns");
            self.read = seq.parse().expect("a number");
            moves.push(words.replace('|', " ").trim_end().to_owned());
        }
        moves
    }

    /// Lets time pass; gives the router's moves.
    pub fn pass(&mut self, seconds: i64) -> Vec<String> {
        self.world.now = Moment(self.world.now.0 + 1_000 * seconds);
        self.play("SWEEP")
    }

    /// What stands in that state.
    fn in_state(&mut self, state: &str) -> Vec<String> {
        self.world.rows(&format!("SELECT id FROM conversations WHERE state = '{state}' ORDER BY id"))
    }
}

/// A queue and a workstream that pushes, with these further settings.
fn chats(settings: &str) -> String {
    format!(
        "CREATE QUEUE front; CREATE WORKSTREAM chats WITH (channel = chat, lifecycle = omnichannel, queue = front, mode = push{settings});"
    )
}

/// A queue and a workstream with a pool.
fn calls(settings: &str) -> String {
    format!(
        "CREATE QUEUE front; CREATE WORKSTREAM calls WITH (channel = voice, lifecycle = dispatch, queue = front, mode = push{settings});"
    )
}

/// An agent in front who is there.
fn agent(name: &str, settings: &str) -> String {
    format!("CREATE AGENT {name} WITH (presence = available{settings}) IN front;")
}

fn opened(count: usize, rest: &str) -> String {
    (1..=count).map(|number| format!("OPEN ON calls FOR c{number}{rest};")).collect()
}

#[test]
fn five_ready_agents_whom_nothing_fits_make_a_pool_of_fifteen() {
    let mut desk = Desk::new(&calls(""));
    for name in ["ann", "bob", "cid", "dee", "eve"] {
        desk.play(&agent(name, ""));
    }
    let moves = desk.play(&opened(16, " SKILLS 'latin'"));
    let dispatched: Vec<String> = (1..=15).map(|number| format!("dispatch {number}")).collect();
    assert_eq!(moves, dispatched);
    assert_eq!(desk.in_state("Waiting"), ["16"]);
    assert_eq!(desk.in_state("Dispatching").len(), 15);
    // Full ones are counted, and there is still one with room.
    desk.play("ALTER AGENT ann SET capacity = 0;");
    assert_eq!(desk.in_state("Dispatching").len(), 15);
    assert_eq!(desk.play("END 3 BY CUSTOMER;"), ["dispatch 16"]);
}

#[test]
fn nobody_ready_or_all_full_and_nothing_is_dispatched() {
    for nobody in ["SET PRESENCE away FOR ann;", "DISCONNECT AGENT ann;", "REMOVE ann FROM front;"] {
        let mut desk = Desk::new(&(calls("") + &agent("ann", "") + nobody));
        assert!(desk.play(&opened(3, "")).is_empty(), "{nobody}");
        assert_eq!(desk.in_state("Waiting").len(), 3, "{nobody}");
    }
    let mut desk = Desk::new(&(calls("") + &agent("ann", ", capacity = 1")));
    assert_eq!(desk.play(&opened(3, "")), ["dispatch 1", "push 1 ann"]);
    assert_eq!(desk.in_state("Waiting"), ["2", "3"]);
    // The next one, when there is room: and then all are full again.
    assert_eq!(desk.play("END 1;"), ["dispatch 2", "dispatch 3", "push 2 ann"]);
    assert_eq!(desk.in_state("Dispatching"), ["3"]);
}

#[test]
fn a_limit_that_sinks_below_the_pool_sends_the_last_ones_back() {
    let mut desk = Desk::new(&(calls("") + &agent("ann", "") + &agent("bob", "")));
    desk.play(&opened(7, " SKILLS 'latin'"));
    assert_eq!(desk.play("OPEN ON calls FOR c8 SKILLS 'latin' PRIORITY 5;"), Vec::<String>::new());
    assert_eq!(desk.play("SET PRESENCE away FOR bob;"), ["requeue 6", "requeue 5", "requeue 4"]);
    assert_eq!(desk.play("ALTER CONVERSATION 3 SET priority = -1;"), Vec::<String>::new());
    assert_eq!(desk.play("ALTER WORKSTREAM calls SET dispatch_limit = 2;"), ["requeue 3"]);
    assert_eq!(desk.play("DISCONNECT AGENT ann;"), ["requeue 2", "requeue 1"]);
    // In order again: the one with priority first, the one that has lost it last.
    let back = ["dispatch 8", "dispatch 1", "dispatch 2", "dispatch 4"];
    assert_eq!(desk.play("RECONNECT AGENT ann; SET PRESENCE available FOR bob;"), back);
}

#[test]
fn a_conversation_that_fits_passes_a_pool_that_fits_nobody() {
    let mut desk = Desk::new(&(calls(", dispatch_limit = 1") + &agent("ann", ", capacity = 1")));
    assert_eq!(desk.play(&opened(2, " SKILLS 'latin'")), ["dispatch 1"]);
    assert_eq!(desk.play("OPEN ON calls FOR bea; OPEN ON calls FOR cy;"), ["push 3 ann"]);
    let from =
        desk.world.rows("SELECT from_state FROM transitions WHERE conversation = 3 AND event = 'push'");
    assert_eq!(from, ["Waiting"]);
    assert_eq!(desk.play("END 3;"), ["push 4 ann"]);
    // As soon as something in the pool fits, it comes first.
    desk.play("OPEN ON calls FOR di;");
    assert_eq!(desk.play("ALTER AGENT ann SET skills = 'latin'; END 4;"), ["push 1 ann"]);
}

#[test]
fn the_customers_last_agent_comes_first_if_the_workstream_says_so() {
    for (settings, again) in [(", prefer_last_agent = on", "push 2 ann"), ("", "push 2 bob")] {
        let away = "SET PRESENCE away FOR bob; OPEN ON chats FOR gus; END 1; CLOSE 1; SET PRESENCE available FOR bob;";
        let people = agent("ann", "") + &agent("bob", ", capacity = 9");
        let mut desk = Desk::new(&(chats(settings) + &people));
        assert_eq!(desk.play(away), ["push 1 ann"]);
        assert_eq!(desk.play("OPEN ON chats FOR gus; OPEN ON chats FOR hal;"), [again, "push 3 bob"]);
    }
}

#[test]
fn a_skill_that_nobody_online_has_is_ignored_if_the_workstream_says_so() {
    let zoe = "CREATE AGENT zoe WITH (presence = away, skills = 'latin');";
    let people = agent("ann", ", skills = 'billing:2'") + zoe;
    let mut desk = Desk::new(&(chats(", relaxed_skills = on") + &people));
    assert!(desk.play("OPEN ON chats FOR gus SKILLS 'latin, billing:2';").is_empty());
    assert_eq!(desk.play("SET PRESENCE offline FOR zoe;"), ["push 1 ann"]);
    // It is online at another level: that is not relaxed.
    assert!(desk.play("OPEN ON chats FOR hal SKILLS 'billing:3';").is_empty());
    let mut strict = Desk::new(&(chats("") + &people));
    strict.play("OPEN ON chats FOR gus SKILLS 'latin';");
    assert!(strict.play("SET PRESENCE offline FOR zoe;").is_empty());
}

#[test]
fn exact_means_every_skill_and_closest_the_most_and_then_the_least_missing() {
    let mut desk = Desk::new(&(chats("") + &agent("ann", ", skills = 'billing:2'") + &agent("bob", "")));
    assert_eq!(desk.play("OPEN ON chats FOR gus SKILLS 'billing';"), ["push 1 ann"]);
    assert!(desk.play("OPEN ON chats FOR hal SKILLS 'billing:3';").is_empty());
    assert!(desk.play("ALTER AGENT bob SET skills = 'spanish';").is_empty());
    assert_eq!(desk.play("ALTER AGENT ann SET skills = 'billing:3';"), ["push 2 ann"]);

    let people = agent("ann", ", skills = 'billing:4'") + &agent("bob", ", skills = 'billing:2, spanish'");
    let mut desk = Desk::new(&(chats(", skills = closest") + &people));
    // One is not met by either of them: the levels that are missing decide.
    assert_eq!(desk.play("OPEN ON chats FOR gus SKILLS 'billing:4, spanish';"), ["push 1 ann"]);
    // Two are not met by her: that is more, however little is missing.
    assert_eq!(desk.play("OPEN ON chats FOR hal SKILLS 'billing:5, spanish';"), ["push 2 bob"]);
    assert_eq!(desk.play("OPEN ON chats FOR ike SKILLS 'latin:9';"), ["push 3 ann"]);
}

#[test]
fn highest_capacity_takes_turns_among_equals() {
    let people = agent("ann", ", capacity = 3") + &agent("bob", ", capacity = 2");
    let mut desk = Desk::new(&(chats("") + &people));
    let moves = desk.play(&opened(5, "").replace("calls", "chats"));
    assert_eq!(moves, ["push 1 ann", "push 2 bob", "push 3 ann", "push 4 bob", "push 5 ann"]);
}

#[test]
fn round_robin_looks_at_that_queue_alone_and_then_at_the_order_of_joining() {
    let mut desk = Desk::new(&chats(""));
    desk.play("CREATE QUEUE back; ALTER QUEUE front SET method = round_robin;");
    desk.play("CREATE AGENT ann WITH (presence = available, capacity = 9); CREATE AGENT bob WITH (presence = available);");
    desk.play("ADD bob TO front; ADD ann TO front, back;".replace("front, back", "front").as_str());
    desk.play("ADD ann TO back;");
    assert_eq!(desk.play("OPEN ON chats FOR gus QUEUE back;"), ["push 1 ann"]);
    let moves = desk.play(&opened(3, "").replace("calls", "chats"));
    assert_eq!(moves, ["push 2 bob", "push 3 ann", "push 4 bob"]);
    // What he took himself counts, too.
    assert_eq!(
        desk.play("SET PRESENCE dnd FOR ann; SET PRESENCE dnd FOR bob; OPEN ON chats FOR hal;"),
        [""; 0]
    );
    desk.play("PICK 5 BY ann;");
    let moves = desk.play("SET PRESENCE available FOR ann; END 2; CLOSE 2; SET PRESENCE available FOR bob; OPEN ON chats FOR ike;");
    assert_eq!(moves, ["push 6 bob"]);
}

#[test]
fn least_active_is_fewest_units_in_use_and_then_whose_last_one_ended_longest_ago() {
    let mut desk = Desk::new(&(chats("") + &agent("ann", "") + &agent("bob", "") + &agent("cid", "")));
    desk.play("ALTER QUEUE front SET method = least_active;");
    // None has ended anything: turn by turn.
    let moves = desk.play(&opened(2, "").replace("calls", "chats"));
    assert_eq!(moves, ["push 1 ann", "push 2 bob"]);
    desk.pass(1);
    desk.play("END 2; CLOSE 2;");
    desk.pass(1);
    desk.play("END 1; CLOSE 1;");
    assert_eq!(desk.play("OPEN ON chats FOR gus;"), ["push 3 cid"]);
    desk.pass(1);
    desk.play("END 3; CLOSE 3;");
    assert_eq!(desk.play("OPEN ON chats FOR hal; OPEN ON chats FOR ike;"), ["push 4 bob", "push 5 ann"]);
}

#[test]
fn queues_come_before_priorities_and_priorities_before_arrival() {
    let mut desk = Desk::new(&chats(""));
    desk.play("CREATE QUEUE fast WITH (priority = 10); CREATE AGENT ann WITH (capacity = 9) IN front, fast;");
    desk.play("OPEN ON chats FOR a PRIORITY 9; OPEN ON chats FOR b QUEUE fast; OPEN ON chats FOR c QUEUE fast PRIORITY 5;");
    desk.play("OPEN ON chats FOR d QUEUE fast PRIORITY 5; OPEN ON chats FOR e PRIORITY -1;");
    let order = ["push 3 ann", "push 4 ann", "push 2 ann", "push 1 ann", "push 5 ann"];
    assert_eq!(desk.play("SET PRESENCE available FOR ann;"), order);
}

#[test]
fn returned_ones_stand_by_their_message_and_released_ones_where_they_stood() {
    let mut desk = Desk::new(&(chats("") + &agent("ann", "")));
    desk.play("OPEN ON chats FOR a; OPEN ON chats FOR b; WAIT 1; SET PRESENCE away FOR ann;");
    desk.pass(1);
    desk.play("OPEN ON chats FOR c;");
    desk.pass(1);
    desk.play("MESSAGE 1 FROM CUSTOMER 'I am back.'; RELEASE 2;");
    let order = ["push 2 ann", "push 3 ann", "push 1 ann"];
    assert_eq!(desk.play("SET PRESENCE available FOR ann;"), order);
}

#[test]
fn an_agent_who_gave_up_a_conversation_gets_it_back_only_when_nobody_else_fits() {
    let mut desk =
        Desk::new(&(chats("") + &agent("ann", ", capacity = 9") + &agent("bob", ", capacity = 1")));
    assert_eq!(desk.play("OPEN ON chats FOR a;"), ["push 1 ann"]);
    assert_eq!(desk.play("RELEASE 1;"), ["push 1 bob"]);
    // Somebody else has had it since: it may come to her again.
    assert_eq!(desk.play("RELEASE 1;"), ["push 1 ann"]);
    desk.play("SET PRESENCE away FOR bob;");
    assert!(desk.play("RELEASE ALL OF ann;").is_empty());
    // Another statement, and nobody else fits.
    assert_eq!(desk.play("ALTER QUEUE front SET priority = 9;"), ["push 1 ann"]);
    desk.play("SET PRESENCE away FOR ann; RELEASE 1; OPEN ON chats FOR b;");
    // Both fit at once: she has more room, but gave that one up.
    desk.play("ALTER WORKSTREAM chats SET mode = pick; SET PRESENCE available FOR bob; SET PRESENCE available FOR ann;");
    assert_eq!(desk.play("ROUTE;"), ["push 1 bob", "push 2 ann"]);
    // So with PICK NEXT: what he gave up himself comes last.
    desk.play("RELEASE 1; RELEASE 2;");
    let picked = desk.world.run("PICK NEXT BY bob");
    assert_eq!(picked.value(0, "conversation"), Some(&2.into()));
}

#[test]
fn pick_next_finds_skills_that_another_program_wrote_in_another_form() {
    let mut desk = Desk::new(&(chats("") + &agent("ann", "")));
    desk.play("ALTER WORKSTREAM chats SET mode = pick; ALTER AGENT ann SET skills = 'billing'; OPEN ON chats FOR a;");
    let other = rusqlite::Connection::open(desk.world.path()).expect("the file");
    let skills = "BEGIN IMMEDIATE;
        INSERT INTO change SELECT max(change.seq) + 1, (SELECT max(seq) + 1 FROM entry), 'conversation', 1, NULL, 'skills',
            'Billing', max(change.at), (SELECT max(seq) FROM transition) FROM change;
        INSERT INTO entry (seq, at, actor_kind, actor, statement, key, hash) SELECT max(seq) + 1, max(at), 'other', 'another', 'ALTER', NULL, zeroblob(32) FROM entry;
        COMMIT";
    other.execute_batch(skills).expect("an entry by another program");
    let picked = desk.world.run("PICK NEXT BY ann");
    assert_eq!(picked.value(0, "conversation"), Some(&1.into()));
}

#[test]
fn a_timeout_at_the_same_time_does_not_give_it_back() {
    let mut desk = Desk::new(&(chats("") + &agent("ann", "")));
    desk.play("CREATE WORKSTREAM cases WITH (channel = chat, lifecycle = topic, queue = front, mode = push, wrapup = on);");
    assert_eq!(desk.play("OPEN ON cases FOR a; OPEN ON cases FOR b; END 2;"), ["push 1 ann", "push 2 ann"]);
    // The second one is closing, and its housekeeping is a timer.
    assert_eq!(desk.play("RELEASE ALL OF ann;"), [""; 0]);
    assert_eq!(desk.in_state("Closed"), ["2"]);
}

#[test]
fn a_pool_is_filled_again_while_somebody_has_room() {
    let mut desk = Desk::new(&(calls(", dispatch_limit = 1") + &agent("ann", ", capacity = 2")));
    desk.play(&("SET PRESENCE away FOR ann;".to_owned() + &opened(4, "")));
    let rounds = ["dispatch 1", "push 1 ann", "dispatch 2", "push 2 ann"];
    assert_eq!(desk.play("SET PRESENCE available FOR ann;"), rounds);
}

#[test]
fn an_agent_who_lost_a_conversation_while_away_does_not_get_it_back_before_others() {
    let mut desk = Desk::new(&(chats("") + &agent("ann", "")));
    desk.play("OPEN ON chats FOR a; DISCONNECT AGENT ann;");
    assert!(desk.pass(200).is_empty());
    desk.play(
        &("SET PRESENCE offline FOR ann;".to_owned() + "CREATE AGENT bob WITH (presence = away) IN front;"),
    );
    assert_eq!(desk.play("SET PRESENCE available FOR bob;"), ["push 1 bob"]);
}
