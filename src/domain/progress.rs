//! Who is told how far a long statement has come.

use std::fmt;
use std::sync::Arc;

/// A step of a long statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What is being done, in a word.
    pub doing: &'static str,
    /// How much of it is done.
    pub done: u64,
    /// How much there is to do, if it can be estimated.
    pub total: Option<u64>,
    /// What is counted.
    pub unit: Unit,
}

/// What is counted in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of a file.
    Bytes,
    /// Entries of the journal.
    Entries,
}

/// Is told about the steps, from the thread that runs the statement; nobody by default.
#[derive(Clone, Default)]
pub struct ProgressListener(pub Option<Arc<dyn Fn(Step) + Send + Sync>>);

impl ProgressListener {
    /// Tells a step.
    pub fn tell(&self, step: Step) {
        if let Some(listener) = &self.0 {
            listener(step);
        }
    }
}

impl fmt::Debug for ProgressListener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "ProgressListener" } else { "nobody" })
    }
}
