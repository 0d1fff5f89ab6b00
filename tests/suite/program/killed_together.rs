//! Four processes on one file, two of them with transactions of many statements, killed at any moment: what was answered
//! is there, no transaction is half done, and the others go on.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use super::Place;
use crate::support::session::{Numbers, seeds};

/// Statements of a transaction.
const BATCH: usize = 15;
/// How many processes each of the four starts.
const LIVES: usize = 12;

/// Starts processes one after another, kills each after a while, and returns what each was given, and how many
/// statements it had answered or whether its transaction was.
fn lives(place: &Place, name: &str, is_batch: bool, seed: u64) -> Vec<(String, usize)> {
    let mut numbers = Numbers::new(seed);
    (0..LIVES)
        .map(|life| {
            let options: &[&str] = if is_batch { &["--atomic", "-f", "jsonl"] } else { &["-f", "jsonl"] };
            let mut child = place.talking(options, Stdio::null());
            let mut stdin = child.stdin.take().expect("a pipe");
            let label = format!("{name} {life}");
            let statements = if is_batch { BATCH } else { 400 };
            let script: String =
                (0..statements).map(|number| format!("NOTE 1 '{label} {number}'; ")).collect();
            let writer = std::thread::spawn(move || stdin.write_all(script.as_bytes()).unwrap_or_default());
            let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
            let patience = numbers.below(if is_batch { 2 * BATCH } else { 40 });
            let mut answered = lines.by_ref().take(patience).filter(Result::is_ok).count();
            child.kill().expect("it is killed");
            answered += lines.map_while(Result::ok).filter(|line| line.ends_with('}')).count();
            let ended = child.wait().expect("it is gone").success();
            writer.join().expect("the input is written");
            (label, if is_batch { if ended { BATCH } else { 0 } } else { answered })
        })
        .collect()
}

#[test]
fn four_processes_that_are_killed_lose_nothing_and_leave_nothing_half_done() {
    for seed in seeds("KILLED_TOGETHER", 1) {
        let place = Place::with_desk();
        let readers_end = AtomicBool::new(false);
        let all: Vec<(bool, Vec<(String, usize)>)> = std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                while !readers_end.load(SeqCst) {
                    assert_eq!(place.rows("SELECT count(*) FROM journal WHERE hash IS NULL"), ["0"]);
                }
            });
            let kinds = [("left", false), ("right", false), ("above", true), ("below", true)];
            let workers: Vec<_> = kinds
                .into_iter()
                .zip(seed * 4..)
                .map(|((name, is_batch), seed)| {
                    let place = &place;
                    (is_batch, scope.spawn(move || lives(place, name, is_batch, seed)))
                })
                .collect();
            let all =
                workers.into_iter().map(|(kind, worker)| (kind, worker.join().expect("it works"))).collect();
            readers_end.store(true, SeqCst);
            reader.join().expect("it reads");
            all
        });
        for (is_batch, given) in all {
            for (label, answered) in given {
                let query = format!("SELECT body FROM messages WHERE body LIKE '{label} %' ORDER BY id");
                let kept = place.rows(&query);
                let expected: Vec<String> =
                    (0..kept.len()).map(|number| format!("{label} {number}")).collect();
                let context = format!("KILLED_TOGETHER_SEED={seed}: {label}: {answered} answered");
                assert_eq!(kept, expected, "{context}: no gap");
                assert!(kept.len() >= answered, "{context}: {} are there", kept.len());
                assert!(!is_batch || [0, BATCH].contains(&kept.len()), "{context}: {} are there", kept.len());
            }
        }
        place.assert_whole();
    }
}
