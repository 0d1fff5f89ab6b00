//! Agents, and the names that belong to the ids of all objects.
//!
//! Invariant: an id never changes its name and is never reused, so a `Named` can be kept.

use std::sync::Arc;

use super::closed_lists::Presence;
use super::moment::Moment;

/// The id of the site, the one built-in object of its kind.
pub const SITE: i64 = -1;

/// An id and the name that people use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The id in the file.
    pub id: i64,
    /// The name, in the spelling with which the object was created.
    pub name: Arc<str>,
}

/// An agent, with everything that decisions need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// The id and name.
    pub named: Named,
    /// The agent's presence.
    pub presence: Presence,
    /// The agent's capacity, in capacity units.
    pub capacity: i64,
    /// The capacity units in use.
    pub load: i64,
    /// The agent's skills with levels, as set (`billing:4, spanish`).
    pub skills: Option<String>,
    /// False after DISCONNECT AGENT, until RECONNECT.
    pub connected: bool,
    /// When the agent is set to offline. Set only while they are disconnected and not yet offline.
    pub offline_at: Option<Moment>,
}

impl Agent {
    /// Formats load and capacity for people: `2/3`.
    pub fn room(&self) -> String {
        format!("{}/{}", self.load, self.capacity)
    }

    /// Returns whether the agent has room for `units` more. `kept`: the part of the load that is
    /// already reserved for this conversation.
    pub fn has_room(&self, units: i64, kept: i64) -> bool {
        units == 0 || self.load - kept + units <= self.capacity
    }
}

/// Formats capacity units: `1 unit`, `3 units`.
pub fn units_in_words(units: i64) -> String {
    if units == 1 { "1 unit".to_owned() } else { format!("{units} units") }
}
