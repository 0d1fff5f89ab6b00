//! Every script of fixtures/scripts: a fresh file each, and exactly the answers that stand between its lines.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::World;
use crate::support::script::answered;

fn scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scripts");
    let mut found: Vec<PathBuf> =
        fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("a file").path()).collect();
    found.sort();
    found
}

#[test]
fn every_script_answers_what_stands_between_its_lines() {
    let mut different = Vec::new();
    for path in scripts() {
        let script = fs::read_to_string(&path).expect("a script");
        let now = answered(&mut World::new(), &script);
        if now == script {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &now).expect("written");
            continue;
        }
        let line = script.lines().zip(now.lines()).position(|(old, new)| old != new).unwrap_or_default();
        let (old, new) =
            (script.lines().nth(line).unwrap_or_default(), now.lines().nth(line).unwrap_or_default());
        different.push(format!("{}:{}\n  expected: {old}\n  answered: {new}", path.display(), line + 1));
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(scripts().len() >= 30, "the scripts are there");
}
