//! EXPORT CUSTOMER: one document that contains everything that ERASE would erase, in a file of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value as Json;

use super::Place;
use crate::erasing::{WORD, desk};

/// A place with the file in which a customer's words are everywhere.
fn place() -> Place {
    let world = desk();
    let path = world.path();
    drop(world.desk);
    let place = Place::new();
    fs::copy(path, place.path("desk.db")).expect("the file");
    place
}

/// Every text in a document that contains the word.
fn words(json: &Json, found: &mut Vec<String>) {
    match json {
        Json::String(text) if text.to_lowercase().contains(WORD) => found.push(text.clone()),
        Json::Array(items) => items.iter().for_each(|item| words(item, found)),
        Json::Object(fields) => fields.values().for_each(|field| words(field, found)),
        _ => {}
    }
}

#[test]
fn the_document_contains_what_would_be_erased() {
    let place = place();
    let export = format!("EXPORT CUSTOMER 'second {WORD}' TO 'customer.json'");
    let run = place.run(&["-f", "jsonl"], &[&export]);
    assert_eq!(run.status, 0, "{run:?}");
    let text = fs::read_to_string(place.path("customer.json")).expect("a document");
    let size = text.len();
    assert_eq!(run.out, format!("{{\"file\":\"customer.json\",\"conversations\":4,\"bytes\":{size}}}\n"));
    let mode = fs::metadata(place.path("customer.json")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let json: Json = serde_json::from_str(&text).expect("it is JSON");
    let mut found = Vec::new();
    words(&json, &mut found);
    found.sort();
    let count = |text: &str| found.iter().filter(|word| *word == text).count();
    // Its own subject twice: as it is now, and when it was given.
    for (suffix, times) in [
        (" subject", 3),
        (" other subject", 2),
        (" short", 1),
        (" note", 1),
        (" automatic", 1),
        (" reason", 2),
        (" name", 2),
        (" key 1", 1),
        (" key 2", 1),
        (" key 3", 1),
        (" topic", 1),
        (" late", 2),
    ] {
        assert_eq!(count(&format!("{WORD}{suffix}")), times, "{suffix}: {found:#?}");
    }
    let long = format!("{WORD} body ").repeat(2_000);
    assert_eq!(count(&long), 3);
    let handles: Vec<&str> = json["handles"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|handle| handle["handle"].as_str())
        .collect();
    let third = format!("third {WORD}");
    assert_eq!(
        handles,
        [&format!("{WORD}@example.com"), &format!("second {WORD}"), &third, &format!("removed {WORD}")]
    );
    assert!(!text.contains("Nothing of that."), "of other customers there is nothing");
}

#[test]
fn a_page_contains_the_same_and_no_markup_of_customers() {
    let place = place();
    let hostile = "MESSAGE ON w FROM 'mallory' '<script>alert(1)</script>\u{202e}\u{1b}[2J'";
    assert_eq!(place.run(&[], &[hostile]).status, 0);
    for (customer, page) in [("mallory", "m.html"), (&format!("{WORD}@example.com"), "z.html")] {
        let run = place.run(&["-f", "html"], &[&format!("EXPORT CUSTOMER '{customer}' TO '{page}'")]);
        assert_eq!(run.status, 0, "{run:?}");
    }
    let page = fs::read_to_string(place.path("m.html")).expect("a page");
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("&lt;script&gt;alert(1)"), "{page}");
    assert!(!page.contains(['\u{1b}', '\u{202e}']) && !page.contains("<script"));
    let page = fs::read_to_string(place.path("z.html")).expect("a page");
    for words in ["other subject", "short", "note", "automatic", "reason", "name", "key 3", "topic", "late"] {
        assert!(page.contains(&format!("{WORD} {words}")), "{words}");
    }
    // As JSON, hostile text reads back the same, and a terminal can show the file.
    assert_eq!(place.run(&[], &["EXPORT CUSTOMER mallory TO 'm.json'"]).status, 0);
    let text = fs::read_to_string(place.path("m.json")).expect("a document");
    assert!(!text.contains(['\u{1b}', '\u{202e}']));
    let json: Json = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(
        json["conversations"][0]["transcript"][0]["body"],
        "<script>alert(1)</script>\u{202e}\u{1b}[2J"
    );
}

#[test]
fn nothing_is_overwritten_or_left_half_done() {
    let place = place();
    fs::write(place.path("there"), "mine").expect("a file");
    let export = |customer: &str, file: &str| {
        let run = place.run(&[], &[&format!("EXPORT CUSTOMER {customer} TO '{file}'")]);
        (run.status, run.err.lines().next().unwrap_or_default().to_owned())
    };
    let other = "'other 1'";
    assert_eq!(export(other, "there"), (1, "error[exists]: there already exists".to_owned()));
    assert_eq!(fs::read_to_string(place.path("there")).expect("a file"), "mine");
    let nowhere = "error[not_found]: cannot write no/where: No such file or directory (os error 2)";
    assert_eq!(export(other, "no/where"), (3, nowhere.to_owned()));
    let unknown = "error[unknown_customer]: customer 'nobody' does not exist";
    assert_eq!(export("nobody", "new"), (1, unknown.to_owned()));
    let ours = "error[invalid_value]: desk.db-erase belongs to the database";
    assert_eq!(export(other, "desk.db-erase"), (1, ours.to_owned()));
    assert!(!place.path("new").exists());
    let left = fs::read_dir(place.path("")).expect("a folder").count();
    assert_eq!(export(other, "new").0, 0);
    assert_eq!(fs::read_dir(place.path("")).expect("a folder").count(), left + 1);
    // What was purged or erased is shown as that.
    assert_eq!(place.run(&[], &["PURGE CLOSED BEFORE '2027-01-01T00:00:00Z'"]).status, 0);
    assert_eq!(export(&format!("'{WORD}@example.com'"), "purged").0, 0);
    let text = fs::read_to_string(place.path("purged")).expect("a document");
    assert!(text.contains("purged on ") && !text.contains(" body ") && text.contains(" other subject"));
}
