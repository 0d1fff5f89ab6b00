//! Puts the journal of a file into a database as a shared log, makes a file a replica of one, and makes
//! a replica stand alone again.
//!
//! Invariant: the log is there with all entries of the file, or not at all; only then does the file say
//! that it is a replica. If the file could not say so, joining finds that its journal is that of the
//! log. This module deliberately does not know who may do it.

use std::path::Path;
use std::time::Duration;

use uuid::Uuid;

use super::super::replica::Replica;
use super::super::{Creation, OpenOptions, SharedDesk, SharedOptions, Store, genesis};
use super::address::LogAddress;
use super::collect::collect;
use super::failures::LinkError;
use super::link::ServerLink;
use super::requests::WINDOW;
use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::Entity;
use crate::domain::config::SITE;
use crate::domain::journal::hex;
use crate::domain::progress::{ProgressListener, Step, Unit};
use crate::domain::refusal::{Code, Error, Fault, Refusal};
use crate::domain::value::Value;
use crate::store::genesis::Genesis;
use crate::store::log_reader::LogPlace;
use crate::store::snapshot::{Head, Snapshot, read_head};
use crate::store::sqlite_error::sqlite_fault;
use crate::store::writer::NewEntry;
use rusqlite::Connection;

impl Store {
    /// Puts the journal of the file, which is verified first, into a database that contains no shared
    /// log, and makes the file a replica of it.
    ///
    /// # Errors
    /// `exists` if the database contains a log; `broken_chain`; faults of the file and of the server.
    pub fn create_desk(
        &mut self,
        shared: &SharedOptions,
        patience: Duration,
        progress: &ProgressListener,
    ) -> Result<SharedDesk, Error> {
        self.writable()?;
        if let Some(replica) = Replica::read(&self.connection)? {
            let words = format!("the file is already a replica of the shared log {}", replica.desk);
            return Err(Refusal::new(Code::Exists, words).hint(".desk leave makes it stand alone").into());
        }
        let address = LogAddress::read(&shared.log)?;
        let verdict = self.verify(None, progress)?;
        if let Some((entry, words)) = verdict.fault {
            let words = format!("the file is broken at entry {entry}: {words}; no shared log was made");
            return Err(Refusal::new(Code::BrokenChain, words).hint("VERIFY JOURNAL").into());
        }
        let mut link = ServerLink::new(address, patience, self.stopped.clone())?;
        self.begin()?;
        let made = self.upload(&mut link, progress);
        match made {
            Ok((replica, head)) => {
                self.commit()?;
                Ok(SharedDesk { warnings: self.take_warnings(), ..about(replica.desk, &head) })
            }
            Err(fault) => {
                self.rollback();
                Err(fault.into())
            }
        }
    }

    fn upload(
        &mut self,
        link: &mut ServerLink,
        progress: &ProgressListener,
    ) -> Result<(Replica, Head), Fault> {
        let head = read_head(&self.connection)?;
        let total = Some(head.entry.unsigned_abs());
        let (format, start) = (self.format.newest.number, genesis::genesis(&self.connection)?);
        let desk = link.create(&start, format, format_since(&self.connection)?)?;
        let mut window = Vec::new();
        collect(&self.connection, &LogPlace::default(), &mut |collected| {
            let done = collected.entry.seq.unsigned_abs();
            window.push(collected);
            if window.len() == WINDOW {
                link.send(&std::mem::take(&mut window), format)?;
                progress.tell(Step { doing: "sending", done, total, unit: Unit::Entries });
            }
            Ok(())
        })?;
        link.send(&window, format)?;
        let replica = Replica { desk, timeline: link.timeline()?, unknown: None };
        replica.write(&self.connection)?;
        link.commit_created()?;
        Ok((replica, head))
    }

    /// Makes a file a replica of the log, and plays what it does not have yet: a new file, a backup of
    /// another replica, or the file whose journal was put there.
    ///
    /// # Errors
    /// `damaged` if the journal of the file is not the beginning of the log; faults of the file and of
    /// the server.
    pub fn join_desk(
        path: &Path,
        options: &OpenOptions,
        shared: &SharedOptions,
        progress: &ProgressListener,
    ) -> Result<SharedDesk, Error> {
        let address = LogAddress::read(&shared.log)?;
        let mut link = ServerLink::new(address, options.busy_timeout, std::sync::Arc::default())?;
        let about_log = link.about()?;
        let format = options.known().newest.number;
        if about_log.format > format {
            return Err(super::file::newer(path, about_log.format, format).into());
        }
        link.disconnect();
        let mut store =
            Store::open(path, &OpenOptions { creation: Creation::IfMissing, shared: true, ..*options })?;
        store.writable()?;
        let replica = match Replica::read(&store.connection)? {
            Some(replica) => replica,
            None => store.become_replica(&mut link, &about_log)?,
        };
        store.follow_log(LogAddress::read(&shared.log)?, replica, options, shared.stale)?;
        store.pull(progress)?;
        let head = read_head(&store.connection)?;
        Ok(SharedDesk { warnings: store.take_warnings(), ..about(replica.desk, &head) })
    }

    /// Marks the file as a replica, if its journal is the beginning of the log.
    fn become_replica(&mut self, link: &mut ServerLink, about: &AboutLog) -> Result<Replica, Fault> {
        let replica = Replica { desk: about.desk, timeline: about.timeline, unknown: None };
        self.begin()?;
        let head = read_head(&self.connection)?;
        let marked = if head.entry == 0 {
            genesis::write_again(&self.connection, &about.genesis)
        } else {
            let news = link.newer(head.entry).map_err(LinkError::fault);
            news.and_then(|news| match news.hash == Some(head.hash) {
                true => Ok(()),
                false => Err(Fault::new(
                    Code::NotAllowed,
                    "the journal of the file is not the beginning of the shared log, so it cannot join",
                )
                .hint("join with a new file; what this one has of its own cannot be added to the log")),
            })
        };
        match marked.and_then(|()| replica.write(&self.connection)) {
            Ok(()) => {
                self.head = None;
                self.commit()?;
                Ok(replica)
            }
            Err(fault) => {
                self.rollback();
                Err(fault)
            }
        }
    }

    /// Makes the replica stand alone, once it has all that the log has. Its own journal says so from then
    /// on.
    ///
    /// # Errors
    /// `busy` if the log cannot be reached; faults of the file.
    pub fn leave_desk(&mut self, actor: &str) -> Result<SharedDesk, Error> {
        let Some(shared) = &self.shared else {
            let words = "the file was opened without its shared log";
            return Err(Fault::new(Code::NotAllowed, words)
                .hint("open it with --log and the address of the log")
                .into());
        };
        let desk = shared.replica.desk;
        self.begin()?;
        let left = self.left(desk, actor);
        self.leave_gate();
        match left {
            Ok(head) => {
                self.shared = None;
                self.head = None;
                self.commit()?;
                self.connection.pragma_update(None, "synchronous", "FULL").map_err(sqlite_fault)?;
                Ok(SharedDesk { warnings: self.take_warnings(), ..about(desk, &head) })
            }
            Err(fault) => {
                self.rollback();
                Err(fault.into())
            }
        }
    }

    fn left(&mut self, desk: Uuid, actor: &str) -> Result<Head, Fault> {
        let head = read_head(&self.connection)?;
        self.connection.execute("DELETE FROM replica", []).map_err(sqlite_fault)?;
        let snapshot = Snapshot::new(&self.connection, &self.cache, self.format);
        let at = snapshot.clock().or(head.at).map(|clock| head.at.map_or(clock, |last| last.max(clock)));
        let Some(at) = at else { return Ok(head) };
        let mut writer = super::super::Writer::new(&self.connection, &self.cache, self.format, head);
        writer.open()?;
        let left = ChangeKind::Set(Entity::Site, "left");
        writer.record(&Change::setting(left, SITE, Value::Text(desk.to_string()), at), || [0; 16])?;
        let statement = format!("LEAVE DESK {desk}");
        writer.seal(&NewEntry { at, actor_kind: "upgrade", actor: Some(actor), statement: &statement })?;
        Ok(writer.finish().0)
    }
}

/// A log as a whole.
pub struct AboutLog {
    /// Its id.
    pub desk: Uuid,
    /// How its chain begins.
    pub genesis: Genesis,
    /// The format in which hosts write.
    pub format: i64,
    /// The timeline of its server.
    pub timeline: i64,
}

/// Returns the first entry that was written in the present format.
fn format_since(connection: &Connection) -> Result<i64, Fault> {
    let sql = "SELECT coalesce(max(entry), 0) FROM change WHERE kind = 'site' AND name = 'upgraded'";
    connection.query_row(sql, [], |row| row.get(0)).map_err(sqlite_fault)
}

fn about(desk: Uuid, head: &Head) -> SharedDesk {
    let line = format!("{}:{}", head.entry, hex(&head.hash));
    SharedDesk { id: desk.to_string(), entries: head.entry, head: line, warnings: Vec::new() }
}
