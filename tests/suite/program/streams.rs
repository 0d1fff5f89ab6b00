//! Standard input and output: interactive use by another program, batches, formats, closed pipes.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use super::{Place, finished};

#[test]
fn a_reply_is_written_before_more_input_is_read() {
    let place = Place::with_desk();
    let mut child = place.talking(&["-f", "jsonl"], Stdio::piped());
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    for round in 0..20 {
        // The next statement is only known once the reply to the last one was read: without a flush this never ends.
        write!(stdin, "NOTE 1 'round {round}'; ").expect("it reads");
        stdin.flush().expect("it reads");
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it answers");
        assert!(line.contains(&format!("round {round}")), "{line}");
    }
    drop(stdin);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).expect("it ends");
    assert!(rest.is_empty(), "{rest}");
    let run = finished(child.wait_with_output().expect("it ends"));
    assert_eq!((run.status, run.err.as_str()), (0, "20 ok\n"));
}

#[test]
fn the_first_refusal_ends_a_run_and_keeps_what_was_done() {
    let place = Place::with_desk();
    let input = "CREATE QUEUE one;\nCREATE QUEUE front;\nCREATE QUEUE two;\n";
    let run = place.feed(&["--quiet"], input);
    assert_eq!((run.status, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains("--> line 2, column 14"), "{run:?}");
    assert_eq!(place.rows("SELECT queue FROM queues ORDER BY queue"), ["front", "one", "spare"]);
    let run = place.feed(&[], "CREATE QUEUE three; NO STATEMENT; CREATE QUEUE four;");
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.err.ends_with("1 ok, 1 refused at line 1\n"), "{run:?}");
}

#[test]
fn keep_going_continues_and_exits_with_the_worst_status() {
    let place = Place::with_desk();
    let run =
        place.feed(&["--keep-going"], "CREATE QUEUE front;\nCREATE QUEUE one;\nRESUME 2;\nSHOW HEAD;\n");
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.err.ends_with("2 ok, 2 refused at line 1, line 3\n"), "{run:?}");
    let run = place.feed(&["--keep-going"], "CREATE QUEUE front;\nNO STATEMENT;\nCREATE QUEUE two;\n");
    assert_eq!(run.status, 2, "{run:?}");
    let run = place.feed(&["--keep-going"], "ADD bob TO spare; PICK NEXT BY bob FROM spare; SHOW HEAD;");
    assert_eq!(run.status, 5, "{run:?}");
    assert_eq!(place.rows("SELECT count(*) FROM queues"), ["4"]);
}

#[test]
fn atomic_is_all_or_nothing_and_answers_after_the_commit() {
    let place = Place::with_desk();
    let head = place.head();
    for last in ["CREATE QUEUE front", "NO STATEMENT", "NOTE 1 'never closed"] {
        let run = place.feed(&["--atomic"], format!("CREATE QUEUE one; NOTE 1 'x'; {last};"));
        assert!(run.status == 1 || run.status == 2, "{run:?}");
        assert_eq!(run.out, "", "{last}: nothing is answered");
        assert!(run.err.contains("rolled back"), "{last}: {run:?}");
        assert_eq!(place.head(), head, "{last}");
    }
    let run = place.feed(&["--atomic", "-f", "jsonl"], "CREATE QUEUE one; NOTE 1 'x'; SHOW HEAD");
    assert_eq!((run.status, run.out.lines().count()), (0, 3), "{run:?}");
    assert_ne!(place.head(), head);
    let both = place.run(&["--atomic", "--keep-going"], &["SHOW HEAD"]);
    assert_eq!((both.status, both.out.as_str()), (2, ""), "{both:?}");
    place.assert_whole();
}

#[test]
fn every_format_says_the_same() {
    let place = Place::with_desk();
    let run = place.run(&["-p", "body=a|b\t\"c\",\n<d> 'e' \\f"], &["NOTE 1 :body"]);
    assert_eq!(run.status, 0, "{run:?}");
    let query = "SELECT id, body, NULL AS missing, 1.5 AS fraction FROM messages ORDER BY id DESC LIMIT 1";
    for (format, expected) in [
        ("csv", "id,body,missing,fraction\n2,\"a|b\t\"\"c\"\",\n<d> 'e' \\f\",,1.5\n"),
        ("tsv", "id\tbody\tmissing\tfraction\n2\ta|b\\t\"c\",\\n<d> 'e' \\\\f\t\t1.5\n"),
        (
            "json",
            "[\n  {\"id\":2,\"body\":\"a|b\\t\\\"c\\\",\\n<d> 'e' \\\\f\",\"missing\":null,\"fraction\":1.5}\n]\n",
        ),
        (
            "jsonl",
            "{\"id\":2,\"body\":\"a|b\\t\\\"c\\\",\\n<d> 'e' \\\\f\",\"missing\":null,\"fraction\":1.5}\n",
        ),
    ] {
        let run = place.run(&["-f", format], &[query]);
        assert_eq!((run.status, run.out.as_str()), (0, expected), "{format}");
    }
    for format in ["table", "markdown", "list"] {
        let run = place.run(&["-f", format], &[query]);
        assert!(run.status == 0 && run.out.contains("<d> 'e'"), "{format}: {run:?}");
    }
    let run = place.run(&["-f", "parchment"], &[query]);
    assert_eq!((run.status, run.out.as_str()), (2, ""), "{run:?}");
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let place = Place::with_desk();
    let many =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n";
    let mut child = place
        .command(&["-f", "csv"])
        .arg(many)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = [0; 2];
    child.stdout.take().expect("a pipe").read_exact(&mut line).expect("it answers");
    let run = finished(child.wait_with_output().expect("it ends"));
    assert_eq!((run.status, run.err.as_str()), (141, ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_does_not_undo_the_statement() {
    let place = Place::with_desk();
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a device");
    let mut command = place.command(&[]);
    let output = command.args(["NOTE 1 'done'"]).stdout(full).output().expect("the program starts");
    let error = String::from_utf8(output.stderr).expect("text");
    assert_eq!(
        (output.status.code(), error.as_str()),
        (
            Some(3),
            "error[disk_full]: cannot write to standard output: no storage space\n  hint: 1 statement was done, also if its result is missing\n"
        )
    );
    assert_eq!(place.rows("SELECT body FROM messages WHERE kind = 'note'"), ["done"]);
}

#[test]
fn the_right_to_replay_ends_when_another_program_makes_somebody_else_the_supervisor() {
    let place = Place::new();
    let mut child = place.talking(&["--replay", "-f", "jsonl"], Stdio::piped());
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut replies = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut ask = |text: &str| {
        stdin.write_all(text.as_bytes()).expect("it reads");
        replies.next().and_then(Result::ok)
    };
    assert!(ask("@ 2026-03-02T09:00:00Z\nCREATE QUEUE a;\n").is_some());
    // What the replay itself does to supervisors does not end it.
    assert!(ask("CREATE SUPERVISOR eve;\n").is_some());
    assert!(ask("@ 2026-03-02T09:00:01Z eve\nCREATE AGENT ann;\n").is_some());
    assert_eq!(place.feed(&[], ".as eve\nCREATE SUPERVISOR root;").status, 0);
    assert_eq!(ask("CREATE QUEUE b;\n"), None);
    let run = finished(child.wait_with_output().expect("it is gone"));
    assert_eq!(run.status, 1, "{run:?}");
    let expected = "only a supervisor may set timestamps, and maria is not a supervisor of this file";
    assert!(run.err.contains(expected), "{run:?}");
    assert_eq!(place.rows("SELECT queue FROM queues"), ["a"]);
}
