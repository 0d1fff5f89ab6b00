//! A syntax line compiled to a small program: steps that consume a token, and steps that only
//! branch.
//!
//! Invariant: programs run in lockstep over the tokens (see `matcher`), so all branches are
//! followed at once and matching never backtracks. This module deliberately knows only the form of
//! tokens, not their values.

use std::ops::Range;

use super::grammar::{Node, SlotKind, is_optional, written};
use super::suggest::append;
use super::token::{Token, TokenKind};
use crate::domain::moment::Duration;

/// A step of a program. After a step that consumes a token, the next step follows.
#[derive(Debug)]
pub(super) enum Instruction {
    Keyword(String),
    Symbol(char),
    Slot { slot: usize, piece: SlotPart },
    Jump(usize),
    Choose(Vec<usize>),
    Optionals(Optionals),
    End,
}

/// The piece of a slot that a step accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlotPart {
    Whole,
    Count,
    Unit,
    SettingName,
    SettingValue,
}

/// Adjacent optional parts: each at most once, in any order.
#[derive(Debug)]
pub(super) struct Optionals {
    /// For each part: its first step, its bit in a thread's `used`, and its syntax for people.
    pub(super) ways: Vec<(usize, u64, String)>,
    /// All these bits; they are cleared at the end, so that a repetition starts afresh.
    pub(super) bits: u64,
    pub(super) next: usize,
}

/// A syntax line, ready to be matched.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) steps: Vec<Instruction>,
    pub(super) slots: Vec<(String, SlotKind)>,
    /// The syntax for people.
    pub(super) written: String,
    /// The rest of the syntax at each step.
    remains: Vec<String>,
    bits_taken: u32,
}

impl Program {
    /// Compiles a syntax line.
    pub(super) fn new(node: &Node) -> Program {
        let written = node.to_string();
        let mut program =
            Program { steps: Vec::new(), slots: Vec::new(), written, remains: Vec::new(), bits_taken: 0 };
        program.node(node, "");
        program.push(Instruction::End, String::new());
        program
    }

    /// Returns whether a step accepts a token.
    pub(super) fn takes(&self, step: usize, token: &Token) -> bool {
        match &self.steps[step] {
            Instruction::Keyword(word) => token.is_keyword(word),
            Instruction::Symbol(symbol) => token.is_symbol(*symbol),
            Instruction::Slot { slot, piece } => match piece {
                SlotPart::Whole | SlotPart::SettingValue => self.slots[*slot].1.takes(token),
                SlotPart::Count => token.is_whole_number(),
                SlotPart::Unit => token.kind == TokenKind::Word && is_unit(&token.text),
                SlotPart::SettingName => matches!(token.kind, TokenKind::Word | TokenKind::QuotedName),
            },
            Instruction::Jump(_) | Instruction::Choose(_) | Instruction::Optionals(_) | Instruction::End => {
                false
            }
        }
    }

    /// Returns the rest of the syntax at a step, given the optional parts that were used.
    pub(super) fn remaining(&self, mut step: usize, used: u64) -> String {
        while let Instruction::Jump(target) = self.steps[step] {
            step = target;
        }
        let Instruction::Optionals(optionals) = &self.steps[step] else { return self.remains[step].clone() };
        let mut line = String::new();
        for (_, bit, text) in &optionals.ways {
            if used & bit == 0 {
                append(&mut line, text);
            }
        }
        append(&mut line, &self.remaining(optionals.next, used & !optionals.bits));
        line
    }

    /// Returns the steps of the optional part that begins with a step.
    pub(super) fn optional_from(&self, step: usize) -> Option<Range<usize>> {
        self.steps.iter().find_map(|instruction| {
            let Instruction::Optionals(optionals) = instruction else { return None };
            let place = optionals.ways.iter().position(|(start, ..)| *start == step)?;
            let end = optionals.ways.get(place + 1).map_or(optionals.next, |(start, ..)| *start);
            Some(step..end)
        })
    }

    fn push(&mut self, step: Instruction, remains: String) -> usize {
        self.steps.push(step);
        self.remains.push(remains);
        self.steps.len() - 1
    }

    fn node(&mut self, node: &Node, after: &str) {
        let remains = joined(&node.to_string(), after);
        match node {
            Node::Word(word) => {
                self.push(Instruction::Keyword(word.clone()), remains);
            }
            Node::Symbol(symbol) => {
                self.push(Instruction::Symbol(*symbol), remains);
            }
            Node::Slot { name, kind } => self.slot(name, kind, &remains, after),
            Node::Sequence(parts) => self.sequence(parts, after),
            Node::Choice(branches) => {
                self.choose(&remains, after, branches, |program, branch| program.node(branch, after));
            }
            Node::Optional(_) => self.optionals(std::slice::from_ref(node), after),
            Node::Repeat(inner) => {
                let more = joined("[, ...]", after);
                self.repeat(&more, |program| program.node(inner, &more));
            }
        }
    }

    fn sequence(&mut self, parts: &[Node], after: &str) {
        let mut done = 0;
        for run in parts.chunk_by(|left, right| is_optional(left) && is_optional(right)) {
            done += run.len();
            let rest = joined(&written(&parts[done..]), after);
            if is_optional(&run[0]) { self.optionals(run, &rest) } else { self.node(&run[0], &rest) }
        }
    }

    fn optionals(&mut self, parts: &[Node], after: &str) {
        let entry = self.push(Instruction::End, joined(&written(parts), after));
        let mut ways = Vec::new();
        let mut bits = 0;
        for part in parts {
            let Node::Optional(inner) = part else { continue };
            assert!(self.bits_taken < 64, "a syntax line has more than 64 optional parts");
            let bit = 1 << self.bits_taken;
            self.bits_taken += 1;
            bits |= bit;
            ways.push((self.steps.len(), bit, part.to_string()));
            let others: Vec<Node> = parts.iter().filter(|other| *other != part).cloned().collect();
            self.node(inner, &joined(&written(&others), after));
            self.push(Instruction::Jump(entry), String::new());
        }
        self.steps[entry] = Instruction::Optionals(Optionals { ways, bits, next: self.steps.len() });
    }

    /// Compiles alternatives, which are tried in this order.
    fn choose<T>(&mut self, remains: &str, after: &str, branches: &[T], build: impl Fn(&mut Self, &T)) {
        let entry = self.push(Instruction::End, remains.to_owned());
        let mut starts = Vec::new();
        let mut ends = Vec::new();
        for branch in branches {
            starts.push(self.steps.len());
            build(self, branch);
            ends.push(self.push(Instruction::End, after.to_owned()));
        }
        self.steps[entry] = Instruction::Choose(starts);
        for end in ends {
            self.steps[end] = Instruction::Jump(self.steps.len());
        }
    }

    fn repeat(&mut self, more: &str, build: impl Fn(&mut Self)) {
        let start = self.steps.len();
        build(self);
        let fork = self.push(Instruction::End, more.to_owned());
        self.push(Instruction::Symbol(','), more.to_owned());
        self.push(Instruction::Jump(start), String::new());
        self.steps[fork] = Instruction::Choose(vec![fork + 1, fork + 3]);
    }

    fn slot(&mut self, name: &str, kind: &SlotKind, remains: &str, after: &str) {
        let slot = self.slots.len();
        self.slots.push((name.to_owned(), kind.clone()));
        match kind {
            SlotKind::Settings(_) => {
                let more = joined("[, ...]", after);
                self.repeat(&more, |program| {
                    program.piece(slot, SlotPart::SettingName, remains);
                    program.push(Instruction::Symbol('='), joined("= <value>", &more));
                    program.measure(slot, SlotPart::SettingValue, &joined("<value>", &more), &more);
                });
            }
            SlotKind::Duration => self.measure(slot, SlotPart::Whole, remains, after),
            kind if kind.is_rest() => {
                assert!(after.is_empty(), "{} can only be the last slot", self.written);
                let start = self.piece(slot, SlotPart::Whole, remains);
                self.push(Instruction::Choose(vec![start, start + 2]), after.to_owned());
            }
            _ => {
                self.piece(slot, SlotPart::Whole, remains);
            }
        }
    }

    /// Compiles a number followed by a unit word, or one token that is the whole value.
    fn measure(&mut self, slot: usize, whole: SlotPart, remains: &str, after: &str) {
        self.choose(remains, after, &[SlotPart::Count, whole], |program, piece| {
            program.piece(slot, *piece, remains);
            if *piece == SlotPart::Count {
                program.piece(slot, SlotPart::Unit, &joined("<unit>", after));
            }
        });
    }

    fn piece(&mut self, slot: usize, piece: SlotPart, remains: &str) -> usize {
        self.push(Instruction::Slot { slot, piece }, remains.to_owned())
    }
}

fn joined(left: &str, right: &str) -> String {
    let mut line = left.to_owned();
    append(&mut line, right);
    line
}

fn is_unit(word: &str) -> bool {
    let letters = word.len() < 16 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    letters && Duration::parse(&format!("1 {word}")).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::grammar::parse;

    #[test]
    fn a_program_knows_what_remains_at_every_step() {
        let program = Program::new(&parse("ADD {<agent>},... TO (A | B <x:integer>) [C]").unwrap());
        assert_eq!(program.remaining(0, 0), "ADD <agent>, ... TO (A | B <x>) [C]");
        assert_eq!(program.remaining(2, 0), "[, ...] TO (A | B <x>) [C]");
        let jump =
            program.steps.iter().position(|step| matches!(step, Instruction::Jump(at) if *at > 4)).unwrap();
        assert_eq!(program.remaining(jump, 0), "[C]");
    }

    #[test]
    fn units_are_the_durations_own() {
        for (word, unit) in [("SECONDS", true), ("day", true), ("h", true), ("QUEUE", false), ("s2m", false)]
        {
            assert_eq!(is_unit(word), unit, "{word}");
        }
    }
}
