//! Copies of the built-in lifecycles under other names behave the same: nothing looks at a name.
//!
//! What matters: the copies are rows in the same tables, put there before the first entry while the triggers that
//! freeze them are away; the triggers are made again letter by letter, and the program opens the file as its own.

use rusqlite::Connection;
use switchboard::domain::words::Channel;
use switchboard::statement::manual::DESK;

use super::{BUILT_IN, Board, compared, none, rule};
use crate::support::World;

/// What a copy is called; `states` stands before the names of its states.
struct Naming {
    lifecycles: &'static str,
    states: &'static str,
}

const NAMINGS: [Naming; 2] =
    [Naming { lifecycles: "copy of ", states: "" }, Naming { lifecycles: "other ", states: "Z " }];

/// Adds a copy of each built-in lifecycle, before anything was written.
fn add_copies(connection: &Connection, naming: &Naming) {
    let frozen = ["lifecycle_insert", "state_insert", "edge_insert"].map(|trigger| {
        let sql = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?1";
        let definition: String = connection.query_row(sql, [trigger], |row| row.get(0)).expect(trigger);
        connection.execute(&format!("DROP TRIGGER {trigger}"), []).expect(trigger);
        definition
    });
    let (before, states) = (naming.lifecycles, naming.states);
    let copy = format!(
        "INSERT INTO lifecycle SELECT id + 10, '{before}' || name, one_per_customer, ends_by_sessions, customer_timeout_ms,
             transfer_presences, journal, dropped FROM lifecycle;
         INSERT INTO state SELECT lifecycle + 10, '{states}' || state, channel, phase, position FROM state;
         INSERT INTO edge SELECT lifecycle + 10, channel, iif(from_state = '', '', '{states}' || from_state), event, condition,
             '{states}' || to_state, after_ms FROM edge;"
    );
    connection.execute_batch(&copy).expect("copies");
    connection.execute_batch(&frozen.join(";")).expect("the triggers are made again");
}

#[test]
fn copies_under_other_names_get_the_same_verdicts() {
    // What differs between channels is in rows that the copies share; names are the same on all of them.
    let channels = [Channel::Chat];
    let board = Board::new();
    let originals =
        compared(&board, &BUILT_IN.map(|name| board.lifecycle(name)), &channels, rule, none).verdicts;
    for naming in NAMINGS {
        let board = Board::new();
        add_copies(&board.connection, &naming);
        let copies = BUILT_IN.map(|name| board.lifecycle(&format!("{}{name}", naming.lifecycles)));
        let found = compared(&board, &copies, &channels, rule, none);
        found.assert_equal();
        println!("{} cases on the copies", found.verdicts.len());
        assert!(found.verdicts == originals, "{} behave as the originals do", naming.lifecycles);
    }
}

/// The transitions of a script on lifecycles of such names, the names taken back.
fn transitions(script: &str, naming: &Naming) -> Vec<String> {
    let mut world = World::new();
    add_copies(&Connection::open(world.path()).expect("the file opens"), naming);
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
