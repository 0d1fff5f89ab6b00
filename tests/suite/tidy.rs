//! The structure of the source: layers, header comments, lengths, and words that must not remain in a finished
//! program.
//!
//! The rules are checked on the source text itself. A message names the file and the line.

mod names;
mod prose;
mod source;

use std::collections::BTreeSet;

use source::{Source, sources};

/// The layers, the lowest first. `lib.rs` is the public interface and may name them all, as may
/// `main.rs` and `testing.rs`.
const LAYERS: [&[&str]; 6] = [
    &["domain"],
    &["language", "store"],
    &["statement"],
    &["engine"],
    &["shell"],
    &["lib", "main", "testing"],
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|names| names.contains(&module))
}

/// Why a file may not name that module; none: it may.
fn misplaced(from: &str, to: &str) -> Option<String> {
    // `run` is what lib.rs exports for main.rs.
    if from == to || (from, to) == ("main", "run") {
        return None;
    }
    match (layer(from), layer(to)) {
        (Some(own), Some(other)) if other < own => None,
        (Some(_), Some(_)) => Some(format!("{from} may not use {to}")),
        // Not a module: what lib.rs exports at the top, which belongs to every layer at once.
        _ => Some(format!("{from} names {to}, which is in no layer")),
    }
}

/// The top modules that a file names by a path from the crate's root, with the lines.
fn dependencies(file: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for root in ["crate", "switchboard"] {
        for (line, path) in file.paths_from(root) {
            found.extend(path.into_iter().map(|module| (line, module)));
        }
    }
    found.extend(file.paths_upwards());
    found
}

#[test]
fn no_layer_uses_one_above_or_beside_it() {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for file in sources("src").iter().filter(|file| file.top() != "lib") {
        for (line, module) in dependencies(file) {
            seen.insert((file.top().to_owned(), module.clone()));
            let fault = misplaced(file.top(), &module);
            faults.extend(fault.map(|words| format!("{}: {words}", file.place(line))));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // The paths are really read: what has to be there is found.
    for pair in
        [("store", "domain"), ("statement", "language"), ("statement", "store"), ("engine", "statement")]
    {
        assert!(seen.contains(&(pair.0.to_owned(), pair.1.to_owned())), "{pair:?} is not found");
    }
}

#[test]
fn an_import_upwards_or_sideways_is_found() {
    for (path, text) in [
        ("src/domain/a.rs", "use crate::store::Store;"),
        ("src/domain/a.rs", "use crate::{domain::x, store::Store};"),
        ("src/domain/deep/a.rs", "use super::super::super::store::Store;"),
        ("src/language/a.rs", "use crate::store::Store;"),
        ("src/store/look/a.rs", "fn x() { crate::language::token::tokens(1) }"),
        ("src/store/a.rs", "use crate::{\n    domain::value::{self, Value},\n    statement::Page,\n};"),
        ("src/statement/a.rs", "pub use crate :: engine :: Switchboard;"),
        ("src/engine.rs", "use crate::shell::run;"),
        ("src/domain/a.rs", "use switchboard::testing::engine::Outcome;"),
    ] {
        let file = Source::new(path, text);
        let misplaced = dependencies(&file).iter().any(|(_, to)| misplaced(file.top(), to).is_some());
        assert!(misplaced, "{path}: {text}");
    }
    for (path, text) in [
        ("src/store/a.rs", "use crate::domain::value::Value; // crate::shell is above"),
        ("src/store/look/a.rs", "use super::super::rows::value; /* crate::shell */"),
        ("src/shell/a.rs", "use crate::{domain::value::Value, engine};"),
        ("src/domain/a.rs", "const TEXT: &str = \"crate::shell::run\";"),
    ] {
        let file = Source::new(path, text);
        let found = dependencies(&file);
        assert!(found.iter().all(|(_, to)| misplaced(file.top(), to).is_none()), "{path}: {text}: {found:?}");
    }
}

#[test]
fn every_file_has_a_doc_comment_and_is_short() {
    let mut faults = Vec::new();
    for file in ["src", "tests", "benches"].iter().flat_map(|folder| sources(folder)) {
        if !file.text.starts_with("//! ") {
            faults.push(format!("{} does not begin with what it is (//!)", file.path));
        }
        let lines = file.text.lines().count();
        if lines > 400 {
            faults.push(format!("{} has {lines} lines, and 400 are the most", file.path));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Words of unfinished work. In two parts, so that they are not found here. Clippy finds the macros.
const UNFINISHED: [(&str, &str); 3] = [("TO", "DO"), ("FIX", "ME"), ("#[ig", "nore")];

#[test]
fn nothing_is_unfinished() {
    let mut faults = Vec::new();
    for file in ["src", "tests", "benches"].iter().flat_map(|folder| sources(folder)) {
        for (begin, end) in UNFINISHED {
            let word = format!("{begin}{end}");
            let lines = file.text.lines().enumerate().filter(|(_, line)| line.contains(&word));
            faults.extend(lines.map(|(line, _)| format!("{}: {word}", file.place(line + 1))));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn items_of_tests_are_told_apart() {
    let file = Source::new(
        "src/a.rs",
        "fn a() { b(\"one\") }\n#[cfg(test)]\nmod tests {\n    c(r#\"two\"#)\n}\n#[cfg(test)]\nmod more;\nfn d() { e(\"three\") }",
    );
    assert_eq!(file.strings_outside_tests(), [(1, "one"), (8, "three")]);
}

/// A name of a lifecycle or state may stand in what is written for people: an example, a hint, a document. But no
/// literal of the rules is exactly such a name (in code), or quotes one (in SQL): nothing could be compared with it.
/// What is a word of the schema itself, an event, a phase or a column (`dispatch`, `closed`, `topic`), is free.
#[test]
fn no_rule_compares_the_name_of_a_lifecycle_or_a_state() {
    let file = crate::schema_fixture::SchemaFixture::new();
    let mut words = strings(&file, "SELECT event FROM event UNION SELECT phase FROM phase");
    words.extend(file.tables().iter().flat_map(|table| file.columns(table)));
    let mut names =
        strings(&file, "SELECT name FROM object WHERE kind = 'lifecycle' UNION SELECT state FROM state");
    names.retain(|name| !words.contains(name));
    assert!(names.contains("omnichannel") && names.contains("Wrap-up"), "{names:?}");
    let mut faults = Vec::new();
    for file in sources("src").iter().filter(|file| !file.is_test() && file.top() != "shell") {
        for (line, literal) in file.strings_outside_tests() {
            let quoted = |name: &String| literal.contains("SELECT") && literal.contains(&format!("'{name}'"));
            if names.iter().any(|name| name == literal || quoted(name)) {
                faults.push(format!("{}: \"{literal}\"", file.place(line)));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn strings(file: &crate::schema_fixture::SchemaFixture, sql: &str) -> BTreeSet<String> {
    let mut statement = file.connection.prepare(sql).expect(sql);
    let rows = statement.query_map([], |row| row.get(0)).expect(sql);
    rows.collect::<rusqlite::Result<_>>().expect(sql)
}
