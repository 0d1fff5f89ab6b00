//! Temporary triggers of another program: they run between a row of the log and its effect, or suppress the
//! effect, and the conflict clause of the outer statement applies to the statements inside the triggers.
//!
//! An entry closes only if the state follows from the log (except for the derived columns, which VERIFY JOURNAL
//! checks). While a row of the log has no effect, no other row of its table and no entry is accepted after it.
//! Another program can leave an entry open: it is not history yet, and the next opening of the file finds it.

mod late;
mod packing;
mod stale;

use crate::desk_fixture::desk;
use crate::log_copy::LogCopy;
use crate::schema_fixture::{Answer, Move, OPEN, SchemaFixture, code};
use crate::support::derived::is_derived;
use rusqlite::types::Null;
use std::collections::BTreeMap;

/// Ways to insert; the clause holds inside the triggers, too.
const INSERTS: [&str; 6] = [
    "INSERT",
    "INSERT OR REPLACE",
    "INSERT OR IGNORE",
    "INSERT OR FAIL",
    "INSERT OR ABORT",
    "INSERT OR ROLLBACK",
];

/// A legal row of each kind, all columns, after the words INSERT … INTO.
const ROWS: [(&str, &str); 16] = [
    (
        "pick",
        "transition SELECT max(seq) + 1, :entry, 1, 'pick', 'Open', 'Active', 'active', NULL, 2, 1, 1, 1, 'agent', 'x', NULL, 0, 80000 FROM transition",
    ),
    (
        "resume",
        "transition SELECT max(seq) + 1, :entry, 5, 'resume', 'On Hold', 'Active', 'active', 2, 2, 1, 1, 1, 'agent', 'x', NULL, 0, 80000 FROM transition",
    ),
    (
        "close",
        "transition SELECT max(seq) + 1, :entry, 8, 'close', 'Wrap-up', 'Closed', 'closed', 1, NULL, 1, 1, 0, 'agent', 'x', NULL, 0, 80000 FROM transition",
    ),
    ("message", "message SELECT max(id) + 1, :entry, 2, 'agent', 'x', 'note', 1, NULL, 80000 FROM message"),
    (
        "queue",
        "change SELECT max(seq) + 1, :entry, 'queue', 1, NULL, 'priority', 7, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "new agent",
        "change SELECT max(seq) + 1, :entry, 'agent', 4, NULL, 'created', 'new', 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "member",
        "change SELECT max(seq) + 1, :entry, 'member', 2, 2, 'joined', NULL, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "priority",
        "change SELECT max(seq) + 1, :entry, 'conversation', 1, NULL, 'priority', 9, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "session",
        "change SELECT max(seq) + 1, :entry, 'session', 1, 'chat', 'disconnected', NULL, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "participant",
        "change SELECT max(seq) + 1, :entry, 'participant', 2, 'MARIA', 'left', NULL, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "timer",
        "change SELECT max(seq) + 1, :entry, 'timer', 1, 'queue_timeout', 'started', 99000, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "no timer",
        "change SELECT max(seq) + 1, :entry, 'timer', 1, 'queue_timeout', 'stopped', NULL, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "lifecycle",
        "change SELECT max(seq) + 1, :entry, 'lifecycle', 3, NULL, 'dropped', NULL, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "unpacked",
        "change SELECT max(seq) + 1, :entry, 'conversation', 10, NULL, 'unpacked', 1, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "report",
        "change SELECT max(seq) + 1, :entry, 'report', 1, NULL, 'sql', 2, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "erasure",
        "change SELECT max(seq) + 1, :entry, 'text', 1, NULL, 'erased', zeroblob(32), 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
];

/// A desk with an open entry, what its log gives, and the regular effect of every row of `ROWS`.
struct Scene {
    file: SchemaFixture,
    twin: LogCopy,
    regular: Vec<Vec<(String, String)>>,
    ends: BTreeMap<&'static str, usize>,
}

/// The desk with a closed conversation in which something was said and that is not archived: 10, its text 5.
fn closed() -> SchemaFixture {
    let file = desk();
    file.logged(|file| {
        file.opening(5, 1)?;
        file.transition(&Move::new(10, "open", "Open", 1))
    });
    file.logged(|file| file.text("last words"));
    file.logged(|file| file.message(10, 5));
    file.logged(|file| file.transition(&Move::new(10, "pick", "Active", 1).with(2, 1)));
    file.logged(|file| file.transition(&Move::new(10, "end", "Closed", 1)));
    file
}

impl Scene {
    fn new(recursive: bool) -> Self {
        let file = closed();
        let twin = LogCopy::of(&file);
        file.run(&format!("PRAGMA recursive_triggers = {recursive}")).expect("a setting");
        file.begin(80_000);
        let mut scene = Self { file, twin, regular: Vec::new(), ends: BTreeMap::new() };
        for (name, row) in ROWS {
            scene.file.run("SAVEPOINT regular").expect("a savepoint");
            assert_eq!(insert(&scene.file, "INSERT", row), Ok(1), "{name}");
            scene.regular.push(scene.file.dump());
            assert_eq!(scene.settled(name), "followed", "{name}");
            scene.back("regular");
        }
        scene
    }

    fn back(&self, savepoint: &str) {
        let sql = format!("ROLLBACK TO {savepoint}; RELEASE {savepoint}");
        self.file.connection.execute_batch(&sql).expect("rolled back");
    }

    /// After an attack, without its triggers: closed over and followed (but for derived columns, at most), or never
    /// closed over and never gone on from.
    fn settled(&self, context: &str) -> &'static str {
        let unapplied = ["transition", "change"].map(|table| {
            let last =
                format!("SELECT count(*) FROM unapplied_{table} WHERE seq = (SELECT max(seq) FROM {table})");
            self.file.number(&last) > 0
        });
        let closed = self.file.close();
        if closed.is_ok() {
            assert_eq!(unapplied, [false, false], "{context}");
            let derived = self.twin.differs_in(&self.file, context);
            let forged = derived.iter().find(|column| !is_derived("conversation", column));
            assert_eq!(forged, None, "{context}: {derived:?} is not what the log says");
            return if derived.is_empty() { "followed" } else { "followed but for what is derived" };
        }
        assert_eq!(code(&closed), "unlogged", "{context}: {closed:?}");
        assert!(unapplied.contains(&true), "{context}");
        for (name, row) in ROWS {
            let table = row.split(' ').next().unwrap_or_default();
            if table == "transition" && unapplied[0] || table == "change" && unapplied[1] {
                let answer = insert(&self.file, "INSERT", row);
                assert_eq!(code(&answer), "unlogged", "{context}: {name} after a row without its effect");
            }
        }
        "cannot be closed over"
    }

    /// Inserts each row in each way while a trigger is there, and counts how it ended.
    fn attack(&mut self, trigger: &str, ways: &[&str]) {
        let before = self.file.dump();
        self.file.connection.execute_batch(&format!("CREATE TEMP TRIGGER attack {trigger}")).expect(trigger);
        for how in ways {
            for (place, (name, row)) in ROWS.iter().enumerate() {
                let context = format!("{trigger}; {how} {name}");
                self.file.run("SAVEPOINT attack").expect("a savepoint");
                let answer = insert(&self.file, how, row);
                let end = self.end(&context, &answer, &before, place);
                *self.ends.entry(end).or_default() += 1;
                if !self.file.connection.is_autocommit() {
                    self.back("attack");
                }
            }
        }
        self.file.connection.execute_batch("DROP TRIGGER temp.attack").expect("the trigger goes");
    }

    fn end(&self, context: &str, answer: &Answer, before: &Dump, place: usize) -> &'static str {
        let after = self.file.dump();
        if after == *before {
            return "nothing happened";
        }
        assert!(answer.is_ok(), "{context}: {answer:?}: something is left");
        if after == self.regular[place] {
            return "as without the trigger";
        }
        self.file.connection.execute_batch("DROP TRIGGER temp.attack").expect("the trigger goes");
        self.settled(context)
    }
}

type Dump = Vec<(String, String)>;

fn insert(file: &SchemaFixture, how: &str, row: &str) -> Answer {
    let row = row.replace(":entry", OPEN);
    file.connection.prepare_cached(&format!("{how} INTO main.{row}"))?.execute([])
}

/// Every temporary trigger that keeps something away, on every table that a row of the log reaches.
fn ignored(recursive: bool) {
    let reached = [
        "transition",
        "change",
        "message",
        "conversation",
        "object",
        "setting",
        "queue_member",
        "channel_session",
        "participant",
        "timer",
        "offer",
        "text",
        "customer",
        "entry",
    ];
    let mut scene = Scene::new(recursive);
    for table in reached {
        for moment in ["BEFORE", "AFTER"] {
            for event in ["INSERT", "UPDATE", "DELETE"] {
                let trigger = format!("{moment} {event} ON main.\"{table}\" BEGIN SELECT RAISE(IGNORE); END");
                scene.attack(&trigger, &["INSERT OR REPLACE"]);
            }
        }
    }
    println!("effects kept away, recursive_triggers {recursive}: {:?}", scene.ends);
    assert!(scene.ends.contains_key("cannot be closed over"), "the attacks reach nothing: {:?}", scene.ends);
}

#[test]
fn no_entry_closes_over_a_suppressed_effect() {
    ignored(false);
}

#[test]
fn no_entry_closes_over_a_suppressed_effect_with_recursive_triggers() {
    ignored(true);
}

#[test]
fn no_conflict_clause_separates_a_row_from_its_effect() {
    for recursive in [false, true] {
        let scene = Scene::new(recursive);
        for how in INSERTS {
            for ((name, row), regular) in ROWS.iter().zip(&scene.regular) {
                scene.file.run("SAVEPOINT clause").expect("a savepoint");
                assert_eq!(insert(&scene.file, how, row), Ok(1), "{how} {name}");
                assert_eq!(scene.file.dump(), *regular, "{how} {name}");
                scene.back("clause");
            }
        }
    }
}

/// Between a row and its effect: forged effects, other rows of the log, an entry that closes early.
const BETWEEN: [&str; 18] = [
    "AFTER INSERT ON main.transition BEGIN
        UPDATE conversation SET transition = NEW.seq, state = NEW.to_state, queue = NEW.to_queue, agent = NEW.to_agent,
            phase = 'closed', units = 0 WHERE id = NEW.conversation; SELECT RAISE(IGNORE); END",
    "AFTER INSERT ON main.transition BEGIN
        UPDATE conversation SET transition = NEW.seq, state = NEW.to_state, queue = NEW.to_queue, agent = NEW.to_agent,
            phase = 'active', units = NEW.units, visit = NEW.seq, priority = 99, state_since = NEW.at, touched_at = NEW.at,
            last_agent = NEW.to_agent, first_assigned_at = NEW.at WHERE id = NEW.conversation; SELECT RAISE(IGNORE); END",
    "BEFORE UPDATE ON main.conversation WHEN NEW.transition > OLD.transition BEGIN
        UPDATE conversation SET transition = NEW.transition, state = NEW.state, agent = NEW.agent, queue = NEW.queue,
            handled_ms = 1 WHERE id = NEW.id; SELECT RAISE(IGNORE); END",
    "BEFORE UPDATE ON main.conversation WHEN NEW.transition > OLD.transition BEGIN
        UPDATE conversation SET transition = NEW.transition, state = NEW.state, phase = NEW.phase, agent = NEW.agent, queue = NEW.queue,
            units = NEW.units, visit = NEW.visit, handled_ms = 1, arrival = 1 WHERE id = NEW.id; SELECT RAISE(IGNORE); END",
    "AFTER INSERT ON main.transition BEGIN
        INSERT INTO entry (seq, at, actor_kind, actor, statement, key, hash) VALUES (NEW.entry, 80000, 'agent', 'x', 'SHOW', NULL, zeroblob(32)); END",
    "AFTER INSERT ON main.change BEGIN
        INSERT INTO entry (seq, at, actor_kind, actor, statement, key, hash) VALUES (NEW.entry, 80000, 'agent', 'x', 'SHOW', NULL, zeroblob(32)); END",
    "AFTER INSERT ON main.transition WHEN NEW.conversation <> 9 BEGIN
        INSERT INTO transition VALUES (NEW.seq + 1, NEW.entry, 9, 'release', 'Active', 'Open', 'queued', 2, NULL, 2, 2, 0, 'agent', 'x', NULL, 0, 80000); END",
    "AFTER INSERT ON main.transition BEGIN
        INSERT INTO change SELECT max(seq) + 1, NEW.entry, 'agent', 2, NULL, 'dropped', NULL, 80000, (SELECT coalesce(max(transition.seq), 0) FROM transition) FROM change; END",
    "AFTER INSERT ON main.transition BEGIN
        INSERT INTO change SELECT max(seq) + 1, NEW.entry, 'agent', 2, NULL, 'capacity', 0, 80000, (SELECT coalesce(max(transition.seq), 0) FROM transition) FROM change; END",
    "AFTER INSERT ON main.transition BEGIN
        INSERT INTO message SELECT max(id) + 1, NEW.entry, NEW.conversation, 'agent', 'x', 'note', 1, NULL, 80000 FROM message; END",
    "AFTER INSERT ON main.change BEGIN
        UPDATE setting SET change = NEW.seq, value = 1 WHERE kind = NEW.kind AND object = NEW.object AND name = NEW.name; SELECT RAISE(IGNORE); END",
    "AFTER INSERT ON main.change BEGIN
        UPDATE setting SET change = NEW.seq, value = 'mine' WHERE kind = NEW.kind AND object = NEW.object AND name <> NEW.name; SELECT RAISE(IGNORE); END",
    "AFTER INSERT ON main.change BEGIN
        UPDATE conversation SET change = NEW.seq, priority = 99 WHERE id = NEW.object; SELECT RAISE(IGNORE); END",
    "AFTER INSERT ON main.change BEGIN
        INSERT INTO change VALUES (NEW.seq + 1, NEW.entry, 'queue', 1, NULL, 'priority', 3, 80000, (SELECT coalesce(max(seq), 0) FROM transition)); END",
    "AFTER INSERT ON main.change BEGIN
        INSERT INTO timer VALUES (1, 'queue_timeout', 5, NULL, (SELECT visit FROM conversation WHERE id = 1), NEW.seq); SELECT RAISE(IGNORE); END",
    "AFTER INSERT ON main.change BEGIN
        INSERT INTO object VALUES (NEW.kind, NEW.object, NEW.value, 0, NEW.seq);
        INSERT INTO setting VALUES (NEW.kind, NEW.object, 'capacity', 99, NEW.seq); SELECT RAISE(IGNORE); END",
    "AFTER INSERT ON main.message BEGIN
        UPDATE conversation SET message = NEW.id, touched_at = 0 WHERE id = NEW.conversation; SELECT RAISE(IGNORE); END",
    "BEFORE DELETE ON main.timer BEGIN
        INSERT INTO change SELECT max(seq) + 1, max(entry), 'timer', 1, 'hold_timeout', 'started', 5, 80000, (SELECT coalesce(max(transition.seq), 0) FROM transition) FROM change; END",
];

fn between(recursive: bool) {
    let mut scene = Scene::new(recursive);
    for trigger in BETWEEN {
        scene.attack(trigger, &INSERTS);
    }
    println!("between, recursive_triggers {recursive}: {:?}", scene.ends);
}

#[test]
fn nothing_comes_between_a_row_and_its_effect() {
    between(false);
}

#[test]
fn nothing_comes_between_a_row_and_its_effect_with_recursive_triggers() {
    between(true);
}

#[test]
fn two_picks_in_one_statement_do_not_exceed_the_capacity() {
    let file = Scene::new(false).file;
    file.change("agent", 2, Null, "capacity", 4).expect("bob has two of four, and one is kept for an offer");
    let trigger = "CREATE TEMP TRIGGER attack AFTER INSERT ON main.transition WHEN NEW.conversation = 1 BEGIN
        INSERT INTO transition VALUES (NEW.seq + 1, NEW.entry, 6, 'pick', 'Dispatching', 'Processing', 'active', NULL, 2, 2, 2, 1, 'agent', 'x', NULL, 0, 80000); END";
    file.connection.execute_batch(trigger).expect("a temporary trigger");
    let answer = file.transition(&Move::new(1, "pick", "Active", 1).with(2, 1));
    assert_eq!(code(&answer), "unlogged", "{answer:?}");
    assert_eq!(file.number("SELECT sum(units) FROM conversation WHERE agent = 2"), 2);
}

#[test]
fn temporary_tables_of_the_same_name_have_no_effect() {
    let file = Scene::new(false).file;
    let tables: String = file
        .tables()
        .iter()
        .map(|name| format!("CREATE TEMP TABLE \"{name}\" AS SELECT * FROM main.\"{name}\" WHERE 0;"))
        .collect();
    let before = file.dump();
    file.connection.execute_batch(&tables).expect("temporary tables");
    for (name, row) in ROWS {
        let qualified = row
            .replace("FROM transition", "FROM main.transition")
            .replace("FROM change", "FROM main.change")
            .replace("FROM message", "FROM main.message");
        file.run("SAVEPOINT attack").expect("a savepoint");
        assert_eq!(
            insert(&file, "INSERT", &qualified),
            Ok(1),
            "{name} takes its effect on the file's own tables"
        );
        file.connection.execute_batch("ROLLBACK TO attack; RELEASE attack").expect("rolled back");
        let empty = insert(&file, "INSERT", row);
        assert!(empty.is_err(), "{name}: {empty:?}");
    }
    let shadows: String = file.tables().iter().map(|name| format!("DROP TABLE temp.\"{name}\";")).collect();
    file.connection.execute_batch(&shadows).expect("they go");
    assert_eq!(file.dump(), before);
}
