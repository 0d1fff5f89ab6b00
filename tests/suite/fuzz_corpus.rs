//! The corpus of the fuzz targets in `fuzz/`, as cases: what fuzzing has found stays tested without a fuzzer.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/checks.rs"]
pub mod checks;

/// Runs every file of a corpus, and returns how many there were.
fn run(target: &str, check: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("a corpus").map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    for path in &paths {
        println!("{}", path.display());
        check(&fs::read(path).expect("a case"));
    }
    paths.len()
}

#[test]
fn every_statement_of_the_corpus_passes() {
    assert!(run("statement", checks::statement) > 50);
}

#[test]
fn every_script_of_the_corpus_passes() {
    assert!(run("script", checks::script) > 20);
}

#[test]
fn every_file_of_the_corpus_passes() {
    assert!(run("file", checks::file) > 20);
}
