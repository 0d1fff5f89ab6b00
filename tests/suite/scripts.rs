//! Every script of `fixtures/scripts`: played on a new file, it answers exactly what is written between its lines.
//!
//! Each script is a test of its own name, so that `cargo test keys` plays `keys.script`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::script::{answered, world_of};

macro_rules! scripts {
    ($($name:ident)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { compare(stringify!($name)); })*
    };
}

scripts! {
    a_conversation accepting acting actions agents answered_where archive as_of assigning automatic
    bots_and_scripts closing customers disconnected_chats disconnecting dispatch ending erasing explain following force_closing guests
    help_of_one_statement holding hostile_text housekeeping journal keys lifecycles looks messages
    names_and_values omnichannel ongoing_order opening own_lifecycle people_and_rights picking purging queues
    refusals_of_syntax releasing reports retiring select sentiment silence site summary summary_of_odd_courses summary_of_visits
    sweeping timers_first topic transferring unified unsound_lifecycles waiting_and_reviving
    workstreams
}

/// Plays a script and compares its output with the expected output; `UPDATE=1` writes the output instead.
fn compare(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/scripts/{name}.script"));
    let script = fs::read_to_string(&path).expect("a script");
    let now = answered(&mut world_of(&script), &script);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, now).expect("a script that can be written");
        return;
    }
    let (expected, answered): (Vec<&str>, Vec<&str>) = (script.lines().collect(), now.lines().collect());
    let lines = expected.len().max(answered.len());
    if let Some(line) = (0..lines).find(|line| expected.get(*line) != answered.get(*line)) {
        let of = |lines: &[&str]| lines.get(line).copied().unwrap_or("(the end)").to_owned();
        panic!(
            "{}:{}\n  expected: {}\n  answered: {}",
            path.display(),
            line + 1,
            of(&expected),
            of(&answered)
        );
    }
    assert_eq!(script, now, "{} differs in its line ends", path.display());
}

#[test]
fn every_script_of_the_folder_is_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scripts");
    let files: BTreeSet<String> = fs::read_dir(folder)
        .expect("fixtures")
        .map(|entry| entry.expect("a file").file_name().into_string().expect("a name in UTF-8"))
        .collect();
    let tests: BTreeSet<String> = NAMES.iter().map(|name| format!("{name}.script")).collect();
    assert_eq!(files, tests, "tests/suite/scripts.rs lists other scripts than fixtures/scripts holds");
}
