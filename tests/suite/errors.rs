//! docs/ERRORS.md: every kind of error that the scripts show, with its message, hint and statement.
//!
//! It is rendered from the expected output of `fixtures/scripts`, so each example was really run. Read
//! it after a change of messages: they should sound as if one person had written them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use switchboard::Code;

use crate::manual::assert_rendered;

const INTRODUCTION: &str = "# Errors

Rendered from the scripts of the tests, in which each of these statements was run. A message says what
is wrong; a hint says what to do. Programs tell errors apart by their code and exit status
(docs/STATEMENTS.md), never by the message.
";

/// An error as a script shows it.
#[derive(Debug, PartialEq, Eq)]
struct Example {
    code: String,
    message: String,
    hint: Option<String>,
    statement: String,
}

/// The errors in the expected output of a script. The line below a message is the statement.
fn examples(script: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut lines = script.lines().filter_map(|line| line.strip_prefix("--|")).map(str::trim).peekable();
    while let Some(line) = lines.next() {
        if let Some((code, message)) = line.strip_prefix("error[").and_then(|rest| rest.split_once("]: ")) {
            let statement = lines.peek().copied().unwrap_or_default().to_owned();
            let (code, message) = (code.to_owned(), message.to_owned());
            found.push(Example { code, message, hint: None, statement });
        } else if let (Some(hint), Some(last)) = (line.strip_prefix("hint: "), found.last_mut()) {
            last.hint.get_or_insert_with(|| hint.to_owned());
        }
    }
    found
}

/// A message without its numbers and names, so that examples that differ only in them are one.
fn kind(example: &Example) -> (String, String) {
    let mut kind = String::new();
    let mut named = false;
    for word in example.message.split(' ') {
        let plain = word.trim_end_matches([',', ';', ':']).bytes().all(|byte| byte.is_ascii_lowercase());
        kind.push_str(if plain && !named { word } else { "#" });
        kind.push(' ');
        named = ["agent", "lifecycle", "queue", "state", "to", "view", "with"].contains(&word);
    }
    (example.code.clone(), kind)
}

#[test]
fn the_errors_are_rendered_from_the_scripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scripts");
    let mut kinds: BTreeMap<(String, String), Example> = BTreeMap::new();
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    for path in paths {
        for example in examples(&fs::read_to_string(path).expect("a script")) {
            kinds.entry(kind(&example)).or_insert(example);
        }
    }
    let mut text = String::from(INTRODUCTION);
    for code in Code::ALL {
        let of_code: Vec<&Example> = kinds.values().filter(|example| example.code == code.name()).collect();
        if of_code.is_empty() {
            continue;
        }
        write!(text, "\n## {}\n\n{}.\n\n```\n", code.name(), code.meaning()).expect("text");
        for (place, example) in of_code.iter().enumerate() {
            let gap = if place > 0 { "\n" } else { "" };
            writeln!(text, "{gap}{}\n  {}", example.statement, example.message).expect("text");
            if let Some(hint) = &example.hint {
                writeln!(text, "  hint: {hint}").expect("text");
            }
        }
        text.push_str("```\n");
    }
    assert_rendered("ERRORS.md", &text);
}

#[test]
fn an_error_is_found_with_its_hint_and_statement() {
    let script = "END 1; END 9;\n--| 1 Active\n--| error[unknown_conversation]: conversation 9 does not exist\n\
        --|   END 9;\n--|       ^\n--|   hint: the latest is 1\n";
    let expected = Example {
        code: "unknown_conversation".to_owned(),
        message: "conversation 9 does not exist".to_owned(),
        hint: Some("the latest is 1".to_owned()),
        statement: "END 9;".to_owned(),
    };
    assert_eq!(examples(script), [expected]);
}
