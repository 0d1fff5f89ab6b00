//! A source file as tokens, for the checks of its structure.
//!
//! The lexer is that of proc-macro2, so a comment or a literal is never taken for code.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A token, with the line and the depth of braces at which it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
    pub depth: usize,
    /// The content, if it is a string.
    pub string: Option<String>,
}

/// A file under the crate's root.
pub struct Source {
    /// Its path from the root.
    pub path: String,
    /// All of it.
    pub text: String,
    tokens: Vec<Token>,
}

/// Every Rust file under a folder of the crate, in order.
pub fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join(folder), &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "{folder} has sources");
    let read = |path: &PathBuf| {
        let name = path.strip_prefix(root).expect("under the root").to_string_lossy().into_owned();
        Source::new(&name, &fs::read_to_string(path).expect("a source"))
    };
    paths.iter().map(read).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

impl Source {
    /// A file of that path and text.
    pub fn new(path: &str, text: &str) -> Source {
        let stream: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut tokens = Vec::new();
        flatten(stream, 0, &mut tokens);
        Source { path: path.to_owned(), text: text.to_owned(), tokens }
    }

    /// `src/store/mod.rs:12`.
    pub fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.path)
    }

    /// The top module that it belongs to: `store` of `src/store/snapshot/mod.rs`, `engine` of `src/engine.rs`.
    pub fn top(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside.split(['/', '.']).next().unwrap_or_default()
    }

    /// Whether the whole file is compiled for tests alone.
    pub fn is_test(&self) -> bool {
        let module = self.path.rsplit('/').next().unwrap_or_default();
        ["tests.rs", "examples.rs", "hostile.rs"].contains(&module)
    }

    /// The tokens without the items that are compiled for tests alone.
    pub fn outside_tests(&self) -> Vec<&Token> {
        const TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
        let mut left = Vec::new();
        let mut rest = self.tokens.as_slice();
        while let Some(first) = rest.first() {
            if !words(rest).take(TEST.len()).eq(TEST) {
                left.push(first);
                rest = &rest[1..];
                continue;
            }
            // The item ends with its own brace, or has no body at all.
            let ends = |token: &Token| token.depth == first.depth && matches!(token.text.as_str(), "}" | ";");
            let end = rest.iter().position(ends).unwrap_or(rest.len() - 1);
            rest = &rest[end + 1..];
        }
        left
    }

    /// The first names after `root::` (several, where a brace opens), and the lines.
    pub fn paths_from(&self, root: &str) -> Vec<(usize, Vec<String>)> {
        let begins = |at: &usize| self.tokens[*at].text == root && is_path(&self.tokens[at + 1..]);
        let path = |at: usize| (self.tokens[at].line, first_names(&self.tokens[at + 3..]));
        (0..self.tokens.len()).filter(begins).map(path).collect()
    }

    /// Top modules that are reached by `super::` beyond the file's own top module.
    pub fn paths_upwards(&self) -> Vec<(usize, String)> {
        let inside = self.path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let own = inside.split('/').count();
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let (line, depth) = (self.tokens[at].line, self.tokens[at].depth);
            let mut steps = 0;
            while self.tokens.get(at).is_some_and(|token| token.text == "super")
                && is_path(&self.tokens[at + 1..])
            {
                (at, steps) = (at + 3, steps + 1);
            }
            // A module within the file is one deeper.
            if steps > 0 && steps >= own + depth {
                found.extend(first_names(&self.tokens[at..]).into_iter().map(|name| (line, name)));
            }
            at += usize::from(steps == 0);
        }
        found
    }

    /// The strings, without those of the tests.
    pub fn strings_outside_tests(&self) -> Vec<(usize, &str)> {
        let string = |token: &&'_ Token| token.string.is_some();
        let tokens = self.outside_tests().into_iter().filter(string);
        tokens.filter_map(|token| Some((token.line, token.string.as_deref()?))).collect()
    }
}

fn words(tokens: &[Token]) -> impl Iterator<Item = &str> {
    tokens.iter().map(|token| token.text.as_str())
}

fn is_path(tokens: &[Token]) -> bool {
    words(tokens).take(2).eq([":", ":"])
}

fn flatten(stream: TokenStream, depth: usize, tokens: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        let mut push = |text: &str, line| {
            tokens.push(Token { text: text.to_owned(), line, depth, string: None });
        };
        match tree {
            TokenTree::Group(group) => {
                let (open, close, inner) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")", depth),
                    Delimiter::Bracket => ("[", "]", depth),
                    Delimiter::Brace => ("{", "}", depth + 1),
                    Delimiter::None => ("", "", depth),
                };
                push(open, line);
                flatten(group.stream(), inner, tokens);
                let line = group.span_close().end().line;
                tokens.push(Token { text: close.to_owned(), line, depth, string: None });
            }
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let string = string_in(&text);
                tokens.push(Token { text, line, depth, string });
            }
            other => push(&other.to_string(), line),
        }
    }
}

/// The content of a string literal, as it is written.
fn string_in(literal: &str) -> Option<String> {
    let inside = literal.trim_start_matches(['b', 'r']).trim_matches('#');
    Some(inside.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// The first name of a path, or of each path in braces.
fn first_names(tokens: &[Token]) -> Vec<String> {
    let Some(first) = tokens.first() else { return Vec::new() };
    if first.text != "{" {
        return vec![first.text.clone()];
    }
    let inner = first.depth + 1;
    let inside = tokens[1..].iter().take_while(|token| token.depth >= inner);
    let mut names = Vec::new();
    let mut begins = true;
    for token in inside {
        if begins && token.depth == inner {
            names.push(token.text.clone());
        }
        begins = token.depth == inner && token.text == ",";
    }
    names
}
