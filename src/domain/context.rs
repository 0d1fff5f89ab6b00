//! The time, actor and randomness of one statement: its inputs besides the text.
//!
//! Invariant: no layer below the shell reads a clock or asks the system for randomness; everything
//! comes from the context.

use std::fmt;

use sha2::{Digest, Sha256};

use super::document::DocumentWriter;
use super::moment::Moment;
use super::progress::ProgressListener;

/// Where a statement's timestamp comes from.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The later of this clock and the file's last timestamp, fixed once the file is locked.
    Live(fn() -> Moment),
    /// A given timestamp, for imports, fixtures, simulations and tests. One before the file's last
    /// timestamp is refused.
    Given(Moment),
}

/// The time, actor and randomness of one statement.
///
/// Create one for every statement, usually with [`Context::now`]: the public ids and the salts that
/// a statement makes follow from the seed, so another statement needs another seed; and a given
/// timestamp is that of one statement.
#[derive(Clone)]
pub struct Context {
    /// Where the timestamp comes from.
    #[doc(hidden)]
    pub clock: Clock,
    /// The name of the actor, which the journal keeps. It is not checked until the file has a
    /// supervisor. From then on a statement that is not allowed for everybody needs the name of an
    /// agent, a supervisor or a service that has the right; docs/STATEMENTS.md names it.
    pub actor: String,
    /// The operating-system user. If it is set, it must be one of the logins of the actor, if the
    /// actor has any, or that of a supervisor. `None`, as the constructors set it: logins are not
    /// checked.
    pub login: Option<String>,
    /// Accept a clock that is more than 400 days ahead of the last entry, which is otherwise refused
    /// with `clock`. It has no effect with a given timestamp, nor on queries.
    pub accept_clock: bool,
    /// How EXPORT writes its document: as JSON, unless the shell was asked for another format.
    #[doc(hidden)]
    pub documents: DocumentWriter,
    /// Who is told how far a long statement has come.
    #[doc(hidden)]
    pub progress: ProgressListener,
    /// The source of public ids and salts: 32 random bytes, new for every statement and secret.
    pub seed: [u8; 32],
}

/// Without the seed, from which the salts follow.
impl fmt::Debug for Context {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Context")
            .field("clock", &self.clock)
            .field("actor", &self.actor)
            .field("login", &self.login)
            .field("accept_clock", &self.accept_clock)
            .finish_non_exhaustive()
    }
}

impl Context {
    /// Returns a context with a given timestamp, for replays and tests: statements that write get
    /// exactly this time, and the same ids every time, since the seed follows from the timestamp and
    /// the actor.
    ///
    /// A timestamp before the last entry is refused with `clock`. One that is ahead is accepted,
    /// however far; but the time of a file never goes back, so everything later must then be at
    /// least as late. A query uses the last entry's timestamp if that is later.
    pub fn given(moment: Moment, actor: &str) -> Self {
        let seed = Sha256::new().chain_update(moment.0.to_le_bytes()).chain_update(actor).finalize().into();
        Context::new(Clock::Given(moment), actor, seed)
    }

    /// Returns a context that reads a clock of yours in place of the host's; `seed` is as random as
    /// that of [`Context::now`].
    pub fn live(clock: fn() -> Moment, actor: &str, seed: [u8; 32]) -> Self {
        Context::new(Clock::Live(clock), actor, seed)
    }

    fn new(clock: Clock, actor: &str, seed: [u8; 32]) -> Self {
        Context {
            clock,
            actor: actor.to_owned(),
            login: None,
            accept_clock: false,
            documents: DocumentWriter::default(),
            progress: ProgressListener::default(),
            seed,
        }
    }

    /// Returns sixteen random bytes. The same seed, purpose and number give the same bytes.
    pub(crate) fn random(&self, purpose: &str, number: i64) -> [u8; 16] {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(self.seed)
            .chain_update(purpose)
            .chain_update(number.to_le_bytes())
            .finalize()
            .into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        bytes
    }
}
