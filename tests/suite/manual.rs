//! The manual: the examples of the statements run, and the rendered documents are up to date.

use std::fs;
use std::path::Path;

use switchboard::testing::statement::statements;

use crate::support::World;

#[test]
fn every_example_runs_on_the_desk() {
    for definition in statements() {
        let mut world = World::with_desk();
        let example = world.example(definition.example);
        let reply = world.run(&example);
        let says_something = !reply.rows.is_empty() || !reply.notes.is_empty() || !definition.is_read_only();
        assert!(says_something, "{} answers nothing", definition.example);
    }
}

/// Compares a document with what it is rendered from, or renders it.
pub fn assert_rendered(document: &str, now: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let path = folder.join(document);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(folder).expect("a folder");
        fs::write(&path, now).expect("written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let line = kept.lines().zip(now.lines()).position(|(old, new)| old != new).unwrap_or_default();
    assert!(
        kept == now,
        "docs/{document} is not what it is rendered from, at line {}: UPDATE=1 renders it",
        line + 1
    );
}

#[test]
fn the_statements_are_rendered_from_the_pages() {
    let views = World::new().desk.views().expect("views");
    assert_rendered("STATEMENTS.md", &switchboard::testing::engine::manual(&views));
}

#[test]
fn the_reports_are_rendered_from_their_definitions() {
    assert_rendered("REPORTS.md", &switchboard::testing::engine::definitions());
}

#[test]
fn the_lifecycles_are_rendered_from_the_rows() {
    assert_rendered("LIFECYCLES.md", &World::new().desk.gallery().expect("a query"));
}
