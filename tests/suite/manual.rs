//! The manual is the program's: its examples run, its text is the pages' text.

use std::fs;

use switchboard::statement::{Act, pages};

use crate::support::World;

#[test]
fn every_example_runs_on_the_desk() {
    for page in pages() {
        let mut world = World::with_desk();
        let reply = world.run(page.example);
        let says_something = !reply.rows.is_empty() || matches!(page.act, Act::Change(_) | Act::Sweep);
        assert!(says_something, "{} answers nothing", page.example);
    }
}

#[test]
fn the_document_is_rendered_from_the_pages() {
    let views = World::new().desk.views().expect("views");
    let now = switchboard::engine::manual(&views);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/STATEMENTS.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/docs")).expect("a folder");
        fs::write(path, &now).expect("written");
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(kept, now, "docs/STATEMENTS.md is not what the pages say: UPDATE=1 renders it");
}
