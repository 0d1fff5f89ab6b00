//! Type names: none is defined twice in `src`.
//!
//! Two types of one name in different modules are told apart by their paths only. Types inside an item (associated types)
//! and those of tests are not counted.

use std::collections::BTreeMap;

use super::source::{Source, Token, sources};

const KEYWORDS: [&str; 4] = ["struct", "enum", "trait", "type"];

/// The types that a file defines outside of other items, with their lines.
fn types_of(file: &Source) -> Vec<(usize, &str)> {
    let tokens: Vec<&Token> = file.outside_tests().into_iter().filter(|token| token.depth == 0).collect();
    let is_name = |token: &Token| token.text.starts_with(char::is_uppercase);
    let defines = |pair: &&[&Token]| KEYWORDS.contains(&pair[0].text.as_str()) && is_name(pair[1]);
    tokens.windows(2).filter(defines).map(|pair| (pair[1].line, pair[1].text.as_str())).collect()
}

/// The names that are defined more than once, each with its places.
fn defined_twice(sources: &[Source]) -> Vec<String> {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in sources.iter().filter(|file| !file.is_test()) {
        for (line, name) in types_of(file) {
            places.entry(name).or_default().push(file.place(line));
        }
    }
    places.retain(|_, places| places.len() > 1);
    places.iter().map(|(name, places)| format!("{name}: {}", places.join(", "))).collect()
}

#[test]
fn no_type_name_is_defined_twice() {
    let sources = sources("src");
    let twice = defined_twice(&sources);
    assert!(twice.is_empty(), "defined twice:\n{}", twice.join("\n"));
    assert!(sources.iter().flat_map(types_of).count() > 100, "the types are found");
}

#[test]
fn a_type_name_that_is_defined_twice_is_found() {
    let one = Source::new("src/a.rs", "pub struct Moment(i64);\nimpl X for Y {\n    type Item = u8;\n}");
    let other =
        Source::new("src/b.rs", "pub(crate) enum Moment { A }\n// struct Other;\ntype Other<'a> = &'a u8;");
    let tests = Source::new("src/c.rs", "#[cfg(test)]\nmod tests {\nstruct Other;\n}");
    let twice = defined_twice(&[one, other, tests]);
    assert_eq!(twice, ["Moment: src/a.rs:1, src/b.rs:1"]);
}
