//! FOLLOW: pass after pass, until Ctrl-C, or until the reader of the output is gone.
//!
//! Invariant: no transaction is open while it waits, so that the WAL can be truncated. The version
//! to wait for is read before the pass, so that nothing committed during the pass is missed. A
//! signal or a reader that goes away ends the wait at once. This module deliberately does not know
//! what an entry is.

use std::convert::Infallible;
use std::io;
use std::ops::ControlFlow;
use std::time::Duration;

use super::interrupt::{Running, Signal};
use super::render::{Audience, Quiet, StreamState};
use super::replies::polls::Sent;
use super::session::{End, Origin, Session, unwritten};
use crate::domain::failure::Failure;
use crate::domain::refusal::{Code, Error, Fault};
use crate::domain::reply::Reply;
use crate::engine::{Creation, Switchboard};
use crate::language::script::Source;

/// The interval between two checks for new entries: short enough to be unnoticeable, long enough to
/// be cheap.
const PAUSE: Duration = Duration::from_millis(100);
/// How many pauses pass before it checks whether the output is still read.
const PAUSES_UNREAD: u32 = 2;

/// Why following ended.
enum Stop {
    Signal,
    Unread,
    Unwritten(io::Error),
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failed(failure.error)
    }
}

/// Returns the fault for what cannot be continued after an entry, because it is no longer there.
pub(super) fn replaced(after: i64) -> Fault {
    Fault::new(
        Code::NotFound,
        format!(
            "the content of the file was replaced by that of a backup; entry {after} cannot be continued"
        ),
    )
    .hint("SHOW JOURNAL shows what the file contains now")
}

impl Session {
    /// Continues to follow after the first reply.
    pub(super) fn follow(&mut self, source: &Source, first: &Reply) -> ControlFlow<End> {
        if self.replies.reader() == Audience::People && self.replies.quiet() == Quiet::Off {
            self.replies.note("following; Ctrl-C ends");
        }
        let Err(stop) = self.passes(first);
        self.replies.followed();
        let signal = self.interrupts.received();
        match stop {
            // A signal also stops the running pass, which is not a fault.
            Stop::Failed(error) if error.code() != Code::Interrupted || signal.is_none() => {
                self.refuse(source, Failure { error, span: 0..source.text.len() })
            }
            Stop::Unwritten(error) => self.refuse(source, unwritten(source, &error)),
            Stop::Unread => {
                self.tally.done();
                ControlFlow::Break(End::Unwritten)
            }
            Stop::Signal | Stop::Failed(_) => {
                self.tally.done();
                if self.origin == Origin::Typed && signal == Some(Signal::Interrupt) {
                    self.replies.after_key();
                }
                ControlFlow::Break(End::Signal)
            }
        }
    }

    fn passes(&mut self, first: &Reply) -> Result<Infallible, Stop> {
        // While this exists, a signal is recorded, whether it arrives in a pass, a pause or while
        // waiting for a slow reader.
        let stopper = self.db()?.stopper();
        let running = self.interrupts.running(stopper);
        let before = self.db()?.replacements();
        let mut stream = StreamState::default();
        self.write_rows(first, &mut stream)?;
        let mut follow = first.follow;
        while let Some(from) = follow {
            let version = self.db()?.version()?;
            let reply = self.db()?.follow(&from)?;
            if self.db()?.replacements() > before {
                return Err(Stop::Failed(replaced(from.after).into()));
            }
            self.write_rows(&reply, &mut stream)?;
            follow = reply.follow;
            if !follow.is_some_and(|follow| follow.more) {
                self.until_news(version, &running)?;
            }
        }
        Err(Stop::Unread)
    }

    fn write_rows(&mut self, reply: &Reply, stream: &mut StreamState) -> Result<(), Stop> {
        let interrupts = self.interrupts.clone();
        match self.replies.pass(reply, stream, || interrupts.received().is_some()) {
            Ok(Sent::All) if self.interrupts.received().is_none() => Ok(()),
            Ok(Sent::Unread) => Err(Stop::Unread),
            Ok(_) => Err(Stop::Signal),
            Err(error) => Err(Stop::Unwritten(error)),
        }
    }

    /// Waits until another connection has written.
    fn until_news(&mut self, version: i64, running: &Running) -> Result<(), Stop> {
        let mut pauses = 0;
        loop {
            if self.interrupts.pause(running, PAUSE).is_some() {
                return Err(Stop::Signal);
            }
            pauses += 1;
            if pauses % PAUSES_UNREAD == 0 && !self.replies.is_read() {
                return Err(Stop::Unread);
            }
            if self.db()?.version()? != version {
                return Ok(());
            }
        }
    }

    fn db(&mut self) -> Result<&mut Switchboard, Error> {
        self.database.open(Creation::Never)
    }
}
