//! Queries on one consistent state of the file.
//!
//! Invariant: a snapshot changes nothing. Objects and their settings are cached across snapshots.
//! The cache is cleared when this program changes one or rolls back, or when another program has
//! written.

mod archive;
mod conversation;
mod customer;
mod erasure;
mod follow;
mod journal;
mod people;
mod purge;
mod routing;
mod settings;
mod timeline;
mod workstream;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use rusqlite::{Connection, OptionalExtension, Params, Row};

pub use conversation::{Due, Whose};
pub use journal::{
    CHANGES, CUSTOMERS, Head, KeyUse, MESSAGES, MOVES, OPENINGS, PastStatement, TEXTS, data_version,
    read_head, read_older_head,
};
pub use routing::{RoutedQueue, WaitingLine, WaitingPosition};

use super::format::Formats;
use super::schema::INTERNAL_VIEWS;
use super::sqlite_error::sqlite_fault;
use crate::domain::closed_lists::Entity;
use crate::domain::config::Named;
use crate::domain::lifecycle::Lifecycle;
use crate::domain::moment::Moment;
use crate::domain::refusal::Fault;
use crate::domain::settings::Settings;
use crate::domain::workstream::Workstream;

/// The objects with one name. A person may be an agent and a supervisor at the same time.
pub type Namesakes = Arc<[(Entity, Named)]>;

/// What is cached across snapshots: objects, their settings, and what is built from them.
#[derive(Default)]
pub struct Cache {
    lifecycles: RefCell<BTreeMap<i64, Arc<Lifecycle>>>,
    workstreams: RefCell<BTreeMap<i64, Arc<Workstream>>>,
    settings: RefCell<BTreeMap<(Entity, i64), Arc<Settings>>>,
    objects: RefCell<BTreeMap<(Entity, i64), Named>>,
    names: RefCell<BTreeMap<String, Namesakes>>,
    supervisors: Cell<Option<(i64, i64)>>,
    /// The time from which the view of ongoing conversations counts, in ms since 1970 UTC.
    pub now: Arc<AtomicI64>,
    /// The clock of the shared log, as it was at an instant.
    pub clock: Cell<Option<(Moment, Instant)>>,
}

/// The maximum number of cached names; when it is reached, all of them are dropped.
const MOST_NAMES: usize = 10_000;

impl Cache {
    /// Clears everything that was read.
    pub fn clear(&self) {
        self.lifecycles.borrow_mut().clear();
        self.workstreams.borrow_mut().clear();
        self.settings.borrow_mut().clear();
        self.objects.borrow_mut().clear();
        self.names.borrow_mut().clear();
        self.supervisors.set(None);
    }
}

/// A snapshot of the file.
pub struct Snapshot<'a> {
    connection: &'a Connection,
    cache: &'a Cache,
    format: &'static Formats,
}

impl<'a> Snapshot<'a> {
    pub(super) fn new(connection: &'a Connection, cache: &'a Cache, format: &'static Formats) -> Self {
        Snapshot { connection, cache, format }
    }

    /// Returns the time by the clock of the shared log, if there is one. All hosts go by it.
    pub fn clock(&self) -> Option<Moment> {
        let passed = |since: Instant| i64::try_from(since.elapsed().as_millis()).unwrap_or_default();
        self.cache.clock.get().map(|(clock, since)| Moment(clock.0.saturating_add(passed(since))))
    }

    /// Returns another handle to the same snapshot.
    pub fn again(&self) -> Snapshot<'a> {
        Snapshot { connection: self.connection, cache: self.cache, format: self.format }
    }

    /// Sets the time from which the view of ongoing conversations counts.
    pub fn set_now(&self, now: Moment) {
        self.cache.now.store(now.0, Ordering::Relaxed);
    }

    /// Returns the views that SELECT can read, with their columns.
    pub fn views(&self) -> Result<Vec<(String, Vec<String>)>, Fault> {
        let names: Vec<String> =
            self.many("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY rowid", [], |row| {
                row.get(0)
            })?;
        let mut views = Vec::new();
        for name in names.into_iter().filter(|name| !INTERNAL_VIEWS.contains(&name.as_str())) {
            let columns = self.many("SELECT name FROM pragma_table_info(?1)", [&name], |row| row.get(0))?;
            views.push((name, columns));
        }
        Ok(views)
    }

    pub(super) fn format(&self) -> &'static Formats {
        self.format
    }

    pub(super) fn connection(&self) -> &Connection {
        self.connection
    }

    fn one<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Fault> {
        let mut statement = self.connection.prepare_cached(sql).map_err(sqlite_fault)?;
        statement.query_row(parameters, read).optional().map_err(sqlite_fault)
    }

    fn many<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Fault> {
        let mut statement = self.connection.prepare_cached(sql).map_err(sqlite_fault)?;
        let rows = statement.query_map(parameters, read).map_err(sqlite_fault)?;
        rows.collect::<rusqlite::Result<Vec<T>>>().map_err(sqlite_fault)
    }

    fn number(&self, sql: &str, parameters: impl Params) -> Result<i64, Fault> {
        Ok(self.one(sql, parameters, |row| row.get(0))?.unwrap_or(0))
    }

    fn named_agent(&self, id: Option<i64>) -> Result<Option<Named>, Fault> {
        self.object_of(Entity::Agent, id)
    }

    fn named_queue(&self, id: Option<i64>) -> Result<Option<Named>, Fault> {
        self.object_of(Entity::Queue, id)
    }
}
