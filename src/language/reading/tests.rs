//! Tests of valid and invalid values in every form, from tokens and from parameters.

use crate::domain::refusal::Place;
use crate::domain::value::Value;
use crate::language::arguments::{Argument, Parameters, Part};
use crate::language::catalogue::Catalogue;
use crate::language::grammar::examples;

fn given() -> Parameters {
    let mut parameters = Parameters::new();
    parameters.insert("id", 12);
    parameters.insert("id_text", "#12");
    parameters.insert("topic", "8F14E45F-CEEA-467F-A1B2-000000000001");
    parameters.insert("zero", "0");
    parameters.insert("padded", "007");
    parameters.insert("null", Value::Null);
    parameters.insert("real", Value::Real(1.5));
    parameters.insert("nul", "a\0b");
    parameters.insert("name", "Jose\u{301}");
    parameters.insert("keyword", "NEXT");
    parameters.insert("long", "x".repeat(65));
    parameters.insert("huge", "x".repeat((1 << 20) + 1));
    parameters.insert("wait", "3m");
    parameters.insert("empty", "");
    parameters
}

/// Checks the last argument of the statement, or the refusal and the text at its place.
fn check(text: &str, expected: &str) {
    let shown = match Catalogue::new(&examples::LINES).parse(text, &given()) {
        Ok((_, arguments)) => {
            let mut values = arguments.parts().iter().filter_map(|part| match part {
                Part::Argument { value: Argument::Setting(setting), .. } => {
                    Some(format!("{:?}", setting.value))
                }
                Part::Argument { value, .. } => Some(format!("{value:?}")),
                _ => None,
            });
            values.next_back().unwrap_or_default()
        }
        Err(refusal) => match &refusal.place {
            Place::Span(span) => format!("{refusal} at {}", &text[span.clone()]),
            _ => refusal.to_string(),
        },
    };
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn conversations() {
    check("hold 12", "Conversation(Id(12))");
    check("hold :id", "Conversation(Id(12))");
    check("hold :ID_text", "Conversation(Id(12))");
    check("hold :topic", "Conversation(Topic(\"8f14e45f-ceea-467f-a1b2-000000000001\"))");
    check("hold 0", "invalid_value: 0 is not a conversation number; numbers start at 1 at 0");
    check("hold -1", "invalid_value: -1 is not a conversation number; numbers start at 1 at -1");
    check("hold :zero", "invalid_value: 0 is not a conversation number; numbers start at 1 at :zero");
    check(
        "hold 9223372036854775808",
        "invalid_value: 9223372036854775808 is not a conversation number; numbers start at 1 at 9223372036854775808",
    );
    check("hold '12'", "invalid_value: '12' is not a valid topic id at '12'");
    check("hold :name", "invalid_value: 'Jose\u{301}' is not a valid topic id at :name");
    check("hold 12x", "syntax: expected a conversation (12, #12 or its topic id) at 12x");
}

#[test]
fn names_customers_and_texts() {
    check("add :name to q", "Name(\"q\")");
    check("drop queue :name", "Name(\"Jos\u{e9}\")");
    check("drop queue :keyword", "Name(\"NEXT\")");
    check("pick :keyword by a", "invalid_value: 'NEXT' is not a valid topic id at :keyword");
    check("drop queue :long", "invalid_value: the name exceeds 64 bytes; it has 65 at :long");
    check("drop queue \"\"", "invalid_value: the name is empty at \"\"");
    check("drop queue \"a\nb\"", "invalid_value: the name contains a control character at \"a\nb\"");
    check("drop queue :null", "invalid_value: parameter :null is null; expected a name at :null");
    check("erase customer ann", "Customer(\"ann\")");
    check("erase customer :id", "Customer(\"12\")");
    check("erase customer :empty", "invalid_value: the customer is empty at :empty");
    check("note 1 :huge", "too_large: the text has 1048577 bytes; the limit is 1048576 at :huge");
    check("note 1 :nul", "invalid_value: the text contains the character U+0000 at :nul");
    check("note 1 'it''s'", "Text(\"it's\")");
    check(
        "note 1 :real",
        "invalid_value: parameter :real is neither text nor an integer; expected the body as 'text' at :real",
    );
    check("note 1 :nam", "unknown_parameter: parameter :nam is not set at :nam");
}

#[test]
fn numbers_durations_and_moments() {
    check("route limit :id", "Integer(12)");
    check("route limit :padded", "invalid_value: '007' is not a whole number at :padded");
    check(
        "route limit 99999999999999999999",
        "invalid_value: 99999999999999999999 is out of range at 99999999999999999999",
    );
    check("route limit 3m", "syntax: expected a whole number at 3m");
    check("hold 1 for :wait", "Duration(Duration(180000))");
    check("hold 1 for '24 hours'", "Duration(Duration(86400000))");
    check(
        "hold 1 for 3x",
        "invalid_value: '3x' is not a valid duration; expected e.g. 90s, 3m, 1h30m or 1d at 3x",
    );
    check(
        "hold 1 for 99999999 days",
        "invalid_value: '99999999 days' is longer than 36500 days at 99999999 days",
    );
    check(
        "hold 1 for :id",
        "invalid_value: '12' is not a valid duration; expected e.g. 90s, 3m, 1h30m or 1d at :id",
    );
    check("purge closed before '1970-01-01T00:00:01Z'", "Moment(Moment(1000))");
    check(
        "purge closed before 'now'",
        "invalid_value: 'now' is not a valid timestamp; expected date, time and offset, e.g. '2026-03-02T09:15:00Z' at 'now'",
    );
}

#[test]
fn settings() {
    check("alter site set a = b", "Word(\"b\")");
    check("alter site set a = 'b'", "Text(\"b\")");
    check("alter site set a = -3", "Number(\"-3\")");
    check("alter site set a = 90   seconds", "Number(\"90 seconds\")");
    check("alter site set a = :id", "Number(\"12\")");
    check("alter site set a = :wait", "Text(\"3m\")");
    check("alter site set a = :null", "Null");
    check("alter site set a = 1, A = 2", "invalid_value: A is set twice at A");
    check("alter site set a = :what", "unknown_parameter: parameter :what is not set at :what");
    check(
        "alter site set a = :real",
        "invalid_value: parameter :real is neither text nor an integer; expected a value at :real",
    );
}

#[test]
fn the_rest_is_raw() {
    check("select  a, :b -- c\n, d  ;", "Rest(\"a, :b -- c\\n, d\")");
    check("explain assign :x", "Rest(\"assign :x\")");
    let (_, arguments) =
        Catalogue::new(&examples::LINES).parse("create report r as select  1", &given()).unwrap();
    assert_eq!(arguments.rest_offset("rest"), Some(27));
}

#[test]
fn an_optional_part_whose_parameter_is_null_is_left_out() {
    let parts = |text: &str| match Catalogue::new(&examples::LINES).parse(text, &given()) {
        Ok((_, arguments)) => arguments.canonical(&mut |_, _| None),
        Err(refusal) => refusal.to_string(),
    };
    for (text, canonical) in [
        ("open on chat for ann subject :null by alice", "OPEN ON chat FOR 'ann' BY alice"),
        (
            "open on chat for ann skills :null queue :name subject :null",
            "OPEN ON chat FOR 'ann' QUEUE Jos\u{e9}",
        ),
        ("open on chat for ann priority :null skills :null", "OPEN ON chat FOR 'ann'"),
        ("open on chat for ann by :null", "invalid_value: parameter :null is null; expected an agent"),
        ("hold 12 for :null", "invalid_value: parameter :null is null; expected a duration"),
        ("pick next by alice from :null", "invalid_value: parameter :null is null; expected a queue"),
        // What is not optional is needed, and without its key a statement would be run twice.
        ("open on chat for :null", "invalid_value: parameter :null is null; expected a customer"),
        ("open on chat for ann key :null", "invalid_value: parameter :null is null; expected the key"),
        ("assign 12 to agent :null override", "invalid_value: parameter :null is null; expected an agent"),
    ] {
        assert!(parts(text).starts_with(canonical), "{text}: {}", parts(text));
    }
}
