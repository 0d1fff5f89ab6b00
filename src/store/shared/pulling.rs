//! Brings the file up to date with the shared log before a query, without the gate.
//!
//! Invariant: a query shows all that the log had when it began, or says that it does not.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::failures::LinkError;
use super::news::News;
use super::requests::MOST;
use crate::domain::progress::ProgressListener;
use crate::domain::refusal::{Code, Error, Fault};
use crate::store::batch::Batch;
use crate::store::snapshot::{Head, read_head};
use crate::store::{StaleQueries, Store, file};

/// How long a query that may be stale does not ask again for a log that was not reached.
const AWAY: Duration = Duration::from_secs(2);

/// Why the file could not catch up with the log.
enum Behind {
    /// The log gave no answer.
    Log(LinkError),
    /// The file or the log is at fault.
    Fault(Fault),
}

impl From<LinkError> for Behind {
    fn from(error: LinkError) -> Behind {
        Behind::Log(error)
    }
}

impl From<Fault> for Behind {
    fn from(fault: Fault) -> Behind {
        Behind::Fault(fault)
    }
}

impl Store {
    /// Plays what the log has and the file does not, before a query.
    ///
    /// # Errors
    /// `busy` if the log cannot be reached, unless stale queries are allowed; faults of the file and of the
    /// log.
    pub fn pull(&mut self, progress: &ProgressListener) -> Result<(), Error> {
        let Some(shared) = &self.shared else { return Ok(()) };
        if self.batch != Batch::None || self.readonly {
            return Ok(());
        }
        let is_away = shared.away.is_some_and(|until| Instant::now() < until);
        if is_away && shared.stale == StaleQueries::Told {
            return Ok(self.tell_stale(None)?);
        }
        match self.catch_up(progress) {
            Ok(()) => Ok(()),
            Err(Behind::Log(LinkError::Unreachable(words))) => self.without_answer(&words),
            Err(Behind::Log(error)) => Err(error.fault().into()),
            Err(Behind::Fault(fault)) => Err(fault.into()),
        }
    }

    fn without_answer(&mut self, words: &str) -> Result<(), Error> {
        let Some(shared) = &mut self.shared else { return Ok(()) };
        shared.away = Some(Instant::now() + AWAY);
        if shared.stale == StaleQueries::Told {
            return Ok(self.tell_stale(Some(words))?);
        }
        Err(Fault::new(Code::Busy, format!("the shared log cannot be reached: {words}"))
            .hint("with --stale queries show the state that this host last saw")
            .into())
    }

    /// Says which state is shown.
    fn tell_stale(&mut self, words: Option<&str>) -> Result<(), Fault> {
        let words = words.map_or_else(String::new, |words| format!(" ({words})"));
        let state = self.read(|snapshot| {
            let head = read_head(snapshot.connection())?;
            Ok(head.at.map_or_else(String::new, |at| format!(": entry {}, of {at}", head.entry)))
        });
        let state = state.unwrap_or_default();
        self.warnings
            .push(format!("the shared log cannot be reached{words}; this is the state last seen{state}"));
        Ok(())
    }

    fn catch_up(&mut self, progress: &ProgressListener) -> Result<(), Behind> {
        self.stopped.store(false, Ordering::Relaxed);
        let mut first = true;
        loop {
            let head = self.last_head()?;
            let Some(shared) = &mut self.shared else { return Ok(()) };
            let news = shared.link.newer(head.entry)?;
            shared.away = None;
            self.take_in(&news, &head)?;
            if first && self.is_unsettled() {
                self.write_lock.lock()?;
                let settled = self.settled_before();
                self.write_lock.unlock();
                settled?;
            }
            first = false;
            let count = news.entries.len();
            if count > 0 {
                self.play_locked(&news, progress)?;
            }
            if count < MOST as usize {
                self.report(head.entry + count as i64, count > 0);
                return Ok(());
            }
        }
    }

    fn last_head(&mut self) -> Result<Head, Fault> {
        self.execute("BEGIN DEFERRED")?;
        let head = self.head();
        let ended = file::end(&self.connection, "ROLLBACK");
        head.and_then(|head| ended.map(|()| head))
    }

    /// Plays news under the write lock of the file.
    fn play_locked(&mut self, news: &News, progress: &ProgressListener) -> Result<(), Fault> {
        self.write_lock.lock()?;
        let played = self
            .execute("BEGIN IMMEDIATE")
            .and_then(|()| self.identity.check())
            .and_then(|()| self.play(news, progress).map(|_| ()));
        if played.is_err() {
            self.rollback();
        }
        self.write_lock.unlock();
        played
    }
}
