//! Every statement requires its right: its example is run by each kind of actor on the desk of the manual.

use switchboard::testing::domain::permissions::Right;
use switchboard::testing::statement::support::manual::DESK;
use switchboard::testing::statement::{StatementDef, statements};

use crate::support::World;

/// A name, and the rights that go with it.
type Actor = (&'static str, fn(Right) -> bool);

/// The agents of the desk.
const AGENTS: [&str; 4] = ["alice", "bob", "dana", "zoe"];

/// An actor of each kind, and whether the actor holds that right.
const ACTORS: [Actor; 4] = [
    ("maria", |_| true),
    (AGENTS[0], |right| matches!(right, Right::Anybody | Right::Open | Right::Work)),
    ("webhook", |right| matches!(right, Right::Anybody | Right::Open | Right::Serve)),
    ("stranger", |right| right == Right::Anybody),
];

#[test]
fn every_statement_requires_its_right() {
    let mut cases = 0;
    for definition in statements() {
        for (actor, held) in ACTORS {
            let decided_by_what_is_asked = definition.right == Right::Depends && actor != "stranger";
            if !decided_by_what_is_asked {
                check(definition, actor, held(definition.right));
                cases += 1;
            }
        }
    }
    println!("{cases} statements by somebody");
}

/// The code of the refusal of the example, run by that actor on a desk of its own; empty: it is done.
fn code_of(definition: &StatementDef, actor: &str) -> &'static str {
    let mut world = World::with_desk();
    let example = world.example(definition.example);
    world.actor = actor.into();
    world.try_run(&example).map_or_else(|failure| failure.error.code().name(), |_| "")
}

fn check(definition: &StatementDef, actor: &str, held: bool) {
    if held && actor == AGENTS[0] {
        // Agents act only as themselves, so one of them is the agent for whom the example acts; whose conversation it is,
        // is another question.
        let codes = AGENTS.map(|agent| code_of(definition, agent));
        let rights = codes.iter().any(|code| ["", "not_holder"].contains(code));
        assert!(rights, "agents: {}: {codes:?}", definition.example);
        return;
    }
    if held {
        assert_eq!(code_of(definition, actor), "", "{actor}: {}", definition.example);
        return;
    }
    let mut world = World::with_desk();
    let example = world.example(definition.example);
    world.actor = actor.into();
    let before = world.run("SHOW HEAD").rows;
    assert_eq!(world.refused(&example), "not_allowed", "{actor}: {}", definition.example);
    assert_eq!(world.run("SHOW HEAD").rows, before, "{actor}: {} has written", definition.example);
}

#[test]
fn without_a_supervisor_everybody_may_do_everything() {
    let mut world = World::new();
    world.actor = "stranger".into();
    let free: String = DESK.lines().filter(|line| !line.starts_with("CREATE SUPERVISOR")).fold(
        String::new(),
        |text, line| {
            text + line.strip_suffix(" maria").filter(|_| line.starts_with('@')).unwrap_or(line) + "\n"
        },
    );
    world.play(&free);
    assert_eq!(world.rows("SELECT DISTINCT actor FROM journal"), ["stranger"]);
    for definition in statements().iter().filter(|definition| !definition.syntax.contains("SUPERVISOR")) {
        let example = world.example(definition.example);
        let answer = world.try_run(&example);
        let code = answer.err().map_or("", |failure| failure.error.code().name());
        assert_ne!(code, "not_allowed", "{}", definition.example);
    }
}

/// Who may do what: the answer to each example by each actor, in `fixtures/rights.txt`. `UPDATE=1` writes it.
#[test]
fn the_table_of_rights_is_as_written() {
    let actors = ["maria", "alice", "dana", "webhook", "stranger"];
    let mut table = format!("{:<72}", "supervisor, agent, another agent, service, nobody:");
    table.push_str(&actors.map(|actor| format!(" {actor:<16}")).concat());
    for definition in statements() {
        let line = definition.example.split('\n').next().unwrap_or_default();
        table.push_str(&format!("\n{line:<72.72}"));
        for actor in actors {
            let code = code_of(definition, actor);
            table.push_str(&format!(" {:<16}", if code.is_empty() { "done" } else { code }));
        }
    }
    let table: String = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rights.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &table).expect("the table is written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(table == written, "fixtures/rights.txt is not what happens; UPDATE=1 writes:\n{table}");
}
