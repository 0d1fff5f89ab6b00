//! A power cut at any point of an upgrade: the file is the old one or the new one, and can be upgraded.
//!
//! Only the file itself is checked. The copy beside it gets its name by a rename, which the recorder does not
//! see; that it is written and synced before anything else is written is read from the recording.

use std::sync::OnceLock;

use super::pretend::pretend;
use super::{Found, assert_upgradable, fixture, open};
use crate::support::power::{self, Op, Recording, Syncs};
use crate::support::session::seeds;

/// Images of a round.
const IMAGES: usize = 150;

/// An upgrade, recorded once for all tests.
fn upgrade() -> &'static Recording {
    static UPGRADE: OnceLock<Recording> = OnceLock::new();
    let test = "upgrade::power::after_any_power_cut_it_is_the_old_file_or_the_new_one";
    UPGRADE.get_or_init(|| {
        power::recorded(test, fixture::put, |folder| {
            let desk = open(&folder.join("desk.db"), pretend()).expect("upgraded");
            power::mark(1);
            drop(desk);
        })
    })
}

#[test]
fn after_any_power_cut_it_is_the_old_file_or_the_new_one() {
    for seed in seeds("UPGRADE_CUTS", 1) {
        let mut seen = [0; 2];
        for image in upgrade().images(IMAGES, seed, Syncs::Kept) {
            let context = format!("UPGRADE_CUTS_SEED={seed}: {}", image.origin);
            let found = assert_upgradable(&image.path().join("desk.db"), &context);
            assert!(found == Found::New || image.marked.is_none(), "{context}: it was upgraded");
            seen[usize::from(found == Found::New)] += 1;
        }
        println!("old and new after a cut: {seen:?} of {} operations", upgrade().ops().len());
        assert!(seen.iter().all(|count| *count > 10), "{seen:?}");
    }
}

#[test]
fn the_copy_is_on_the_disk_before_anything_is_written() {
    let ops = upgrade().ops();
    let number = |end: &str| {
        let is_named = |op: &Op| match op {
            Op::Open { file, name, .. } if name.to_string_lossy().ends_with(end) => Some(*file),
            _ => None,
        };
        ops.iter().find_map(is_named).unwrap_or_else(|| panic!("{end} is opened"))
    };
    let written = |number: usize| {
        let is_write = move |op: &&Op| matches!(op, Op::Write { file, .. } if *file == number);
        ops.iter().position(|op| is_write(&op)).zip(ops.iter().rposition(|op| is_write(&op)))
    };
    let copy = number(kept!(".partial"));
    let (_, last) = written(copy).expect("it is written");
    let synced = ops.iter().rposition(|op| matches!(op, Op::Sync { file } if *file == copy));
    let (first, _) = written(number("desk.db-wal")).expect("the upgrade is written");
    assert!(synced.is_some_and(|synced| last < synced && synced < first), "{last}, {synced:?}, {first}");
    let (file, _) = written(number("desk.db")).expect("it is written back");
    assert!(first < file, "the log comes first");
}
