//! Type names: none is defined twice in `src`.
//!
//! Two types of one name in different modules are told apart by their paths only. Types inside an item (associated types)
//! and those of tests are not counted.

use std::collections::BTreeMap;

use super::source::{Source, sources};

const KEYWORDS: [&str; 4] = ["struct", "enum", "trait", "type"];

/// The name of the type that is defined at the beginning of that line.
fn type_defined(line: &str) -> Option<&str> {
    if line.starts_with(char::is_whitespace) {
        return None;
    }
    let words = line.split([' ', '<', '(', '{', ';', ':', '=']).filter(|word| !word.is_empty());
    // `pub(in path)` has words of its own before the keyword.
    let mut words = words.skip_while(|word| !KEYWORDS.contains(word));
    words.next()?;
    let begins = line.starts_with("pub") || KEYWORDS.iter().any(|word| line.starts_with(word));
    words.next().filter(|_| begins)
}

/// The names that are defined more than once, each with its places.
fn defined_twice(sources: &[Source]) -> Vec<String> {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in sources.iter().filter(|file| !file.is_test()) {
        for (line, text) in file.code_without_tests() {
            if let Some(name) = type_defined(text) {
                places.entry(name).or_default().push(file.place(line));
            }
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
    let types = sources.iter().flat_map(|file| file.code_without_tests());
    assert!(types.filter_map(|(_, text)| type_defined(text)).count() > 100, "the types are found");
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
