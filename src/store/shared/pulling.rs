//! Brings the file up to date with the shared log before a query, without the gate.
//!
//! Invariant: a query shows all that the log had when it began, or says that it does not.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::failures::LinkError;
use super::news::News;
use crate::domain::progress::ProgressListener;
use crate::domain::refusal::{Code, Error, Fault};
use crate::store::batch::Batch;
use crate::store::snapshot::Head;
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
    /// Plays what the log has and the file does not, before a query. If it cannot, and stale queries are
    /// allowed, returns what has to be said about it.
    ///
    /// # Errors
    /// `busy` if the log cannot be reached, unless stale queries are allowed; faults of the file and of the
    /// log.
    pub fn pull(&mut self, progress: &ProgressListener) -> Result<Option<String>, Error> {
        let Some(shared) = &self.shared else { return Ok(None) };
        if self.batch != Batch::None || self.readonly {
            return Ok(None);
        }
        if let Some((_, words)) = shared.away.as_ref().filter(|(until, _)| Instant::now() < *until)
            && shared.stale == StaleQueries::Told
        {
            let words = words.clone();
            return Ok(Some(self.stale_state(&words)));
        }
        match self.catch_up(progress) {
            Ok(note) => Ok(note),
            Err(Behind::Log(LinkError::Unreachable(words))) => self.without_answer(words),
            Err(Behind::Log(error)) => Err(error.fault().into()),
            Err(Behind::Fault(fault)) => Err(fault.into()),
        }
    }

    fn without_answer(&mut self, words: String) -> Result<Option<String>, Error> {
        let Some(shared) = &mut self.shared else { return Ok(None) };
        let note = format!("the shared log cannot be reached: {words}");
        shared.away = Some((Instant::now() + AWAY, note.clone()));
        if shared.stale == StaleQueries::Told {
            return Ok(Some(self.stale_state(&note)));
        }
        Err(Fault::new(Code::Busy, note)
            .hint("with --stale, queries show the state that this host last saw")
            .into())
    }

    fn catch_up(&mut self, progress: &ProgressListener) -> Result<Option<String>, Behind> {
        self.stopped.store(false, Ordering::Relaxed);
        loop {
            let head = self.last_head()?;
            let Some(shared) = &mut self.shared else { return Ok(None) };
            let news = shared.link.newer(head.entry)?;
            shared.away = None;
            self.take_in(&news, &head)?;
            let count = news.entries.len();
            if count > 0 {
                self.play_locked(&news, progress)?;
            }
            if !news.more(head.entry) {
                self.report(head.entry + count as i64, count > 0);
                self.scrub_played()?;
                return Ok(self.told_by_the_file()?);
            }
        }
    }

    /// Removes purged words from the free space of the file, once for all purges that were played.
    fn scrub_played(&mut self) -> Result<(), Fault> {
        let unscrubbed = self.shared.as_mut().map(|shared| &mut shared.unscrubbed).map(std::mem::take);
        if unscrubbed == Some(true) { self.scrub() } else { Ok(()) }
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
