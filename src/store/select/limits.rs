//! The limits of a user's SELECT: time, memory, and the lengths of values and patterns.
//!
//! Invariant: a SELECT ends within about a second of its limit, or of Ctrl-C. SQLite counts steps of
//! its virtual machine and can be stopped only between them, so what one step can cost is limited as
//! well.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use memory_stats::memory_stats;
use rusqlite::Connection;
use rusqlite::limits::Limit;

use crate::domain::refusal::{Code, Error, Fault, Refusal};
use crate::domain::value::Value;

/// How long a SELECT may run.
const TIME: Duration = Duration::from_secs(60);
/// The maximum length of a value, in bytes: twice what is stored.
pub(super) const LONGEST_VALUE: i32 = 2 << 20;
/// The maximum length of a pattern of LIKE or GLOB, in bytes: it is compared with a text at every
/// position.
const LONGEST_PATTERN: i32 = 256;
/// How much memory a SELECT may use besides its rows, in bytes: for sorting, grouping and recursion.
/// To sort that much takes about a second, in which SQLite cannot be stopped.
const MEMORY: usize = 256 << 20;
/// The maximum size of the rows of a reply, in bytes.
const REPLY: usize = 1 << 30;
/// How many steps of SQLite's virtual machine pass between two checks. Each can make a value of the
/// maximum length.
const STEPS: i32 = 1_000;
/// How much time passes between two checks of the memory.
const INTERVAL: Duration = Duration::from_millis(5);

/// What a running SELECT has used.
#[derive(Debug, Default)]
pub(super) struct Usage {
    /// The bytes of the rows that are kept for the reply.
    rows: AtomicUsize,
    /// Which limit stopped it.
    stopped: AtomicU8,
}

const BY_TIME: u8 = 1;
const BY_MEMORY: u8 = 2;

impl Usage {
    /// Counts a row that is kept for the reply.
    ///
    /// # Errors
    /// `too_large` if the reply becomes too long.
    pub(super) fn keep(&self, row: &[Value]) -> Result<(), Refusal> {
        let text = |value: &Value| value.as_text().map_or(0, str::len);
        let bytes = size_of_val(row) + row.iter().map(text).sum::<usize>();
        if self.rows.fetch_add(bytes, Ordering::Relaxed) > REPLY {
            let words = format!("the rows of the query need more than {} GiB of memory", REPLY >> 30);
            return Err(Refusal::new(Code::TooLarge, words).hint("add LIMIT or conditions"));
        }
        Ok(())
    }

    /// Why SQLite was interrupted.
    pub(super) fn interrupted(&self) -> Error {
        match self.stopped.load(Ordering::Relaxed) {
            BY_MEMORY => Refusal::new(
                Code::TooLarge,
                format!("the query needs more than {} MiB of memory", MEMORY >> 20),
            )
            .hint("add conditions, or select fewer columns before sorting or grouping")
            .into(),
            BY_TIME => {
                Refusal::new(Code::TooLarge, format!("the query ran longer than {} s", TIME.as_secs()))
                    .hint("add conditions")
                    .into()
            }
            _ => Fault::new(Code::Interrupted, "interrupted").into(),
        }
    }
}

/// Returns the refusal of a pattern that is too long, if that is what SQLite says.
pub(super) fn pattern_too_long(words: &str) -> Option<Refusal> {
    words.starts_with("LIKE or GLOB pattern").then(|| {
        Refusal::new(
            Code::TooLarge,
            format!("a pattern of LIKE or GLOB is longer than {LONGEST_PATTERN} bytes"),
        )
        .hint("instr finds longer texts")
    })
}

/// Returns the refusal of a value that is too long.
pub(super) fn value_too_long() -> Refusal {
    Refusal::new(Code::TooLarge, format!("a value in the query is longer than {} MiB", LONGEST_VALUE >> 20))
        .hint("use substr to read parts of it")
}

/// Calls `ask` with the limits in force.
///
/// # Errors
/// Those of `ask`; what SQLite says about the limits.
pub(super) fn within<T>(
    connection: &mut Connection,
    usage: &Arc<Usage>,
    ask: impl FnOnce(&Connection) -> T,
) -> rusqlite::Result<T> {
    let length = connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_VALUE)?;
    let pattern = connection.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, LONGEST_PATTERN)?;
    connection.progress_handler(STEPS, Some(watch(usage.clone())))?;
    let answer = ask(connection);
    connection.progress_handler(0, None::<fn() -> bool>)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, length)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, pattern)?;
    Ok(answer)
}

/// Returns the function that SQLite calls every so many steps; `true` stops the SELECT.
fn watch(usage: Arc<Usage>) -> impl FnMut() -> bool + Send + 'static {
    let (begun, before) = (Instant::now(), memory());
    let mut last = begun;
    move || {
        let now = Instant::now();
        if now - begun > TIME {
            usage.stopped.store(BY_TIME, Ordering::Relaxed);
            return true;
        }
        if now - last < INTERVAL {
            return false;
        }
        last = now;
        let allowed = before.saturating_add(MEMORY).saturating_add(usage.rows.load(Ordering::Relaxed));
        let is_too_much = memory() > allowed;
        if is_too_much {
            usage.stopped.store(BY_MEMORY, Ordering::Relaxed);
        }
        is_too_much
    }
}

/// The memory of the whole process, in bytes: SQLite offers no count for one connection.
fn memory() -> usize {
    memory_stats().map_or(0, |stats| stats.physical_mem)
}
