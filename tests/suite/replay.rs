//! The journal of every script, as a script, gives the same conversations, moves and times in a new file; and it
//! verifies.

use std::fs;
use std::path::Path;

use switchboard::Value;

use crate::support::World;
use crate::support::script::{answered, world_of};

const QUESTIONS: [&str; 5] = [
    "SELECT id, workstream, state, customer, subject, queue, agent, last_agent, priority, skills, sentiment, opened_at,
        state_since, first_assigned_at, ended_at, closed_at, predecessor FROM conversations ORDER BY id",
    "SELECT seq, conversation, event, from_state, to_state, from_agent, to_agent, from_queue, to_queue, actor_kind,
        actor, reason, override, at, applied_at FROM transitions ORDER BY seq",
    "SELECT id, conversation, at, author_kind, author, kind, body FROM messages ORDER BY id",
    "SELECT conversation, timer, due_at, remaining_ms FROM timers ORDER BY conversation, timer",
    "SELECT seq, at, actor_kind, actor, statement, key FROM journal ORDER BY seq",
];

#[test]
fn every_script_is_replayed_from_its_journal() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scripts");
    let mut entries = 0;
    for file in fs::read_dir(folder).expect("fixtures") {
        let path = file.expect("a file").path();
        let script = fs::read_to_string(&path).expect("a script");
        let mut world = world_of(&script);
        answered(&mut world, &script);
        let journal = world.run("SHOW JOURNAL AS SCRIPT");
        if journal.notes.iter().any(|note| note.contains("purged")) {
            // What was purged cannot be replayed, and the script says so.
            assert!(path.ends_with("purging.script"), "{}", path.display());
            continue;
        }
        let lines: Vec<String> = world.rows("SHOW JOURNAL AS SCRIPT");
        let mut again = World::new();
        again.play(&(lines.join("\n") + "\n"));
        for question in QUESTIONS {
            assert_eq!(again.rows(question), world.rows(question), "{}: {question}", path.display());
        }
        let verdict = again.run("VERIFY JOURNAL");
        assert_eq!(verdict.value(0, "verdict"), Some(&Value::from("whole")), "{}", path.display());
        entries += verdict.value(0, "entries").and_then(Value::as_integer).unwrap_or_default();
    }
    println!("{entries} entries were replayed");
}
