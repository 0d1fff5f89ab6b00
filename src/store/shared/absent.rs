//! In place of the shared log, in a program that was built without it.
//!
//! Invariant: there is never a value of the shared log, so whatever would use it does not run.

use std::path::Path;
use std::time::Duration;

use super::replica::no_hosts;
use super::{OpenOptions, SharedDesk, SharedOptions, Store};
use crate::domain::progress::ProgressListener;
use crate::domain::refusal::{Code, Error, Fault};
use crate::domain::reply::Reply;

/// A shared log, of which there is none.
pub(super) enum NoSharedLog {}
pub(super) use NoSharedLog as SharedLog;

/// Returns the fault of a program without the shared log.
fn absent() -> Fault {
    Fault::new(Code::NotAllowed, "this program was built without the shared log")
        .hint("build it with the feature shared (README)")
}

impl Store {
    pub(super) fn enter(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    pub(super) fn hold(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    pub(super) fn publish(&mut self) -> Result<bool, Fault> {
        Ok(false)
    }

    pub(super) fn leave_gate(&mut self) {}

    pub(super) fn decide(&mut self, _now: bool) {}

    pub(super) fn take_over(&mut self) {}

    pub(super) fn note_unknown(&mut self) {}

    /// Does nothing: the file is all there is.
    ///
    /// # Errors
    /// None.
    pub fn pull(&mut self, _progress: &ProgressListener) -> Result<Option<String>, Error> {
        Ok(None)
    }

    /// Does nothing.
    pub fn listen(&mut self) {}

    pub(super) fn notified(&mut self) -> i64 {
        0
    }

    /// # Errors
    /// `not_allowed`.
    pub fn open_shared(_: &Path, _: &OpenOptions, _: &SharedOptions) -> Result<Store, Error> {
        Err(absent().into())
    }

    /// # Errors
    /// `not_allowed`.
    pub fn create_desk(
        &mut self,
        _: &SharedOptions,
        _: Duration,
        _: &ProgressListener,
    ) -> Result<SharedDesk, Error> {
        Err(absent().into())
    }

    /// # Errors
    /// `not_allowed`.
    pub fn join_desk(
        _: &Path,
        _: &OpenOptions,
        _: &SharedOptions,
        _: &ProgressListener,
    ) -> Result<SharedDesk, Error> {
        Err(absent().into())
    }

    /// # Errors
    /// `not_allowed`.
    pub fn leave_desk(&mut self, _: &str) -> Result<SharedDesk, Error> {
        Err(absent().into())
    }

    /// Returns an empty list.
    ///
    /// # Errors
    /// None.
    pub fn hosts(&mut self) -> Result<Reply, Error> {
        Ok(no_hosts(self.replica.as_ref()))
    }
}
