//! Hosts of one desk whose programs know different formats.

use std::sync::OnceLock;

use switchboard::testing::store::{Formats, Migration, SCHEMA, format_of};
use switchboard::{Code, Context, OpenOptions, SharedOptions, StaleQueries, Switchboard};

use crate::cluster::common;
use crate::host::{Desk, Host, assert_equal, run};
use crate::needs_postgresql;

const KIND: &str = "('queue', 'music', 'setting', '', 'choice', 0, 0, 0, 'on|off', 'on')";

/// A format that comes after this one: one more setting, another message.
fn next() -> &'static Formats {
    static NEXT: OnceLock<Formats> = OnceLock::new();
    NEXT.get_or_init(|| {
        let present = Formats::current();
        let (number, next) = (present.newest.number, present.newest.number + 1);
        let schema = SCHEMA
            .replace(&format!("user_version = {number};"), &format!("user_version = {next};"))
            .replace("('agent',        'created',", &format!("{KIND},\n    ('agent',        'created',"))
            .replace("the agent is at capacity'", "the agent is full'");
        let newest = format_of(&schema).expect("a schema");
        let sql = format!(
            "INSERT INTO change_kind (kind, name, follows, item, value, optional, minimum, maximum, choices, initial) VALUES {KIND}"
        );
        let mut older = vec![present.newest.clone()];
        older.extend(present.older.iter().cloned());
        let mut migrations = present.migrations.clone();
        migrations.push(Migration { to: next, sql, ..Migration::default() });
        Formats::new(schema, newest, older, migrations)
    })
}

/// Opens a host's file as a program of the next format.
fn opened(host: &Host) -> Switchboard {
    let shared = SharedOptions { log: host.log.clone(), stale: StaleQueries::Refused };
    let options = OpenOptions { format: Some(next()), ..OpenOptions::default() };
    Switchboard::open_shared(&host.file, &options, &shared).expect("a replica")
}

fn verified(desk: &mut Switchboard) {
    let reply = run(desk, "VERIFY JOURNAL").expect("a verdict");
    assert_eq!(reply.first().expect("a row").get("verdict"), Ok("whole"));
}

#[test]
fn the_first_host_that_writes_with_a_newer_program_upgrades_the_log() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let (second, third) = (desk.host("b"), desk.host("c"));
    let mut old = third.open();
    // A newer program looks first, while old ones still write.
    let mut looking = opened(&first);
    run(&mut looking, "SHOW QUEUES").expect("a list");
    run(&mut old, "CREATE QUEUE from_an_old_program").expect("done");
    run(&mut looking, "SHOW QUEUES").expect("a list");
    verified(&mut looking);
    // Then another one writes.
    let mut writing = opened(&second);
    run(&mut writing, "CREATE QUEUE from_a_new_program").expect("done");
    for statement in ["SHOW QUEUES", "CREATE QUEUE more"] {
        let failure = run(&mut old, statement).expect_err("it is too old");
        assert_eq!(failure.code(), Code::Newer, "{failure:?}");
    }
    run(&mut looking, "SHOW QUEUES").expect("a list");
    run(&mut looking, "CREATE QUEUE more").expect("done");
    verified(&mut looking);
    verified(&mut writing);
    let upgrades = run(&mut writing, "SELECT statement FROM journal WHERE statement LIKE 'UPGRADE %'");
    assert_eq!(upgrades.expect("entries").rows.len(), 1);
    // The third host gets the newer program at last.
    drop(old);
    let mut late = opened(&third);
    run(&mut late, "SHOW QUEUES").expect("a list");
    verified(&mut late);
    run(&mut writing, "SHOW QUEUES").expect("a list");
    drop((looking, writing, late));
    for other in [&second, &third] {
        crate::equality::assert_equal(&first.file, &other.file, "after the upgrade");
    }
}

#[test]
fn a_new_host_plays_the_entries_of_the_earlier_format() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    run(&mut opened(&first), "CREATE QUEUE front").expect("done");
    let second = desk.role("b");
    let shared = SharedOptions { log: second.log.clone(), stale: StaleQueries::Refused };
    let options = OpenOptions { format: Some(next()), ..OpenOptions::default() };
    let context = Context::now("maria").expect("a context");
    Switchboard::join_desk(&second.file, &options, &shared, &context).expect("a replica");
    verified(&mut opened(&second));
    crate::equality::assert_equal(&first.file, &second.file, "after joining");
}

#[test]
fn a_replica_is_upgraded_only_with_its_log() {
    needs_postgresql!();
    let (_desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let options = OpenOptions { format: Some(next()), ..OpenOptions::default() };
    let failure = Switchboard::open(&first.file, &options).expect_err("it needs its log");
    assert_eq!(failure.code(), Code::NotAllowed, "{failure:?}");
    assert_equal(&[&first]);
    run(&mut first.open(), "SHOW QUEUES").expect("it has the earlier format");
}
