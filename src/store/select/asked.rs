//! Runs the SELECT of a user on an open file.

use std::sync::atomic::Ordering;

use rusqlite::Connection;

use super::{Guard, Query};
use crate::domain::moment::Moment;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::store::Store;

impl Store {
    /// Runs a user's SELECT: read-only, and on the views only.
    ///
    /// # Errors
    /// `sql` if SQLite or the guard refuses it; `interrupted` after the time limit.
    pub fn select(&mut self, query: &Query<'_>) -> Result<Reply, Error> {
        self.guarded(query.now, |guard, connection| guard.run(connection, query))
    }

    /// Checks that a text is a SELECT that could be run.
    ///
    /// # Errors
    /// The same as [`Store::select`].
    pub fn check_select(&mut self, query: &Query<'_>) -> Result<(), Error> {
        self.guarded(query.now, |guard, connection| guard.check(connection, query))
    }

    fn guarded<T>(
        &mut self,
        now: Moment,
        ask: impl FnOnce(&Guard, &mut Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.cache.now.store(now.0, Ordering::Relaxed);
        let guard = match self.guard.take() {
            Some(guard) => guard,
            None => Guard::new(&mut self.connection, self.format)?,
        };
        let answer = ask(&guard, &mut self.connection);
        self.guard = Some(guard);
        answer
    }
}
