//! Hosts and programs that do what they should not: what they append is refused and named, and they cannot
//! stop the others for long.

use std::time::{Duration, Instant};

use switchboard::Code;

use crate::cluster::common;
use crate::host::{Desk, assert_equal, run};
use crate::needs_postgresql;

/// SQL that appends an entry like the second one, as entry 3, with words and a hash of somebody's making.
fn forged(words: &str) -> String {
    format!(
        "INSERT INTO switchboard.entry (seq, hash, rows) SELECT 3, sha256('x'), e.rows FROM switchboard.entry AS e WHERE seq = 2;
        INSERT INTO switchboard.word (kind, id, entry, salt, body) VALUES {words}"
    )
}

#[test]
fn an_entry_with_words_that_it_does_not_need_is_refused() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let second = desk.host("b");
    // A host that appends what is right, and a word besides, whose number the next text needs.
    first.done(&["CREATE QUEUE front"]);
    let more = "INSERT INTO switchboard.word (kind, id, entry, salt, body) VALUES ('t', 1, 2, 'salt'::bytea, 'more'::bytea)";
    desk.server.sql(&desk.database, more);
    let said = second.refused(&["SHOW QUEUES"], 3);
    assert!(said.contains("entry 2 of the shared log, which host postgres appended, is invalid"), "{said}");
    assert!(said.contains("it has words that none of its rows needs"), "{said}");
}

#[test]
fn a_statement_has_no_salt_and_the_number_of_its_entry() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing; CREATE QUEUE front;");
    for word in [
        "('s', 3, 3, 'CRE'::bytea, 'ATE QUEUE front'::bytea)",
        "('s', 4, 3, ''::bytea, 'CREATE QUEUE front'::bytea)",
        "('k', 4, 3, 'salt'::bytea, 'key'::bytea)",
    ] {
        let refused = desk.server.try_sql(&desk.database, &forged(word)).expect_err(word);
        assert!(refused.contains("violates check constraint"), "{refused}");
    }
    first.done(&["CREATE QUEUE more"]);
}

#[test]
fn a_host_cannot_raise_the_format_out_of_reach() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let second = desk.host("b");
    let role = format!("{}_b", desk.database);
    desk.server.sql(&desk.database, &format!("SET ROLE {role}; SELECT switchboard.raise(999)"));
    first.done(&["CREATE QUEUE front"]);
    assert_equal(&[&first, &second]);
}

#[test]
fn a_host_that_works_for_long_behind_the_gate_keeps_it() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let second = desk.host("b");
    let mut busy = first.open();
    let mut transaction = busy.transaction().expect("the gate");
    let begun = Instant::now();
    let mut number = 0;
    while begun.elapsed() < Duration::from_secs(7) {
        let context = switchboard::Context::now("maria").expect("a context");
        let statement = format!("CREATE QUEUE q{number}");
        transaction.run(&statement, &switchboard::Parameters::new(), &context).expect("done");
        number += 1;
        std::thread::sleep(Duration::from_millis(20));
    }
    transaction.commit().expect("it still has the gate");
    drop(busy);
    assert_equal(&[&first, &second]);
}

#[test]
fn who_gives_up_waiting_for_the_gate_does_not_hold_up_the_others() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let (second, third) = (desk.host("b"), desk.host("c"));
    let mut holder = first.open();
    let transaction = holder.transaction().expect("the gate");
    let mut waiting = second.open();
    let stop = waiting.stopper();
    let stopping = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        stop();
    });
    let failure = run(&mut waiting, "CREATE QUEUE waited").expect_err("it was stopped");
    assert_eq!(failure.code(), Code::Interrupted, "{failure:?}");
    stopping.join().expect("stopped");
    transaction.rollback().expect("left");
    let begun = Instant::now();
    run(&mut third.open(), "CREATE QUEUE third").expect("done");
    assert!(begun.elapsed() < Duration::from_secs(3), "the gate was free after {:?}", begun.elapsed());
}

#[test]
fn a_follower_whose_session_ended_hears_of_what_was_appended_meanwhile() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let second = desk.host("b");
    let mut follower = second.open();
    let follow = run(&mut follower, "FOLLOW ALL").expect("it follows").follow.expect("more");
    follower.follow(&follow).expect("nothing");
    let version = follower.version().expect("a version");
    let cut = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{}_b'",
        desk.database
    );
    desk.server.sql("postgres", &cut);
    first.done(&["CREATE QUEUE front"]);
    let until = Instant::now() + Duration::from_secs(5);
    while follower.version().expect("a version") == version {
        assert!(Instant::now() < until, "it hears nothing");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!follower.follow(&follow).expect("rows").rows.is_empty());
}

#[test]
fn every_program_of_a_replica_tells_what_one_of_them_did_not_know() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let second = desk.host("b");
    let mut open = second.open();
    run(&mut open, "SHOW QUEUES").expect("a list");
    // Another program of the host was not answered; its entry was not appended.
    let file = rusqlite::Connection::open(&second.file).expect("the file");
    let note = "UPDATE replica SET unknown_seq = 2, unknown_hash = zeroblob(32)";
    file.execute(note, []).expect("noted");
    run(&mut open, "CREATE QUEUE front").expect("done");
    let told = open.take_warnings();
    assert_eq!(
        told,
        ["entry 2, of which it was not known, is not in the shared log: nothing of it was done"]
    );
    let noted: Option<i64> =
        file.query_row("SELECT unknown_seq FROM replica", [], |row| row.get(0)).expect("a row");
    assert_eq!(noted, None);
    assert_equal(&[&first, &second]);
}
