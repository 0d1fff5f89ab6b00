//! Programs that may not open or upgrade a file: an older one, a read-only one, and any program if the file was
//! changed.
//!
//! Each gets an error with a hint, and no byte of the file is changed.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use switchboard::testing::store::Formats;
use switchboard::testing::{BatchEnd, Error};
use switchboard::{Context, OpenOptions, Parameters, Switchboard};

use super::fixture::copy;
use super::pretend::pretend;
use super::{names, open, opened};
use crate::support::at;

/// The error of an opening. It has a hint, which says what to do.
fn refused(path: &Path, options: &OpenOptions) -> Error {
    match Switchboard::open(path, options) {
        Ok(_) => panic!("it was opened"),
        Err(failure) => {
            assert!(failure.hint().is_some(), "{failure} has no hint");
            failure.error
        }
    }
}

/// The files of a folder with their bytes.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let bytes = |name: String| (name.clone(), fs::read(folder.join(name)).expect("a file"));
    names(folder).into_iter().map(bytes).collect()
}

#[test]
fn an_older_program_leaves_an_upgraded_file_alone() {
    let folder = copy();
    let path = folder.path().join("desk.db");
    drop(opened(&folder, pretend()));
    let before = contents(folder.path());
    for readonly in [false, true] {
        let error = refused(&path, &OpenOptions { readonly, ..OpenOptions::default() });
        assert_eq!(error.code().name(), "newer", "{error}");
        // A reader of a file with a write-ahead log makes room for it beside the file.
        let after: Vec<_> = contents(folder.path())
            .into_iter()
            .filter(|(name, _)| !name.ends_with("-shm") && !name.ends_with("-wal"))
            .collect();
        assert!(after == before, "readonly: {readonly}");
    }
}

#[test]
fn a_program_that_had_the_file_open_is_refused_every_statement() {
    let now = Context::given(at("2026-03-04T10:05:00Z"), "maria");
    for statement in [
        "CREATE QUEUE after",
        "SHOW QUEUES",
        "SHOW JOURNAL AS SCRIPT",
        "SELECT count(*) FROM journal",
        "SHOW REPORT queues_now",
        "VERIFY JOURNAL",
        "SWEEP",
        "ROUTE",
        "EXPLAIN PICK 1 BY alice",
        "FOLLOW ALL SINCE 0",
        "SHOW QUEUES AS OF '2026-03-02T09:00:00Z'",
    ] {
        // With and without caches of what it read before.
        for warm in [false, true] {
            let folder = copy();
            let mut old = opened(&folder, Formats::current()).world;
            if warm {
                old.run("SHOW QUEUES");
                old.rows("SELECT count(*) FROM journal");
                old.run("NOTE 1 'before'");
            }
            let mut new = opened(&folder, pretend()).world;
            let head = new.rows("SHOW HEAD");
            let failure = old.desk.run(statement, &Parameters::new(), &now).map(|reply| reply.rows);
            let failure = failure.expect_err(statement);
            assert_eq!(failure.error.code().name(), "newer", "{statement}: {failure}");
            assert_eq!(old.desk.begin_batch().expect_err("a batch").code().name(), "newer", "{statement}");
            assert_eq!(old.refused("CREATE QUEUE later"), "newer", "and once more");
            assert_eq!(new.rows("SHOW HEAD"), head, "{statement}");
            assert!(new.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
        }
    }
}

#[test]
fn a_program_that_had_the_file_open_read_only_is_refused_too() {
    let folder = copy();
    let options = OpenOptions { readonly: true, ..OpenOptions::default() };
    let mut old =
        Switchboard::open(folder.path().join("desk.db"), &options).expect("a file of an earlier format");
    let now = Context::given(at("2026-03-04T10:05:00Z"), "maria");
    let queries = ["SHOW QUEUES", "SELECT count(*) FROM journal", "VERIFY JOURNAL"];
    for query in queries {
        old.run(query, &Parameters::new(), &now).expect(query);
    }
    drop(opened(&folder, pretend()));
    for query in queries {
        let failure = old.run(query, &Parameters::new(), &now).map(|reply| reply.rows).expect_err(query);
        assert_eq!(failure.error.code().name(), "newer", "{query}: {failure}");
    }
}

#[test]
fn an_upgrade_waits_for_a_batch_of_another_program() {
    let folder = copy();
    let path = folder.path().join("desk.db");
    let mut old = opened(&folder, Formats::current()).world;
    old.desk.begin_batch().expect("a batch");
    old.run("CREATE QUEUE within");
    let upgrading =
        std::thread::spawn(move || open(&path, pretend()).map(drop).map_err(|error| error.to_string()));
    old.run("CREATE QUEUE within_too");
    old.desk.end_batch(BatchEnd::Commit).expect("committed");
    assert_eq!(upgrading.join().expect("a thread"), Ok(()));
    let mut new = opened(&folder, pretend()).world;
    let last = "SELECT statement FROM journal ORDER BY seq DESC LIMIT 3";
    let expected = [upgrade_entry!(), "CREATE QUEUE within_too", "CREATE QUEUE within"];
    assert_eq!(new.rows(last), expected);
    assert!(new.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}

#[test]
fn a_read_only_program_does_not_upgrade_and_gets_a_hint() {
    let folder = copy();
    let before = contents(folder.path());
    let options = OpenOptions { readonly: true, format: Some(pretend()), ..OpenOptions::default() };
    let error = refused(&folder.path().join("desk.db"), &options);
    assert_eq!(error.code().name(), "readonly", "{error}");
    let after = contents(folder.path());
    assert!(
        after[0] == before[0] && !after.iter().any(|(name, _)| name.contains(concat!("format-", old!())))
    );
}

#[test]
fn a_file_whose_rules_were_changed_is_damaged_and_not_upgraded() {
    let forged_edge = "UPDATE edge SET after_ms = 1000 WHERE lifecycle = -1 AND event = 'agent_timeout'";
    let guard = "CREATE TRIGGER edge_update BEFORE UPDATE ON edge BEGIN SELECT RAISE(ABORT, 'unlogged: a lifecycle cannot be changed'); END";
    for (damage, named) in [
        ("DROP TRIGGER edge_update".to_owned(), "trigger edge_update is missing"),
        (
            "DROP TRIGGER edge_update; CREATE TRIGGER edge_update BEFORE UPDATE ON edge BEGIN SELECT 1; END"
                .to_owned(),
            "trigger edge_update was changed",
        ),
        (
            "CREATE TRIGGER more AFTER INSERT ON change BEGIN SELECT 1; END".to_owned(),
            "trigger more on change",
        ),
        ("CREATE UNIQUE INDEX more ON conversation (customer, id)".to_owned(), "index more on conversation"),
        ("DROP VIEW messages".to_owned(), "view messages is missing"),
        ("ALTER TABLE conversation ADD COLUMN more TEXT".to_owned(), "table conversation was changed"),
        (format!("DROP TRIGGER edge_update; {forged_edge}; {guard}"), "built-in rows"),
    ] {
        let folder = copy();
        let path = folder.path().join("desk.db");
        let file = Connection::open(&path).expect("the file");
        file.execute_batch(&damage).expect("damage");
        drop(file);
        let before = contents(folder.path());
        for _ in 0..2 {
            let options = OpenOptions { format: Some(pretend()), ..OpenOptions::default() };
            let error = refused(&path, &options);
            assert_eq!(error.code().name(), "damaged", "{damage}: {error}");
            // The finding: which of the rules was changed.
            assert!(error.message().contains(named), "{damage}: {error}");
            assert!(contents(folder.path()) == before, "{damage}: nothing is changed, nothing is left");
        }
    }
}

#[test]
fn a_file_with_an_entry_that_was_never_closed_is_not_upgraded() {
    let folder = copy();
    let path = folder.path().join("desk.db");
    let file = Connection::open(&path).expect("the file");
    let open = "INSERT INTO change SELECT max(change.seq) + 1, (SELECT max(seq) + 1 FROM entry), 'site', -1, NULL, 'time_zone', 'UTC', max(at),
        (SELECT max(seq) FROM transition) FROM change";
    file.execute_batch(open).expect("an entry is begun");
    drop(file);
    let before = contents(folder.path());
    let error = refused(&path, &OpenOptions { format: Some(pretend()), ..OpenOptions::default() });
    assert_eq!(error.code().name(), "unlogged", "{error}");
    assert!(contents(folder.path()) == before);
}
