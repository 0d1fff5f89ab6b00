//! What a site sets up: agents, and the names that go with the ids of everything.
//!
//! Invariant: an id never changes its name and is never given twice, so a `Named` may be kept.

use std::sync::Arc;

use super::closed_lists::Presence;
use super::moment::Moment;

/// The id of the site itself: there is one, and it is built in.
pub const SITE: i64 = -1;

/// An id and the name that people use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The id in the file.
    pub id: i64,
    /// The name as it was written when it was made.
    pub name: Arc<str>,
}

/// An agent as a decision needs him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Who.
    pub named: Named,
    /// Whether there for work.
    pub presence: Presence,
    /// How much he can have, in units.
    pub capacity: i64,
    /// How much he has, in units.
    pub load: i64,
    /// Asked-for skills with levels, as set (`billing:4, spanish`).
    pub skills: Option<String>,
    /// False after DISCONNECT AGENT, until RECONNECT.
    pub connected: bool,
    /// When he becomes offline: set while he is disconnected, and not offline yet.
    pub offline_at: Option<Moment>,
}

impl Agent {
    /// `2/3`: load and capacity, as people read them.
    pub fn room(&self) -> String {
        format!("{}/{}", self.load, self.capacity)
    }

    /// Whether there is room for so many units, `kept` of which his load holds for it already.
    pub fn has_room(&self, units: i64, kept: i64) -> bool {
        units == 0 || self.load - kept + units <= self.capacity
    }
}

/// `1 unit`, `3 units`.
pub fn units_in_words(units: i64) -> String {
    if units == 1 { "1 unit".to_owned() } else { format!("{units} units") }
}
