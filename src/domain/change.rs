//! What a decision asks the store to write: rows of the log, and nothing else.
//!
//! Invariant: a change is data. How things stand follows from it, in the file by triggers and, within one
//! statement, in the values that the decision holds.

use std::sync::Arc;

use super::closed_lists::{
    ActorKind, ConversationChange, Entity, Event, MemberChange, OfferChange, ParticipantChange, Phase,
    SessionStatus, TimerChange,
};
use super::config::Named;
use super::definition::LifecycleDefinition;
use super::moment::Moment;
use super::value::Value;

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
    /// The id of its lifecycle at that time.
    pub lifecycle: i64,
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

/// What changes: a row of `change_kind` in schema.sql.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// An object is created; the value is its name.
    Created(Entity),
    /// An object is dropped.
    Dropped(Entity),
    /// A setting of an object, by its name in the language.
    Set(Entity, &'static str),
    /// Something about a conversation.
    Conversation(ConversationChange),
    /// A membership; the object is the queue, the item the agent.
    Member(MemberChange),
    /// The customer's presence; the item is the channel.
    Session(SessionStatus),
    /// An offer; the item is the agent.
    Offer(OfferChange),
    /// A guest; the item is their name.
    Participant(ParticipantChange),
    /// A timer; the item is its kind.
    Timer(TimerChange),
}

impl ChangeKind {
    /// The kind of thing that changes, as the log calls it.
    pub fn kind(self) -> &'static str {
        match self {
            ChangeKind::Created(entity) | ChangeKind::Dropped(entity) | ChangeKind::Set(entity, _) => {
                entity.name()
            }
            ChangeKind::Conversation(_) => "conversation",
            ChangeKind::Member(_) => "member",
            ChangeKind::Session(_) => "session",
            ChangeKind::Offer(_) => "offer",
            ChangeKind::Participant(_) => "participant",
            ChangeKind::Timer(_) => "timer",
        }
    }

    /// What about it changes, as the log calls it.
    pub fn name(self) -> &'static str {
        match self {
            ChangeKind::Created(_) => "created",
            ChangeKind::Dropped(_) => "dropped",
            ChangeKind::Set(_, name) => name,
            ChangeKind::Conversation(change) => change.name(),
            ChangeKind::Member(change) => change.name(),
            ChangeKind::Session(status) => status.name(),
            ChangeKind::Offer(change) => change.name(),
            ChangeKind::Participant(change) => change.name(),
            ChangeKind::Timer(change) => change.name(),
        }
    }
}

/// One value that changes.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueChange {
    /// What changes.
    pub kind: ChangeKind,
    /// The id of the object or conversation.
    pub object: i64,
    /// Which item of it, where it has several.
    pub item: Value,
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
    Definition {
        /// The lifecycle's id.
        lifecycle: i64,
        /// What is drawn.
        definition: LifecycleDefinition,
    },
    /// Anything else.
    Value(ValueChange),
}

impl Change {
    /// A value of that object.
    pub fn setting(kind: ChangeKind, object: i64, value: impl Into<Value>, at: Moment) -> Self {
        Change::item(kind, object, Value::Null, value, at)
    }

    /// A value of an item of that object.
    pub fn item(
        kind: ChangeKind,
        object: i64,
        item: impl Into<Value>,
        value: impl Into<Value>,
        at: Moment,
    ) -> Self {
        Change::Value(ValueChange { kind, object, item: item.into(), value: value.into(), at })
    }

    /// Whether it starts a timer that is due at that moment already.
    pub fn is_due(&self, now: Moment) -> bool {
        match self {
            Change::Value(ValueChange {
                kind: ChangeKind::Timer(TimerChange::Started),
                value: Value::Integer(due),
                ..
            }) => *due <= now.0,
            _ => false,
        }
    }
}
