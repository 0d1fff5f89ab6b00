//! What hosts are told when the log is not there, or not theirs.

use crate::cluster::{Cluster, common};
use crate::host::{Desk, Host, assert_equal};
use crate::needs_postgresql;

#[test]
fn a_replica_is_not_written_without_its_log() {
    needs_postgresql!();
    let (_desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let alone = Host { log: String::new(), ..first.clone() };
    let said = alone.refused(&["CREATE QUEUE front"], 1);
    assert!(said.contains("error[not_allowed]: the file is a replica of the shared log"), "{said}");
    // Nor is it read as if it were all there is.
    let said = alone.refused(&["SHOW QUEUES"], 1);
    assert!(said.contains("error[not_allowed]: the file is a replica of the shared log"), "{said}");
    assert!(said.contains("; this is the state of entry 1 of "), "{said}");
    for option in ["--stale", "--readonly"] {
        alone.done(&[option, "SHOW QUEUES"]);
    }
}

#[test]
fn a_file_that_stands_alone_has_no_log() {
    needs_postgresql!();
    let desk = Desk::new(common());
    let host = Host { file: desk.folder.path().join("a.db"), log: desk.address("postgres") };
    Host { log: String::new(), ..host.clone() }.done(&["CREATE QUEUE billing"]);
    let said = host.refused(&["SHOW QUEUES"], 1);
    assert!(said.contains("stands alone: it is not a replica of a shared log"), "{said}");
    let said = host.refused(&[".desk join"], 3);
    assert!(said.contains("error[not_found]: the database contains no shared log"), "{said}");
    host.done(&[".desk create"]);
    let said = host.refused(&[".desk create"], 1);
    assert!(said.contains("error[exists]: the file is already a replica"), "{said}");
    let other = Host { file: desk.folder.path().join("b.db"), ..host.clone() };
    Host { log: String::new(), ..other.clone() }.done(&["CREATE QUEUE another"]);
    let said = other.refused(&[".desk create"], 1);
    assert!(said.contains("error[exists]: the database already contains a shared log"), "{said}");
    let said = other.refused(&[".desk join"], 1);
    assert!(said.contains("the journal of the file is not the beginning of the shared log"), "{said}");
    let missing = Host { file: desk.folder.path().join("c.db"), ..host };
    let said = missing.refused(&["CREATE QUEUE another"], 3);
    assert!(said.contains("'.desk join', with the same --log, makes it a new replica"), "{said}");
}

#[test]
fn a_role_that_was_not_admitted_is_told_so() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let role = format!("{}_stranger", desk.database);
    desk.server.sql(&desk.database, &format!("CREATE ROLE {role} LOGIN"));
    let stranger = Host { file: desk.folder.path().join("s.db"), log: desk.address(&role) };
    let said = stranger.refused(&[".desk join"], 1);
    assert!(said.contains("error[not_allowed]: this host may not use the shared log"), "{said}");
    // Nor if it can connect.
    desk.server.sql("postgres", &format!("GRANT CONNECT ON DATABASE {} TO {role}", desk.database));
    let said = stranger.refused(&[".desk join"], 1);
    assert!(said.contains("error[not_allowed]: this host may not use the shared log"), "{said}");
    let member = desk.host("b");
    desk.server.sql(&desk.database, &format!("SELECT switchboard.dismiss('{}_b')", desk.database));
    let said = member.refused(&["CREATE QUEUE front"], 1);
    assert!(said.contains("error[not_allowed]: this host may not use the shared log"), "{said}");
    // A host can do nothing but call the functions.
    desk.role("c");
    for sql in [
        "SELECT * FROM switchboard.entry",
        "DELETE FROM switchboard.word",
        "SELECT switchboard.set_aside(1, '')",
    ] {
        let sql = format!("SET ROLE {}_c; {sql}", desk.database);
        let refused = desk.server.try_sql(&desk.database, &sql).expect_err("it may not");
        assert!(refused.contains("permission denied"), "{refused}");
    }
    // Nor does the owner change what was appended.
    for sql in [
        "UPDATE switchboard.entry SET host = 'x'",
        "DELETE FROM switchboard.entry",
        "TRUNCATE switchboard.entry CASCADE",
        "UPDATE switchboard.word SET body = 'x'",
        "DELETE FROM switchboard.word",
        "INSERT INTO switchboard.entry (seq, hash, rows) VALUES (9, sha256(''), '')",
    ] {
        let refused = desk.server.try_sql(&desk.database, sql).expect_err("nobody may");
        assert!(!refused.contains("syntax"), "{refused}");
    }
    assert_equal(&[&first]);
}

#[test]
fn while_the_log_is_away_queries_can_show_the_last_known_state() {
    needs_postgresql!();
    let mut server = Cluster::start("");
    let (_folder, host) = {
        let (desk, host) = Desk::after(&server, "CREATE QUEUE billing;");
        (desk.folder, host)
    };
    server.stop();
    let said = host.refused(&["CREATE QUEUE front"], 4);
    assert!(said.contains("error[busy]: the shared log cannot be reached: 127.0.0.1:"), "{said}");
    assert!(said.contains("nothing was changed; try again when the server can be reached"), "{said}");
    let said = host.refused(&["SHOW QUEUES"], 4);
    assert!(said.contains("with --stale, queries show the state that this host last saw"), "{said}");
    let output = host.run(&["--stale", "SHOW QUEUES"]);
    assert!(output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("; this is the state of entry 1 of "), "{said}");
    server.run();
    host.done(&["CREATE QUEUE front"]);
}

#[test]
fn a_replica_leaves_and_stands_alone() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let second = desk.host("b");
    first.done(&["CREATE QUEUE front"]);
    let said = second.done(&[".desk leave"]);
    assert!(said.contains("stands alone: it no longer follows the shared log"), "{said}");
    let alone = Host { log: String::new(), ..second.clone() };
    alone.done(&["CREATE QUEUE own"]);
    let shown = alone.done(&["VERIFY JOURNAL", "SHOW QUEUES", "SELECT statement FROM journal"]);
    assert!(shown.contains("whole") && shown.contains("front"), "{shown}");
    assert!(shown.contains("LEAVE DESK "), "{shown}");
    let said = second.refused(&[".desk join"], 1);
    assert!(said.contains("the journal of the file is not the beginning of the shared log"), "{said}");
    let queues = first.done(&["SHOW QUEUES"]);
    assert!(!queues.contains("own"), "{queues}");
}

#[test]
fn a_backup_of_a_replica_joins_with_the_rest() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let backup = desk.folder.path().join("backup.db");
    first.done(&[&format!("BACKUP TO '{}'", backup.display())]);
    first.done(&["CREATE QUEUE front"]);
    let second = desk.role("b");
    std::fs::copy(&backup, &second.file).expect("a copy");
    second.done(&["SHOW QUEUES"]);
    assert_equal(&[&first, &second]);
}

#[test]
fn a_backup_does_not_replace_a_replica() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let backup = desk.folder.path().join("backup.db");
    first.done(&[&format!("BACKUP TO '{}'", backup.display())]);
    first.done(&["CREATE QUEUE front"]);
    for host in [&first, &Host { log: String::new(), ..first.clone() }] {
        let said = host.refused(&[&format!(".restore {}", backup.display())], 1);
        assert!(
            said.contains("error[not_allowed]") && said.contains("is a replica of the shared log"),
            "{said}"
        );
    }
    first.done(&["SHOW QUEUES"]);
}

#[test]
fn a_file_that_went_its_own_way_is_refused() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let second = desk.host("b");
    // A copy that forgets that it is a replica, goes on alone, and is told again.
    let file = rusqlite::Connection::open(&second.file).expect("the file");
    let row: (Vec<u8>, i64) = file
        .query_row("SELECT desk, timeline FROM replica", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("it");
    file.execute("DELETE FROM replica", []).expect("gone");
    Host { log: String::new(), ..second.clone() }.done(&["CREATE QUEUE own"]);
    file.execute("INSERT INTO replica (id, desk, timeline) VALUES (1, ?1, ?2)", row).expect("back");
    let said = second.refused(&["SHOW QUEUES"], 3);
    assert!(said.contains("error[damaged]: the shared log ends before entry 2 of the file"), "{said}");
    first.done(&["CREATE QUEUE front"]);
    for statement in ["SHOW QUEUES", "CREATE QUEUE more"] {
        let said = second.refused(&[statement], 3);
        assert!(said.contains("error[damaged]: entry 2 of the file"), "{said}");
        assert!(said.contains("move the file away and .desk join again"), "{said}");
    }
}

#[test]
fn an_entry_that_no_host_accepts_is_named_and_set_aside() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let second = desk.host("b");
    first.done(&["CREATE QUEUE front"]);
    // A rogue host appends an entry of its own making.
    desk.server.sql(
        &desk.database,
        "INSERT INTO switchboard.entry (seq, hash, rows) SELECT 3, sha256('x'), e.rows FROM switchboard.entry AS e WHERE seq = 2;
        INSERT INTO switchboard.word SELECT 's', 3, 3, ''::bytea, 'CREATE QUEUE front'::bytea, NULL",
    );
    for (host, statement) in [(&first, "SHOW QUEUES"), (&second, "CREATE QUEUE more")] {
        let said = host.refused(&[statement], 3);
        assert!(
            said.contains(
                "error[damaged]: entry 3 of the shared log, which host postgres appended, is invalid"
            ),
            "{said}"
        );
        assert!(
            said.contains(
                "if none does, the owner of the log sets it aside: SELECT switchboard.set_aside(3, 'why')"
            ),
            "{said}"
        );
    }
    assert_eq!(desk.server.sql(&desk.database, "SELECT switchboard.set_aside(3, 'not ours')"), ["1"]);
    second.done(&["CREATE QUEUE more"]);
    assert_equal(&[&first, &second]);
}
