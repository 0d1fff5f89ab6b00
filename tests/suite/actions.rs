//! SHOW ACTIONS lists exactly the statements that would be accepted.
//!
//! On random days, an assignment, transfer, monitoring or forced closing of a conversation is listed if and only
//! if running it is not refused. In the built-in lifecycles, a conversation without an agent can only be assigned
//! and closed; one with an agent, or with a last agent, can only be transferred, monitored and closed. `ACTIONS`
//! sets the number of days.

use std::collections::BTreeSet;

use switchboard::{Parameters, Prepared};

use crate::schedule::script::{desk, script};
use crate::support::session::{Numbers, seeds};
use crate::support::{World, text};

/// Days that are tried where nothing else is asked for.
const DAYS: u64 = 10;

const AGENTS: [&str; 3] = ["alice", "bob", "dana"];
const QUEUES: [&str; 2] = ["front", "back"];

/// Every statement that the report could list for whoever asks.
fn all(id: i64, asker: &str) -> Vec<String> {
    let mut all = vec![format!("FORCE CLOSE {id}"), format!("MONITOR {id} BY {asker}")];
    for verb in ["ASSIGN", "TRANSFER"] {
        all.extend(AGENTS.map(|agent| format!("{verb} {id} TO AGENT {agent}")));
        all.extend(QUEUES.map(|queue| format!("{verb} {id} TO QUEUE {queue}")));
    }
    all
}

fn would_be_done(world: &mut World, statement: &str) -> bool {
    let reported = world.run(&format!("EXPLAIN {statement}"));
    !text(&reported.rows[0][0]).starts_with("refused[")
}

fn compare(seed: u64, world: &mut World) -> usize {
    let mut listed_in_all = 0;
    let asker = world.actor.clone();
    let conversations = world.run("SELECT id, agent, last_agent, phase, lifecycle FROM conversations");
    for row in conversations.rows {
        let id = row[0].as_integer().expect("an id");
        let reply = world.run(&format!("SHOW ACTIONS {id}"));
        let listed: BTreeSet<String> = reply.rows.iter().map(|row| text(&row[1])).collect();
        let possible: BTreeSet<String> =
            all(id, &asker).into_iter().filter(|statement| would_be_done(world, statement)).collect();
        assert_eq!(listed, possible, "seed {seed}, conversation {id}: {row:?}");
        listed_in_all += listed.len();
        let remembered = text(&row[3]) == "parked" && !text(&row[2]).is_empty();
        let with_agent = !text(&row[1]).is_empty() || remembered;
        let actions: BTreeSet<String> = reply.rows.iter().map(|row| text(&row[0])).collect();
        let may: &[&str] =
            if with_agent { &["transfer", "monitor", "force close"] } else { &["assign", "force close"] };
        let own = text(&row[4]).starts_with("own");
        assert!(own || actions.iter().all(|action| may.contains(&action.as_str())), "{id}: {actions:?}");
    }
    listed_in_all
}

#[test]
fn what_is_listed_is_what_would_be_done() {
    let (mut days, mut listed) = (0, 0);
    for seed in seeds("ACTIONS", DAYS) {
        days += 1;
        let mut world = World::new();
        // Without a supervisor everybody may do everything, except monitor their own conversation.
        world.actor = "alice".into();
        world.play(&desk(&mut Numbers::new(seed)));
        let supervised = seed % 2 == 1;
        if supervised {
            world.run("CREATE SUPERVISOR maria");
            world.actor = "maria".into();
        }
        for (place, step) in script(seed).iter().enumerate() {
            world.now = step.at;
            // What is refused is refused in every run.
            let _ = world.try_run(&step.statement);
            if place % 15 == 14 {
                listed += compare(seed, &mut world);
                if supervised {
                    world.actor = "bob".into();
                    compare(seed, &mut world);
                    world.actor = "maria".into();
                }
            }
        }
    }
    println!("{listed} actions were listed");
    assert!(listed > 25 * days, "too few actions: {listed}");
}

#[test]
fn the_beginning_of_a_statement_that_would_be_refused_is_recognized() {
    let mut world = World::with_desk();
    for (beginning, refused) in [
        // 1 waits, bob has 2.
        ("ASSIGN 1", false),
        ("ASSIGN 2", true),
        ("monitor #1", true),
        ("MONITOR 2", false),
        ("TRANSFER 1", true),
        ("ASSIGN 1 TO AGENT alice", false),
        ("ASSIGN 1 TO AGENT zoe", true),
        ("END 1", true),
        ("END 2", false),
        ("FORCE CLOSE 99", true),
        ("SHOW ACTIONS 99", false),
        // Statements that bring texts and customers, known or new.
        ("OPEN ON webchat FOR 'new@example.com' SUBJECT 'A question'", false),
        ("OPEN ON nowhere FOR 'new@example.com'", true),
        ("MESSAGE 2 FROM AGENT bob 'On its way.'", false),
        ("MESSAGE 2 FROM AGENT zoe 'On its way.'", true),
        ("NOTE 2 'Called before.'", false),
        ("nonsense 1", false),
        ("", false),
    ] {
        let context = switchboard::Context::given(world.now, "maria");
        let found = match Prepared::new(beginning, &Parameters::new()) {
            Ok(prepared) => world.desk.would_refuse(&prepared, &context).map_err(|failure| failure.error),
            Err(_) => world.desk.leads_nowhere(beginning, &context),
        };
        assert_eq!(found.expect("a query"), refused, "{beginning}");
    }
}
