//! Tests of displayed errors, exact to the character.

use super::*;
use crate::language::script::{ScriptItem, Splitter};

fn source(input: &str, index: usize) -> Source {
    let mut splitter = Splitter::new(false);
    splitter.push(input);
    let mut pieces: Vec<ScriptItem> = splitter.by_ref().collect();
    pieces.extend(splitter.finish());
    match pieces.remove(index) {
        ScriptItem::Statement(source) => source,
        other => panic!("{other:?}"),
    }
}

fn check(input: &str, index: usize, marked: &str, style: Style, expected: &str) {
    let source = source(input, index);
    let start = source.text.find(marked).unwrap();
    let location = locate(&source, start..start + marked.len());
    let shown = render(Code::Syntax, "m", Some("h"), Some(&location), style);
    assert_eq!(shown, expected, "{input:?}");
}

#[test]
fn an_error_is_shown_as_the_contract_says() {
    let source = source("a;\nb;\nASSIGN 12 TO AGENT alice;\n", 2);
    let location = locate(&source, 7..9);
    let message = "conversation 12 is Closed, which is final";
    let hint = Some("OPEN ON webchat FOR 'ann@example.com' starts a new one");
    assert_eq!(
        render(Code::FinalState, message, hint, Some(&location), Style::File),
        "error[final_state]: conversation 12 is Closed, which is final\n\
         \x20--> line 3, column 8\n\
         \x20 |\n\
         3 | ASSIGN 12 TO AGENT alice;\n\
         \x20 |        ^^\n\
         \x20 = hint: OPEN ON webchat FOR 'ann@example.com' starts a new one"
    );
    assert_eq!(
        render(Code::FinalState, message, hint, Some(&location), Style::Prompt),
        "error[final_state]: conversation 12 is Closed, which is final\n\
         \x20 ASSIGN 12 TO AGENT alice;\n\
         \x20        ^^\n\
         \x20 hint: OPEN ON webchat FOR 'ann@example.com' starts a new one"
    );
    assert_eq!(render(Code::Busy, "m", None, None, Style::File), "error[busy]: m");
}

#[test]
fn the_line_is_shown_with_what_stands_before() {
    check(
        "\n\n\n\n\n\n\n\n\nPICK NEXT BY a; END 99 ;",
        1,
        "99",
        Style::File,
        "error[syntax]: m\n  --> line 10, column 21\n   |\n10 | PICK NEXT BY a; END 99 ;\n   |                     ^^\n   = hint: h",
    );
    check(
        "a; OPEN\r\n\tON é x\n FOR b",
        1,
        "x",
        Style::Prompt,
        "error[syntax]: m\n   ON é x\n        ^\n  hint: h",
    );
}

#[test]
fn nothing_in_the_line_moves_the_terminal() {
    check(
        "NOTE '\u{1b}[2J\u{202e}' x",
        0,
        "x",
        Style::Prompt,
        "error[syntax]: m\n  NOTE '\\u{1b}[2J\\u{202e}' x\n                           ^\n  hint: h",
    );
    assert_eq!(harmless("a\u{7}\tb\n"), "a\\u{7} b\\u{a}");
}

#[test]
fn a_long_line_is_cut_around_the_caret() {
    for (before, after) in [(0, 500), (500, 0), (300, 300), (79, 100), (20_000, 20_000)] {
        let input = format!("{}X{}", "é".repeat(before), "b".repeat(after));
        let location = locate(&source(&input, 0), input.find('X').unwrap()..input.find('X').unwrap() + 1);
        let shown: Vec<char> = location.text_line.chars().collect();
        assert!(shown.len() <= LONGEST_LINE, "{before} {after}");
        assert_eq!(shown[location.offset], 'X', "{before} {after}");
        assert_eq!(location.column, before + 1);
        assert_eq!(shown[0] == '…', before > 100);
        assert_eq!(shown[shown.len() - 1] == '…', after > 100 || before == 79);
    }
}

#[test]
fn a_narrow_terminal_gets_less_of_it() {
    let input = format!("{}X{}", "é".repeat(100), "b".repeat(100));
    let place = input.find('X').unwrap();
    let whole = locate(&source(&input, 0), place..place + 1);
    assert_eq!(whole.clone().within(0), whole);
    for (columns, most) in [(1, 40), (60, 52), (80, 72), (400, LONGEST_LINE)] {
        let fitted = whole.clone().within(columns);
        let shown: Vec<char> = fitted.text_line.chars().collect();
        assert_eq!((shown.len(), shown[fitted.offset]), (most, 'X'), "{columns}");
        assert_eq!((fitted.line, fitted.column), (whole.line, whole.column));
    }
    let end = locate(&source(&input, 0), input.len()..input.len()).within(80);
    assert_eq!((end.text_line.chars().count(), end.offset), (71, 71));
}

#[test]
fn any_span_is_shown() {
    let source = source("a\n'é';", 0);
    for start in 0..10 {
        for end in 0..10 {
            locate(&source, start..end);
        }
    }
    let at_end = locate(&source, 6..6);
    assert_eq!((at_end.line, at_end.column, at_end.offset, at_end.width), (2, 4, 3, 1));
    assert_eq!(span_of(&Place::Statement, "HOLD 12", None), 0..4);
    assert_eq!(span_of(&Place::Argument("x"), "HOLD 12", None), 0..4);
}
