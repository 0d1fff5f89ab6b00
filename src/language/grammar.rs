//! The notation of syntax lines: parsing it into a tree, formatting it for people, expanding it
//! into sentences.
//!
//! Invariant: this is the only parser of the notation; the matcher, completion and the documents
//! all use the same tree. This module deliberately does not know tokens or any particular
//! statement.

use std::fmt;

pub use super::slot::SlotKind;
use super::suggest::append;

/// A part of a syntax line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A keyword, in upper case.
    Word(String),
    /// A literal symbol, written `"("`.
    Symbol(char),
    /// A slot, written `<name:kind>`.
    Slot {
        /// The name with which the argument is looked up.
        name: String,
        /// The kind of its value.
        kind: SlotKind,
    },
    /// Parts in sequence; adjacent optional parts can be in any order.
    Sequence(Vec<Node>),
    /// Alternatives, written `( a | b )`.
    Choice(Vec<Node>),
    /// An optional part, written `[ x ]`.
    Optional(Box<Node>),
    /// One or more, separated by commas, written `{ x },...`.
    Repeat(Box<Node>),
}

/// Parses a syntax line.
///
/// # Errors
/// A sentence that says what is wrong with the notation.
pub fn parse(line: &str) -> Result<Node, String> {
    let mut reader = GrammarReader { rest: line.trim_start() };
    let node = reader.choice()?;
    if reader.rest.is_empty() { Ok(node) } else { Err(format!("'{}' is left over in '{line}'", reader.rest)) }
}

/// Returns the words with which a line begins, without parsing the rest.
pub(super) fn leading_words(line: &str) -> impl Iterator<Item = &str> {
    line.split(' ').take_while(|word| word.bytes().all(is_part_of_word))
}

fn is_part_of_word(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}

struct GrammarReader<'a> {
    rest: &'a str,
}

impl<'a> GrammarReader<'a> {
    fn choice(&mut self) -> Result<Node, String> {
        let mut branches = vec![self.sequence()?];
        while self.eat("|") {
            branches.push(self.sequence()?);
        }
        Ok(if branches.len() == 1 { branches.remove(0) } else { Node::Choice(branches) })
    }

    fn sequence(&mut self) -> Result<Node, String> {
        let mut parts = Vec::new();
        while !self.rest.is_empty() && !self.rest.starts_with(['|', ')', ']', '}']) {
            parts.push(self.part()?);
        }
        match parts.len() {
            0 => Err(format!("something is missing before '{}'", self.rest)),
            1 => Ok(parts.remove(0)),
            _ => Ok(Node::Sequence(parts)),
        }
    }

    fn part(&mut self) -> Result<Node, String> {
        if self.eat("(") {
            let inner = self.choice()?;
            self.expect(")")?;
            Ok(inner)
        } else if self.eat("[") {
            let inner = self.choice()?;
            self.expect("]")?;
            Ok(Node::Optional(Box::new(inner)))
        } else if self.eat("{") {
            let inner = self.choice()?;
            self.expect("}")?;
            self.expect(",...")?;
            Ok(Node::Repeat(Box::new(inner)))
        } else if self.eat("<") {
            self.slot()
        } else if self.eat("\"") {
            self.symbol()
        } else {
            self.word()
        }
    }

    fn slot(&mut self) -> Result<Node, String> {
        let inner = self.up_to('>')?;
        let (name, kind) = inner.split_once(':').unwrap_or((inner, inner));
        if name.is_empty() || kind.is_empty() {
            return Err(format!("<{inner}> has no name or no kind"));
        }
        Ok(Node::Slot { name: name.to_owned(), kind: SlotKind::of(name, kind)? })
    }

    fn symbol(&mut self) -> Result<Node, String> {
        let inner = self.up_to('"')?;
        let mut characters = inner.chars();
        match (characters.next(), characters.next()) {
            (Some(symbol), None) if symbol.is_ascii_punctuation() => Ok(Node::Symbol(symbol)),
            _ => Err(format!("\"{inner}\" is not one symbol")),
        }
    }

    fn word(&mut self) -> Result<Node, String> {
        let length = self.rest.bytes().take_while(|byte| is_part_of_word(*byte)).count();
        if length == 0 {
            return Err(format!("'{}' is no notation", self.rest));
        }
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest.trim_start();
        Ok(Node::Word(word.to_owned()))
    }

    fn up_to(&mut self, end: char) -> Result<&'a str, String> {
        let (inner, rest) =
            self.rest.split_once(end).ok_or_else(|| format!("{end} is missing after '{}'", self.rest))?;
        self.rest = rest.trim_start();
        Ok(inner)
    }

    fn eat(&mut self, sign: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(sign) else { return false };
        self.rest = rest.trim_start();
        true
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.eat(sign) { Ok(()) } else { Err(format!("{sign} is missing before '{}'", self.rest)) }
    }
}

impl fmt::Display for Node {
    /// Writes the syntax for people: `CREATE QUEUE <queue> [WITH (<setting> = <value>, ...)]`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Word(word) => formatter.write_str(word),
            Node::Symbol(symbol) => write!(formatter, "{symbol}"),
            Node::Slot { name, kind } => match kind {
                SlotKind::Settings(_) => formatter.write_str("<setting> = <value>, ..."),
                SlotKind::RestStatement => formatter.write_str("<statement>"),
                SlotKind::RestSelect => formatter.write_str("..."),
                SlotKind::RestWords => formatter.write_str("<words>"),
                _ => write!(formatter, "<{name}>"),
            },
            Node::Sequence(parts) => formatter.write_str(&written(parts)),
            Node::Choice(branches) => write!(formatter, "({})", alternatives(branches)),
            Node::Optional(inner) => match inner.as_ref() {
                Node::Choice(branches) => write!(formatter, "[{}]", alternatives(branches)),
                inner => write!(formatter, "[{inner}]"),
            },
            Node::Repeat(inner) => write!(formatter, "{inner}, ..."),
        }
    }
}

/// Formats parts in sequence for people.
pub(super) fn written(parts: &[Node]) -> String {
    let mut line = String::new();
    for part in parts {
        append(&mut line, &part.to_string());
    }
    line
}

fn alternatives(branches: &[Node]) -> String {
    branches.iter().map(Node::to_string).collect::<Vec<_>>().join(" | ")
}

/// Makes a sentence of a syntax line: `choose(n)` answers a number below n for every decision (which
/// branch, whether, how many, in which order), `fill` gives the text of every slot.
#[cfg(test)]
pub fn expand(
    node: &Node,
    choose: &mut dyn FnMut(usize) -> usize,
    fill: &mut dyn FnMut(&str, &SlotKind) -> String,
) -> String {
    match node {
        Node::Word(word) => word.clone(),
        Node::Symbol(symbol) => symbol.to_string(),
        Node::Slot { name, kind } => fill(name, kind),
        Node::Sequence(parts) => {
            let ordered = shuffled(parts, choose);
            let texts: Vec<String> = ordered.iter().map(|part| expand(part, choose, fill)).collect();
            texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
        }
        Node::Choice(branches) => expand(&branches[choose(branches.len())], choose, fill),
        Node::Optional(_) if choose(2) == 0 => String::new(),
        Node::Optional(inner) => expand(inner, choose, fill),
        Node::Repeat(inner) => {
            let count = 1 + choose(3);
            (0..count).map(|_| expand(inner, choose, fill)).collect::<Vec<_>>().join(" , ")
        }
    }
}

/// The parts of a sequence with neighbouring optional parts in an order of the chooser's liking.
#[cfg(test)]
fn shuffled<'a>(parts: &'a [Node], choose: &mut dyn FnMut(usize) -> usize) -> Vec<&'a Node> {
    let mut ordered = Vec::new();
    for run in parts.chunk_by(|left, right| is_optional(left) && is_optional(right)) {
        let mut left: Vec<&Node> = run.iter().collect();
        while !left.is_empty() {
            let index = if left.len() == 1 { 0 } else { choose(left.len()) };
            ordered.push(left.remove(index));
        }
    }
    ordered
}

/// Returns whether a part is optional, so that it can swap places with adjacent optional parts.
pub(super) fn is_optional(node: &Node) -> bool {
    matches!(node, Node::Optional(_))
}

/// Syntax lines for the tests of other modules in this layer.
#[cfg(test)]
pub(super) mod examples;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let shown = parse(line).map_or_else(|error| format!("error: {error}"), |node| node.to_string());
        assert_eq!(shown, expected, "{line}");
    }

    #[test]
    fn lines_read_and_are_written_for_people() {
        check(
            "ASSIGN <conversation> TO (AGENT <agent> [OVERRIDE] | QUEUE <queue>)",
            "ASSIGN <conversation> TO (AGENT <agent> [OVERRIDE] | QUEUE <queue>)",
        );
        check(
            "CREATE QUEUE [IF NOT EXISTS] <queue:name> [WITH \"(\" <settings:queue> \")\"]",
            "CREATE QUEUE [IF NOT EXISTS] <queue> [WITH (<setting> = <value>, ...)]",
        );
        check("ADD {<agent>},... TO <queue>", "ADD <agent>, ... TO <queue>");
        check("SELECT <rest:select>", "SELECT ...");
        check("END [BY (CUSTOMER | BOT)] [A | B]", "END [BY (CUSTOMER | BOT)] [A | B]");
    }

    #[test]
    fn wrong_notation_is_told() {
        check("ASSIGN (A | B", "error: ) is missing before ''");
        check("assign", "error: 'assign' is no notation");
        check("A {<b>}", "error: ,... is missing before ''");
        check("A [ ]", "error: something is missing before ']'");
        check("A <b", "error: > is missing after 'b'");
        check("A \"((\"", "error: \"((\" is not one symbol");
        check("A )", "error: ')' is left over in 'A )'");
        check("A <:b>", "error: <:b> has no name or no kind");
    }

    #[test]
    fn a_line_expands_into_sentences() {
        let node = parse("PICK (NEXT | <conversation>) BY {<agent>},... [FROM <queue>]").unwrap();
        let mut fill = |name: &str, _: &SlotKind| format!("<{name}>");
        assert_eq!(expand(&node, &mut |_| 0, &mut fill), "PICK NEXT BY <agent>");
        assert_eq!(
            expand(&node, &mut |count| count - 1, &mut fill),
            "PICK <conversation> BY <agent> , <agent> , <agent> FROM <queue>"
        );
    }
}
