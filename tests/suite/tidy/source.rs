//! A source file, read as far as the checks of its structure need it: code, comments and literals apart.
//!
//! A comment or a literal is never taken for code. This is no parser: it knows paths, literals and items for
//! tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A file under the crate's root.
pub struct Source {
    /// Its path from the root.
    pub path: String,
    /// All of it.
    pub text: String,
    /// The same length, with blanks for comments and for what stands in literals.
    code: String,
    /// The literals, with the byte at which each begins.
    literals: Vec<(usize, String)>,
}

/// Every Rust file under a folder of the crate, in order.
pub fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join(folder), &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "{folder} has sources");
    let read = |path: &std::path::PathBuf| {
        let name = path.strip_prefix(root).expect("under the root").to_string_lossy().into_owned();
        Source::new(&name, &fs::read_to_string(path).expect("a source"))
    };
    paths.iter().map(read).collect()
}

fn collect(folder: &Path, paths: &mut Vec<std::path::PathBuf>) {
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
        let mut source = Source {
            path: path.to_owned(),
            text: text.to_owned(),
            code: String::new(),
            literals: Vec::new(),
        };
        source.part();
        source
    }

    /// `src/store/mod.rs:12`.
    pub fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.path)
    }

    /// The top module that it belongs to: `store` of `src/store/look/mod.rs`, `engine` of `src/engine.rs`.
    pub fn top(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside.split(['/', '.']).next().unwrap_or_default()
    }

    /// Whether the whole file is compiled for tests alone.
    pub fn is_test(&self) -> bool {
        let module = self.path.rsplit('/').next().unwrap_or_default();
        ["tests.rs", "examples.rs", "hostile.rs"].contains(&module)
    }

    fn line(&self, byte: usize) -> usize {
        self.text[..byte].matches('\n').count() + 1
    }

    /// Parts code from comments and literals.
    fn part(&mut self) {
        let mut rest = self.text.as_str();
        while !rest.is_empty() {
            let at = self.text.len() - rest.len();
            let length = length_of_comment(rest).or_else(|| {
                let (length, literal) = literal(rest)?;
                self.literals.push((at, literal));
                Some(length)
            });
            let skipped = length.is_some();
            let length = length.unwrap_or_else(|| length_of_code(rest));
            for character in rest[..length].chars() {
                let blank = skipped && character != '\n';
                self.code.extend(std::iter::repeat_n(
                    if blank { ' ' } else { character },
                    if blank { character.len_utf8() } else { 1 },
                ));
            }
            rest = &rest[length..];
        }
        assert_eq!(self.code.len(), self.text.len(), "{}", self.path);
    }

    /// The first names after `root::` (several, where a brace opens), and the lines.
    pub fn paths_from(&self, root: &str) -> Vec<(usize, Vec<String>)> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices(root) {
            let part_of_a_word =
                self.code[..at].ends_with(|last: char| last.is_alphanumeric() || last == '_');
            let rest = self.code[at + root.len()..].trim_start();
            if let (false, Some(path)) = (part_of_a_word, rest.strip_prefix("::")) {
                found.push((self.line(at), first_names(path.trim_start())));
            }
        }
        found
    }

    /// Top modules that are reached by `super::` beyond the file's own top module.
    pub fn paths_upwards(&self) -> Vec<(usize, String)> {
        let inside = self.path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let depth = inside.split('/').count();
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("super::") {
            if self.code[..at].ends_with("super::") {
                continue;
            }
            let mut rest = &self.code[at..];
            let mut steps = 0;
            while let Some(further) = rest.strip_prefix("super::") {
                (rest, steps) = (further, steps + 1);
            }
            // A test module within the file is one deeper.
            let depth = if self.tests_begin().is_some_and(|tests| at > tests) { depth + 1 } else { depth };
            if steps >= depth {
                found.extend(first_names(rest).into_iter().map(|name| (self.line(at), name)));
            }
        }
        found
    }

    /// Where the tests at the end of the file begin.
    fn tests_begin(&self) -> Option<usize> {
        self.code.find("#[cfg(test)]\nmod ")
    }

    /// The lines of code, without the items that are compiled for tests alone.
    pub fn code_without_tests(&self) -> Vec<(usize, &str)> {
        let mut lines = Vec::new();
        let mut numbered = (1..).zip(self.code.lines());
        while let Some((number, line)) = numbered.next() {
            let Some(indent) = line.strip_suffix("#[cfg(test)]") else {
                lines.push((number, line));
                continue;
            };
            // The item ends with a brace below its attribute, or has no body at all.
            let (brace, declared) = (format!("{indent}}}"), format!("{indent}mod "));
            let ends =
                |line: &str| line.starts_with(&brace) || (line.starts_with(&declared) && line.ends_with(';'));
            let _ = numbered.by_ref().find(|(_, line)| ends(line));
        }
        lines
    }

    /// The literals, without those of the tests.
    pub fn literals_without_tests(&self) -> Vec<(usize, &str)> {
        let lines: BTreeSet<usize> = self.code_without_tests().into_iter().map(|(line, _)| line).collect();
        let placed = self.literals.iter().map(|(at, literal)| (self.line(*at), literal.as_str()));
        placed.filter(|(line, _)| lines.contains(line)).collect()
    }
}

fn length_of_comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    text.starts_with("/*").then(|| text.find("*/").map_or(text.len(), |end| end + 2))
}

/// A literal at the beginning of a text: its length and what stands in it.
fn literal(text: &str) -> Option<(usize, String)> {
    let start = text.strip_prefix('b').unwrap_or(text);
    let before = text.len() - start.len();
    if let Some(raw) = start.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let inside = raw[hashes..].strip_prefix('"')?;
        let end = inside.find(&format!("\"{}", "#".repeat(hashes)))?;
        return Some((before + 1 + 2 * hashes + 2 + end, inside[..end].to_owned()));
    }
    if let Some(inside) = start.strip_prefix('"') {
        let mut escaped = false;
        let end = inside.find(|character| {
            let ends = character == '"' && !escaped;
            escaped = character == '\\' && !escaped;
            ends
        })?;
        return Some((before + end + 2, inside[..end].to_owned()));
    }
    // A character: '"' would open a text otherwise. A lifetime has no quote behind its first letter.
    let inside = start.strip_prefix('\'')?;
    let length = match inside.strip_prefix('\\') {
        Some(escaped) => 1 + escaped.chars().next()?.len_utf8() + escaped[1..].find('\'')?,
        None => inside.chars().next()?.len_utf8(),
    };
    inside[length..].starts_with('\'').then(|| (before + length + 2, inside[..length].to_owned()))
}

/// Code up to where a comment or a literal may begin: words whole, so that the r of `for` begins none.
fn length_of_code(text: &str) -> usize {
    let word = text.find(|character: char| !character.is_alphanumeric() && character != '_');
    match word {
        Some(0) => text.chars().next().map_or(1, char::len_utf8),
        Some(length) => length,
        None => text.len(),
    }
}

/// The first name of a path, or of each path in braces.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| {
        text.trim_start().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
    };
    let Some(inside) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut depth, mut start, mut names) = (0, 0, Vec::new());
    for (at, character) in inside.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(name(&inside[start..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(name(&inside[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    names.into_iter().filter(|name: &String| !name.is_empty()).collect()
}
