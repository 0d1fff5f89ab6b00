//! Ctrl-C and SIGTERM at any moment of any statement: the program ends with the status of the signal or of its answer,
//! and the statement is done or not. `SIGNALS` sets how many rounds.

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use switchboard::testing::statement::statements;

use super::{Place, finished};
use crate::support::World;
use crate::support::session::{Numbers, seeds};

/// The longest time before a signal, in polls.
const POLLS: usize = 600;

#[test]
fn a_signal_ends_any_statement_done_or_undone() {
    let world = World::with_desk();
    let path = world.path();
    drop(world.desk);
    let bytes = fs::read(path).expect("the desk");
    let mut seen = BTreeMap::<i32, usize>::new();
    for seed in seeds("SIGNALS", 1) {
        let mut numbers = Numbers::new(seed);
        for definition in statements() {
            let signal = if numbers.below(2) == 0 { Signal::INT } else { Signal::TERM };
            let place = Place::new();
            fs::write(place.path("desk.db"), &bytes).expect("a copy of the desk");
            let mut command = place.command(&["--quiet", "--keep-going"]);
            let child = command
                .args(definition.example.split("; "))
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the program starts");
            let follows = definition.syntax.starts_with("FOLLOW");
            for _ in 0..if follows { POLLS } else { numbers.below(POLLS) } {
                std::thread::yield_now();
            }
            let pid = Pid::from_raw(i32::try_from(child.id()).expect("a number")).expect("a process");
            // It may be done already.
            let _ = kill_process(pid, signal);
            let run = finished(child.wait_with_output().expect("it ends"));
            let context = format!("SIGNALS_SEED={seed}: {} {signal:?}: {run:?}", definition.example);
            let of_signal = if signal == Signal::INT { 130 } else { 143 };
            assert!([0, 1, 2, 5, of_signal].contains(&run.status), "{context}");
            *seen.entry(run.status).or_default() += 1;
            assert_eq!(place.rows("SELECT count(*) FROM journal WHERE hash IS NULL"), ["0"], "{context}");
            place.assert_whole();
            let again = place.run(&["--quiet"], &["CREATE QUEUE afterwards"]);
            assert_eq!(again.status, 0, "{context}: {again:?}");
        }
    }
    println!("statuses: {seen:?}");
    assert!(seen.len() > 2, "signals before the end and after it: {seen:?}");
}
