//! What a page is given, and what it gives back.
//!
//! Invariant: a page gets a look at the file, its arguments, a moment, an actor; and returns rows for the log.
//! Names that are not there are refused here, with the nearest one that is.

use std::sync::Arc;

use super::support::router::Scope;
use crate::domain::change::{By, Change, ChangeKind};
use crate::domain::closed_lists::Channel;
use crate::domain::config::{Agent, Named};
use crate::domain::context::Context;
use crate::domain::conversation::Conversation;
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

/// A statement as a page is given it.
pub struct Request<'a> {
    /// The file as it stands.
    pub snapshot: Snapshot<'a>,
    /// What was typed.
    pub arguments: &'a Arguments,
    /// Who acts.
    pub actor: &'a Actor,
    /// The statement's moment.
    pub now: Moment,
    /// Where randomness comes from.
    pub context: &'a Context,
    /// The ids that the statement's personal words have, or get when it is written.
    pub words: &'a [CitedText],
}

/// A handle or a text in a statement, and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitedText {
    /// The argument's name.
    pub slot: String,
    /// The words.
    pub text: String,
    /// The id.
    pub id: i64,
    /// What it is.
    pub kind: CitedKind,
}

/// What a personal word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CitedKind {
    /// A customer that the file knows.
    KnownCustomer,
    /// A customer that it does not know.
    NewCustomer,
    /// A text.
    Text,
    /// A SELECT that is kept: it may name people.
    Select,
}

impl CitedKind {
    /// How the journal cites it: `:text_17`.
    pub fn cited(self) -> &'static str {
        match self {
            CitedKind::KnownCustomer | CitedKind::NewCustomer => "customer",
            CitedKind::Text => "text",
            CitedKind::Select => "select",
        }
    }

    /// Whether its words stand among the texts.
    pub fn is_text(self) -> bool {
        matches!(self, CitedKind::Text | CitedKind::Select)
    }
}

/// What a page decided.
#[derive(Debug)]
pub struct Decision {
    /// Rows for the log, in order; none: nothing changes, and no entry is written.
    pub changes: Vec<Change>,
    /// What is answered.
    pub answer: Answer,
    /// Sentences that belong to the answer.
    pub notes: Vec<String>,
}

/// What a change answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Its transitions, a row each.
    Moves,
    /// The same, of what the router does in that scope.
    Routed(Scope),
    /// The row that was made or changed.
    Row(Listing, Vec<Value>),
    /// The message that was written.
    Message,
    /// The channel sessions of that conversation.
    Sessions(i64),
    /// The row of what is no more, as it was.
    Gone(Reply),
}

impl Decision {
    /// A decision that moves conversations.
    pub fn moves(changes: Vec<Change>) -> Self {
        Decision { changes, answer: Answer::Moves, notes: Vec::new() }
    }

    /// A decision that answers its moves, if it makes any; else something else.
    pub fn moves_or(changes: Vec<Change>, otherwise: Answer) -> Self {
        let moved = changes.iter().any(|change| matches!(change, Change::Transition(_)));
        Decision { changes, answer: if moved { Answer::Moves } else { otherwise }, notes: Vec::new() }
    }

    /// A decision that answers a row.
    pub fn row(changes: Vec<Change>, listing: Listing, key: impl Into<Value>) -> Self {
        Decision { changes, answer: Answer::Row(listing, vec![key.into()]), notes: Vec::new() }
    }

    /// A decision that drops something, and answers its row as it was.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn gone(
        request: &Request<'_>,
        changes: Vec<Change>,
        listing: Listing,
        key: &str,
    ) -> Result<Self, Error> {
        let was = request.listing(listing, &[key.into()])?;
        Ok(Decision { changes, answer: Answer::Gone(was), notes: Vec::new() })
    }
}

impl<'a> Request<'a> {
    /// A keyword that may be left out.
    pub fn has(&self, word: &str) -> bool {
        self.arguments.has(word)
    }

    /// A name that the syntax line requires (an empty one cannot be typed).
    pub fn name(&self, slot: &str) -> &str {
        self.arguments.name(slot).unwrap_or_default()
    }

    /// The conversation that the statement names.
    ///
    /// # Errors
    /// `unknown_conversation`.
    pub fn conversation(&self) -> Result<Conversation, Error> {
        let slot = "conversation";
        let id = conversation_named(&self.snapshot, self.arguments)?;
        if let Some(id) = id
            && let Some(conversation) = self.snapshot.conversation(id)?
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

    /// The agent that the statement names.
    ///
    /// # Errors
    /// `unknown_agent`.
    pub fn agent(&self) -> Result<Agent, Error> {
        let name = self.name("agent");
        match self.snapshot.agent(name)? {
            Some(agent) => Ok(agent),
            None => Err(self.unknown(Code::UnknownAgent, "agent", name)?.at("agent").into()),
        }
    }

    /// The queue of that name.
    ///
    /// # Errors
    /// `unknown_queue`.
    pub fn queue_named(&self, name: &str) -> Result<Named, Error> {
        match self.snapshot.queue(name)? {
            Some(queue) => Ok(queue),
            None => Err(self.unknown(Code::UnknownQueue, "queue", name)?.at("queue").into()),
        }
    }

    /// The queue that the statement names, where it names one.
    ///
    /// # Errors
    /// `unknown_queue`.
    pub fn queue(&self) -> Result<Option<Named>, Error> {
        self.arguments.name("queue").map(|name| self.queue_named(name)).transpose()
    }

    /// The channel that the statement names, where it names one.
    ///
    /// # Errors
    /// `invalid_value`, where there is no such channel.
    pub fn channel(&self) -> Result<Option<Channel>, Refusal> {
        let Some(name) = self.arguments.name("channel") else { return Ok(None) };
        Channel::from_name(name).map(Some).ok_or_else(|| {
            let names: Vec<&str> = Channel::ALL.iter().map(|channel| channel.name()).collect();
            Refusal::new(Code::InvalidValue, format!("unknown channel {name}"))
                .hint(names.join(", "))
                .at("channel")
        })
    }

    /// The workstream that the statement names.
    ///
    /// # Errors
    /// `unknown_workstream`.
    pub fn workstream(&self) -> Result<Arc<Workstream>, Error> {
        let name = self.name("workstream");
        match self.snapshot.workstream(name)? {
            Some(workstream) => Ok(workstream),
            None => Err(self.unknown(Code::UnknownWorkstream, "workstream", name)?.at("workstream").into()),
        }
    }

    /// The lifecycle of that name.
    ///
    /// # Errors
    /// `unknown_lifecycle`.
    pub fn lifecycle_named(&self, name: &str) -> Result<Arc<Lifecycle>, Error> {
        match self.snapshot.lifecycle_named(name)? {
            Some(lifecycle) => Ok(lifecycle),
            None => Err(self.unknown(Code::UnknownLifecycle, "lifecycle", name)?.at("lifecycle").into()),
        }
    }

    /// The refusal of a name that is not there, with the nearest one that is.
    ///
    /// # Errors
    /// Accidents of the file.
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

    /// The refusal with the place of that one of several names.
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

    /// The id of the text in that slot, where one was typed.
    pub fn text(&self, slot: &str) -> Option<i64> {
        self.words.iter().find(|word| word.slot == slot && word.kind.is_text()).map(|word| word.id)
    }

    /// The customer that the statement names.
    pub fn customer(&self) -> Option<&CitedText> {
        self.words.iter().find(|word| !word.kind.is_text())
    }

    /// A value that changes now.
    pub fn setting(&self, kind: ChangeKind, object: i64, value: impl Into<Value>) -> Change {
        Change::setting(kind, object, value, self.now)
    }

    /// A value of an item that changes now.
    pub fn item(
        &self,
        kind: ChangeKind,
        object: i64,
        item: impl Into<Value>,
        value: impl Into<Value>,
    ) -> Change {
        Change::item(kind, object, item, value, self.now)
    }

    /// Whoever runs the statement, as the doer of a change.
    pub fn by(&self) -> By {
        self.actor.by()
    }

    /// The rows of a report.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn listing(&self, listing: Listing, parameters: &[Value]) -> Result<Reply, Error> {
        Ok(self.snapshot.listing(listing, parameters)?)
    }
}

/// The id of the conversation that a statement names, where it names one; its number is taken on trust.
///
/// # Errors
/// Accidents of the file.
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
