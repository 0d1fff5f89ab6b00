//! Every page asks for its right: its example, run by each kind of actor on the desk of the manual.

use switchboard::testing::BatchEnd;
use switchboard::testing::domain::permissions::Right;
use switchboard::testing::statement::support::manual::DESK;
use switchboard::testing::statement::{StatementDef, statements};

use crate::support::World;

/// A name, and the rights that go with it.
type Actor = (&'static str, fn(Right) -> bool);

/// An actor of each kind, and whether that right is his.
const ACTORS: [Actor; 4] = [
    ("maria", |_| true),
    ("alice", |right| matches!(right, Right::Anybody | Right::Open | Right::Work)),
    ("webhook", |right| matches!(right, Right::Anybody | Right::Open | Right::Serve)),
    ("stranger", |right| right == Right::Anybody),
];

#[test]
fn every_page_asks_for_its_right() {
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

fn check(definition: &StatementDef, actor: &str, held: bool) {
    let mut world = World::new();
    world.desk.begin_batch().expect("a batch");
    world.play(DESK);
    if definition.traits.follows {
        // What is followed has to be committed.
        world.desk.end_batch(BatchEnd::Commit).expect("committed");
    }
    world.actor = actor.into();
    if held {
        // The right is held; whose conversation it is, is another question.
        if let Err(failure) = world.try_run(definition.example) {
            let whose = failure.error.code().name() == "not_holder"
                || failure.error.message().ends_with("agents act only as themselves");
            assert!(whose, "{actor}: {}: {failure}", definition.example);
        }
        return;
    }
    let before = world.run("SHOW HEAD").rows;
    assert_eq!(world.refused(definition.example), "not_allowed", "{actor}: {}", definition.example);
    assert_eq!(world.run("SHOW HEAD").rows, before, "{actor}: {} has written", definition.example);
}

#[test]
fn while_there_is_no_supervisor_everybody_may_do_everything() {
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
        let answer = world.try_run(definition.example);
        let code = answer.err().map_or("", |failure| failure.error.code().name());
        assert_ne!(code, "not_allowed", "{}", definition.example);
    }
}
