//! Tests of the splitter, with whole texts and character by character.

use super::*;
use crate::domain::refusal::Code;
use crate::language::token::tokens;

fn shown(piece: &ScriptItem) -> String {
    let (kind, source) = match piece {
        ScriptItem::Statement(source) => (String::new(), source),
        ScriptItem::Moment { moment, actor, source } => {
            (format!("@{moment}|{} ", actor.clone().unwrap_or_default()), source)
        }
        ScriptItem::Dot(source) => ("dot ".to_owned(), source),
    };
    format!("{kind}{}:{} {}", source.line, source.column, source.text)
}

fn pieces(text: &str, size: usize) -> Vec<String> {
    let mut splitter = Splitter::new(true);
    let mut list = Vec::new();
    let characters: Vec<char> = text.chars().collect();
    for chunk in characters.chunks(size) {
        splitter.push(&chunk.iter().collect::<String>());
        list.extend(splitter.by_ref().map(|piece| shown(&piece)));
    }
    while let Some(piece) = splitter.finish() {
        list.push(shown(&piece));
    }
    assert!(!splitter.pending());
    list
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(pieces(text, usize::MAX), expected, "{text:?}");
    assert_eq!(pieces(text, 1), expected, "{text:?} one by one");
}

#[test]
fn statements_end_at_their_semicolon() {
    check("a;b ; c", &["1:1 a", "1:3 b", "1:7 c"]);
    check(" ;; \n\n  a\n b\n;", &["3:3 a\n b"]);
    check("a 'x;''y';b \"x;\";", &["1:1 a 'x;''y'", "1:11 b \"x;\""]);
    check("a -- ;\n b; -- c;\n/* d; */ /**/ e", &["1:1 a -- ;\n b", "3:15 e"]);
    check("a/*;*/b;a-b;a/b;-", &["1:1 a/*;*/b", "1:9 a-b", "1:13 a/b", "1:17 -"]);
    check("", &[]);
    check(" -- x", &[]);
    check("\u{feff}a;", &["1:1 a"]);
    check("a\r\n;b", &["1:1 a", "2:2 b"]);
}

#[test]
fn what_is_never_closed_is_handed_to_the_lexer() {
    check("a 'b; c", &["1:1 a 'b; c"]);
    check("a; /* b", &["1:1 a", "1:4 /*"]);
    check("a /* b", &["1:1 a /* b"]);
}

#[test]
fn lines_with_a_dot_or_a_moment_stand_between_statements() {
    check(
        ".help\na;.quit x ;\nb",
        &["dot 1:1 .help", "1:1 a", "dot 2:3 .quit x ;", "3:1 b"]
            .map(|line| if line == "1:1 a" { "2:1 a" } else { line }),
    );
    check("select\n.5;", &["1:1 select\n.5"]);
    check(
        "@ 2026-03-01T09:00:00Z alice -- x\n  @'2026-03-01T09:00:00Z'\n@ m \"a b\"",
        &[
            "@2026-03-01T09:00:00Z|alice 1:1 @ 2026-03-01T09:00:00Z alice -- x",
            "@2026-03-01T09:00:00Z| 2:3 @'2026-03-01T09:00:00Z'",
            "@m|a b 3:1 @ m \"a b\"",
        ],
    );
}

#[test]
fn without_replay_a_moment_line_is_no_statement() {
    let mut splitter = Splitter::new(false);
    splitter.push("@ 2026-03-01T09:00:00Z\na;");
    let Some(ScriptItem::Statement(source)) = splitter.next() else { panic!() };
    let refusal = tokens(&source.text).unwrap_err();
    assert_eq!(refusal.hint.as_deref(), Some("use --replay to run lines that begin with @"));
}

#[test]
fn pending_means_that_something_is_begun() {
    for (text, pending) in [
        ("", false),
        ("a;  ", false),
        ("-- a", false),
        ("/* a", false),
        ("a", true),
        ("a; b", true),
        (".read", true),
        ("a '", true),
    ] {
        let mut splitter = Splitter::new(false);
        splitter.push(text);
        assert_eq!(splitter.pending(), pending, "{text}");
    }
}

#[test]
fn a_statement_without_end_is_not_held() {
    let mut splitter = Splitter::new(false);
    let mut given = Vec::new();
    splitter.push("SELECT ';");
    for _ in 0..400 {
        splitter.push(&"é;".repeat(10_000));
        given.extend(splitter.by_ref());
        assert!(splitter.held.len() <= LONGEST_STATEMENT);
    }
    assert!(splitter.pending());
    splitter.push("' ; next;");
    given.extend(splitter.by_ref());
    let [ScriptItem::Statement(long), ScriptItem::Statement(next)] = given.as_slice() else {
        panic!("{}", given.len())
    };
    assert_eq!(tokens(&long.text).unwrap_err().code, Code::TooLarge);
    assert_eq!(next.text, "next");
    assert!(splitter.finish().is_none());
}

#[test]
fn a_long_line_keeps_its_end_and_its_columns() {
    let mut splitter = Splitter::new(false);
    splitter.push(&"abc;".repeat(100_000));
    let last = splitter.by_ref().last();
    let Some(ScriptItem::Statement(source)) = last else { panic!() };
    assert_eq!(source.column, 4 * 99_999 + 1);
    assert!(source.lines.before.len() <= 2 * LINE_KEPT);
    assert_eq!(source.lines.after, ";");
}

#[test]
fn an_actor_with_any_name_is_read_as_it_is_written() {
    for name in ["maria", "maria\"x", "\"", "a \"b\" c", "--x", "a;b", "O'Neil", "日本 語", "' OR 1"] {
        let line = format!("@ 2026-03-01T09:00:00Z {}\n", crate::language::suggest::write_name(name));
        let mut splitter = Splitter::new(true);
        splitter.push(&line);
        match splitter.next() {
            Some(ScriptItem::Moment { actor, .. }) => assert_eq!(actor.as_deref(), Some(name), "{line}"),
            other => panic!("{line}: {other:?}"),
        }
    }
}
