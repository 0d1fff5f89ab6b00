//! The file's schema against what the program believes about it.

use switchboard::store::SCHEMA;

use crate::support::World;

#[test]
fn the_fingerprint_is_that_of_the_schema() {
    let plain = rusqlite::Connection::open_in_memory().expect("memory");
    plain.execute_batch(SCHEMA).expect("the schema is SQL");
    let found = switchboard::store::fingerprint_of(&plain).expect("a fingerprint");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/fingerprint.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, format!("{found}\n")).expect("written");
    }
    let kept = std::fs::read_to_string(path).expect("the fingerprint is kept");
    assert_eq!(kept.trim(), found, "schema.sql was changed: UPDATE=1 keeps the new fingerprint");
}

#[test]
fn a_fresh_file_is_opened_again() {
    let world = World::new();
    let again = switchboard::Switchboard::open(&world.path(), &switchboard::OpenOptions::default());
    assert!(again.is_ok(), "{:?}", again.err());
}
