//! A power cut at any point of ERASE or PURGE: the words are all there or all gone, and the next program that opens the
//! file removes what is left of them in its bytes.
//!
//! The recorder does not see the file that marks an erasure, `desk.db-erase`. It is durable before the commit and
//! removed at the end, so an image from before the end gets one.

use std::fs;
use std::path::Path;

use switchboard::{Context, OpenOptions, Parameters, Switchboard};

use super::{WORD, beside, desk, words_left};
use crate::purging::closed;
use crate::support::power::{self, Recording, Syncs};
use crate::support::session::seeds;
use crate::support::{World, at, text};

/// Images of a round.
const IMAGES: usize = 100;

/// Puts the file of a world into a folder.
fn put(world: World, folder: &Path) {
    let path = world.path();
    drop(world.desk);
    fs::copy(path, folder.join("desk.db")).expect("the file");
}

/// Runs a statement as the only one, and marks its end.
fn run(folder: &Path, statement: &str) {
    let mut desk = open(folder);
    let context = Context::given(at("2026-03-05T08:00:00Z"), "root");
    desk.run(statement, &Parameters::new(), &context).expect("it is not refused");
    assert_eq!(desk.take_warnings(), [""; 0]);
    power::mark(1);
}

fn open(folder: &Path) -> Switchboard {
    Switchboard::open(folder.join("desk.db"), &OpenOptions::default()).expect("the file")
}

/// How often the cuts after the answer are tried, each time with another choice of what the disk kept.
const CHOICES: u64 = 8;

/// Checks every image: `count` bodies are gone, or none.
fn check(recording: &Recording, variable: &str, counts: &[i64]) {
    let all = recording.ops().len();
    let after = (all - 3..=all).flat_map(|cut| (0..CHOICES).map(move |choice| (cut, choice)));
    let answered = after.map(|(cut, choice)| recording.image(cut, choice, Syncs::Kept));
    let answered: Vec<_> = answered.filter(|image| image.marked.is_some()).collect();
    assert!(answered.len() >= CHOICES as usize, "{} images", answered.len());
    for image in answered {
        assert_eq!(words_left(&image.path().join("desk.db")), 0, "{}: it was answered", image.origin);
    }
    for seed in seeds(variable, 1) {
        let mut seen = vec![0; counts.len()];
        for image in recording.images(IMAGES, seed, Syncs::Kept) {
            let (path, context) =
                (image.path().join("desk.db"), format!("{variable}_SEED={seed}: {}", image.origin));
            match image.marked {
                None => fs::write(beside(&path, "-erase"), "").expect("a mark"),
                Some(_) => assert_eq!(words_left(&path), 0, "{context}: it was answered"),
            }
            let mut desk = open(image.path());
            let mut ask = |statement: &str| {
                let context = Context::given(at("2026-03-05T08:00:00Z"), "root");
                let reply = desk.run(statement, &Parameters::new(), &context).expect(statement);
                reply.rows[0].iter().map(text).collect::<Vec<_>>()
            };
            assert_eq!(ask("VERIFY JOURNAL")[4], "whole", "{context}");
            let gone: i64 =
                ask("SELECT count(*) FROM messages WHERE body IS NULL")[0].parse().expect("a number");
            let place = counts.iter().position(|count| *count == gone);
            seen[place.unwrap_or_else(|| panic!("{context}: {gone} bodies are gone"))] += 1;
            drop(desk);
            let all_gone = gone == counts[counts.len() - 1];
            assert!(all_gone || image.marked.is_none(), "{context}: it was answered");
            assert_eq!(words_left(&path) == 0, all_gone, "{context}: {} are left", words_left(&path));
            assert!(!beside(&path, "-erase").exists(), "{context}");
        }
        println!("{seen:?} of {} operations", recording.ops().len());
        assert!(seen[0] > 5 && seen[counts.len() - 1] > 5, "{seen:?}");
    }
}

#[test]
fn an_erasure_is_all_or_nothing_after_a_power_cut() {
    let test = "erasing::power::an_erasure_is_all_or_nothing_after_a_power_cut";
    let erase = format!("ERASE CUSTOMER '{WORD}@example.com'");
    let recording = power::recorded(test, |folder| put(desk(), folder), |folder| run(folder, &erase));
    check(&recording, "ERASE_CUTS", &[0, 7]);
}

#[test]
fn a_purge_is_whole_batches_after_a_power_cut() {
    let test = "erasing::power::a_purge_is_whole_batches_after_a_power_cut";
    let purge = "PURGE CLOSED BEFORE '2026-03-02T12:00:00Z'";
    let recording = power::recorded(test, |folder| put(closed(120), folder), |folder| run(folder, purge));
    check(&recording, "PURGE_CUTS", &[0, 202, 243]);
}
