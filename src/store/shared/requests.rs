//! The requests to the shared log: what is new, the gate, appending, and what became of it.
//!
//! Invariant: whoever is told that something was appended has an answer to the COMMIT, without a
//! warning that it did not wait for the standbys. This module deliberately does not know how the server
//! is reached.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::address::cause;
use super::collect::Collected;
use super::failures::{CommitError, LinkError};
use super::link::{ServerLink, ServerSession};
use super::news::{self, News};
use crate::domain::journal::Hash;
use crate::domain::shared_entry::WordContent;

/// How long the server may take for an answer that waits for nobody.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a COMMIT waits for the standbys.
pub const COMMIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the outcome of a COMMIT is asked for.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait before the next attempt to connect.
const RETRY: Duration = Duration::from_millis(200);
/// The maximum number of entries on their way at a time.
pub const WINDOW: usize = 24;
/// The maximum number of entries in one answer.
const MOST: i32 = 1_000;

impl ServerLink {
    /// Returns what the log has after an entry.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn newer(&mut self, head: i64) -> Result<News, LinkError> {
        let rows = self.ask_again(ANSWER_TIMEOUT, async |session| {
            session.client.query(&session.newer, &[&head, &MOST]).await
        })?;
        read(&rows)
    }

    /// Begins a transaction, takes the gate, and returns what the log has after an entry.
    ///
    /// # Errors
    /// Why the gate was not taken; then no transaction is left.
    pub fn enter(&mut self, head: i64) -> Result<News, LinkError> {
        let patience = self.patience + ANSWER_TIMEOUT;
        let rows = self.ask_again(patience, async |session| {
            let parameters: [&(dyn ToSql + Sync); 2] = [&head, &MOST];
            let entering = session.client.query(&session.enter, &parameters);
            let (begun, rows) = join(session.client.batch_execute("BEGIN"), entering).await;
            begun.and(rows)
        });
        match rows {
            Ok(rows) => {
                self.entered = true;
                read(&rows)
            }
            Err(error) => {
                self.leave();
                Err(error)
            }
        }
    }

    /// Rolls back and leaves the gate.
    pub fn leave(&mut self) {
        self.entered = false;
        // If there is no answer, the session has ended, and its transaction with it.
        if self.session.is_some()
            && self
                .ask_within(ANSWER_TIMEOUT, async |session| session.client.batch_execute("ROLLBACK").await)
                .is_err()
        {
            self.session = None;
        }
    }

    /// Checks that the session that took the gate is still the present one.
    fn behind_gate(&self) -> Result<(), LinkError> {
        match self.entered {
            true => Ok(()),
            false => Err(LinkError::Unreachable("the session that held the gate has ended".to_owned())),
        }
    }

    /// Tells the server that this session still works behind the gate.
    ///
    /// # Errors
    /// Why the gate is lost.
    pub fn hold(&mut self) -> Result<(), LinkError> {
        self.behind_gate()?;
        self.ask_within(ANSWER_TIMEOUT, async |session| session.client.batch_execute("SELECT 1").await)
    }

    /// Appends entries, and commits.
    ///
    /// # Errors
    /// Whether nothing was committed, or whether that is not known.
    pub fn append(&mut self, entries: &[Collected], format: i64) -> Result<(), CommitError> {
        self.behind_gate().map_err(CommitError::Not)?;
        self.entered = false;
        self.notes.warned.store(false, Ordering::Relaxed);
        // The last window and the COMMIT are on their way together.
        let last = entries.len().saturating_sub(1) / WINDOW * WINDOW;
        for window in entries[..last].chunks(WINDOW) {
            self.ask_within(ANSWER_TIMEOUT, async |session| appended(session, window, format).await)
                .map_err(CommitError::Not)?;
        }
        let committed = self.ask_within(COMMIT_TIMEOUT, async |session| {
            let commit = session.client.batch_execute("COMMIT");
            let (appended, committed) = join(appended(session, &entries[last..], format), commit).await;
            appended.and(committed)
        });
        match committed {
            Ok(()) if !self.notes.warned.load(Ordering::Relaxed) => Ok(()),
            Err(LinkError::Refused(error)) => Err(CommitError::Not(LinkError::Refused(error))),
            _ => {
                self.session = None;
                Err(CommitError::Unknown)
            }
        }
    }

    /// Raises the format of the log, of which the entry that is appended next is the first one.
    ///
    /// # Errors
    /// Why it was not raised.
    pub fn raise(&mut self, format: i64) -> Result<(), LinkError> {
        self.behind_gate()?;
        let sql = format!("SELECT switchboard.raise({format})");
        self.ask_within(ANSWER_TIMEOUT, async |session| session.client.batch_execute(&sql).await)
    }

    /// Asks whether the log has an entry, on a server that is not on an older timeline. Returns `None` if
    /// no server tells in time.
    pub fn settle(&mut self, (seq, hash): (i64, &Hash), head: i64) -> Option<bool> {
        let until = Instant::now() + SETTLE_TIMEOUT;
        while Instant::now() < until {
            self.notes.warned.store(false, Ordering::Relaxed);
            let answer = self.ask(COMMIT_TIMEOUT, async |session| {
                let sql = "SELECT there, timeline FROM switchboard.settle($1, $2, $3)";
                let row = session.client.query_one(sql, &[&seq, &hash.as_slice(), &head]).await?;
                Ok((row.try_get::<_, bool>(0)?, row.try_get::<_, i64>(1)?))
            });
            match answer {
                Ok((there, found))
                    if found >= self.timeline && !self.notes.warned.load(Ordering::Relaxed) =>
                {
                    return Some(there);
                }
                Err(LinkError::Interrupted) => return None,
                _ => self.session = None,
            }
            std::thread::sleep(RETRY);
        }
        None
    }

    /// Notes how far this host has come, without waiting for a disk.
    ///
    /// # Errors
    /// Why it was not noted.
    pub fn seen(&mut self, head: i64) -> Result<(), LinkError> {
        let sql =
            format!("BEGIN; SET LOCAL synchronous_commit = off; SELECT switchboard.seen({head}); COMMIT");
        self.ask(ANSWER_TIMEOUT, async |session| session.client.batch_execute(&sql).await)
    }

    /// Runs a query with the rows that it returns.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn rows(&mut self, sql: &str) -> Result<Vec<Row>, LinkError> {
        self.ask_again(ANSWER_TIMEOUT, async |session| session.client.query(sql, &[]).await)
    }

    /// Returns how often the server told of entries.
    pub fn notified(&mut self) -> i64 {
        if self.listens {
            // Without a server there is nothing to hear; the next pull says so.
            let _ = self.connect();
        }
        self.notes.notified.load(Ordering::Relaxed)
    }
}

/// Appends entries in the running transaction, all on their way at once.
pub async fn appended(
    session: &ServerSession,
    entries: &[Collected],
    format: i64,
) -> Result<(), tokio_postgres::Error> {
    let sending = entries.iter().map(|collected| async move {
        let Collected { entry, erased } = collected;
        let (mut kinds, mut ids) = (Vec::new(), Vec::new());
        let (mut salts, mut bodies, mut digests) = (Vec::new(), Vec::new(), Vec::new());
        for word in &entry.words {
            kinds.push(word.kind.letter());
            ids.push(word.id);
            let (salt, body, digest) = match &word.content {
                WordContent::Present { salt, body } => (Some(salt.as_slice()), Some(body.as_bytes()), None),
                WordContent::Erased(digest) => (None, None, Some(digest.as_slice())),
            };
            salts.push(salt);
            bodies.push(body);
            digests.push(digest);
        }
        let (erased_kinds, erased_ids): (Vec<i8>, Vec<i64>) =
            erased.iter().map(|(kind, id)| (kind.letter(), *id)).unzip();
        let hash = entry.hash.as_slice();
        session
            .client
            .execute(
                &session.append,
                &[
                    &format,
                    &entry.seq,
                    &hash,
                    &entry.rows,
                    &kinds,
                    &ids,
                    &salts,
                    &bodies,
                    &digests,
                    &erased_kinds,
                    &erased_ids,
                ],
            )
            .await
    });
    join_all(sending).await.into_iter().try_for_each(|sent| sent.map(|_| ()))
}

fn read(rows: &[Row]) -> Result<News, LinkError> {
    news::read(rows).map_err(|error| LinkError::Unreachable(cause(&error)))
}
