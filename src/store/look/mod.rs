//! Questions to a consistent state of the file.
//!
//! Invariant: a look changes nothing. Names by id, lifecycles and workstreams are kept between looks: the first two
//! never change, and a workstream is read again when its last change is another one. What was written and taken back
//! is forgotten: its ids are given again.

mod archive;
mod conversation;
mod course;
mod follow;
mod journal;
mod people;
mod routing;
mod workstream;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::{Connection, OptionalExtension, Params, Row};

pub use archive::Said;
pub use conversation::{Due, Whose};
pub use course::Promises;
pub use journal::{CHANGES, Head, MESSAGES, MOVES, OPENINGS, PastStatement, data_version, read_head};
pub use routing::{Line, Place, RoutedQueue};

use super::failure::broken;
use crate::domain::lifecycle::Lifecycle;
use crate::domain::moment::Moment;
use crate::domain::refusal::Broken;
use crate::domain::site::{Named, Workstream};

/// What is kept between looks.
#[derive(Default)]
pub struct Cache {
    lifecycles: RefCell<HashMap<i64, Arc<Lifecycle>>>,
    workstreams: RefCell<HashMap<i64, (i64, Arc<Workstream>)>>,
    agents: RefCell<HashMap<i64, Named>>,
    queues: RefCell<HashMap<i64, Named>>,
    /// The moment that the view of what goes on counts from, in ms.
    pub now: Arc<AtomicI64>,
}

impl Cache {
    /// Forgets everything that was read.
    pub fn clear(&self) {
        self.lifecycles.borrow_mut().clear();
        self.workstreams.borrow_mut().clear();
        self.agents.borrow_mut().clear();
        self.queues.borrow_mut().clear();
    }
}

/// A look at the file.
pub struct Look<'a> {
    connection: &'a Connection,
    cache: &'a Cache,
}

impl<'a> Look<'a> {
    pub(super) fn new(connection: &'a Connection, cache: &'a Cache) -> Self {
        Look { connection, cache }
    }

    /// The same look once more.
    pub fn again(&self) -> Look<'a> {
        Look { connection: self.connection, cache: self.cache }
    }

    /// Sets the moment that the view of what goes on counts from.
    pub fn set_now(&self, now: Moment) {
        self.cache.now.store(now.0, Ordering::Relaxed);
    }

    /// The views that SELECT reads, with their columns.
    pub fn views(&self) -> Result<Vec<(String, Vec<String>)>, Broken> {
        let names: Vec<String> = self.many(
            "SELECT name FROM sqlite_schema WHERE type = 'view'
                AND name NOT IN ('conversation_born', 'conversation_moved', 'log_unfollowed') ORDER BY rowid",
            [],
            |row| row.get(0),
        )?;
        let mut views = Vec::new();
        for name in names {
            let columns = self.many("SELECT name FROM pragma_table_info(?1)", [&name], |row| row.get(0))?;
            views.push((name, columns));
        }
        Ok(views)
    }

    pub(super) fn connection(&self) -> &Connection {
        self.connection
    }

    fn one<T>(
        &self,
        question: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Broken> {
        let mut statement = self.connection.prepare_cached(question).map_err(broken)?;
        statement.query_row(parameters, read).optional().map_err(broken)
    }

    fn many<T>(
        &self,
        question: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Broken> {
        let mut statement = self.connection.prepare_cached(question).map_err(broken)?;
        let rows = statement.query_map(parameters, read).map_err(broken)?;
        rows.collect::<rusqlite::Result<Vec<T>>>().map_err(broken)
    }

    fn number(&self, question: &str, parameters: impl Params) -> Result<i64, Broken> {
        Ok(self.one(question, parameters, |row| row.get(0))?.unwrap_or(0))
    }

    fn named_agent(&self, id: Option<i64>) -> Result<Option<Named>, Broken> {
        self.named(id, &self.cache.agents, "SELECT agent FROM agent WHERE id = ?1")
    }

    fn named_queue(&self, id: Option<i64>) -> Result<Option<Named>, Broken> {
        self.named(id, &self.cache.queues, "SELECT queue FROM queue WHERE id = ?1")
    }

    fn named(
        &self,
        id: Option<i64>,
        kept: &RefCell<HashMap<i64, Named>>,
        question: &str,
    ) -> Result<Option<Named>, Broken> {
        let Some(id) = id else { return Ok(None) };
        if let Some(named) = kept.borrow().get(&id) {
            return Ok(Some(named.clone()));
        }
        let name: Option<String> = self.one(question, [id], |row| row.get(0))?;
        Ok(name.map(|name| {
            let named = Named { id, name: name.into() };
            kept.borrow_mut().insert(id, named.clone());
            named
        }))
    }
}
