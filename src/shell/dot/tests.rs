//! Tests of parsing dot commands.

use super::*;
use crate::domain::refusal::Place;

fn check(line: &str, expected: Dot) {
    assert_eq!(read(line), Ok(expected), "{line}");
}

fn refused(line: &str, code: Code, message: &str, at: &str) {
    let refusal = read(line).unwrap_err();
    let Place::Span(span) = &refusal.place else { panic!("{refusal} has no place") };
    assert_eq!((refusal.code, refusal.message.as_str(), &line[span.clone()]), (code, message, at), "{line}");
}

#[test]
fn every_command_reads() {
    check(".help", Dot::Help(None));
    check(".HELP mode", Dot::Help(Some(&COMMANDS[1])));
    check(".mode;", Dot::Mode(None));
    check(".mode JSONL ;", Dot::Mode(Some(Format::Jsonl)));
    check(".output", Dot::Output(None));
    check(".output 'a b.csv'", Dot::Output(Some("a b.csv".into())));
    check(".once /tmp/x", Dot::Once("/tmp/x".into()));
    check(".read \"x y\"", Dot::Read("x y".into()));
    check(".as maria", Dot::As(Some("maria".into())));
    check(".as", Dot::As(None));
    check(".echo off", Dot::Echo(Some(false)));
    check(".timing ON", Dot::Timing(Some(Timing::On)));
    check(".schema", Dot::Schema);
    check(".views", Dot::Views);
    check(".head", Dot::Head);
    check(".quit", Dot::Quit);
    let watch = |seconds, statement: &str| Dot::Watch {
        every: Duration::from_secs(seconds),
        statement: statement.to_owned(),
    };
    check(".watch 5 show queues;", watch(5, "show queues"));
    check(".watch 3600s  select 'a  b'", watch(3600, "select 'a  b'"));
}

#[test]
fn a_parameter_is_all_the_rest() {
    let param = |name: &str, value: Option<&str>| Dot::Param(Some((name.into(), value.map(str::to_owned))));
    check(".param", Dot::Param(None));
    check(".param who", param("who", None));
    check(".param :who ann of there", param("who", Some("ann of there")));
    check(".param text 'it''s  '", param("text", Some("it's  ")));
    check(".param text ''", param("text", Some("")));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    use Code::{InvalidValue, Syntax};
    refused(".mdoe csv", Syntax, "unknown command .mdoe", ".mdoe");
    refused(".", Syntax, "unknown command .", ".");
    refused(".mode xml", InvalidValue, "unknown format xml", "xml");
    refused(".mode csv now", Syntax, "usage: .mode [format]", "now");
    refused(".once", Syntax, "the file is missing", "");
    refused(".timing maybe", InvalidValue, "'maybe' is not on or off", "maybe");
    refused(".watch 0 show site", InvalidValue, "'0' is not a number of seconds from 1 to 3600", "0");
    refused(".watch show site", InvalidValue, "'show' is not a number of seconds from 1 to 3600", "show");
    refused(".watch 5", Syntax, "the statement is missing", "");
    refused(".read 'x", Syntax, "unterminated quote", "'x");
    assert_eq!(read(".mdoe csv").unwrap_err().hint.as_deref(), Some("did you mean .mode?"));
}

#[test]
fn help_has_a_line_per_command_that_fits() {
    let help = help_text();
    assert_eq!(help.lines().count(), COMMANDS.len() + 1);
    assert!(help.lines().all(|line| line.len() < 80), "{help}");
}
