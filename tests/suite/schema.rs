//! The schema of the file and the format that was recorded for it.

use switchboard::testing::store::{Released, SCHEMA, format_of};

use crate::support::World;

#[test]
fn the_format_that_is_released_is_that_of_the_schema() {
    let found = format_of(SCHEMA).expect("the schema is SQL");
    let path = format!("{}/src/store/formats/{}.txt", env!("CARGO_MANIFEST_DIR"), found.number);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, found.written()).expect("written");
    }
    let kept = Released::read(&std::fs::read_to_string(path).expect("the format is kept"));
    assert_eq!(kept, found, "schema.sql was changed: that is a new format, with a migration");
}

#[test]
fn a_fresh_file_is_opened_again() {
    let world = World::new();
    let again = switchboard::Switchboard::open(world.path(), &switchboard::OpenOptions::default());
    assert!(again.is_ok(), "{:?}", again.err());
}
