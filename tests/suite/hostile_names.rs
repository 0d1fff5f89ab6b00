//! Names of every shape come back from the journal: what its script makes has the same names, actors and rows.

use crate::support::World;
use crate::support::session::{Numbers, seeds};

/// What names are made of: everything that the language gives a meaning, and characters that look like nothing.
const PIECES: [&str; 36] = [
    "a",
    "B",
    " ",
    "  ",
    "'",
    "\"",
    "`",
    "[",
    "]",
    ";",
    "--",
    "/*",
    "*/",
    "@",
    ".",
    ":",
    "#",
    "(",
    ")",
    ",",
    "=",
    "\\",
    "|",
    "%",
    "é",
    "e\u{301}",
    "北",
    "🙂",
    "NEXT",
    "ALL",
    "TO",
    "null",
    "12",
    "2026-03-02T09:00:00Z",
    "\n",
    "\u{202e}",
];

/// Each kind of object with a name, and what it is used for. `N` stands for the name, `T` for the same as text.
const USES: [(&str, &str); 6] = [
    ("CREATE QUEUE N", "ALTER QUEUE N SET priority = 7"),
    ("CREATE AGENT N WITH (presence = available)", "SET PRESENCE away FOR N"),
    ("CREATE SERVICE N", "SHOW HEAD"),
    ("CREATE SUPERVISOR N", "SHOW HEAD"),
    (
        "CREATE WORKSTREAM N WITH (channel = chat, lifecycle = omnichannel, queue = front)",
        "OPEN ON N FOR T SUBJECT T",
    ),
    ("CREATE REPORT N AS SELECT T", "SHOW REPORT N"),
];

const ASKED: [&str; 8] = [
    "SELECT seq, at, actor_kind, actor, statement FROM journal ORDER BY seq",
    "SELECT queue, priority FROM queues ORDER BY queue",
    "SELECT agent, presence FROM agents ORDER BY agent",
    "SELECT id, workstream, customer, subject FROM conversations ORDER BY id",
    "SHOW SUPERVISORS",
    "SHOW SERVICES",
    "SHOW WORKSTREAMS",
    "SHOW REPORTS",
];

#[test]
fn the_journal_gives_back_every_name() {
    for seed in seeds("HOSTILE_NAMES", 4) {
        let mut numbers = Numbers::new(seed);
        let mut world = World::new();
        world.run("CREATE SUPERVISOR maria");
        world.run("CREATE QUEUE front");
        world.run("CREATE WORKSTREAM w WITH (channel = chat, lifecycle = omnichannel, queue = front)");
        let (mut made, mut refused) = (0, 0);
        for _ in 0..60 {
            let length = 1 + numbers.below(4);
            let name: String = (0..length).map(|_| PIECES[numbers.below(PIECES.len())]).collect();
            let (create, used) = USES[numbers.below(USES.len())];
            let quoted = format!("\"{}\"", name.replace('"', "\"\""));
            let text = format!("'{}'", name.replace('\'', "''"));
            let written = |statement: &str| {
                let words = statement.split(' ').map(|word| match word {
                    "N" => quoted.clone(),
                    "T" => text.clone(),
                    other => other.to_owned(),
                });
                words.collect::<Vec<_>>().join(" ")
            };
            world.actor = "maria".to_owned();
            match world.try_run(&written(create)) {
                Err(failure) => {
                    assert!(
                        ["invalid_value", "exists", "syntax"].contains(&failure.error.code().name()),
                        "HOSTILE_NAMES_SEED={seed}: {name:?}: {failure}"
                    );
                    refused += 1;
                    continue;
                }
                Ok(_) => made += 1,
            }
            world.run(&written(used));
            // And as an actor, if it may act.
            world.actor = name;
            let _ = world.try_run("OPEN ON w FOR ann");
            let _ = world.try_run(&format!("CREATE QUEUE q{made}"));
        }
        println!("{made} made, {refused} refused");
        assert!(made > 20 && refused > 0, "{made} made, {refused} refused");
        world.actor = "maria".to_owned();
        let script = world.rows("SHOW JOURNAL AS SCRIPT").join("\n") + "\n";
        let mut again = World::new();
        again.play(&script);
        again.actor = "maria".to_owned();
        for question in ASKED {
            assert_eq!(
                again.rows(question),
                world.rows(question),
                "HOSTILE_NAMES_SEED={seed}: {question}\n{script}"
            );
        }
    }
}
