//! Tests of the protocol of a pipe, with a file in a temporary directory.

use std::collections::VecDeque;

use super::*;
use crate::shell::interrupt::{Interrupts, Signal};
use crate::shell::options::{self, CommandLine, Task};
use crate::shell::replies::Replies;

/// A file in its own directory.
struct World {
    folder: tempfile::TempDir,
    interrupts: Interrupts,
}

/// The results of a run.
#[derive(Debug, PartialEq)]
struct Said {
    status: u8,
    out: String,
    err: String,
}

impl World {
    fn new() -> World {
        World { folder: tempfile::tempdir().unwrap(), interrupts: Interrupts::default() }
    }

    fn options(&self, line: &[&str]) -> CommandLine {
        let file = self.folder.path().join("desk.db").into_os_string();
        let line = line.iter().map(std::ffi::OsString::from);
        match options::read(["switchboard".into(), file].into_iter().chain(line)).unwrap() {
            Task::Run(line) => *line,
            task => panic!("{task:?}"),
        }
    }

    fn session(&self, line: &[&str]) -> Session {
        let options = self.options(line);
        Session::new(&options, "tester", Replies::memory(&options), self.interrupts.clone())
    }

    /// Runs an input that arrives in these pieces.
    fn feed(&self, line: &[&str], pieces: &[&[u8]]) -> Said {
        let mut session = self.session(line);
        let mut pieces = Pieces(pieces.iter().map(|piece| piece.to_vec()).collect());
        let status = input(&mut session, &mut pieces);
        said(&mut session, status)
    }

    fn pipe(&self, line: &[&str], text: &str) -> Said {
        self.feed(line, &[text.as_bytes()])
    }

    fn run(&self, line: &[&str]) -> Said {
        let mut session = self.session(line);
        let statements = self.options(line).statements;
        let status = arguments(&mut session, &statements);
        said(&mut session, status)
    }
}

fn said(session: &mut Session, status: u8) -> Said {
    let [out, err] = session.replies.taken();
    Said { status, out, err }
}

struct Pieces(VecDeque<Vec<u8>>);

impl Input for Pieces {
    fn more(&mut self) -> Arrival {
        self.0.pop_front().map_or(Arrival::End, Arrival::Bytes)
    }
}

/// An input that asserts, before it returns more, how many replies have been written.
struct Conversation<'a> {
    steps: VecDeque<(&'a str, usize)>,
    answers: &'a dyn Fn() -> usize,
}

impl Input for Conversation<'_> {
    fn more(&mut self) -> Arrival {
        let Some((text, answers)) = self.steps.pop_front() else { return Arrival::End };
        assert_eq!((self.answers)(), answers, "before {text:?}");
        Arrival::Bytes(text.as_bytes().to_vec())
    }
}

#[test]
fn every_answer_is_out_before_more_is_read() {
    let world = World::new();
    let file = world.folder.path().join("answers");
    let mut session = world.session(&["-f", "jsonl"]);
    session.replies.divert(&file, crate::shell::replies::Lasting::UntilTold).unwrap();
    let answers = || std::fs::read_to_string(&file).unwrap_or_default().lines().count();
    let steps = [
        ("create agent", 0),
        (" alice; create", 0),
        (" agent bob;", 1),
        ("create agent c; create agent d", 2),
    ];
    let mut conversation = Conversation { steps: steps.into(), answers: &answers };
    assert_eq!(input(&mut session, &mut conversation), 0);
    assert_eq!(answers(), 4);
    assert_eq!(session.replies.taken()[1], "4 ok\n");
}

#[test]
fn answers_are_one_document_in_each_place_where_they_go() {
    let world = World::new();
    let file = world.folder.path().join("report.html");
    let count = |text: &str| ["<!DOCTYPE html>", "<section>"].map(|part| text.matches(part).count());
    let text = format!(
        "create agent alice; show agents;\n.param who '<b>'\n.param\n.output {}\nshow agents; show agents;\n.output\nshow agents;",
        file.display()
    );
    let said = world.pipe(&["-f", "html"], &text);
    assert_eq!((said.status, count(&said.out)), (0, [1, 4]), "{said:?}");
    assert!(said.out.starts_with("<!DOCTYPE") && said.out.contains("<title>Switchboard, desk.db</title>"));
    assert!(said.out.contains("who = &lt;b&gt;\n"), "{said:?}");
    assert_eq!(count(&std::fs::read_to_string(&file).unwrap()), [1, 2]);
    let whole = world.pipe(&["-f", "html", "--atomic"], "show agents; show agents; create agent bob;");
    assert_eq!(count(&whole.out), [1, 3]);
    let none = world.pipe(&["-f", "html", "--atomic"], "show agents; end 99;");
    assert_eq!((none.status, none.out.as_str()), (1, ""));
    assert!(none.err.starts_with("error[unknown_conversation]: "), "{}", none.err);
}

#[test]
fn the_first_refusal_stops_and_is_counted() {
    let world = World::new();
    let said = world.pipe(&[], "create agent alice;\n\nend 99; create agent bob;");
    assert_eq!(said.status, 1);
    assert!(said.err.starts_with("error[unknown_conversation]: "), "{}", said.err);
    assert!(said.err.contains("--> line 3, column 5\n"), "{}", said.err);
    assert!(said.err.ends_with("\n1 ok, 1 refused at line 3\n"), "{}", said.err);
    assert!(!world.run(&["show agents"]).out.contains("bob"));
}

#[test]
fn programs_get_the_error_as_one_object() {
    let world = World::new();
    world.pipe(&[], "create agent alice;");
    let said = world.pipe(&["-f", "jsonl", "--quiet"], "show agents; end 99;");
    let object: serde_json::Value = serde_json::from_str(said.err.trim_end()).unwrap();
    let error = &object["error"];
    assert_eq!(error["code"], "unknown_conversation");
    assert_eq!((&error["line"], &error["column"]), (&1.into(), &18.into()));
    assert_eq!(error["statement"], "end 99");
}

#[test]
fn the_exit_status_is_that_of_the_contract() {
    for (line, text, status) in [
        (&[][..], "", 0),
        (&[], "create agent a", 0),
        (&[], "create agent a; pick next by a; end 9", 5),
        (&[], "create agent a; nonsense; end 9", 2),
        (&[], "show agents", 3),
        (&["--keep-going"], "create agent a; pick next by a; pick next by a", 5),
        (&["--keep-going"], "create agent a; pick next by a; end 9", 1),
        (&["--keep-going"], "create agent a; end 9; nonsense; pick next by a", 2),
        (&["--keep-going"], "show agents; nonsense; create agent a", 3),
        (&[], ".quit\nnonsense;", 0),
        (&[], ".nonsense", 2),
        (&[], ".read nowhere", 3),
    ] {
        assert_eq!(World::new().pipe(line, text).status, status, "{line:?} {text}");
    }
}

#[test]
fn keeping_going_goes_on() {
    let world = World::new();
    let said = world.pipe(&["--keep-going"], "create agent a;\nend 9;\nnonsense;\ncreate agent b;");
    assert_eq!(said.status, 2);
    assert!(said.err.ends_with("2 ok, 2 refused at line 2, line 3\n"), "{}", said.err);
    assert!(world.run(&["show agents"]).out.contains('b'));
}

#[test]
fn atomic_is_all_or_nothing_and_silent_until_the_end() {
    let world = World::new();
    let said = world.pipe(&["--atomic"], "create agent a; create agent b; end 9; create agent c;");
    assert_eq!((said.status, said.out.as_str()), (1, ""));
    assert!(
        said.err.ends_with("2 ok, 1 refused at line 1; rolled back, nothing was changed\n"),
        "{}",
        said.err
    );
    assert_eq!(world.run(&["show agents"]).out.lines().count(), 1);
    let said = world.pipe(&["--atomic"], "create agent a; create agent b;");
    assert_eq!((said.status, said.out.lines().count()), (0, 4));
    assert_eq!(world.run(&["show agents"]).out.lines().count(), 3);
}

#[test]
fn a_missing_file_is_made_only_by_a_create() {
    let world = World::new();
    let said = world.run(&["show agents"]);
    assert_eq!(said.status, 3);
    assert!(said.err.starts_with("error[not_found]: ") && said.err.contains("CREATE QUEUE"), "{}", said.err);
    assert_eq!(world.run(&["nonsense"]).status, 2);
    assert_eq!(world.run(&["--readonly", "create agent a"]).status, 3);
    assert!(!world.folder.path().join("desk.db").exists());
    assert_eq!(world.run(&["create agent a", "show agents"]).status, 0);
}

#[test]
fn one_statement_needs_no_summary_and_several_do() {
    let world = World::new();
    assert_eq!(world.run(&["create agent a"]).err, "");
    assert_eq!(world.run(&["create agent b", "show agents; show agents"]).err, "3 ok\n");
    let said = world.run(&["create agent c", "end 9"]);
    assert!(said.err.ends_with("1 ok, 1 refused at argument 2\n"), "{}", said.err);
    assert_eq!(world.run(&["--quiet", "create agent d", "create agent e"]), quiet());
}

fn quiet() -> Said {
    Said { status: 0, out: String::new(), err: String::new() }
}

#[test]
fn bytes_that_are_no_text_are_refused_where_they_stand() {
    let world = World::new();
    let said =
        world.feed(&["--keep-going"], &[b"create agent a;\nnote 1 'M\xfc", b"ller';\ncreate agent b;"]);
    assert_eq!(said.status, 2);
    assert!(said.err.starts_with("error[syntax]: "), "{}", said.err);
    assert!(said.err.contains("--> line 2, column 10\n"), "{}", said.err);
    assert!(said.err.ends_with("2 ok, 1 refused at line 2\n"), "{}", said.err);
    let said = world.feed(&[], &[b"note 1 '\xe6\x97"]);
    assert_eq!(said.status, 2);
}

#[test]
fn a_replay_sets_moment_and_actor_until_further_notice() {
    let world = World::new();
    let script = "@ 2026-03-01T09:00:00Z bot\ncreate queue q; create agent alice in q;\n\
                  create workstream w with (channel = record, lifecycle = omnichannel, queue = q);\n\
                  open on w for ann by alice;\n@ '2026-03-01T09:00:01Z'\nend 1; select actor from transitions where event = 'end';";
    let said = world.pipe(&["--replay", "-f", "jsonl", "--accept-clock"], script);
    assert_eq!(said.status, 0, "{}", said.err);
    assert!(said.out.contains(r#""at":"2026-03-01T09:00:01.000Z""#), "{}", said.out);
    assert!(said.out.contains(r#"{"actor":"bot"}"#), "{}", said.out);
}

#[test]
fn a_bad_moment_stops_whatever_was_asked_for() {
    let world = World::new();
    let said = world.pipe(&["--replay", "--keep-going"], "create agent a;\n@ yesterday\ncreate agent b;");
    assert_eq!(said.status, 1);
    assert!(said.err.starts_with("error[invalid_value]: "), "{}", said.err);
    assert!(said.err.contains("--> line 2, column 3\n"), "{}", said.err);
    assert_eq!(world.pipe(&[], "@ 2026-03-01T09:00:00Z\nshow agents;").status, 2);
}

#[test]
fn only_a_supervisor_may_replay_into_a_file_that_has_one() {
    let world = World::new();
    let moment = "@ 2026-03-01T09:00:00Z\nshow agents;";
    world.run(&["create agent a"]);
    assert_eq!(world.pipe(&["--replay"], moment).status, 0);
    world.run(&["create supervisor maria"]);
    let said = world.pipe(&["--replay", "--as", "bob"], moment);
    assert_eq!(said.status, 1);
    assert!(said.err.starts_with("error[not_allowed]: "), "{}", said.err);
    assert_eq!(world.pipe(&["--replay", "--as", "maria"], moment).status, 0);
}

#[test]
fn a_signal_stops_between_two_statements_and_takes_a_batch_back() {
    let world = World::new();
    world.interrupts.pretend(Signal::Interrupt);
    assert_eq!(world.pipe(&[], "create agent a;").status, 130);
    assert!(!world.folder.path().join("desk.db").exists());
    world.interrupts.pretend(Signal::Terminate);
    assert_eq!(world.pipe(&["--atomic"], "create agent a;").status, 143);
}

#[test]
fn files_are_read_with_their_own_lines_and_not_for_ever() {
    let world = World::new();
    let path = world.folder.path().join("more.sql");
    std::fs::write(&path, "create agent a;\nend 9;").unwrap();
    let said = world.pipe(&[], &format!("create agent b;\n.read '{}'\nshow agents;", path.display()));
    assert_eq!(said.status, 1);
    assert!(said.err.contains("--> line 2, column 5\n"), "{}", said.err);
    assert!(
        said.err.ends_with(&format!("2 ok, 1 refused at line 2 of {}\n", path.display())),
        "{}",
        said.err
    );
    std::fs::write(&path, format!(".read '{}'", path.display())).unwrap();
    let said = world.pipe(&[], &format!(".read '{}'", path.display()));
    assert!(said.err.starts_with("error[too_large]: "), "{}", said.err);
}

#[test]
fn commands_work_in_pipes() {
    let world = World::new();
    world.run(&["create agent a"]);
    let file = world.folder.path().join("rows.csv");
    let script = format!(
        ".mode csv\n.once '{}'\nshow agents;\n.mode jsonl\n.param who ann\n.param who\n.as maria\n.as\nshow agents;",
        file.display()
    );
    let said = world.pipe(&["--quiet"], &script);
    assert_eq!((said.status, said.err.as_str()), (0, ""));
    assert!(std::fs::read_to_string(&file).unwrap().contains(','));
    assert!(said.out.starts_with("who = ann\nmaria\n{"), "{}", said.out);
    assert_eq!(world.pipe(&["--atomic"], ".output x\ncreate agent b;").status, 1);
    assert_eq!(world.pipe(&[], ".watch 5 show agents").status, 1);
    assert_eq!(world.pipe(&["--quiet"], ".help quit").out, ".quit   leave (Ctrl-D)\n");
}

#[test]
fn several_tables_are_headed_by_their_statements() {
    let world = World::new();
    let table = ["-f", "table"];
    let said = world.pipe(&table, "CREATE QUEUE a;\nSHOW\n  SITE;\n");
    assert!(said.out.starts_with("-- CREATE QUEUE a\n"), "{}", said.out);
    assert!(said.out.contains("\n\n-- SHOW SITE\n"), "{}", said.out);
    for (arguments, statements) in [(&table[..], ".echo off\nSHOW SITE;"), (&["-f", "csv"][..], "SHOW SITE;")]
    {
        assert!(!world.pipe(arguments, statements).out.contains("-- "), "{statements}");
    }
    let quiet = world.pipe(&["-f", "table", "--quiet"], "CREATE QUEUE b; SHOW SITE;");
    assert!(quiet.out.starts_with("-- SHOW SITE\n"), "{}", quiet.out);
}
