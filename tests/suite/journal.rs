//! The journal: replaying it restores the contents, personal texts are outside the hash chain, and VERIFY JOURNAL
//! finds tampering.
//!
//! Sessions are random but seeded, with texts that try to end a statement, a line or a comment. The views are
//! compared, not the bytes: topic ids, salts and hashes are random.

mod every_row;
mod flips;
pub mod forging;
mod lifecycles;
mod objects;
mod restored;
mod rot;
mod since;
pub mod tampering;

use rusqlite::Connection;

use crate::support::World;
use crate::support::session::{MARK, play};

/// The views, and the columns that a replay does not give again.
const VIEWS: [(&str, &[&str]); 17] = [
    ("conversations", &["topic"]),
    ("customers", &[]),
    ("agents", &[]),
    ("supervisors", &[]),
    ("services", &[]),
    ("queues", &[]),
    ("queue_members", &[]),
    ("workstreams", &[]),
    ("lifecycles", &[]),
    ("timers", &[]),
    ("transitions", &[]),
    ("journal", &["hash"]),
    ("changes", &[]),
    ("messages", &[]),
    ("participants", &[]),
    ("channel_sessions", &[]),
    ("site", &[]),
];

/// Everything that the views show, a line a row.
fn shown(world: &mut World) -> Vec<String> {
    let mut lines = Vec::new();
    for (view, left_out) in VIEWS {
        let reply = world.run(&format!("SELECT * FROM {view}"));
        let kept: Vec<usize> = (0..reply.columns.len())
            .filter(|index| !left_out.contains(&reply.columns[*index].name.as_str()))
            .collect();
        let rows = reply.rows.iter().map(|row| {
            let cells: Vec<String> = kept.iter().map(|index| crate::support::text(&row[*index])).collect();
            format!("{view}: {}", cells.join("|"))
        });
        lines.extend(rows);
    }
    lines
}

/// The journal as a script, as the program prints it.
pub fn script(world: &mut World) -> String {
    world.rows("SHOW JOURNAL AS SCRIPT").join("\n")
}

/// Replays a world's journal into an empty file and compares all that is shown.
pub fn replays(world: &mut World, context: &str) {
    let script = script(world);
    let mut again = World::new();
    again.play(&script);
    let (first, second) = (shown(world), shown(&mut again));
    for (first, second) in first.iter().zip(&second) {
        assert_eq!(first, second, "{context}");
    }
    assert_eq!(first.len(), second.len(), "{context}: as many rows");
    assert_eq!(script, self::script(&mut again), "{context}: the same script once more");
    for world in [world, &mut again] {
        assert!(world.rows("VERIFY JOURNAL")[0].ends_with("|whole"), "{context}");
    }
}

#[test]
fn the_desk_of_the_manual_is_replayed() {
    replays(&mut World::with_desk(), "the desk");
}

#[test]
fn random_sessions_are_replayed() {
    for seed in [1, 20_260_302, 987_654_321] {
        let mut world = World::new();
        let course = play(&mut world, seed, 400);
        println!("seed {seed}: {} done, refused {:?}", course.done, course.refused);
        assert!(course.done > 100, "seed {seed}: something happens");
        replays(&mut world, &format!("seed {seed}"));
    }
}

#[test]
fn actors_of_any_name_are_replayed() {
    for actor in ["o'brien", "two words", "NEXT", "-- x", "/* x", "a;b", "@ 2020-01-01T00:00:00Z", "é\u{301}"]
    {
        let mut world = World::new();
        world.actor = actor.to_owned();
        world.run("CREATE QUEUE front");
        world.run("CREATE AGENT alice IN front");
        replays(&mut world, actor);
    }
    // A name that could end the line in which it stands, and begin a statement, never gets into the journal.
    for actor in ["a\n; CREATE QUEUE b", "a\rb", "a\u{1b}[2J"] {
        let mut world = World::new();
        world.actor = actor.to_owned();
        assert_eq!(world.refused("CREATE QUEUE front"), "invalid_value", "{actor:?}");
    }
}

#[test]
fn personal_texts_stand_once_and_beside_the_chain() {
    let mut world = World::new();
    play(&mut world, 5, 300);
    let path = world.path();
    drop(world.desk);
    let file = Connection::open(path).expect("the file");
    let tables = "SELECT sqlite_schema.name, columns.name FROM sqlite_schema, pragma_table_info(sqlite_schema.name) AS columns
        WHERE sqlite_schema.type = 'table'";
    let mut question = file.prepare(tables).expect(tables);
    let columns = question.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect(tables);
    let columns: Vec<(String, String)> = columns.collect::<rusqlite::Result<_>>().expect(tables);
    let mut marked = Vec::new();
    for (table, column) in columns {
        let sql =
            format!("SELECT count(*) FROM \"{table}\" WHERE instr(CAST(\"{column}\" AS TEXT), '{MARK}')");
        let count: i64 = file.query_row(&sql, [], |row| row.get(0)).expect(&sql);
        if count > 0 {
            marked.push(format!("{table}.{column}"));
        }
    }
    assert_eq!(marked, ["key.key", "customer.handle", "text.body", "handle.compared"]);
}
