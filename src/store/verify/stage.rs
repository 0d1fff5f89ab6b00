//! How far a verification has come.
//!
//! Invariant: it costs nothing that can be measured: the stage is noted in passing, and SQLite itself
//! asks for it every so many steps, if anybody listens.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use rusqlite::Connection;

use crate::domain::progress::{ProgressListener, Step, Unit};
use crate::domain::refusal::Fault;
use crate::store::backup::STEPS;
use crate::store::sqlite_error::sqlite_fault;

/// What is done after the entries were hashed.
const LATER: [&str; 2] = ["comparing the state with the log", "checking the structures of SQLite"];

/// The stage of a verification.
#[derive(Clone, Default)]
pub struct VerifyStage(Arc<Noted>);

#[derive(Default)]
struct Noted {
    /// How many entries there are.
    entries: AtomicI64,
    verified: AtomicI64,
    /// How many of the later stages have begun.
    later: AtomicUsize,
}

impl VerifyStage {
    /// Returns the first stage; while the connection works, the listener is told the present one. The
    /// work ends when `stopped` is set.
    pub fn told(
        connection: &mut Connection,
        progress: &ProgressListener,
        stopped: &Arc<AtomicBool>,
    ) -> Result<VerifyStage, Fault> {
        let stage = VerifyStage::default();
        let (told, progress, stopped) = (stage.clone(), progress.clone(), stopped.clone());
        let tell = move || {
            if progress.0.is_some() {
                progress.tell(told.step());
            }
            stopped.load(Ordering::Relaxed)
        };
        connection.progress_handler(STEPS, Some(tell)).map_err(sqlite_fault)?;
        Ok(stage)
    }

    /// Notes how many entries there are.
    pub fn entries(&self, count: i64) {
        self.0.entries.store(count, Ordering::Relaxed);
    }

    /// Notes that the entries up to that one are verified.
    pub fn verified(&self, seq: i64) {
        self.0.verified.store(seq, Ordering::Relaxed);
    }

    /// Notes that the next stage begins.
    pub fn next(&self) {
        self.0.later.fetch_add(1, Ordering::Relaxed);
    }

    fn step(&self) -> Step {
        let number = |count: &AtomicI64| u64::try_from(count.load(Ordering::Relaxed)).unwrap_or_default();
        let unit = Unit::Entries;
        match self.0.later.load(Ordering::Relaxed) {
            0 => Step {
                doing: "verifying",
                done: number(&self.0.verified),
                total: Some(number(&self.0.entries)),
                unit,
            },
            later => Step { doing: LATER[(later - 1).min(LATER.len() - 1)], done: 0, total: None, unit },
        }
    }
}
