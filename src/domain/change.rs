//! What a decision asks the store to write: rows for the log tables, and nothing else.
//!
//! Invariant: a change is plain data. The state follows from it: in the file by triggers and,
//! within one statement, in the values that the decision holds.

use std::sync::Arc;

use super::closed_lists::{
    ActorKind, ConversationChange, CustomerChange, Entity, Event, MemberChange, OfferChange,
    ParticipantChange, Personal, Phase, SessionStatus, TimerChange,
};
use super::config::Named;
use super::definition::LifecycleDefinition;
use super::journal::Hash;
use super::moment::Moment;
use super::value::Value;

/// Who made a change: a kind of actor and, for people and scripts, a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// The kind of actor.
    pub kind: ActorKind,
    /// The name; `None` for customers, bots, the router and timers.
    pub name: Option<Arc<str>>,
}

impl By {
    /// An actor without a name: a customer, a bot, the router, a timer.
    pub fn kind(kind: ActorKind) -> Self {
        By { kind, name: None }
    }

    /// An actor with a name.
    pub fn name(kind: ActorKind, name: &str) -> Self {
        By { kind, name: Some(name.into()) }
    }
}

/// The creation of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The conversation's id.
    pub id: i64,
    /// The random public id.
    pub topic: [u8; 16],
    /// The workstream's id.
    pub workstream: i64,
    /// The id of the workstream's lifecycle at that time.
    pub lifecycle: i64,
    /// The customer's id.
    pub customer: i64,
    /// The id of the text with the subject.
    pub subject: Option<i64>,
    /// The priority; a higher number is routed first.
    pub priority: i64,
    /// The skills required of an agent.
    pub skills: Option<String>,
    /// The id of the closed conversation that this one continues.
    pub predecessor: Option<i64>,
    /// The timestamp.
    pub at: Moment,
}

/// A transition of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The conversation's id.
    pub conversation: i64,
    /// The event that caused it.
    pub event: Event,
    /// The state it leaves; `None` for the first transition.
    pub from_state: Option<Arc<str>>,
    /// The state it enters.
    pub to_state: Arc<str>,
    /// The phase of `to_state`.
    pub to_phase: Phase,
    /// The agent the conversation was assigned to.
    pub from_agent: Option<Named>,
    /// The agent the conversation is assigned to.
    pub to_agent: Option<Named>,
    /// The previous queue; `None` for the first transition.
    pub from_queue: Option<Named>,
    /// The queue from now on.
    pub to_queue: Named,
    /// The capacity units that it uses of `to_agent`.
    pub units: i64,
    /// Who caused it.
    pub by: By,
    /// The id of the text with the reason.
    pub reason: Option<i64>,
    /// Whether a supervisor overrode the checks of presence and capacity.
    pub overridden: bool,
    /// The timestamp. For a timer it is when the timer was due.
    pub at: Moment,
}

/// The content of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A message for the customer to see: the id of its text.
    Text(i64),
    /// A message that nobody wrote, such as an out-of-office reply: the id of its text.
    Automatic(i64),
    /// An internal note: the id of its text.
    Note(i64),
    /// A message written by the program itself.
    System(String),
}

/// A message, a note or a system message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The conversation's id.
    pub conversation: i64,
    /// The author; `None` for a system message.
    pub author: Option<By>,
    /// The content.
    pub body: Body,
    /// The timestamp.
    pub at: Moment,
}

/// The kind of a value change; each is a row of `change_kind` in schema.sql.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// An object was created; the value is its name.
    Created(Entity),
    /// An object was dropped.
    Dropped(Entity),
    /// A setting of an object, by its name in the language.
    Set(Entity, &'static str),
    /// A property of a conversation.
    Conversation(ConversationChange),
    /// A customer; the object is their id or, for a removed handle, its id.
    Customer(CustomerChange),
    /// Words were erased; the object is their id, the value their digest.
    Erased(Personal),
    /// A queue membership; the object is the queue, the item the agent.
    Member(MemberChange),
    /// The customer's presence on a channel; the item is the channel.
    Session(SessionStatus),
    /// An offer; the item is the agent.
    Offer(OfferChange),
    /// A participant other than the agent; the item is their name.
    Participant(ParticipantChange),
    /// A timer; the item is its kind.
    Timer(TimerChange),
}

impl ChangeKind {
    /// Returns the kind of object, as written in the log.
    pub fn kind(self) -> &'static str {
        match self {
            ChangeKind::Created(entity) | ChangeKind::Dropped(entity) | ChangeKind::Set(entity, _) => {
                entity.name()
            }
            ChangeKind::Conversation(_) => "conversation",
            ChangeKind::Customer(_) => "customer",
            ChangeKind::Erased(personal) => personal.name(),
            ChangeKind::Member(_) => "member",
            ChangeKind::Session(_) => "session",
            ChangeKind::Offer(_) => "offer",
            ChangeKind::Participant(_) => "participant",
            ChangeKind::Timer(_) => "timer",
        }
    }

    /// Returns which of its properties changes, as written in the log.
    pub fn name(self) -> &'static str {
        match self {
            ChangeKind::Created(_) => "created",
            ChangeKind::Dropped(_) => "dropped",
            ChangeKind::Set(_, name) => name,
            ChangeKind::Conversation(change) => change.name(),
            ChangeKind::Customer(change) => change.name(),
            ChangeKind::Erased(_) => "erased",
            ChangeKind::Member(change) => change.name(),
            ChangeKind::Session(status) => status.name(),
            ChangeKind::Offer(change) => change.name(),
            ChangeKind::Participant(change) => change.name(),
            ChangeKind::Timer(change) => change.name(),
        }
    }
}

/// A change of one value.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueChange {
    /// What changes.
    pub kind: ChangeKind,
    /// The id of the object or conversation.
    pub object: i64,
    /// The item of the object, if it has several; otherwise null.
    pub item: Value,
    /// The new value.
    pub value: Value,
    /// The timestamp.
    pub at: Moment,
}

/// The bodies of a closed conversation that are moved to the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// The conversation's id.
    pub conversation: i64,
    /// The packed bodies.
    pub bodies: Vec<u8>,
    /// For each body the id of its text and of the message it belongs to.
    pub texts: Vec<(i64, i64)>,
    /// The timestamp.
    pub at: Moment,
}

/// What is removed of a closed conversation. Its sessions and guests go with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purged {
    /// The conversation's id.
    pub conversation: i64,
    /// For each body the id of its text, that of the message it belongs to, and its digest.
    pub texts: Vec<(i64, i64, Hash)>,
    /// The entries whose statements go, with the digests of these.
    pub statements: Vec<(i64, Hash)>,
    /// The timestamp.
    pub at: Moment,
}

/// A row for the log tables.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A new customer, or a new handle of one.
    Customer {
        /// The id of the handle.
        id: i64,
        /// The handle as it is kept.
        handle: String,
    },
    /// The creation of a conversation.
    Opening(Opening),
    /// A transition.
    Transition(Transition),
    /// A message.
    Message(Message),
    /// Bodies that are moved to the archive.
    Archived(Archived),
    /// The states and edges of a lifecycle that was created in the same entry.
    Definition {
        /// The lifecycle's id.
        lifecycle: i64,
        /// Its options, states and edges.
        definition: LifecycleDefinition,
    },
    /// The archive of a conversation whose bodies were all erased is removed.
    ArchiveErased(i64),
    /// Bodies, sessions, guests and statements that are purged.
    Purged(Purged),
    /// Any other change.
    Value(ValueChange),
}

impl Change {
    /// Returns the change of a value of an object.
    pub fn setting(kind: ChangeKind, object: i64, value: impl Into<Value>, at: Moment) -> Self {
        Change::item(kind, object, Value::Null, value, at)
    }

    /// Returns the change of a value of an item of an object.
    pub fn item(
        kind: ChangeKind,
        object: i64,
        item: impl Into<Value>,
        value: impl Into<Value>,
        at: Moment,
    ) -> Self {
        Change::Value(ValueChange { kind, object, item: item.into(), value: value.into(), at })
    }

    /// Returns whether the change starts a timer that is already due at `now`.
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
