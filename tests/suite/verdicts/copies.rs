//! Copies of the built-in lifecycles under other names behave the same: no rule depends on a name.
//!
//! The copies are made by running the output of `SHOW LIFECYCLE … AS SCRIPT`. So the script is compared with the
//! rows, and the built-in lifecycles pass the checks.

use switchboard::Moment;
use switchboard::testing::domain::closed_lists::Channel;
use switchboard::testing::domain::validation;
use switchboard::testing::language::suggest::quote_name;
use switchboard::testing::language::token::{TokenKind, tokens};
use switchboard::testing::statement::support::manual::DESK;

use super::{BUILT_IN, Fixture, compared, none, rule};
use crate::support::World;

/// What a copy is called; `states` stands before the names of its states.
struct Naming {
    lifecycles: &'static str,
    states: &'static str,
}

const NAMINGS: [Naming; 2] =
    [Naming { lifecycles: "copy of ", states: "" }, Naming { lifecycles: "other ", states: "Z " }];

/// The statement that makes a lifecycle, as the program shows it.
fn script(world: &mut World, lifecycle: &str) -> String {
    world.rows(&format!("SHOW LIFECYCLE {} AS SCRIPT", quote_name(lifecycle))).join("\n")
}

/// The same statement for a copy: names of the lifecycle and of its states written in other words.
fn renamed(world: &mut World, lifecycle: &str, naming: &Naming) -> String {
    let script = script(world, lifecycle);
    let names = world.rows(&format!("SELECT DISTINCT state FROM states WHERE lifecycle = '{lifecycle}'"));
    let (mut copy, mut done) = (String::new(), 0);
    for (place, token) in tokens(&script).expect("tokens").iter().enumerate() {
        let is_name = matches!(token.kind, TokenKind::Word | TokenKind::QuotedName);
        let before = match &token.text {
            text if is_name && text == lifecycle && place == 2 => naming.lifecycles,
            text if is_name && names.contains(text) => naming.states,
            _ => continue,
        };
        copy.push_str(&script[done..token.span.start]);
        copy.push_str(&quote_name(&format!("{before}{}", token.text)));
        done = token.span.end;
    }
    copy + &script[done..]
}

/// Makes a copy of each built-in lifecycle, before anything else has happened.
fn add_copies(world: &mut World, naming: &Naming) {
    world.now = Moment(0);
    for name in BUILT_IN {
        let copy = renamed(world, name, naming);
        world.run(&copy);
    }
}

/// The rows of a lifecycle, names of states without what stands before them.
fn rows_of(world: &mut World, lifecycle: &str, before: &str) -> Vec<String> {
    let from = before.len() + 1;
    let mut rows = Vec::new();
    for question in [
        "SELECT one_per_customer, ends_by_sessions, customer_timeout_ms, transfer_presences, states, edges FROM lifecycles
             WHERE lifecycle = ?".to_owned(),
        format!("SELECT substr(state, {from}), channel, phase, row_number() OVER (PARTITION BY channel ORDER BY position) FROM states
             WHERE lifecycle = ? ORDER BY position, channel"),
        format!("SELECT channel, event, substr(from_state, {from}), substr(to_state, {from}), condition, after_ms FROM edges
             WHERE lifecycle = ? ORDER BY channel, event, from_state, condition"),
    ] {
        rows.extend(world.rows(&question.replace('?', &format!("'{lifecycle}'"))));
    }
    rows
}

#[test]
fn what_is_built_in_is_sound() {
    let fixture = Fixture::new();
    for name in BUILT_IN {
        assert_eq!(validation::fault(&fixture.lifecycle(name)), None, "{name}");
    }
}

#[test]
fn a_lifecycle_made_from_its_own_script_has_the_same_rows() {
    for naming in &NAMINGS {
        let mut world = World::new();
        add_copies(&mut world, naming);
        for name in BUILT_IN {
            let copy = format!("{}{name}", naming.lifecycles);
            let (original, copied) =
                (rows_of(&mut world, name, ""), rows_of(&mut world, &copy, naming.states));
            println!("{copy}: {} rows", original.len());
            assert_eq!(copied, original, "{copy}");
            if naming.states.is_empty() {
                let (original, copied) = (script(&mut world, name), script(&mut world, &copy));
                assert_eq!(copied.replace(&quote_name(&copy), name), original, "the script of {copy}");
            }
        }
        assert_eq!(world.run("VERIFY JOURNAL").value(0, "verdict").cloned(), Some("whole".into()));
    }
}

/// A part of a lifecycle is a statement, too: it parses, and where the part is sound it makes that part.
#[test]
fn the_part_of_one_channel_makes_that_part() {
    let mut world = World::new();
    for name in BUILT_IN {
        for channel in Channel::ALL {
            let show = |name: &str| format!("SHOW LIFECYCLE {name} CHANNEL {channel} AS SCRIPT");
            let part = world.rows(&show(name)).join("\n");
            let copy = format!("{name}_{channel}");
            world
                .run(&part.replace(&format!("CREATE LIFECYCLE {name}"), &format!("CREATE LIFECYCLE {copy}")));
            assert_eq!(world.rows(&show(&copy)).join("\n").replace(&copy, name), part);
            let moves = |world: &mut World, name: &str| {
                world.rows(&format!(
                    "SELECT event, from_state, to_state, condition, after_ms FROM edges
                         WHERE lifecycle = '{name}' AND channel = '{channel}' ORDER BY 1, 2, 3, 4"
                ))
            };
            assert_eq!(moves(&mut world, &copy), moves(&mut world, name), "{copy}");
        }
    }
}

#[test]
fn copies_under_other_names_behave_the_same() {
    // What differs between channels is in rows that the copies share; names are the same on all of them.
    let channels = [Channel::Chat];
    let fixture = Fixture::new();
    let originals =
        compared(&fixture, &BUILT_IN.map(|name| fixture.lifecycle(name)), &channels, rule, none).verdicts;
    for naming in NAMINGS {
        let mut world = World::new();
        add_copies(&mut world, &naming);
        let fixture = Fixture::at(world.path());
        let copies = BUILT_IN.map(|name| fixture.lifecycle(&format!("{}{name}", naming.lifecycles)));
        let found = compared(&fixture, &copies, &channels, rule, none);
        found.assert_equal();
        println!("{} cases on the copies", found.verdicts.len());
        assert!(found.verdicts == originals, "{} behave as the originals do", naming.lifecycles);
    }
}

/// The transitions of a script on lifecycles of such names, with the original names.
fn transitions(script: &str, naming: &Naming) -> Vec<String> {
    let mut world = World::new();
    add_copies(&mut world, naming);
    let mut script = script.to_owned();
    for name in BUILT_IN {
        let other = format!("lifecycle = \"{}{name}\"", naming.lifecycles);
        script = script.replace(&format!("lifecycle = {name}"), &other);
    }
    world.play(&script);
    assert_eq!(world.rows("VERIFY JOURNAL").len(), 1, "the journal is whole");
    let states = naming.states.len() + 1;
    world.rows(&format!(
        "SELECT conversation, event, substr(from_state, {states}), substr(to_state, {states}), from_agent, to_agent,
             from_queue, to_queue, actor_kind, actor, at, applied_at FROM transitions ORDER BY seq"
    ))
}

/// What goes on after the desk of the manual, so that every lifecycle makes some of its own moves.
const AFTERWARDS: &str = "
@ 2026-03-02T09:02:00Z maria
TRANSFER 2 TO AGENT alice; REVIVE 3 BY bob; RESUME 5; END 4; DISCONNECT 5; ESCALATE 8; CLOSE 6;
ASSIGN 8 TO AGENT dana; TRANSFER 8 TO AGENT bob;
@ 2026-03-03T12:00:00Z maria
SWEEP;
";

#[test]
fn the_desk_on_copies_makes_the_same_moves() {
    let unified = DESK.replace("lifecycle = omnichannel", "lifecycle = unified");
    for script in [format!("{DESK}{AFTERWARDS}"), unified] {
        let mut world = World::new();
        world.play(&script);
        let moves =
            "SELECT conversation, event, from_state, to_state, from_agent, to_agent, from_queue, to_queue,
            actor_kind, actor, at, applied_at FROM transitions ORDER BY seq";
        let originals = world.rows(moves);
        println!("{} moves", originals.len());
        for naming in &NAMINGS {
            assert_eq!(transitions(&script, naming), originals, "{}", naming.lifecycles);
        }
    }
}
