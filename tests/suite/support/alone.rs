//! A job in a process of its own: the test binary is started again with this one test, which does
//! the job instead of checking it.
//!
//! A job that changes the whole process, for example SQLite's default VFS, disturbs no other test
//! there.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};

use tempfile::TempDir;

use super::folder;

/// The variable that names the test whose job this process does.
const JOB: &str = "TEST_JOB";
/// The variable that names the folder in which the job works.
const PLACE: &str = "TEST_PLACE";

/// Does a job in its own process, in a folder that remains, and returns what it printed.
///
/// `test` is the path of the calling test, such as `power_cuts::a_day`; a test can call this only
/// once.
pub fn alone(test: &str, job: impl FnOnce(&Path)) -> (TempDir, String) {
    if let Some(name) = env::var_os(JOB) {
        assert_eq!(name, test, "a test that is run again comes to the call that started it");
        job(&PathBuf::from(env::var_os(PLACE).expect("with the job comes its place")));
        exit(0);
    }
    let place = folder();
    let again = Command::new(env::current_exe().expect("the test binary"))
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(JOB, test)
        // SQLite resolves links before it opens a file.
        .env(PLACE, place.path().canonicalize().expect("it is there"))
        .output()
        .expect("the test binary starts again");
    let words = [again.stdout, again.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(again.status.success(), "{test} as a job: {}", words.join("\n"));
    (place, words.concat())
}
