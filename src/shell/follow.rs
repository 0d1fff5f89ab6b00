//! FOLLOW: pass after pass, until Ctrl-C, or until nobody reads any more.
//!
//! Invariant: no transaction is open while it waits, so that the file's log can be emptied meanwhile; what is waited
//! for is asked for before the pass, so that nothing which comes during it is missed; and neither a signal nor a reader
//! that goes away has to wait for news. It deliberately does not know what an entry is.

use std::convert::Infallible;
use std::io;
use std::ops::ControlFlow;
use std::time::Duration;

use super::interrupt::{Running, Signal};
use super::render::{Audience, Quiet, StreamState};
use super::replies::polls::Sent;
use super::session::{End, Origin, Session, unwritten};
use crate::domain::refusal::{Code, Error};
use crate::domain::reply::Reply;
use crate::engine::{Creation, Failure, Switchboard};
use crate::language::script::Source;

/// How long nothing is asked: short enough to feel at once, long enough to cost nothing.
const PAUSE: Duration = Duration::from_millis(100);
/// After so many pauses it is looked whether anybody still reads.
const PAUSES_UNREAD: u32 = 2;

/// Why it ended.
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

impl Session {
    /// Goes on with what has begun with that reply.
    pub(super) fn follow(&mut self, source: &Source, first: &Reply) -> ControlFlow<End> {
        if self.replies.reader() == Audience::People && self.replies.quiet() == Quiet::Off {
            self.replies.note("following; Ctrl-C ends");
        }
        let Err(stop) = self.passes(first);
        self.replies.followed();
        let signal = self.interrupts.received();
        match stop {
            // A signal stops the pass that is running, too: that is no fault.
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
        // As long as this lives a signal is kept, whatever comes first: a pass, a slow reader, a pause.
        let stopper = self.db()?.stopper();
        let running = self.interrupts.running(stopper);
        let mut told = StreamState::default();
        self.tell(first, &mut told)?;
        let mut follow = first.follow;
        while let Some(from) = follow {
            let version = self.db()?.version()?;
            let reply = self.db()?.follow(&from)?;
            self.tell(&reply, &mut told)?;
            follow = reply.follow;
            if !follow.is_some_and(|follow| follow.more) {
                self.until_news(version, &running)?;
            }
        }
        Err(Stop::Unread)
    }

    fn tell(&mut self, reply: &Reply, told: &mut StreamState) -> Result<(), Stop> {
        let interrupts = self.interrupts.clone();
        match self.replies.pass(reply, told, || interrupts.received().is_some()) {
            Ok(Sent::All) if self.interrupts.received().is_none() => Ok(()),
            Ok(Sent::Unread) => Err(Stop::Unread),
            Ok(_) => Err(Stop::Signal),
            Err(error) => Err(Stop::Unwritten(error)),
        }
    }

    /// Waits until somebody else has written.
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
