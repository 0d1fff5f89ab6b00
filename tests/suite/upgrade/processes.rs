//! Processes of the next format: two that upgrade at once, one that is killed, one without disk space.
//!
//! The file has the old format or the new one, complete, whatever happens to the process. The test binary is
//! started again with one test in it, which is the job. A process waits for a line before it begins, so no test
//! has to sleep.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio, exit};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::yield_now;

use rusqlite::Connection;
use rustix::process::{Resource, Rlimit, setrlimit};
use signal_hook::consts::SIGXFSZ;
use switchboard::testing::store::Formats;

use super::fixture::copy;
use super::pretend::pretend;
use super::{Found, assert_upgradable, names, open, opened};

/// The file that a process upgrades.
const FILE: &str = "UPGRADE_FILE";
/// The most bytes that any file may have, or none.
const ROOM: &str = "UPGRADE_ROOM";

/// A process that upgrades a file once it gets a line.
struct Upgrading {
    child: Child,
}

impl Upgrading {
    /// Starts it, and comes back when it is ready.
    fn new(path: &Path, room: Option<u64>) -> Upgrading {
        let test = "upgrade::processes::a_process_of_its_own_upgrades_a_file";
        let mut child = Command::new(env::current_exe().expect("the test binary"))
            .args([test, "--exact", "--nocapture", "--test-threads=1"])
            .env(FILE, path)
            .env(ROOM, room.map_or_else(String::new, |bytes| bytes.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the test binary starts again");
        let ready = BufReader::new(child.stdout.as_mut().expect("a pipe"));
        assert!(ready.lines().any(|line| line.expect("a line").ends_with("ready")), "it is ready");
        Upgrading { child }
    }

    fn go(&mut self) {
        self.child.stdin.as_mut().expect("a pipe").write_all(b"go\n").expect("it waits for it");
    }

    /// What it says at its end: nothing, or the code of an error.
    fn said(mut self) -> String {
        let mut said = String::new();
        self.child.stdout.as_mut().expect("a pipe").read_to_string(&mut said).expect("words");
        assert!(self.child.wait().expect("it ends").success(), "{said}");
        said.trim().to_owned()
    }
}

/// The job: it says that it is ready, waits, and upgrades.
fn upgrade(path: &Path) -> ! {
    pretend();
    if let Some(bytes) = env::var(ROOM).ok().and_then(|bytes| bytes.parse::<u64>().ok()) {
        // As the program has it: the signal is taken, and the write fails.
        signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))).expect("a signal");
        let limit = Rlimit { current: Some(bytes), maximum: Some(bytes) };
        setrlimit(Resource::Fsize, limit).expect("a limit");
    }
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).expect("a line");
    match open(path, pretend()) {
        Ok(desk) => drop(desk),
        Err(error) => println!("{}", error.code().name()),
    }
    exit(0);
}

#[test]
fn a_process_of_its_own_upgrades_a_file() {
    if let Some(path) = env::var_os(FILE) {
        upgrade(&PathBuf::from(path));
    }
    let folder = copy();
    let path = folder.path().join("desk.db");
    let mut one = Upgrading::new(&path, None);
    one.go();
    assert_eq!(one.said(), "");
    assert_eq!(assert_upgradable(&path, "one process"), Found::New);
}

#[test]
fn of_two_that_upgrade_at_once_one_does_and_both_end_well() {
    for round in 0..4 {
        let folder = copy();
        let path = folder.path().join("desk.db");
        let mut both = [(); 2].map(|()| Upgrading::new(&path, None));
        both.iter_mut().for_each(Upgrading::go);
        assert_eq!(both.map(Upgrading::said), ["", ""], "round {round}");
        assert_eq!(names(folder.path()), ["desk.db", kept!()], "round {round}");
        assert_eq!(assert_upgradable(&path, "two processes"), Found::New);
    }
}

#[test]
fn a_killed_upgrade_leaves_the_old_file_or_the_new_one() {
    // The kill comes once a file that an upgrade writes has that many bytes, and after that many more polls.
    let copied = [0, 100_000, 200_000].map(|bytes| (concat!(".format-", old!(), ".partial"), bytes, 0));
    let migrated = (0..18).map(|step| (concat!(".format-", old!()), 0, step * 300));
    let written = [1, 200_000, 400_000].map(|bytes| ("-wal", bytes, 0));
    let mut found = [0; 2];
    for (suffix, bytes, polls) in copied.into_iter().chain(migrated).chain(written) {
        let folder = copy();
        let place = |suffix: &str| folder.path().join(format!("desk.db{suffix}"));
        let is_written = || fs::metadata(place(suffix)).is_ok_and(|metadata| metadata.len() >= bytes);
        let mut child = Upgrading::new(&place(""), None);
        child.go();
        let mut left = polls;
        while left > 0 || !is_written() {
            if child.child.try_wait().expect("a child").is_some() {
                break;
            }
            left -= usize::from(left > 0 && is_written());
            yield_now();
        }
        child.child.kill().expect("it is killed");
        child.child.wait().expect("it is gone");
        let context = format!("killed {polls} polls after desk.db{suffix} had {bytes} bytes");
        let format = assert_upgradable(&place(""), &context);
        found[usize::from(format == Found::New)] += 1;
        let left = names(folder.path());
        assert_eq!(left, ["desk.db", kept!()], "{context}: nothing else is left");
    }
    println!("old and new after a kill: {found:?}");
    assert!(found[0] > 0, "every upgrade ended before it was killed");
}

#[test]
fn without_room_for_the_copy_nothing_is_changed() {
    let folder = copy();
    let path = folder.path().join("desk.db");
    let before = fs::read(&path).expect("the file");
    for room in [before.len() as u64 - 4096, 200_000, 40_000] {
        let mut child = Upgrading::new(&path, Some(room));
        child.go();
        let said = child.said();
        assert_eq!(said, "disk_full", "room for {room}");
        assert!(fs::read(&path).expect("the file") == before, "room for {room}");
        assert_eq!(names(folder.path()), ["desk.db"], "room for {room}");
    }
    assert_eq!(assert_upgradable(&path, "with room"), Found::Old);
}

#[test]
fn with_room_for_the_copy_alone_the_file_is_the_old_one() {
    let folder = copy();
    let path = folder.path().join("desk.db");
    let bytes = |path: &Path| fs::metadata(path).expect("a file").len();
    // Somebody reads, so that the write-ahead log only grows, beyond the size of the file.
    let reader = Connection::open(&path).expect("the file");
    reader.execute_batch("BEGIN; SELECT count(*) FROM entry").expect("a query");
    let mut old = opened(&folder, Formats::current()).world;
    let wal = folder.path().join("desk.db-wal");
    while bytes(&wal) < bytes(&path) + 100_000 {
        old.run("NOTE 1 'something to write'");
    }
    let head = old.rows("SHOW HEAD");
    for more in [0, 4096, 100_000] {
        let mut child = Upgrading::new(&path, Some(bytes(&wal) + more));
        child.go();
        let said = child.said();
        assert_eq!(said, "disk_full", "{more} bytes more");
        assert_eq!(old.rows("SHOW HEAD"), head, "{more} bytes more");
        assert!(old.rows("VERIFY JOURNAL")[0].ends_with("|whole"), "{more} bytes more");
        let copies: Vec<String> = names(folder.path())
            .into_iter()
            .filter(|name| name.contains(concat!("format-", old!())))
            .collect();
        assert_eq!(copies, [kept!()], "the one that was kept is used again");
    }
    drop((old, reader));
    drop(opened(&folder, pretend()));
    let mut new = opened(&folder, pretend()).world;
    assert!(new.rows("VERIFY JOURNAL")[0].ends_with("|whole"));
}
