//! A lifecycle is defined in the entry that creates it, by this program or another one, and never changes
//! afterwards.
//!
//! Every attempt is made on a plain connection. Whether a lifecycle that another program defines is sound is not
//! tested: what would break a rule of another table is refused, and the rest is accepted as it is.

use rusqlite::types::Null;

use crate::desk_fixture::desk;
use crate::log_copy::LogCopy;
use crate::schema_fixture::{Answer, SchemaFixture, code, digest};

type Attempt = (&'static str, &'static str, fn(&SchemaFixture) -> Answer);

/// Makes each attempt after `prepare`, in an open entry of its own, rolled back.
fn assert_refused(prepare: fn(&SchemaFixture), attempts: &[Attempt]) {
    let file = desk();
    for (what, expected, attempt) in attempts {
        file.run("BEGIN").expect("a transaction");
        file.begin(80_000);
        prepare(&file);
        let before = file.dump();
        let answer = attempt(&file);
        assert_eq!(code(&answer), *expected, "{what}: {answer:?}");
        assert_eq!(file.dump(), before, "{what}: something is left");
        file.run("ROLLBACK").expect("rolled back");
    }
}

fn created(file: &SchemaFixture) {
    file.change("lifecycle", 4, Null, "created", "new".to_owned()).expect("a lifecycle");
    file.state(4, "Here", "queued", 1).expect("a state");
    file.state(4, "Gone", "closed", 2).expect("a state");
    file.state(4, "Over", "closing", 3).expect("a state");
    file.edge(4, "Here", "customer_end", "Gone").expect("an edge");
}

fn nothing(_: &SchemaFixture) {}

fn defined(file: &SchemaFixture) -> Answer {
    file.change("lifecycle", 4, Null, "digest", digest(0))
}

#[test]
fn nothing_is_added_to_a_defined_lifecycle() {
    assert_refused(
        nothing,
        &[
            ("a state to one that is used", "unlogged", |file| file.state(1, "New", "queued", 9)),
            ("an edge to one that is used", "unlogged", |file| file.edge(1, "Here", "customer_end", "Gone")),
            ("an edge to one that was dropped", "unlogged", |file| {
                file.edge(2, "Here", "customer_end", "Gone")
            }),
            ("a state to one that is built in", "unlogged", |file| file.state(-1, "New", "queued", 9)),
            ("an edge to one that is built in", "unlogged", |file| file.edge(-1, "Open", "wait", "Closed")),
            ("an edge to none", "unlogged", |file| file.edge(99, "Open", "wait", "Closed")),
            ("an edge in place of another", "unlogged", |file| {
                file.run(
                    "INSERT OR REPLACE INTO edge VALUES (1, 'chat', '', 'open', '', 'Gone', 'closed', NULL)",
                )
            }),
            ("another end", "unlogged", |file| {
                file.run("UPDATE edge SET to_state = 'Here' WHERE lifecycle = 1")
            }),
            ("another phase", "unlogged", |file| {
                file.run("UPDATE state SET phase = 'active' WHERE lifecycle = 1")
            }),
            ("another phase at an end", "unlogged", |file| {
                file.run("UPDATE edge SET to_phase = 'active' WHERE lifecycle = 1")
            }),
            ("no edge", "unlogged", |file| file.run("DELETE FROM edge WHERE lifecycle = 1")),
            ("no state", "unlogged", |file| file.run("DELETE FROM state WHERE lifecycle = 2")),
            ("an option", "unlogged", |file| {
                file.change("lifecycle", 1, Null, "one_per_customer", "on".to_owned())
            }),
            ("another drawing", "unlogged", |file| file.change("lifecycle", 1, Null, "digest", digest(1))),
            ("a name", "unlogged", |file| {
                file.run("UPDATE object SET name = 'Errand' WHERE kind = 'lifecycle' AND id = 1")
            }),
            ("an option of one that is built in", "invalid_value", |file| {
                file.change("lifecycle", -1, Null, "one_per_customer", "on".to_owned())
            }),
            ("one that is built in, dropped", "invalid_value", |file| {
                file.change("lifecycle", -1, Null, "dropped", Null)
            }),
            ("one that is used, dropped", "in_use", |file| {
                file.change("lifecycle", 1, Null, "dropped", Null)
            }),
            ("one that was dropped, dropped", "invalid_value", |file| {
                file.change("lifecycle", 2, Null, "dropped", Null)
            }),
            ("a name that is taken", "exists", |file| {
                file.change("lifecycle", 4, Null, "created", "ERRAND".to_owned())
            }),
            ("a name that is built in", "exists", |file| {
                file.change("lifecycle", 4, Null, "created", "Topic".to_owned())
            }),
            ("a gap", "unlogged", |file| file.change("lifecycle", 10, Null, "created", "new".to_owned())),
        ],
    );
}

#[test]
fn a_defined_lifecycle_follows_the_rules_of_the_graph() {
    assert_refused(
        created,
        &[
            ("a state twice", "exists", |file| file.state(4, "Here", "queued", 1)),
            ("a state in place of another", "exists", |file| {
                file.run("INSERT OR REPLACE INTO state VALUES (4, 'Here', 'chat', 'active', 1)")
            }),
            ("a state in other letters", "invalid_lifecycle", |file| file.state(4, "HERE", "queued", 4)),
            ("a state of two phases", "invalid_lifecycle", |file| {
                file.run("INSERT INTO state VALUES (4, 'Here', 'sms', 'active', 1)")
            }),
            ("two states in one place", "invalid_lifecycle", |file| file.state(4, "There", "queued", 1)),
            ("a state without a name", "invalid_lifecycle", |file| file.state(4, "", "queued", 4)),
            ("a phase that is none", "invalid_lifecycle", |file| file.state(4, "There", "waiting", 4)),
            ("a channel that is none", "invalid_lifecycle", |file| {
                file.run("INSERT INTO state VALUES (4, 'There', 'fax', 'queued', 4)")
            }),
            ("an edge twice", "exists", |file| file.edge(4, "Here", "customer_end", "Gone")),
            ("an edge that could also apply", "invalid_lifecycle", |file| {
                file.run("INSERT INTO edge VALUES (4, 'chat', 'Here', 'customer_end', 'bot', 'Gone', 'closed', NULL)")
            }),
            ("an event that is none", "invalid_lifecycle", |file| file.edge(4, "Here", "vanish", "Gone")),
            ("an opening from a state", "invalid_lifecycle", |file| file.edge(4, "Here", "open", "Here")),
            ("a move from nothing", "invalid_lifecycle", |file| file.edge(4, "", "pick", "Here")),
            ("from a state that is not there", "invalid_lifecycle", |file| {
                file.edge(4, "There", "customer_end", "Gone")
            }),
            ("to a state that is not there", "invalid_lifecycle", |file| file.edge(4, "", "open", "There")),
            ("to a state of another channel", "invalid_lifecycle", |file| {
                file.run("INSERT INTO edge VALUES (4, 'sms', '', 'open', '', 'Here', 'queued', NULL)")
            }),
            ("to a state of another phase", "invalid_lifecycle", |file| {
                file.run("INSERT INTO edge VALUES (4, 'chat', '', 'open', '', 'Here', 'active', NULL)")
            }),
            ("out of a closed state", "invalid_lifecycle", |file| file.edge(4, "Gone", "revive", "Here")),
            ("an opening into the end", "invalid_lifecycle", |file| file.edge(4, "", "open", "Gone")),
            ("an opening into closing", "invalid_lifecycle", |file| file.edge(4, "", "open", "Over")),
            ("a time on what is no timeout", "invalid_lifecycle", |file| {
                file.run("INSERT INTO edge VALUES (4, 'chat', 'Here', 'pick', '', 'Here', 'queued', 5000)")
            }),
            ("a time on housekeeping", "invalid_lifecycle", |file| {
                file.run(
                    "INSERT INTO edge VALUES (4, 'chat', 'Over', 'housekeep', '', 'Gone', 'closed', 5000)",
                )
            }),
            ("used before it is defined", "unknown_lifecycle", |file| {
                file.change("workstream", 6, Null, "lifecycle", 4)
            }),
            ("dropped before it is defined", "unlogged", |file| {
                file.change("lifecycle", 4, Null, "dropped", Null)
            }),
            ("another before it is defined", "unlogged", |file| {
                file.change("lifecycle", 5, Null, "created", "more".to_owned())
            }),
            ("closed over before it is defined", "unlogged", SchemaFixture::close),
        ],
    );
    assert_refused(
        |file| {
            created(file);
            defined(file).expect("it is defined");
        },
        &[
            ("a state after it was defined", "unlogged", |file| file.state(4, "There", "queued", 4)),
            ("an edge after it was defined", "unlogged", |file| file.edge(4, "", "open", "Here")),
            ("defined twice", "unlogged", defined),
        ],
    );
}

#[test]
fn a_lifecycle_defined_by_another_program_works() {
    let file = desk();
    file.begin(80_000);
    created(&file);
    file.edge(4, "", "open", "Here").expect("an opening");
    defined(&file).expect("it is defined");
    file.close().expect("the entry is closed");
    file.logged(|file| file.change("workstream", 6, Null, "lifecycle", 4));
    assert_eq!(code(&file.change("lifecycle", 4, Null, "dropped", Null)), "in_use", "workstream 6 uses it");
    LogCopy::of(&file);
}
