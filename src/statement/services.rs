//! What the engine offers to a statement that neither only queries a snapshot nor only decides what
//! changes.
//!
//! Invariant: each service keeps the rules of the engine: one transaction, rights checked, time
//! fixed when the lock is held.

use super::definition::Call;
use super::request::Request;
use crate::domain::change::Transition;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::store::{HeadLine, Verdict};

/// The timers that a sweep fired.
pub struct Fired {
    /// The transitions, in order.
    pub transitions: Vec<Transition>,
    /// A warning about the clock.
    pub warning: Option<String>,
}

/// Looks up a query parameter.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// The services of the engine.
pub trait Services {
    /// Queries one snapshot of the file.
    ///
    /// # Errors
    /// What `query` returns; faults of the file.
    fn read(
        &mut self,
        call: &Call<'_>,
        query: &mut dyn FnMut(&Request<'_>) -> Result<(), Error>,
    ) -> Result<(), Error>;

    /// Runs a SELECT over the views on the guarded connection.
    ///
    /// # Errors
    /// `sql`, `unknown_parameter`, `too_large`, `interrupted`; faults of the file.
    fn select(&mut self, call: &Call<'_>, sql: &str, parameters: Lookup<'_>) -> Result<Reply, Error>;

    /// Fires the timers that are due, at most `limit` of them, and archives if none is left. A dry
    /// run leaves nothing behind.
    ///
    /// # Errors
    /// `not_allowed`, `clock`; faults of the file.
    fn fire_timers(&mut self, call: &Call<'_>, limit: Option<i64>, dry_run: bool) -> Result<Fired, Error>;

    /// Verifies the journal and the state.
    ///
    /// # Errors
    /// Faults of the file.
    fn verify(&mut self, head: Option<&HeadLine>) -> Result<Verdict, Error>;

    /// Explains the statement that begins at byte `offset` of the call's text.
    ///
    /// # Errors
    /// What the statement's parser and its explanation return.
    fn explain(&mut self, call: &Call<'_>, text: &str, offset: usize) -> Result<Reply, Error>;
}
