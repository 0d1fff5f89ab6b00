//! `--each`: statements run once per row, each row as a whole, in batches between which others write; what is refused,
//! killed or interrupted can be continued.

use std::fs;
use std::process::Stdio;

use super::Place;
use crate::support::session::Numbers;

const OPEN: &str = "OPEN ON chats FOR :email SUBJECT :subject KEY :id";

/// A place with rows in a file.
fn with_rows(name: &str, rows: &str) -> Place {
    let place = Place::with_desk();
    fs::write(place.path(name), rows).expect("rows");
    place
}

/// So many rows, with a header.
fn many(count: usize) -> String {
    let rows: String =
        (1..=count).map(|row| format!("{row},customer{row}@example.com,Case {row}\n")).collect();
    format!("id,email,subject\n{rows}")
}

/// Waits until an import has committed some rows.
fn wait_for_rows(place: &Place) {
    let reader = rusqlite::Connection::open(place.path("desk.db")).expect("the file");
    let rows = || reader.query_row("SELECT count(*) FROM opening", [], |row| row.get::<_, i64>(0));
    while rows().is_ok_and(|rows| rows < 100) {
        std::thread::yield_now();
    }
}

/// The customers who were opened with a subject, in order.
fn opened(place: &Place) -> Vec<String> {
    place.rows("SELECT customer || ' ' || coalesce(subject, '-') FROM conversations WHERE id > 3 ORDER BY id")
}

#[test]
fn rows_of_every_format_are_parameters() {
    let csv = "id,email,subject\r\n1,eva@example.com,\"A \"\"big\"\", red one\"\r\n2,fin@example.com,\r\n";
    let tsv = "id\temail\tsubject\n1\teva@example.com\tA \"big\", red one\n2\tfin@example.com\t\n";
    let jsonl = "{\"id\":1,\"email\":\"eva@example.com\",\"subject\":\"A \\\"big\\\", red one\"}\n\n{\"id\":\"2\",\"email\":\"fin@example.com\",\"subject\":null}\n";
    for (name, rows) in [("rows.csv", csv), ("rows.tsv", tsv), ("rows.jsonl", jsonl)] {
        let place = with_rows(name, rows);
        let run = place.run(&["--each", name], &[OPEN]);
        assert_eq!((run.status, run.err.as_str()), (0, "2 ok\n"), "{name}");
        assert_eq!(opened(&place), ["eva@example.com A \"big\", red one", "fin@example.com -"], "{name}");
        // Columns are named once.
        assert_eq!(run.out.lines().filter(|line| line.starts_with("conversation\t")).count(), 1, "{run:?}");
        assert_eq!(run.out.lines().count(), 3);
        // From standard input the first character tells.
        let place = Place::with_desk();
        let run = super::fed(place.command(&["--each", "-", "--quiet"]).arg(OPEN), rows.as_bytes());
        assert_eq!((run.status, run.err.as_str()), (0, ""), "{name}");
        assert_eq!(opened(&place).len(), 2, "{name}");
    }
}

#[test]
fn a_row_is_done_as_a_whole_and_what_is_refused_can_be_corrected_and_run() {
    let rows =
        "who,text\neva,Hello\nfin,\ngus,\"Two\nlines\"\nhal\n'; DROP QUEUE front; --,'; FORCE CLOSE 1; --\n";
    let place = with_rows("rows.csv", rows);
    let statements = ["OPEN ON chats FOR :who", "MESSAGE ON chats FROM :who :text"];
    let run = place.run(&["--each", "rows.csv", "--refused", "again.csv", "-f", "jsonl"], &statements);
    assert_eq!(run.status, 1, "{run:?}");
    let errors: Vec<&str> = run.err.lines().collect();
    assert!(
        errors[0].contains("row 2 (line 3): parameter :text is null; expected the text")
            || errors[0].contains("row 2 (line 3): parameter :text is null"),
        "{}",
        errors[0]
    );
    assert!(errors[0].ends_with(",\"row\":2}}"), "{}", errors[0]);
    assert!(errors[1].contains("row 4 (line 6): the row has 1 fields; the header has 2"), "{}", errors[1]);
    assert_eq!(errors[2], "3 ok, 2 refused at row 2, row 4");
    assert_eq!(opened(&place), ["eva -", "gus -", "'; DROP QUEUE front; -- -"], "nothing of row 2 is done");
    assert_eq!(fs::read_to_string(place.path("again.csv")).expect("rows"), "who,text\nfin,\nhal\n");
    let run = place.run(&["--each", "rows.csv", "--refused", "again.csv"], &statements);
    assert_eq!((run.status, run.err.lines().next()), (1, Some("error[exists]: again.csv already exists")));
    fs::write(place.path("again.csv"), "who,text\nfin,Corrected\nhal,Too\n").expect("rows");
    let run = place.run(&["--each", "again.csv"], &statements);
    assert_eq!((run.status, run.err.as_str()), (0, "2 ok\n"));
    let messages = place.rows("SELECT body FROM messages WHERE author_kind = 'customer' ORDER BY id");
    assert_eq!(messages, ["Hello", "Two\\nlines", "'; FORCE CLOSE 1; --", "Corrected", "Too"]);
    place.assert_whole();
}

#[test]
fn the_first_refusal_ends_it_and_the_rows_before_it_are_done() {
    let place = with_rows("rows.csv", "id,email,subject\n1,eva,a\n2,fin,b\n3,,c\n4,gus,d\n");
    let run = place.run(&["--each", "rows.csv"], &[OPEN]);
    assert_eq!(run.status, 1);
    assert!(
        run.err.ends_with("2 ok, 1 refused at row 3; rows up to 2 are done, continue with --from-row 3\n"),
        "{run:?}"
    );
    assert_eq!(opened(&place), ["eva a", "fin b"]);
    let run = place.run(&["--each", "rows.csv", "--from-row", "4"], &[OPEN]);
    assert_eq!((run.status, run.err.as_str()), (0, "1 ok\n"));
    assert_eq!(opened(&place).len(), 3);
    // Under the same keys, what is done is not done again.
    fs::write(place.path("rows.csv"), "id,email,subject\n1,eva,a\n2,fin,b\n3,hal,c\n4,gus,d\n")
        .expect("rows");
    let run = place.run(&["--each", "rows.csv"], &[OPEN]);
    assert_eq!((run.status, run.err.as_str()), (0, "4 ok, 3 of them done before\n"));
    assert_eq!(opened(&place).len(), 4);
    // All or nothing.
    fs::write(place.path("rows.csv"), "id,email,subject\n5,ida,a\n6,,b\n").expect("rows");
    let run = place.run(&["--each", "rows.csv", "--atomic"], &[OPEN]);
    assert!(run.err.ends_with("1 ok, 1 refused at row 2; rolled back, nothing was changed\n"), "{run:?}");
    assert!(run.out.is_empty() && opened(&place).len() == 4);
    place.assert_whole();
}

#[test]
fn a_replay_takes_moment_and_actor_from_the_row() {
    let rows = "at,actor,email\n2026-03-02T09:00:00Z,web,eva\n2026-03-02T08:59:00Z,web,fin\n2026-03-02T09:00:05+01:00,web,gus\n,web,hal\n2026-03-02T10:00:00Z,maria,ida\n";
    let place = with_rows("rows.csv", rows);
    let open = "OPEN ON chats FOR :email KEY :at";
    let run = place.run(&["--each", "rows.csv", "--replay", "--keep-going"], &[open]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.err.ends_with("2 ok, 3 refused at row 2, row 3, row 4\n"), "{run:?}");
    assert!(
        run.err.contains("row 2 (line 3): 2026-03-02T08:59:00.000Z is earlier than the last entry"),
        "{run:?}"
    );
    assert!(run.err.contains("row 4 (line 5): field at is empty"), "{run:?}");
    let entries = place.rows("SELECT at || ' ' || actor FROM journal WHERE seq > 11");
    assert_eq!(entries, ["2026-03-02T09:00:00.000Z web", "2026-03-02T10:00:00.000Z maria"]);
    // Without --replay they are fields like any other.
    let run = place.run(&["--each", "rows.csv", "-f", "csv"], &["SELECT :actor AS who, :at AS moment"]);
    assert_eq!(run.out.lines().nth(1), Some("web,2026-03-02T09:00:00Z"), "{run:?}");
    // Who may not set moments may not do it here either.
    let run = place.run(&["--each", "rows.csv", "--replay"], &[".as alice", open]);
    assert!(run.err.starts_with("error[syntax]: .as alice cannot be run for each row"), "{run:?}");
}

#[test]
fn killed_and_run_again_nothing_is_lost_and_nothing_is_done_twice() {
    let count = 4_000;
    let place = with_rows("rows.csv", &many(count));
    let path = place.path("desk.db");
    let mut numbers = Numbers::new(15);
    let mut kills = 0;
    let mut before = 0;
    loop {
        let mut command = place.command(&["--each", "rows.csv", "--quiet"]);
        let mut child = command
            .arg(OPEN)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let reader = rusqlite::Connection::open(&path).expect("the file");
        let target = before + 1 + numbers.below(600) as i64;
        let ended = loop {
            if child.try_wait().expect("a child").is_some() {
                break true;
            }
            let rows = reader.query_row("SELECT count(*) FROM opening", [], |row| row.get::<_, i64>(0));
            if rows.is_ok_and(|rows| rows >= target) {
                break false;
            }
            std::thread::yield_now();
        };
        before = reader.query_row("SELECT count(*) FROM opening", [], |row| row.get(0)).expect("a number");
        drop(reader);
        let _ = child.kill();
        let status = child.wait().expect("it is gone");
        if ended {
            assert!(status.success());
            break;
        }
        kills += 1;
    }
    println!("{kills} kills");
    assert!(kills > 3, "{kills}");
    let opened = opened(&place);
    assert_eq!(opened.len(), count);
    assert!(
        opened
            .iter()
            .zip(1..)
            .all(|(row, number)| *row == format!("customer{number}@example.com Case {number}"))
    );
    place.assert_whole();
}

#[test]
fn an_interrupt_ends_it_after_a_whole_row_and_says_how_to_go_on() {
    let place = with_rows("rows.csv", &many(20_000));
    let child = place
        .command(&["--each", "rows.csv", "-f", "jsonl"])
        .arg(OPEN)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    wait_for_rows(&place);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("signalled");
    let run = super::finished(child.wait_with_output().expect("it ends"));
    assert_eq!(run.status, 130, "{run:?}");
    let done = opened(&place).len();
    assert!((97..20_000).contains(&done), "{done}");
    let end =
        format!("{done} ok, stopped; rows up to {done} are done, continue with --from-row {}\n", done + 1);
    assert_eq!(run.err, end);
    place.assert_whole();
}

#[test]
fn two_imports_and_a_writer_go_on_side_by_side() {
    let place = &with_rows("a.csv", &many(1_500));
    let others = many(1_500).replace("customer", "other").replace(",other", "b,other");
    fs::write(place.path("b.csv"), others).expect("rows");
    let import = |file: &str| place.run(&["--each", file, "--quiet"], &[OPEN]).status;
    std::thread::scope(|scope| {
        let imports = ["a.csv", "b.csv"].map(|file| scope.spawn(move || import(file)));
        let notes: String = (0..100).map(|number| format!("NOTE 1 'note {number}'; ")).collect();
        assert_eq!(place.feed(&["--quiet"], notes).status, 0);
        for import in imports {
            assert_eq!(import.join().expect("it ends"), 0);
        }
    });
    assert_eq!(opened(place).len(), 3_000);
    place.assert_whole();
}

#[test]
fn on_a_full_disk_the_rows_before_it_are_done() {
    let place = with_rows("rows.csv", &many(3_000));
    let program = place.command(&["--each", "rows.csv", "--quiet", "-f", "jsonl"]);
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 3000; exec \"$0\" \"$@\""]).arg(program.get_program());
    limited.args(program.get_args()).arg(OPEN).current_dir(place.path(""));
    let run = super::finished(limited.output().expect("it runs"));
    assert_eq!(run.status, 3, "{run:?}");
    assert!(run.err.starts_with("{\"error\":{\"code\":\"disk_full\""), "{run:?}");
    let done = opened(&place).len();
    assert!((1..3_000).contains(&done), "{done}");
    place.assert_whole();
    let run = place.run(&["--each", "rows.csv"], &[OPEN]);
    assert!(run.err.ends_with(&format!("3000 ok, {done} of them done before\n")), "{run:?}");
    assert_eq!(opened(&place).len(), 3_000);
}

#[test]
fn wrong_uses_are_told() {
    let place = with_rows("rows.csv", "a,a\n1,2\n");
    fs::write(place.path("rows.txt"), "a\n1\n").expect("rows");
    fs::write(place.path("open.csv"), format!("a\n\"{}", "x".repeat(5 << 20))).expect("rows");
    fs::write(place.path("one.csv"), "a\n1\n2\n3\n").expect("rows");
    for (options, statement, status, words) in [
        (
            &["--each", "rows.csv"][..],
            "SHOW HEAD",
            1,
            "error[invalid_value]: two fields of the header are called a",
        ),
        (&["--each", "rows.txt"], "SHOW HEAD", 1, "error[invalid_value]: rows.txt has no known ending"),
        (&["--each", "none.csv"], "SHOW HEAD", 3, "error[not_found]: cannot read none.csv: "),
        (&["--each", "open.csv"], "SHOW HEAD", 1, "error[too_large]: row 1 is longer than 4 MiB"),
        (&["--each", "one.csv"], "", 1, "error[syntax]: there is no statement to run for each row"),
        (
            &["--each", "one.csv", "--keep-going"],
            "SHW HEAD",
            2,
            "error[syntax]: row 1 (line 2): unknown statement SHW",
        ),
        (
            &["--each", "one.csv"],
            "FOLLOW ALL",
            1,
            "error[not_allowed]: row 1 (line 2): FOLLOW shows committed",
        ),
        (&["--each", "one.csv"], "BACKUP TO 'b.db'", 1, "error[not_allowed]: row 1 (line 2): BACKUP copies"),
        (&["--from-row", "2"], "SHOW HEAD", 2, "error: the following required arguments were not provided:"),
        (
            &["--each", "one.csv", "--from-row", "0"],
            "SHOW HEAD",
            2,
            "error: invalid value '0' for '--from-row <N>'",
        ),
        (&["--each", "one.csv", "--readonly"], "NOTE 1 'x'", 1, "error[readonly]: row 1 (line 2): "),
    ] {
        let run = place.run(options, &[statement]);
        assert!(run.err.starts_with(words), "{options:?} {statement}: {run:?}");
        assert!(run.status == status || (statement.is_empty() && run.status == 2), "{options:?}: {run:?}");
        assert!(run.err.matches("error[").count() <= 1, "{run:?}");
    }
    let run = place.run(&["--each", "one.csv", "--readonly", "-f", "csv"], &["SELECT :a * 2 AS twice"]);
    assert_eq!((run.status, run.out.as_str()), (0, "twice\n2\n4\n6\n"), "{run:?}");
    let run = super::finished(place.command(&["--each", "-"]).output().expect("it runs"));
    assert!(run.status == 2 && run.err.starts_with("error: --each needs statements"), "{run:?}");
}

#[test]
fn the_export_of_a_help_desk_is_loaded() {
    let place = Place::new();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/import/load.sh");
    let load = || {
        let mut command = std::process::Command::new("sh");
        command.arg(script).arg(place.path("desk.db")).env("SWITCHBOARD", env!("CARGO_BIN_EXE_switchboard"));
        super::finished(command.output().expect("there is a shell"))
    };
    let run = load();
    assert_eq!(run.status, 0, "{run:?}");
    let tickets = "SELECT count(*), count(subject), count(DISTINCT customer) FROM conversations";
    assert_eq!(place.rows(tickets), ["24\t20\t18"]);
    let first = "SELECT opened_at, queue, priority FROM conversations WHERE id = 4";
    assert_eq!(place.rows(first), ["2026-03-02T10:39:00.000Z\tbilling\t10"]);
    let customer = "SELECT name, handles FROM customers WHERE customer = 'paul.weiss@example.com'";
    assert_eq!(place.rows(customer), ["Paul Weiß\tpaul.weiss@example.com, +49 30 555 1555"]);
    let body = "SELECT body FROM messages WHERE conversation = 3";
    assert_eq!(
        place.rows(body),
        ["We move on 1 April. The new address is:\\n\"Haus am See\", Seeweg 4, 12345 Berlin"]
    );
    assert_eq!(
        place.rows("SELECT agent, skills, queues FROM agents WHERE agent = 'lena'"),
        ["lena\tbilling:4, german\tbilling"]
    );
    let run = load();
    assert!(run.status == 1 && run.err.ends_with("desk.db already exists\n"), "{run:?}");
    place.assert_whole();
}

#[test]
fn a_row_without_moment_or_actor_has_those_of_the_command_line() {
    let rows = "{\"at\":\"2026-03-02T09:00:00Z\",\"actor\":\"web\",\"email\":\"eva\"}\n{\"at\":\"2026-03-02T09:01:00Z\",\"email\":\"fin\"}\n";
    let place = with_rows("rows.jsonl", rows);
    let run = place.run(&["--each", "rows.jsonl", "--replay"], &["OPEN ON chats FOR :email"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(place.rows("SELECT actor FROM journal WHERE seq > 11"), ["web", "maria"]);
}

#[test]
fn refused_rows_of_a_tsv_file_are_as_they_were_and_the_file_is_there_from_the_start() {
    let place = with_rows("rows.tsv", "who\t\"text\"\nann\tsays \"hi\", twice\nnobody at\tall \"here\"\n");
    let refused = ["--each", "rows.tsv", "--refused", "again.tsv"];
    let run = place.run(&refused, &["MESSAGE 1 FROM CUSTOMER :_text_; PICK NEXT BY :who"]);
    assert_eq!(run.status, 1, "{run:?}");
    let again = fs::read_to_string(place.path("again.tsv")).expect("rows");
    assert!(again.starts_with("who\t\"text\"\n") && again.ends_with("nobody at\tall \"here\"\n"), "{again}");
    // It is created before anything is done, and removed if no row was refused.
    let run = place.run(&["--each", "rows.tsv", "--refused", "no/where.tsv"], &["NOTE 1 :_text_"]);
    assert!(
        run.status == 3 && run.err.starts_with("error[not_found]: cannot write no/where.tsv: "),
        "{run:?}"
    );
    assert_eq!(place.rows("SELECT count(*) FROM messages WHERE kind = 'note'"), ["0"]);
    let run = place.run(&["--each", "rows.tsv", "--refused", "none.tsv"], &["NOTE 1 :_text_"]);
    assert!(run.status == 0 && !place.path("none.tsv").exists(), "{run:?}");
}

#[test]
fn an_import_notices_that_the_content_was_replaced() {
    let place = with_rows("rows.csv", &many(20_000));
    place.rows("BACKUP TO 'b.db'");
    let mut command = place.command(&["--each", "rows.csv", "--quiet", "-f", "jsonl"]);
    let child = command.arg(OPEN).stderr(Stdio::piped()).spawn().expect("the program starts");
    wait_for_rows(&place);
    assert_eq!(place.run(&[], &[".restore b.db"]).status, 0);
    let run = super::finished(child.wait_with_output().expect("it ends"));
    assert!(run.status == 3 && run.err.contains("was replaced by that of a backup"), "{run:?}");
    let run = place.run(&["--each", "rows.csv", "--quiet"], &[OPEN]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(opened(&place).len(), 20_000);
    place.assert_whole();
}
