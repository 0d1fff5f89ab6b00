//! The progress of long work, on stderr at a terminal, from one second on.
//!
//! Invariant: in a pipe nothing is written, and whatever else is written to stderr does not mix with the
//! bar. This module deliberately does not know what is being done.

use std::io::{self, IsTerminal};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::domain::progress::{ProgressListener, Step, Unit};

/// How long work takes before its progress is shown.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a second the bar is drawn.
const DRAWN: u8 = 8;

/// The progress of one piece of work.
pub struct Progress {
    begun: Instant,
    /// The amount of work, if it is known.
    total: Option<u64>,
    bar: Option<ProgressBar>,
    shown: bool,
}

impl Progress {
    /// Begins a piece of work of that amount, if it is known.
    pub fn of(total: Option<u64>) -> Progress {
        Progress { begun: Instant::now(), total, bar: None, shown: io::stderr().is_terminal() }
    }

    /// Returns how long the work has taken so far.
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Shows how much is done, and a message.
    pub fn reached(&mut self, done: u64, message: impl FnOnce(Duration) -> String) {
        let elapsed = self.elapsed();
        if !self.shown || elapsed < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| bar(self.total, elapsed));
        bar.set_position(done);
        bar.set_message(message(elapsed));
    }

    /// Writes something else to stderr meanwhile.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Removes the bar.
    pub fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// The progress of a statement. The bar is removed when this is dropped.
pub struct StatementProgress(Option<Arc<Mutex<Progress>>>);

impl StatementProgress {
    /// Begins a statement.
    pub fn begin() -> StatementProgress {
        let progress = Progress::of(None);
        StatementProgress(progress.shown.then(|| Arc::new(Mutex::new(progress))))
    }

    /// Returns the listener that shows its steps; in a pipe nobody listens.
    pub fn listener(&self) -> ProgressListener {
        let Some(progress) = self.0.clone() else { return ProgressListener::default() };
        ProgressListener(Some(Arc::new(move |step: Step| {
            let mut progress = locked(&progress);
            if progress.total != step.total {
                progress.end();
                progress.total = step.total;
            }
            let size = step.total.map_or_else(String::new, |total| match step.unit {
                Unit::Bytes => format!(" {} MB", total / 1_000_000),
                Unit::Entries => format!(" {total} entries"),
            });
            progress.reached(step.done, |_| format!("{}{size}", step.doing));
        })))
    }
}

impl Drop for StatementProgress {
    fn drop(&mut self) {
        if let Some(progress) = &self.0 {
            locked(progress).end();
        }
    }
}

/// A thread that panicked while drawing leaves nothing that matters.
fn locked(progress: &Mutex<Progress>) -> MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}

fn bar(total: Option<u64>, elapsed: Duration) -> ProgressBar {
    let target = ProgressDrawTarget::stderr_with_hz(DRAWN);
    let (bar, template) = match total {
        Some(total) => (
            ProgressBar::with_draw_target(Some(total), target),
            "{percent:>3} % [{bar:24}] {wide_msg} {eta} left",
        ),
        None => (ProgressBar::with_draw_target(None, target), "{spinner} {wide_msg} {elapsed}"),
    };
    // The template is a constant; a bar without it would still be a bar.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style.progress_chars("=> ")).with_elapsed(elapsed)
}
