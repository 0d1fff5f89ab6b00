//! What a decision asks the store to write: rows of the log, and nothing else.
//!
//! Invariant: a change is data. How things stand follows from it, in the file by triggers and, within one
//! statement, in the values that the decision holds.

use std::sync::Arc;

use super::drawing::Drawing;
use super::moment::Moment;
use super::site::Named;
use super::value::Value;
use super::words::{ActorKind, Event, Phase};

/// Who did it: a kind and, where it is a person or a script, the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// As what.
    pub kind: ActorKind,
    /// Who.
    pub name: Option<Arc<str>>,
}

impl By {
    /// Somebody without a name: a customer, a bot, the router, a timer.
    pub fn kind(kind: ActorKind) -> Self {
        By { kind, name: None }
    }

    /// Somebody with a name.
    pub fn name(kind: ActorKind, name: &str) -> Self {
        By { kind, name: Some(name.into()) }
    }
}

/// The birth of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Its id.
    pub id: i64,
    /// Its random public id.
    pub topic: [u8; 16],
    /// The workstream's id.
    pub workstream: i64,
    /// The customer's id.
    pub customer: i64,
    /// The id of the text that says what it is about.
    pub subject: Option<i64>,
    /// Bigger first.
    pub priority: i64,
    /// What is asked of an agent.
    pub skills: Option<String>,
    /// The conversation that the customer came back from.
    pub predecessor: Option<i64>,
    /// When.
    pub at: Moment,
}

/// One move of one conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Which.
    pub conversation: i64,
    /// Why.
    pub event: Event,
    /// From where; none: it is its first.
    pub from_state: Option<Arc<str>>,
    /// To where.
    pub to_state: Arc<str>,
    /// What that state means.
    pub to_phase: Phase,
    /// Who had it.
    pub from_agent: Option<Named>,
    /// Who has it.
    pub to_agent: Option<Named>,
    /// Where it was.
    pub from_queue: Option<Named>,
    /// Where it is.
    pub to_queue: Named,
    /// What it costs who has it.
    pub units: i64,
    /// Who did it.
    pub by: By,
    /// The id of the text that says why.
    pub reason: Option<i64>,
    /// A supervisor lifted presence and capacity.
    pub overridden: bool,
    /// When it counts.
    pub at: Moment,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Somebody's words: the id of the text.
    Text(i64),
    /// The same, not for the customer.
    Note(i64),
    /// The program's own words.
    System(String),
}

/// A message, a note, or what the system tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// In which conversation.
    pub conversation: i64,
    /// By whom; none: the system.
    pub author: Option<By>,
    /// What.
    pub body: Body,
    /// When.
    pub at: Moment,
}

/// One value that changes; the closed list is `change_kind` in schema.sql.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// What kind of thing: `queue`, `agent`, `timer`, ….
    pub kind: &'static str,
    /// Its id.
    pub subject: i64,
    /// Which part of it, where it has parts.
    pub part: Value,
    /// What about it.
    pub name: &'static str,
    /// The new value.
    pub value: Value,
    /// When.
    pub at: Moment,
}

/// The bodies of a closed conversation, going into the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// Which.
    pub conversation: i64,
    /// The bodies, packed.
    pub bodies: Vec<u8>,
    /// The text of each body, and the message that says it.
    pub texts: Vec<(i64, i64)>,
    /// When.
    pub at: Moment,
}

/// A row for the log.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A customer who was not known.
    Customer {
        /// His id.
        id: i64,
        /// His handle.
        handle: String,
    },
    /// A conversation's birth.
    Opening(Opening),
    /// A move.
    Transition(Transition),
    /// A message.
    Message(Message),
    /// Bodies that move.
    Archived(Archived),
    /// The states and edges of a lifecycle that was created in the same entry.
    Drawing {
        /// The lifecycle's id.
        lifecycle: i64,
        /// What is drawn.
        drawing: Drawing,
    },
    /// Anything else.
    Setting(Setting),
}

impl Change {
    /// A value of that thing.
    pub fn setting(
        kind: &'static str,
        subject: i64,
        name: &'static str,
        value: impl Into<Value>,
        at: Moment,
    ) -> Self {
        Change::part(kind, subject, Value::Null, name, value, at)
    }

    /// A value of a part of that thing.
    pub fn part(
        kind: &'static str,
        subject: i64,
        part: impl Into<Value>,
        name: &'static str,
        value: impl Into<Value>,
        at: Moment,
    ) -> Self {
        Change::Setting(Setting { kind, subject, part: part.into(), name, value: value.into(), at })
    }

    /// Whether it starts a timer that is due at that moment already.
    pub fn is_due(&self, now: Moment) -> bool {
        match self {
            Change::Setting(Setting {
                kind: "timer", name: "started", value: Value::Integer(due), ..
            }) => *due <= now.0,
            _ => false,
        }
    }
}
