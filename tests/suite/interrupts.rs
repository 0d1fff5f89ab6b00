//! A statement that works with a second connection ends, too, when it is interrupted.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::purging::closed;

/// Whether VACUUM INTO has written the copy, and it was switched to WAL: what is left is to verify it.
fn is_copied(partial: &std::path::Path) -> bool {
    fs::read(partial).is_ok_and(|bytes| bytes.get(18) == Some(&2))
}

#[test]
fn a_backup_is_interrupted_while_it_is_verified() {
    let mut world = closed(400);
    let backup = world.path().with_file_name("backup.db");
    let partial = world.path().with_file_name("backup.db.partial");
    let (stop, done) = (world.desk.stopper(), AtomicBool::new(false));
    let failure = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_copied(&partial) && !done.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            stop();
        });
        let answer = world.try_run(&format!("BACKUP TO '{}'", backup.display()));
        done.store(true, Ordering::SeqCst);
        answer.expect_err("it is interrupted")
    });
    assert_eq!(failure.error.code().name(), "interrupted", "{failure}");
    assert!(!backup.exists() && !partial.exists(), "nothing is left");
    // A stopper that was called has no effect on what comes after.
    world.run("VERIFY JOURNAL");
    world.run(&format!("BACKUP TO '{}'", backup.display()));
    stop();
    world.run("VERIFY JOURNAL");
}
