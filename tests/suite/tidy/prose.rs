//! The lines of the documents that are written by hand: none of their prose is longer than 100 columns.
//!
//! Code blocks and tables are as wide as their content.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::source::sources;

const DOCUMENTS: [&str; 8] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/GUIDE.md",
    "docs/OPERATIONS.md",
    "docs/PROMISES.md",
    "SECURITY.md",
];
const COLUMNS: usize = 100;

/// The lines of prose in a Markdown text that are too long, with their lengths.
fn long_lines(text: &str) -> Vec<(usize, usize)> {
    let mut in_code = false;
    let mut long = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        let columns = line.chars().count();
        if !in_code && !line.trim_start().starts_with('|') && columns > COLUMNS {
            long.push((number, columns));
        }
    }
    long
}

#[test]
fn no_line_of_prose_is_longer_than_100_columns() {
    let mut faults = Vec::new();
    for document in DOCUMENTS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
        let text = fs::read_to_string(&path).expect(document);
        let lines = long_lines(&text).into_iter();
        faults.extend(lines.map(|(line, columns)| format!("{document}:{line} has {columns} columns")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_long_line_of_prose_is_found() {
    let long = "ä ".repeat(51);
    let text = format!("{}\n```\n{long}\n```\n| {long} |\n{long}", "ä".repeat(100));
    assert_eq!(long_lines(&text), [(6, 102)]);
}

#[test]
fn every_test_that_a_promise_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let promises = fs::read_to_string(root.join("docs/PROMISES.md")).expect("the promises");
    let named: Vec<(&str, &str)> =
        promises.split('`').skip(1).step_by(2).filter_map(|code| code.split_once("::")).collect();
    assert!(named.len() > 40, "{} tests are named", named.len());
    for (file, test) in named {
        if file == "scripts" {
            assert!(root.join(format!("fixtures/scripts/{test}.script")).exists(), "{test} is no script");
            continue;
        }
        let folder = if file.starts_with("shared/") { "tests" } else { "tests/suite" };
        let source = fs::read_to_string(root.join(format!("{folder}/{file}.rs"))).unwrap_or_default();
        assert!(source.contains(&format!("#[test]\nfn {test}()")), "{file}::{test} is no test");
    }
    // Every promise names at least one.
    let promised = promises.split("## What is not promised").next().expect("the promises");
    for promise in promised.split("\n\n").filter(|paragraph| paragraph.starts_with("**")) {
        assert!(promise.contains("::"), "no test keeps this: {promise}");
    }
}

/// Messages and hints name only options that the program has.
#[test]
fn every_option_that_the_program_names_exists() {
    let help = Command::new(env!("CARGO_BIN_EXE_switchboard")).arg("--help").output().expect("it starts");
    let help = String::from_utf8(help.stdout).expect("text");
    let options = |text: &str| -> Vec<String> {
        let starts = text.match_indices("--").map(|(at, _)| &text[at + 2..]);
        let names = starts.map(|rest| {
            let end = rest.find(|end: char| !end.is_ascii_lowercase() && end != '-').unwrap_or(rest.len());
            rest[..end].to_owned()
        });
        names.filter(|name| name.starts_with(|first: char| first.is_ascii_lowercase())).collect()
    };
    let known = options(&help);
    assert!(known.iter().any(|name| name == "keep-going"), "{help}");
    let mut count = 0;
    // A style sheet has properties that look like options.
    for file in sources("src").iter().filter(|file| !file.is_test() && !file.path.contains("render/html")) {
        for (line, text) in file.strings_outside_tests() {
            for name in options(text) {
                count += 1;
                assert!(known.contains(&name), "{}: --{name} is no option", file.place(line));
            }
        }
    }
    assert!(count > 20, "{count} options are named");
}
