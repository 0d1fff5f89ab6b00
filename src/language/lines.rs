//! The syntax lines of a catalogue, each parsed when it is first needed.
//!
//! Invariant: a valid statement only parses the lines that begin with its own words. Errors,
//! completion and HELP need all lines; they parse the rest on demand, with the same result. This
//! module deliberately does not know how a line is matched.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::grammar::{self, leading_words};
use super::program::{Instruction, Program};
use super::token::Token;

/// All syntax lines, in order.
#[derive(Debug)]
pub(super) struct Lines {
    lines: Vec<SyntaxLine>,
    keywords: OnceLock<BTreeSet<String>>,
}

#[derive(Debug)]
struct SyntaxLine {
    text: &'static str,
    first: &'static str,
    program: OnceLock<Program>,
}

impl Lines {
    /// Creates the lines without parsing them.
    pub(super) fn new(texts: &[&'static str]) -> Lines {
        let first = |text| leading_words(text).next().unwrap_or_default();
        let line = |text: &&'static str| SyntaxLine { text, first: first(text), program: OnceLock::new() };
        Lines { lines: texts.iter().map(line).collect(), keywords: OnceLock::new() }
    }

    /// Returns the number of lines.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Returns the program of a line.
    ///
    /// # Panics
    /// Panics if the line is not valid notation or does not begin with a word.
    pub(super) fn program(&self, line: usize) -> &Program {
        let line = &self.lines[line];
        line.program.get_or_init(|| read(line.text))
    }

    /// Returns the lines that can match these tokens, judging by the words with which a line
    /// begins.
    pub(super) fn that_may_match(&self, tokens: &[Token]) -> Vec<usize> {
        let may_match = |line: &usize| {
            let mut tokens = tokens.iter();
            leading_words(self.lines[*line].text)
                .all(|word| tokens.next().is_some_and(|token| token.is_keyword(word)))
        };
        self.that_begin_with(tokens.first()).filter(may_match).collect()
    }

    /// Returns the lines that begin with a word; if there are none, all lines, so that the error
    /// can list what is possible.
    pub(super) fn begun_by(&self, first: Option<&Token>) -> Vec<usize> {
        let begun: Vec<usize> = self.that_begin_with(first).collect();
        if begun.is_empty() { (0..self.len()).collect() } else { begun }
    }

    /// Returns whether a token is the first word of any line.
    pub(super) fn begin_with(&self, token: &Token) -> bool {
        self.that_begin_with(Some(token)).next().is_some()
    }

    fn that_begin_with(&self, first: Option<&Token>) -> impl Iterator<Item = usize> {
        let begins = move |line: &usize| first.is_some_and(|token| token.is_keyword(self.lines[*line].first));
        (0..self.len()).filter(begins)
    }

    /// Returns whether an upper-case word is a keyword of any line.
    pub(super) fn have_keyword(&self, word: &str) -> bool {
        let all = || {
            let steps = (0..self.len()).flat_map(|line| &self.program(line).steps);
            let word_of = |step: &Instruction| match step {
                Instruction::Keyword(word) => Some(word.clone()),
                _ => None,
            };
            steps.filter_map(word_of).collect()
        };
        self.keywords.get_or_init(all).contains(word)
    }
}

fn read(text: &str) -> Program {
    let program = match grammar::parse(text) {
        Ok(node) => Program::new(&node),
        Err(message) => panic!("the syntax line '{text}' is wrong: {message}"),
    };
    // A line is selected by these words before it is parsed, so they must be its first steps.
    let mut steps = program.steps.iter();
    let words = leading_words(text)
        .map(|word| matches!(steps.next(), Some(Instruction::Keyword(step)) if step == word));
    let told = words.collect::<Vec<bool>>();
    assert!(!told.is_empty() && !told.contains(&false), "the syntax line '{text}' begins with no word");
    program
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::token::tokens;

    const LINES: [&str; 4] = ["SHOW HEAD", "SHOW (A | B)", "SHOW <queue>", "HELP [C]"];

    fn check(text: &str, may_match: &[usize], begun: &[usize]) {
        let (lines, tokens) = (Lines::new(&LINES), tokens(text).unwrap());
        assert_eq!(lines.that_may_match(&tokens), may_match, "{text}");
        assert_eq!(lines.begun_by(tokens.first()), begun, "{text}");
        assert!(lines.lines.iter().all(|line| line.program.get().is_none()), "{text}");
    }

    #[test]
    fn lines_are_told_apart_before_they_are_read() {
        check("show head", &[0, 1, 2], &[0, 1, 2]);
        check("show x", &[1, 2], &[0, 1, 2]);
        check("show", &[1, 2], &[0, 1, 2]);
        check("help", &[3], &[3]);
        check("nonsense", &[], &[0, 1, 2, 3]);
        check("\"show\" head", &[], &[0, 1, 2, 3]);
        check("", &[], &[0, 1, 2, 3]);
    }

    #[test]
    fn a_keyword_may_be_of_any_line() {
        let lines = Lines::new(&LINES);
        assert!(lines.have_keyword("C") && lines.have_keyword("HEAD"));
        assert!(!lines.have_keyword("QUEUE") && !lines.have_keyword("head"));
    }

    #[test]
    #[should_panic(expected = "the syntax line 'ASSIGN (' is wrong")]
    fn a_bad_line_is_a_bug() {
        Lines::new(&["SHOW", "ASSIGN ("]).program(1);
    }

    #[test]
    #[should_panic(expected = "the syntax line 'A | B' begins with no word")]
    fn a_line_begins_with_a_word() {
        Lines::new(&["A | B"]).program(0);
    }
}
