//! What a handler gets and what it returns.
//!
//! Invariant: a handler gets a snapshot of the file, the arguments, a time and an actor, and
//! returns rows for the log. Unknown names are refused here, with the nearest known one as the
//! hint.

use std::sync::Arc;

use super::support::acting::Returned;
use super::support::cited::CitedText;
use super::support::router::Scope;
use crate::domain::change::{By, Change, ChangeKind};
use crate::domain::closed_lists::Channel;
use crate::domain::config::{Agent, Named};
use crate::domain::context::Context;
use crate::domain::conversation::Conversation;
use crate::domain::handle::is_invisible;
use crate::domain::lifecycle::Lifecycle;
use crate::domain::moment::Moment;
use crate::domain::permissions::Actor;
use crate::domain::refusal::{Code, Error, Fault, Refusal};
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::domain::workstream::Workstream;
use crate::language::arguments::{Arguments, ConversationRef, Part};
use crate::language::suggest::nearest;
use crate::store::{Listing, Snapshot};

/// What a handler gets of a statement.
pub struct Request<'a> {
    /// The state of the file that the statement sees.
    pub snapshot: Snapshot<'a>,
    /// The parsed arguments.
    pub arguments: &'a Arguments,
    /// Who runs the statement, and their rights.
    pub actor: &'a Actor,
    /// The time of the statement; with AS OF, the time that is queried.
    pub now: Moment,
    /// The source of randomness.
    pub context: &'a Context,
    /// The statement's handles, texts and key with their ids. A new one gets its id when the entry is
    /// written.
    pub words: &'a [CitedText],
    /// The agent who acts and was absent until now.
    pub returned: Option<&'a Returned>,
}

/// What a handler decides.
#[derive(Debug)]
pub struct Decision {
    /// Rows for the log, in order. If there are none, and the router adds none, no entry is
    /// written.
    pub changes: Vec<Change>,
    /// What the reply shows.
    pub answer: Answer,
    /// Sentences that are added to the reply.
    pub notes: Vec<String>,
}

/// What the reply to a change shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The transitions of the decision, one row each.
    Moves,
    /// The transitions that the router makes in that scope, one row each.
    Routed(Scope),
    /// The rows of a listing after the change: those of a key, or all.
    Rows(&'static Listing, Option<Value>),
    /// The message that was written.
    Message,
    /// The row of a dropped object, as it was before.
    Gone(Reply),
}

impl Decision {
    /// Returns a decision that answers with its transitions.
    pub fn moves(changes: Vec<Change>) -> Self {
        Decision { changes, answer: Answer::Moves, notes: Vec::new() }
    }

    /// Returns a decision that answers with its transitions, or with `otherwise` if there are none.
    pub fn moves_or(changes: Vec<Change>, otherwise: Answer) -> Self {
        let moved = changes.iter().any(|change| matches!(change, Change::Transition(_)));
        Decision { changes, answer: if moved { Answer::Moves } else { otherwise }, notes: Vec::new() }
    }

    /// Returns a decision that answers with one row of a listing.
    pub fn row(changes: Vec<Change>, listing: &'static Listing, key: impl Into<Value>) -> Self {
        Decision { changes, answer: Answer::Rows(listing, Some(key.into())), notes: Vec::new() }
    }

    /// Returns a decision that answers with the row as it was before the object was dropped.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn gone(
        request: &Request<'_>,
        changes: Vec<Change>,
        listing: &'static Listing,
        key: &str,
    ) -> Result<Self, Error> {
        let was = request.matching(listing, key)?;
        Ok(Decision { changes, answer: Answer::Gone(was), notes: Vec::new() })
    }
}

impl<'a> Request<'a> {
    /// Whether an optional keyword was typed.
    pub fn has(&self, word: &str) -> bool {
        self.arguments.has(word)
    }

    /// Returns a name that the syntax line requires. It is never empty.
    pub fn name(&self, slot: &str) -> &str {
        self.arguments.name(slot).unwrap_or_default()
    }

    /// Returns the name of an object that is to be created.
    ///
    /// # Errors
    /// `invalid_value` for invisible characters, with which two names could look the same. Joiners are
    /// letters of some languages.
    pub fn new_name(&self, slot: &'static str) -> Result<&str, Refusal> {
        let name = self.name(slot);
        match name.chars().find(|&letter| is_invisible(letter) && !matches!(letter, '\u{200c}' | '\u{200d}'))
        {
            Some(letter) => {
                let words = format!("the name contains the invisible character U+{:04X}", u32::from(letter));
                Err(Refusal::new(Code::InvalidValue, words).at(slot))
            }
            None => Ok(name),
        }
    }

    /// Returns the conversation that the statement names.
    ///
    /// # Errors
    /// `unknown_conversation`; faults of the file.
    pub fn conversation(&self) -> Result<Conversation, Error> {
        let slot = "conversation";
        let id = conversation_named(&self.snapshot, self.arguments)?;
        if let Some(id) = id
            && let Some(conversation) = self.conversation_of(id)?
        {
            return Ok(conversation);
        }
        let named = match self.arguments.conversation(slot) {
            Some(ConversationRef::Id(id)) => id.to_string(),
            Some(ConversationRef::Topic(topic)) => format!("with the topic {topic}"),
            None => String::new(),
        };
        if let Some(moment) = self.arguments.moment("moment") {
            return Err(Refusal::new(
                Code::UnknownConversation,
                format!("conversation {named} did not exist at {moment}"),
            )
            .hint(format!("SHOW CONVERSATION {named} shows when it was opened"))
            .at(slot)
            .into());
        }
        let hint = match self.snapshot.newest_conversation()? {
            0 => "OPEN creates the first one".to_owned(),
            newest => format!("the latest is {newest}"),
        };
        Err(Refusal::new(Code::UnknownConversation, format!("conversation {named} does not exist"))
            .hint(hint)
            .at(slot)
            .into())
    }

    /// Returns the conversation with this id, as it is for the agent who acts.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn conversation_of(&self, id: i64) -> Result<Option<Conversation>, Error> {
        let mut conversation = self.snapshot.conversation(id)?;
        if let (Some(returned), Some(conversation)) = (self.returned, &mut conversation) {
            returned.meet(conversation);
        }
        Ok(conversation)
    }

    /// Returns the agent that the statement names.
    ///
    /// # Errors
    /// `unknown_agent`; faults of the file.
    pub fn agent(&self) -> Result<Agent, Error> {
        let name = self.name("agent");
        match self.snapshot.agent(name)? {
            Some(agent) => Ok(match self.returned {
                Some(returned) if returned.agent.named == agent.named => returned.agent.clone(),
                _ => agent,
            }),
            None => Err(self.unknown(Code::UnknownAgent, "agent", name)?.at("agent").into()),
        }
    }

    /// Returns the queue of that name.
    ///
    /// # Errors
    /// `unknown_queue`; faults of the file.
    pub fn queue_named(&self, name: &str) -> Result<Named, Error> {
        match self.snapshot.queue(name)? {
            Some(queue) => Ok(queue),
            None => Err(self.unknown(Code::UnknownQueue, "queue", name)?.at("queue").into()),
        }
    }

    /// Returns the queue that the statement names, if it names one.
    ///
    /// # Errors
    /// `unknown_queue`; faults of the file.
    pub fn queue(&self) -> Result<Option<Named>, Error> {
        self.arguments.name("queue").map(|name| self.queue_named(name)).transpose()
    }

    /// Returns the channel that the statement names, if it names one.
    ///
    /// # Errors
    /// `invalid_value`, if there is no such channel.
    pub fn channel(&self) -> Result<Option<Channel>, Refusal> {
        let Some(name) = self.arguments.name("channel") else { return Ok(None) };
        Channel::from_name(name).map(Some).ok_or_else(|| {
            let names: Vec<&str> = Channel::ALL.iter().map(|channel| channel.name()).collect();
            Refusal::new(Code::InvalidValue, format!("unknown channel {name}"))
                .hint(names.join(", "))
                .at("channel")
        })
    }

    /// Returns the workstream that the statement names.
    ///
    /// # Errors
    /// `unknown_workstream`; faults of the file.
    pub fn workstream(&self) -> Result<Arc<Workstream>, Error> {
        let name = self.name("workstream");
        match self.snapshot.workstream(name)? {
            Some(workstream) => Ok(workstream),
            None => Err(self.unknown(Code::UnknownWorkstream, "workstream", name)?.at("workstream").into()),
        }
    }

    /// Returns the lifecycle of that name.
    ///
    /// # Errors
    /// `unknown_lifecycle`; faults of the file.
    pub fn lifecycle_named(&self, name: &str) -> Result<Arc<Lifecycle>, Error> {
        match self.snapshot.lifecycle_named(name)? {
            Some(lifecycle) => Ok(lifecycle),
            None => Err(self.unknown(Code::UnknownLifecycle, "lifecycle", name)?.at("lifecycle").into()),
        }
    }

    /// Returns the refusal of an unknown name, with the nearest known one as the hint.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn unknown(&self, code: Code, kind: &str, name: &str) -> Result<Refusal, Error> {
        let names = self.snapshot.names(kind)?;
        let refusal = Refusal::new(code, format!("{kind} {name} does not exist"));
        Ok(match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => refusal.hint(format!("did you mean {near}?")),
            None if names.is_empty() && kind != "lifecycle" => {
                refusal.hint(format!("CREATE {} {name} creates it", kind.to_uppercase()))
            }
            None => refusal.hint(format!("SHOW {}S lists them", kind.to_uppercase())),
        })
    }

    /// Points the refusal at the name with index `place` among those of a repeated argument.
    pub fn at_one_of(&self, refusal: Refusal, slot: &str, place: usize) -> Refusal {
        let spans = self.arguments.parts().iter().filter_map(|part| match part {
            Part::Argument { slot: name, span, .. } if name == slot => Some(span.clone()),
            _ => None,
        });
        match spans.into_iter().nth(place) {
            Some(span) => refusal.at_span(span),
            None => refusal,
        }
    }

    /// Returns the id of the text in that argument, if one was typed.
    pub fn text(&self, slot: &str) -> Option<i64> {
        self.words.iter().find(|word| word.slot == slot && word.kind.is_text()).map(|word| word.id)
    }

    /// Returns the handle, text or key in a slot, with its id.
    pub fn cited(&self, slot: &str) -> Option<&CitedText> {
        self.words.iter().find(|word| word.slot == slot)
    }

    /// Returns the customer that the statement names, if it names one.
    pub fn customer(&self) -> Option<&CitedText> {
        self.words.iter().find(|word| word.kind.is_customer())
    }

    /// Returns a change of a value at the statement's time.
    pub fn setting(&self, kind: ChangeKind, object: i64, value: impl Into<Value>) -> Change {
        Change::setting(kind, object, value, self.now)
    }

    /// Returns a change of a value of one item at the statement's time.
    pub fn item(
        &self,
        kind: ChangeKind,
        object: i64,
        item: impl Into<Value>,
        value: impl Into<Value>,
    ) -> Change {
        Change::item(kind, object, item, value, self.now)
    }

    /// Returns the actor as the author of a change.
    pub fn by(&self) -> By {
        self.actor.by()
    }

    /// Returns the rows of a listing.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn listing(&self, listing: &Listing) -> Result<Reply, Error> {
        Ok(self.snapshot.listing(listing)?)
    }

    /// Returns the rows of a listing that have that key.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn matching(&self, listing: &Listing, key: impl Into<Value>) -> Result<Reply, Error> {
        Ok(self.snapshot.matching(listing, &key.into())?)
    }

    /// Returns the rows of a query over the public views.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn query(&self, sql: &str, parameters: &[Value]) -> Result<Reply, Error> {
        Ok(self.snapshot.query(sql, parameters)?)
    }
}

/// Returns the id of the conversation that the statement names, if it names one.
///
/// A numeric id is returned without checking that the conversation exists.
///
/// # Errors
/// Faults of the file.
pub fn conversation_named(snapshot: &Snapshot<'_>, arguments: &Arguments) -> Result<Option<i64>, Fault> {
    match arguments.conversation("conversation") {
        Some(ConversationRef::Id(id)) => Ok(Some(id)),
        Some(ConversationRef::Topic(topic)) => match uuid::Uuid::parse_str(&topic) {
            Ok(topic) => snapshot.conversation_of_topic(topic.as_bytes()),
            Err(_) => Ok(None),
        },
        None => Ok(None),
    }
}
