//! Verification as the other layers call it: on a snapshot, with its progress, until it is stopped.
//!
//! Invariant: a verification changes nothing, and ends soon after a stopper was called.

use std::sync::atomic::Ordering;

use super::{HeadLine, Verdict, VerifyStage, verify, verify_since};
use crate::domain::progress::ProgressListener;
use crate::domain::refusal::Error;
use crate::store::Store;
use crate::store::sqlite_error::sqlite_fault;

impl Store {
    /// Verifies the whole journal.
    ///
    /// # Errors
    /// Faults of the file. A broken chain is a verdict, not an error.
    pub fn verify(
        &mut self,
        against: Option<&HeadLine>,
        progress: &ProgressListener,
    ) -> Result<Verdict, Error> {
        self.stopped.store(false, Ordering::Relaxed);
        self.verify_until_stopped(against, progress)
    }

    /// As `verify`, for a copy that shares the signal to stop with another connection.
    pub(in crate::store) fn verify_until_stopped(
        &mut self,
        against: Option<&HeadLine>,
        progress: &ProgressListener,
    ) -> Result<Verdict, Error> {
        let stage = VerifyStage::told(&mut self.connection, progress, &self.stopped)?;
        let verdict = self.read(|snapshot| verify(snapshot, against, &stage));
        self.connection.progress_handler(0, None::<fn() -> bool>).map_err(sqlite_fault)?;
        verdict
    }

    /// Verifies the entries of the journal after a head.
    ///
    /// # Errors
    /// Faults of the file. A broken chain is a verdict, not an error.
    pub fn verify_since(&mut self, head: &HeadLine) -> Result<Verdict, Error> {
        self.read(|snapshot| verify_since(snapshot, head))
    }
}
