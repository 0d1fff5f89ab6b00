//! The program as a process: its output, its exit status, and what it leaves in the file.
//!
//! Whatever is wrong, there is one clear error with a code and a position, the documented exit status, nothing on
//! stdout, and an unchanged file.

mod backups;
mod concurrent;
mod each;
mod exports;
mod files;
mod following;
mod installed;
mod killed;
mod killed_together;
mod mixed;
mod parameter_files;
mod restoring;
mod signals;
mod streams;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with a file in it, and the program.
pub struct Place {
    folder: TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Place {
    /// An empty folder.
    pub fn new() -> Place {
        Place { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A folder with a small desk in it.
    pub fn with_desk() -> Place {
        let place = Place::new();
        let desk = "@ 2026-03-02T08:00:00Z maria
            CREATE QUEUE front; CREATE QUEUE spare;
            CREATE AGENT alice WITH (presence = available, capacity = 1) IN front;
            CREATE AGENT bob WITH (presence = offline) IN front;
            CREATE SUPERVISOR maria; CREATE SERVICE web;
            CREATE WORKSTREAM chats WITH (channel = chat, lifecycle = omnichannel, queue = front);
            OPEN ON chats FOR ann BY alice; OPEN ON chats FOR bo; OPEN ON chats FOR cy; FORCE CLOSE 3;";
        let run = place.feed(&["--replay"], desk);
        assert_eq!(run.status, 0, "{run:?}");
        place
    }

    /// The path of that name in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program at work, to be talked with: it reads what is written and says what it answers; `stderr`: where it
    /// complains.
    fn talking(&self, options: &[&str], stderr: Stdio) -> Child {
        let mut command = self.command(options);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .expect("the program starts")
    }

    /// The program with these options on the desk, not yet started; as maria, and deaf to the environment.
    pub fn command(&self, options: &[&str]) -> Command {
        self.command_on(&self.path("desk.db"), options)
    }

    /// The same on another file.
    pub fn command_on(&self, file: &Path, options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.env_remove("SWITCHBOARD_AS").env("HOME", self.folder.path()).env("RUST_BACKTRACE", "0");
        command.current_dir(self.folder.path()).args(["--as", "maria", "--accept-clock"]);
        command.args(options).arg(file).stdin(Stdio::null());
        command
    }

    /// Runs statements from the command line.
    pub fn run(&self, options: &[&str], statements: &[&str]) -> Run {
        finished(self.command(options).args(statements).output().expect("the program starts"))
    }

    /// Runs a statement and kills the process after that many polls, unless it ends before; gives
    /// whether it was killed.
    pub fn killed(&self, statement: &str, polls: usize) -> bool {
        let mut command = self.command(&["--quiet"]);
        command.arg(statement).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        for _ in 0..polls {
            if child.try_wait().expect("a child").is_some() {
                break;
            }
            std::thread::yield_now();
        }
        child.kill().expect("it is killed");
        !child.wait().expect("it is gone").success()
    }

    /// Runs statements from standard input.
    pub fn feed(&self, options: &[&str], input: impl AsRef<[u8]>) -> Run {
        fed(&mut self.command(options), input.as_ref())
    }

    /// Where the journal of the desk ends.
    pub fn head(&self) -> String {
        let run = self.run(&["-f", "csv"], &["SHOW HEAD"]);
        assert_eq!(run.status, 0, "{run:?}");
        run.out
    }

    /// The rows of a query, tab between columns, without the header.
    pub fn rows(&self, query: &str) -> Vec<String> {
        let run = self.run(&["-f", "tsv"], &[query]);
        assert_eq!(run.status, 0, "{query}: {run:?}");
        run.out.lines().skip(1).map(str::to_owned).collect()
    }

    /// Verifies the journal of the desk.
    pub fn assert_whole(&self) {
        let rows = self.rows("VERIFY JOURNAL");
        assert!(rows.len() == 1 && rows[0].ends_with("\twhole"), "{rows:?}");
    }
}

/// Runs a command with that input.
pub fn fed(command: &mut Command, input: &[u8]) -> Run {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    // A program that has stopped reads no more; that is its answer, not a fault of the test.
    let writer = std::thread::spawn(move || stdin.write_all(&input).unwrap_or_default());
    let run = finished(child.wait_with_output().expect("it ends"));
    writer.join().expect("the input is written");
    run
}

/// What a process came to; a signal counts as 128 and its number, as shells have it.
pub fn finished(output: Output) -> Run {
    use std::os::unix::process::ExitStatusExt;
    let by_signal = output.status.signal().map(|signal| 128 + signal);
    Run {
        status: output.status.code().or(by_signal).expect("a status"),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A bad statement: its text, the code, the exit status, the line and the column.
type Bad = (&'static str, &'static str, i32, usize, usize);

const BAD: [Bad; 24] = [
    ("FROBNICATE 1", "syntax", 2, 1, 1),
    ("OPEN ON", "syntax", 2, 1, 8),
    ("PICK 2 BY alice FROM", "syntax", 2, 1, 21),
    ("ASSIGN 2\nTO ROOM alice", "syntax", 2, 2, 4),
    ("NOTE 1 'never closed", "syntax", 2, 1, 8),
    ("NOTE 1 /* never closed", "syntax", 2, 1, 8),
    ("CREATE QUEUE \"never closed", "syntax", 2, 1, 14),
    ("\n  CREATE QUEUE \u{1b}[31mred", "syntax", 2, 2, 16),
    ("PICK 2 BY nobody", "unknown_agent", 1, 1, 11),
    ("ASSIGN 2 TO QUEUE nowhere", "unknown_queue", 1, 1, 19),
    ("OPEN ON nothing FOR x", "unknown_workstream", 1, 1, 9),
    ("CLOSE 99", "unknown_conversation", 1, 1, 7),
    ("MESSAGE :id FROM BOT 'x'", "unknown_parameter", 1, 1, 9),
    ("RESUME 2", "no_edge", 1, 1, 8),
    ("CLOSE 3", "final_state", 1, 1, 7),
    ("PICK 2 BY alice", "at_capacity", 1, 1, 11),
    ("ASSIGN 2 TO AGENT bob", "presence", 1, 1, 19),
    ("MESSAGE 1 FROM BOT 'x'", "not_allowed", 1, 1, 16),
    ("CREATE QUEUE front", "exists", 1, 1, 14),
    ("DROP QUEUE front", "in_use", 1, 1, 12),
    ("CREATE QUEUE q WITH (priority = many)", "invalid_value", 1, 1, 22),
    ("SELECT body FROM text", "sql", 1, 1, 18),
    ("WITH ongoing AS (SELECT * FROM customer) SELECT * FROM ongoing", "sql", 1, 1, 6),
    ("VERIFY JOURNAL AGAINST 'x'", "invalid_value", 1, 1, 24),
];

#[test]
fn every_kind_of_bad_statement_is_one_clear_error() {
    let place = Place::with_desk();
    let head = place.head();
    let mut faults = Vec::new();
    for (statement, code, status, line, column) in BAD {
        let run = place.run(&[], &[statement]);
        let first = run.err.lines().next().unwrap_or_default();
        let errors = run.err.lines().filter(|line| line.starts_with("error[")).count();
        let at = format!("--> line {line}, column {column}");
        let clear = first.starts_with(&format!("error[{code}]: ")) && run.err.contains(&at) && errors == 1;
        if run.status != status || !run.out.is_empty() || !clear || run.err.contains('\u{1b}') {
            faults.push(format!("{statement:?}: wanted {status} {code} {at}, got {run:?}"));
        }
        let run = place.run(&["-f", "json"], &[statement]);
        let object: serde_json::Value = serde_json::from_str(run.err.trim_end()).expect(&run.err);
        let error = &object["error"];
        let same = error["code"] == code && error["line"] == line && error["column"] == column;
        if run.status != status
            || !run.out.is_empty()
            || !same
            || error["statement"] != statement.trim_start()
        {
            faults.push(format!("{statement:?} as JSON: {run:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    assert_eq!(place.head(), head, "nothing was changed");
}

#[test]
fn bytes_that_are_no_statement_are_reported_and_change_nothing() {
    let place = Place::with_desk();
    let head = place.head();
    let note = |length: usize| format!("NOTE 1 '{}';", "x".repeat(length)).into_bytes();
    let cases: [(&str, Vec<u8>, &str, i32); 8] = [
        ("a text of more than 1 MiB", note((1 << 20) + 1), "too_large", 1),
        ("a statement of 5 MB", note(5_000_000), "too_large", 1),
        ("no end in 5 MB", vec![b'x'; 5_000_000], "too_large", 1),
        ("a million symbols", [b"(".repeat(1_000_000), b";".to_vec()].concat(), "too_large", 1),
        ("a zero byte", b"NOTE 1 'a\0b';".to_vec(), "syntax", 2),
        ("no UTF-8", b"NOTE 1 'M\xfcller';".to_vec(), "syntax", 2),
        ("half a character at the end", b"NOTE 1 'M\xc3".to_vec(), "syntax", 2),
        ("only zeros", vec![0; 4096], "syntax", 2),
    ];
    for (name, input, code, status) in cases {
        let run = place.feed(&[], input);
        assert_eq!(run.status, status, "{name}: {}", run.err.chars().take(300).collect::<String>());
        assert!(run.err.starts_with(&format!("error[{code}]: ")), "{name}: {:.300}", run.err);
        assert!(run.out.is_empty() && run.err.len() < 2000, "{name}: {:.300}", run.err);
    }
    assert_eq!(place.head(), head, "nothing was changed");
    // An escape within a text is a text like any other, and is made harmless only for people.
    let run = place.feed(&["-f", "jsonl"], "NOTE 1 '\u{1b}[2J';");
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.out.contains("\\u001b[2J"), "{run:?}");
}

#[test]
fn parameters_never_become_syntax() {
    let place = Place::with_desk();
    for value in [
        "'; DROP QUEUE spare; --",
        "x'",
        "''",
        ":other",
        "1; FORCE CLOSE 1",
        "/*",
        "--",
        "a\nb",
        "\u{1b}[2J",
        "NULL",
        "§ 🔧",
    ] {
        let parameter = format!("body={value}");
        let run = place.run(&["-f", "jsonl", "-p", &parameter], &["NOTE 1 :body"]);
        assert_eq!(run.status, 0, "{value:?}: {run:?}");
        let row: serde_json::Value = serde_json::from_str(run.out.trim_end()).expect(&run.out);
        assert_eq!(row["body"], value);
        let run = place.run(&["-p", &format!("name={value}")], &["DROP QUEUE :name"]);
        assert_eq!(run.status, 1, "{value:?}: {run:?}");
        assert!(run.out.is_empty(), "{value:?}: {run:?}");
        let run =
            place.run(&["-f", "jsonl", "-p", &parameter], &["SELECT :body AS body, typeof(:body) AS type"]);
        let row: serde_json::Value = serde_json::from_str(run.out.trim_end()).expect(&run.out);
        assert_eq!((&row["body"], &row["type"]), (&value.into(), &"text".into()));
    }
    assert_eq!(place.rows("SELECT count(*) FROM queues"), ["2"]);
}

#[test]
fn a_repeated_key_does_nothing() {
    let place = Place::with_desk();
    let statements = [
        "OPEN ON chats FOR 'di' KEY 'a'",
        "MESSAGE 2 FROM CUSTOMER 'hello' KEY 'b'",
        "MESSAGE ON chats FROM ed 'hi' KEY 'c'",
        "NOTE 2 'n' KEY 'd'",
    ];
    for statement in statements {
        let first = place.run(&["-f", "jsonl"], &[statement]);
        assert_eq!(first.status, 0, "{statement}: {first:?}");
        let head = place.head();
        for _ in 0..2 {
            let again = place.run(&["-f", "jsonl"], &[statement]);
            assert_eq!((again.status, &again.out), (0, &first.out), "{statement}: {again:?}");
        }
        assert_eq!(place.head(), head, "{statement}");
    }
    place.assert_whole();
}
