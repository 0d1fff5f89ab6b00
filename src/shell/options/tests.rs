//! Tests of command lines: their meaning, and why some are refused.

use super::*;
use crate::domain::value::Value;

fn read_line(line: &[&str]) -> Result<CommandLine, clap::Error> {
    match read_task(line)? {
        Task::Run(line) => Ok(*line),
        task => panic!("{task:?}"),
    }
}

fn read_task(line: &[&str]) -> Result<Task, clap::Error> {
    read(["switchboard"].iter().chain(line).map(OsString::from))
}

#[test]
fn options_may_stand_after_the_statements() {
    let options = read_line(&[
        "desk.db",
        "--as",
        "webhook",
        "-p",
        "who=a=b",
        "SHOW SITE",
        "-p",
        ":Id=7",
        "-f",
        "JSONL",
    ]);
    let options = options.unwrap();
    assert_eq!(options.statements, ["SHOW SITE"]);
    assert_eq!(options.actor.as_deref(), Some("webhook"));
    assert_eq!(options.format, Some(Format::Jsonl));
    assert_eq!(options.parameters.get("WHO"), Some(&Value::from("a=b")));
    assert_eq!(options.parameters.get("id"), Some(&Value::from("7")));
    assert_eq!(options.on_error, OnError::Stop);
}

#[test]
fn the_page_and_the_completions_need_no_file_and_nothing_else() {
    assert_eq!(read_task(&["--man"]).unwrap(), Task::Man);
    assert_eq!(read_task(&["--completions", "zsh"]).unwrap(), Task::Completions(Shell::Zsh));
    for line in [
        &["--man", "desk.db"][..],
        &["--man", "--completions", "bash"],
        &["--completions", "bash", "-f", "csv"],
        &["--completions", "tcsh"],
        &["--completions"],
    ] {
        assert_eq!(read_task(line).unwrap_err().exit_code(), 2, "{line:?}");
    }
}

#[test]
fn a_statement_is_not_taken_for_the_file() {
    for (file, statement) in [
        ("show ongoing", true),
        ("SHOW\nONGOING", true),
        ("show", false),
        ("my desk.db", false),
        ("/srv/show ongoing", false),
    ] {
        assert_eq!(read_line(&[file]).unwrap().statement_as_file().is_some(), statement, "{file}");
    }
    let error = file_missing("note 1 'x'").to_string();
    assert!(error.contains(r"switchboard desk.db 'note 1 '\''x'\'''"), "{error}");
}

#[test]
fn wrong_usage_is_two_and_help_is_no_error() {
    for line in [
        &[][..],
        &["desk.db", "--atomic", "--keep-going"],
        &["desk.db", "-f", "xml"],
        &["desk.db", "-p", "novalue"],
        &["desk.db", "-p", "1=x"],
        &["desk.db", "--no-such-thing"],
    ] {
        assert_eq!(read_line(line).unwrap_err().exit_code(), 2, "{line:?}");
    }
    assert_eq!(atomic_at_prompt().exit_code(), 2);
    assert_eq!(read_line(&["--help"]).unwrap_err().exit_code(), 0);
    assert_eq!(read_line(&["--version"]).unwrap_err().exit_code(), 0);
}

#[test]
fn help_fits_a_terminal() {
    let help = read_line(&["--help"]).unwrap_err().render().to_string();
    let widest = help.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(92), "{widest:?}");
}
