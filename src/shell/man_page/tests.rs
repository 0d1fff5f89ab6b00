//! Tests of the manual page: that nothing is missing, and that it is safe roff.

use super::*;
use crate::language::arguments::Parameters;

#[test]
fn every_definition_is_on_the_page() {
    let page = text();
    let shown = page.replace("\\fB", "").replace("\\fI", "").replace("\\fR", "").replace("\\-", "-");
    let shown = shown.replace("\\*(Aq", "'").replace("\\&", "").replace('\n', " ");
    for definition in statements() {
        let syntax = help::syntax(definition).replace('…', "...");
        assert!(shown.contains(&syntax), "{syntax}");
        assert!(shown.contains(definition.summary.split(['`', '…']).next().unwrap()), "{syntax}");
    }
    for option in options::command().get_arguments().filter_map(|argument| argument.get_long()) {
        assert!(shown.contains(&format!("--{option}")), "{option}");
    }
    for (_, table) in help::setting_tables() {
        for setting in table {
            assert!(page.contains(&format!(".TP\n\\fB{}\\fR\n", setting.name)), "{}", setting.name);
        }
    }
    for code in Code::ALL {
        let line = format!("\\fB{}\\fR (exit {})\n", code.name(), code.exit_status());
        assert!(page.contains(&line), "{line}");
    }
    for command in dot::COMMANDS {
        assert!(page.contains(&format!("\n\\fB.{}\\fR", command.name)), "{}", command.name);
    }
}

#[test]
fn the_sections_come_in_the_usual_order() {
    let page = text();
    let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
    let expected = [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "OPTIONS",
        "STATEMENTS",
        "SETTINGS",
        "\"DOT COMMANDS\"",
        "CODES",
        "\"EXIT STATUS\"",
        "ENVIRONMENT",
        "FILES",
        "EXAMPLES",
        "\"SEE ALSO\"",
    ];
    assert_eq!(headings, expected);
}

/// Text that begins with a dot or an apostrophe is no request, and nothing is left to the encoding.
#[test]
fn only_known_requests_begin_a_line() {
    let known = ["TH", "SH", "SS", "PP", "TP", "RS", "RE", "nf", "fi", "ie", "el", "br"];
    for line in text().lines() {
        assert!(line.is_ascii() && !line.starts_with('\'') && !line.ends_with(' '), "{line}");
        let request = line.strip_prefix('.').map(|rest| rest.split(' ').next().unwrap_or_default());
        assert!(request.is_none_or(|name| known.contains(&name)), "{line}");
    }
    assert_eq!(portable("~/a^b `c` … ä"), "\\(ti/a\\(hab \\(gac\\(ga \\&... \\[u00E4]");
}

#[test]
fn lines_of_the_source_are_short() {
    let long = "word ".repeat(40);
    let broken = prose(&long);
    assert!(broken.lines().all(|line| line.len() <= COLUMNS), "{broken}");
    assert_eq!(broken.split_whitespace().count(), 40);
    for line in text().lines() {
        assert!(line.len() <= 80, "{line}");
    }
}

#[test]
fn the_examples_are_statements() {
    for (_, line) in notes::EXAMPLES {
        for statement in line.split('\'').skip(1).step_by(2) {
            let parameters = Parameters::from([("text", "hello"), ("email", "ann@example.com"), ("id", "1")]);
            assert!(crate::statement::catalogue().parse(statement, &parameters).is_ok(), "{statement}");
        }
    }
}

#[test]
fn the_notes_agree_with_the_operations_manual() {
    let operations = include_str!("../../../docs/OPERATIONS.md").replace('`', "");
    for (status, meaning) in notes::EXIT_STATUSES {
        let row = format!("| {status} | {meaning} |");
        assert!(operations.contains(&row), "{row}");
    }
    for (path, _) in notes::FILES {
        assert!(operations.contains(&format!("| {path} |")), "{path}");
    }
    for code in Code::ALL {
        let status = code.exit_status();
        assert!(notes::EXIT_STATUSES.iter().any(|(known, _)| *known == status), "{}", code.name());
    }
}
