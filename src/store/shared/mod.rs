//! The log that several hosts share, in PostgreSQL: the file is a replica, made by playing it.
//!
//! Invariant: what a statement writes is committed in the shared log before it is committed in the
//! file, under a lock (the gate) that only one host holds; and whoever holds it has played all that
//! came before. So a replica is a prefix of the log, and a statement decides on the whole of it. This
//! module deliberately does not know any statement.
//!
//! A write takes the write lock of the file, then the gate, with one round trip; plays what is new;
//! decides as in a file that stands alone; appends its entries and commits, with one more; and commits
//! in the file. If the process dies before the first commit, nothing has happened; after it, the next
//! statement brings the entries back. A query asks for what is new without the gate.

mod address;
mod collect;
mod creation;
mod desk;
mod failures;
mod hosts;
mod link;
mod news;
mod play;
mod playing;
mod pulling;
mod requests;
mod stand_in;
mod unknown;
mod upgrading;

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::log_reader::LogPlace;
use super::replica::Replica;
use super::snapshot::Head;
use super::sqlite_error::sqlite_fault;
use super::{OpenOptions, SharedOptions, StaleQueries, Store, file};
use crate::domain::journal::{Hash, hex};
use crate::domain::moment::Moment;
use crate::domain::progress::ProgressListener;
use crate::domain::refusal::{Code, Error, Fault};

use address::LogAddress;
use collect::collect_all;
use failures::CommitError;
use link::{HOLD, ServerLink};
use news::News;

/// The shared log of an open file.
pub(super) struct SharedLog {
    link: ServerLink,
    stale: StaleQueries,
    replica: Replica,
    /// Where the log ended when the gate was taken, while it is held; and when the server last heard of
    /// this host.
    gate: Option<(LogPlace, Instant)>,
    /// The entry of which it became unknown whether the log has it, until the file says so.
    lost: Option<(i64, Hash)>,
    /// Until when the log is not asked for again, and why.
    away: Option<(Instant, String)>,
    /// When this host last told how far it has come.
    reported: Option<Instant>,
    /// How often the log was played.
    plays: i64,
    /// Whether words that were purged may still be in the free space of the file.
    unscrubbed: bool,
}

impl Store {
    /// Opens a replica, whose log is reached when a statement needs it.
    ///
    /// # Errors
    /// `not_allowed` if the file stands alone; faults of the file and of the address.
    pub fn open_shared(path: &Path, options: &OpenOptions, shared: &SharedOptions) -> Result<Store, Error> {
        let address = LogAddress::read(&shared.log)?;
        let mut store = Store::open(path, &OpenOptions { shared: true, ..*options })?;
        let Some(replica) = Replica::read(&store.connection)? else {
            let words = format!("{} stands alone: it is not a replica of a shared log", path.display());
            return Err(Fault::new(Code::NotAllowed, words)
                .hint("without --log and SWITCHBOARD_LOG it is used alone; .desk create or .desk join makes it a replica")
                .into());
        };
        store.follow_log(address, replica, options, shared.stale)?;
        Ok(store)
    }

    /// Binds the file to its log. A tail of the file that a power failure takes is in the log.
    fn follow_log(
        &mut self,
        address: LogAddress,
        replica: Replica,
        options: &OpenOptions,
        stale: StaleQueries,
    ) -> Result<(), Fault> {
        self.connection.pragma_update(None, "synchronous", "NORMAL").map_err(sqlite_fault)?;
        let mut link = ServerLink::new(address, options.busy_timeout, self.stopped.clone())?;
        link.not_before(replica.timeline);
        self.shared = Some(Box::new(SharedLog {
            link,
            stale,
            replica,
            gate: None,
            lost: None,
            away: None,
            reported: None,
            plays: 0,
            unscrubbed: false,
        }));
        Ok(())
    }

    /// Takes the gate of the shared log, if there is one, and plays what is new. The transaction of the
    /// file has just begun; the one that runs afterwards may be another. After an error it is rolled back,
    /// which leaves the gate.
    pub(super) fn enter(&mut self) -> Result<(), Fault> {
        self.stopped.store(false, Ordering::Relaxed);
        while self.shared.is_some() {
            let head = self.head()?;
            let Some(shared) = &mut self.shared else { break };
            let news = shared.link.enter(head.entry)?;
            self.take_in(&news, &head)?;
            let more = self.settled_before()? || news.more(head.entry);
            if more {
                // Others write while this host plays.
                self.leave_gate();
            }
            if !news.entries.is_empty() {
                let scrubbed = self.play(&news, &ProgressListener::default())?;
                self.execute("BEGIN IMMEDIATE")?;
                if scrubbed {
                    // It took longer than a host may hold the gate.
                    self.leave_gate();
                    continue;
                }
            }
            if more || (news.format < self.format.newest.number && self.upgrade_log(news.format)?) {
                continue;
            }
            let place = LogPlace::from(&self.head()?);
            if let Some(shared) = &mut self.shared {
                shared.gate = Some((place, Instant::now()));
            }
            return Ok(());
        }
        Ok(())
    }

    /// Lets the server know that this host still works behind the gate, and goes on to.
    pub(super) fn hold(&mut self) -> Result<(), Fault> {
        self.stopped.store(false, Ordering::Relaxed);
        if let Some(shared) = &mut self.shared
            && let Some((_, heard)) = &mut shared.gate
            && heard.elapsed() > HOLD
        {
            *heard = Instant::now();
            shared.link.hold()?;
        }
        Ok(())
    }

    /// Says whether a statement is being decided behind the gate.
    pub(super) fn decide(&mut self, now: bool) {
        if let Some(shared) = &self.shared {
            shared.link.decide(now);
        }
    }

    /// Takes over what another program of this host has noted in the file.
    pub(super) fn take_over(&mut self) {
        if let (Some(shared), Some(replica)) = (&mut self.shared, self.replica) {
            shared.link.not_before(replica.timeline);
            shared.replica = replica;
        }
    }

    /// Leaves the gate, and whatever was not committed behind it.
    pub(super) fn leave_gate(&mut self) {
        if let Some(shared) = &mut self.shared {
            shared.gate = None;
            if shared.link.entered {
                shared.link.leave();
            }
        }
    }

    /// Commits the entries of the transaction in the shared log. Returns whether there were any.
    pub(super) fn publish(&mut self) -> Result<bool, Fault> {
        let Some(shared) = &mut self.shared else { return Ok(false) };
        let Some((place, _)) = shared.gate.take() else { return Ok(false) };
        self.stopped.store(false, Ordering::Relaxed);
        let format = self.format.newest.number;
        shared.link.decide(true);
        let collected = collect_all(&self.connection, &place);
        shared.link.decide(false);
        let entries = collected.inspect_err(|_| shared.link.leave())?;
        let Some(last) = entries.last() else {
            shared.link.leave();
            return Ok(false);
        };
        match shared.link.append(&entries, format) {
            Ok(()) => Ok(true),
            Err(CommitError::Not(error)) => {
                shared.link.leave();
                Err(error.fault())
            }
            Err(CommitError::Unknown) => {
                let (seq, hash) = (last.entry.seq, last.entry.hash);
                self.settle(seq, hash, place.entry).map(|()| true)
            }
        }
    }

    /// Checks that the log is the one of the file and continues it, and takes over its clock.
    fn take_in(&mut self, news: &News, head: &Head) -> Result<(), Fault> {
        let Some(shared) = &mut self.shared else { return Ok(()) };
        let (own, found) = (shared.replica.desk.to_string(), &news.desk);
        if own != *found {
            return Err(Fault::new(
                Code::NotOurs,
                format!("the server keeps the shared log {found}, and the file is a replica of {own}"),
            )
            .hint("check the address of the log"));
        }
        if news.format > self.format.newest.number {
            return Err(file::newer(&self.path, news.format, self.format.newest.number));
        }
        if news.hash != Some(head.hash) {
            return Err(diverged(head, news.hash.is_none()));
        }
        self.cache.clock.set(Some((Moment(news.clock), Instant::now())));
        if news.timeline > shared.replica.timeline {
            shared.replica.timeline = news.timeline;
            shared.link.not_before(news.timeline);
            Replica::raise_timeline(&self.connection, news.timeline)?;
        }
        Ok(())
    }
}

impl From<&Head> for LogPlace {
    fn from(head: &Head) -> LogPlace {
        let Head { entry, customer, text, opening, transition, message, change, .. } = *head;
        LogPlace { entry, rows: [customer, text, opening, transition, message, change, entry] }
    }
}

/// Returns the fault of a file that is not a prefix of its log.
fn diverged(head: &Head, is_shorter: bool) -> Fault {
    let Head { entry, hash, .. } = head;
    let hash: String = hex(hash).chars().take(12).collect();
    let words = match is_shorter {
        true => format!("the shared log ends before entry {entry} of the file ({hash}…)"),
        false => format!("entry {entry} of the file ({hash}…) is not that of the shared log"),
    };
    Fault::new(Code::Damaged, words).hint(
        "nothing was changed; if the server is the right one, move the file away and .desk join again (docs/OPERATIONS.md)",
    )
}
