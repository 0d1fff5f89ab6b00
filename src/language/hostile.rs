//! Fuzz tests of the whole layer with random input: nothing panics, and every place is valid.
//!
//! Invariant: a failure names its seed. These tests deliberately do not check the text of refusals.

use super::arguments::Parameters;
use super::catalogue::Catalogue;
use super::diagnostic::{Style, locate, render, span_of};
use super::grammar::examples;
use super::script::{ScriptItem, Splitter};
use super::suggest::{quote_text, write_name};
use super::token::{TokenKind, tokens};

const FRAGMENTS: [&str; 44] = [
    "'",
    "''",
    "\"",
    "--",
    "-",
    "/*",
    "*/",
    "/",
    "*",
    ";",
    "\n",
    "\r\n",
    " ",
    "\t",
    "\0",
    "\u{1b}",
    "é",
    "e\u{301}",
    "北",
    "🙂",
    "\u{202e}",
    "\u{feff}",
    "@",
    ".",
    ":",
    ":a",
    "#",
    "#1",
    "12",
    "-3",
    "90s",
    "SECONDS",
    "(",
    ")",
    ",",
    "=",
    "CREATE",
    "QUEUE",
    "alter agent a set b = ",
    "add",
    "to",
    "select ",
    "hold 1 for ",
    "open on c for d ",
];

fn rubbish(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |count: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % count as u64).unwrap_or_default()
    };
    let length = 1 + next(24);
    (0..length).map(|_| FRAGMENTS[next(FRAGMENTS.len())]).collect()
}

fn pieces(text: &str, one_by_one: bool) -> Vec<ScriptItem> {
    let mut splitter = Splitter::new(text.len().is_multiple_of(2));
    let mut list = Vec::new();
    let mut buffer = [0; 4];
    if one_by_one {
        for character in text.chars() {
            splitter.push(character.encode_utf8(&mut buffer));
            list.extend(splitter.by_ref());
        }
    } else {
        splitter.push(text);
    }
    list.extend(splitter.by_ref());
    list.extend(std::iter::from_fn(|| splitter.finish()));
    list
}

#[test]
fn nothing_panics_and_pushes_do_not_matter() {
    let catalogue = Catalogue::new(&examples::LINES);
    for seed in 0..6_000 {
        let text = rubbish(seed);
        let list = pieces(&text, false);
        assert_eq!(list, pieces(&text, true), "seed {seed}: {text:?}");
        for piece in &list {
            let ScriptItem::Statement(source) = piece else { continue };
            if let Err(refusal) = catalogue.parse(&source.text, &Parameters::new()) {
                let span = span_of(&refusal.place, &source.text, None);
                assert!(source.text.get(span.clone()).is_some(), "seed {seed}: {text:?} {span:?}");
                let location = locate(source, span);
                let hint = refusal.hint.as_deref();
                let shown = render(refusal.code, &refusal.message, hint, Some(&location), Style::File);
                assert!(!shown.contains(['\u{1b}', '\u{202e}']), "seed {seed}: {shown:?}");
                let line = text.lines().nth(location.line - 1);
                assert!(line.is_some(), "seed {seed}: {text:?} {location:?}");
            }
            let expected = catalogue.expected_after(&source.text);
            assert!(source.text.get(expected.start..).is_some(), "seed {seed}: {text:?}");
            catalogue.remaining(&source.text);
        }
    }
}

#[test]
fn a_statement_of_the_splitter_is_never_cut_by_the_lexer() {
    for seed in 0..6_000 {
        let text = rubbish(seed);
        for piece in pieces(&text, false) {
            let ScriptItem::Statement(source) = piece else { continue };
            let list = tokens(&source.text).unwrap_or_default();
            assert!(list.iter().all(|token| !token.is_symbol(';')), "seed {seed}: {text:?}");
        }
    }
}

#[test]
fn messages_stay_short_whatever_was_typed() {
    let catalogue = Catalogue::new(&examples::LINES);
    let long = "x".repeat(100_000);
    for text in [
        "LONG",
        "hold :LONG",
        "hold 'LONG'",
        "purge closed before 'LONG'",
        "alter site set LONG = (",
        "LONG@x",
    ] {
        let refusal = catalogue.parse(&text.replace("LONG", &long), &Parameters::new()).unwrap_err();
        let hint = refusal.hint.unwrap_or_default();
        assert!(refusal.message.len() + hint.len() < 400, "{text}: {}", refusal.message.len());
    }
}

#[test]
fn what_is_quoted_reads_back() {
    for seed in 0..2_000 {
        let text = rubbish(seed).replace('\0', "");
        let read = tokens(&quote_text(&text)).unwrap_or_default();
        assert!(
            matches!(read.as_slice(), [one] if one.kind == TokenKind::Text && one.text == text),
            "{seed}"
        );
        let read = tokens(&write_name(&text)).unwrap_or_default();
        let composed = unicode_normalization::UnicodeNormalization::nfc(text.as_str()).collect::<String>();
        assert!(matches!(read.as_slice(), [one] if one.text == composed), "seed {seed}: {text:?}");
    }
}
