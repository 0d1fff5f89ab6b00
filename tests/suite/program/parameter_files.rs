//! `--param-file`: the values of parameters from files and from standard input, and what is refused.

use std::fs;

use super::{Place, Run};

/// The longest text, in bytes.
const MOST: usize = 1 << 20;

fn noted(place: &Place, bytes: impl AsRef<[u8]>) -> Run {
    fs::write(place.path("mail.txt"), bytes).expect("a file");
    place.run(&["--quiet", "--param-file", "text=mail.txt"], &["NOTE 1 :text"])
}

fn last_note(place: &Place) -> String {
    let newest = "SELECT body FROM messages ORDER BY id DESC LIMIT 1";
    let run = place.run(&["-f", "json"], &[newest]);
    let rows: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    rows[0]["body"].as_str().expect("a body").to_owned()
}

fn assert_refused(run: &Run, words: &str) {
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.err.contains(words), "{words}: {run:?}");
}

#[test]
fn a_value_is_the_content_of_its_file_unchanged() {
    let place = Place::with_desk();
    for text in ["@mail.txt; DROP QUEUE front; 'quoted' :id\n\n", " \tübung \u{1f600}\r\n", "-"] {
        let run = noted(&place, text);
        assert_eq!(run.status, 0, "{run:?}");
        assert_eq!(last_note(&place), text);
    }
    place.assert_whole();
}

#[test]
fn a_value_has_the_length_of_a_text_at_most() {
    let place = Place::with_desk();
    assert_eq!(noted(&place, "x".repeat(MOST)).status, 0);
    assert_eq!(last_note(&place).len(), MOST);
    assert_refused(&noted(&place, "x".repeat(MOST + 1)), "mail.txt: the file exceeds 1048576 bytes");
    let endless = place.run(&["--param-file", "text=/dev/zero"], &["NOTE 1 :text"]);
    assert_refused(&endless, "/dev/zero: the file exceeds 1048576 bytes");
}

#[test]
fn bad_files_are_named() {
    let place = Place::with_desk();
    assert_refused(&noted(&place, b"ok\xff"), "--param-file: mail.txt: invalid UTF-8 at byte 3");
    let missing = place.run(&["--param-file", "text=none.txt"], &["NOTE 1 :text"]);
    assert_refused(&missing, "--param-file: none.txt: No such file");
    assert_refused(&place.run(&["--param-file", "text"], &["SHOW SITE"]), "expected NAME=FILE");
}

#[test]
fn standard_input_gives_one_value() {
    let place = Place::with_desk();
    let run = place.feed(&["--quiet", "--param-file", "text=-"], "from a pipe\n");
    assert_refused(&run, "can only be read if the statements are arguments");
    let twice = place.run(&["--param-file", "a=-", "--param-file", "b=-"], &["NOTE 1 :a"]);
    assert_refused(&twice, "can be read for one parameter only");
    let mut command = place.command(&["--quiet", "--param-file", "text=-"]);
    command.arg("NOTE 1 :text");
    let run = super::fed(&mut command, b"from a pipe\n");
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(last_note(&place), "from a pipe\n");
}

#[test]
fn a_parameter_is_given_once() {
    let place = Place::with_desk();
    fs::write(place.path("mail.txt"), "x").expect("a file");
    for other in [["-p", "TEXT=y"], ["--param-file", ":text=mail.txt"]] {
        let run = place.run(&[&["--param-file", "text=mail.txt"][..], &other].concat(), &["NOTE 1 :text"]);
        assert_refused(&run, "is given twice");
    }
}
