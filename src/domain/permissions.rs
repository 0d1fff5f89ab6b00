//! The actor of a statement, and what they may do.
//!
//! Invariant: while no supervisor has been created, everybody may do everything; after that, rights
//! depend on roles. This module deliberately does not know statements: a statement definition names
//! the right that it requires.

use std::sync::Arc;

use super::change::By;
use super::closed_lists::{ActorKind, Event};
use super::conversation::Conversation;
use super::refusal::{Code, Refusal};

/// The right that a statement requires of its actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Everybody may run it (queries, SWEEP, ROUTE).
    Anybody,
    /// Opening conversations and writing first: agents, services and supervisors.
    Open,
    /// Work on a conversation: agents and supervisors. The statement checks that the conversation
    /// is the agent's own.
    Work,
    /// What customers, bots and webhooks do: services and supervisors.
    Serve,
    /// Configuring, assigning, forcing: supervisors.
    Supervise,
    /// The statement decides by its arguments (one's own presence, the forms of MESSAGE).
    Depends,
}

/// The actor of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The name.
    pub name: Arc<str>,
    /// The id of the agent with that name.
    pub agent: Option<i64>,
    /// Whether there is a supervisor with that name.
    pub supervisor: bool,
    /// Whether there is a service with that name.
    pub service: bool,
    /// Whether everybody may do everything, because no supervisor has been created.
    pub free: bool,
}

impl Actor {
    /// Returns the kind of actor that is written to the log.
    pub fn kind(&self) -> ActorKind {
        if self.supervisor {
            ActorKind::Supervisor
        } else if self.agent.is_some() {
            ActorKind::Agent
        } else if self.service {
            ActorKind::Service
        } else {
            ActorKind::Other
        }
    }

    /// Returns the actor as the author of a change.
    pub fn by(&self) -> By {
        By { kind: self.kind(), name: Some(self.name.clone()) }
    }

    /// Returns whether the actor has a supervisor's rights.
    pub fn supervises(&self) -> bool {
        self.free || self.supervisor
    }

    /// Returns whether `agent` is the actor's own name, or they may act for anybody.
    pub fn is_or_supervises(&self, agent: &str) -> bool {
        self.supervises() || (self.agent.is_some() && self.name.eq_ignore_ascii_case(agent))
    }

    /// Checks that the actor has a right.
    ///
    /// # Errors
    /// `not_allowed` if they do not.
    pub fn needs(&self, right: Right) -> Result<(), Refusal> {
        let held = match right {
            Right::Anybody | Right::Depends => true,
            Right::Open => self.supervises() || self.agent.is_some() || self.service,
            Right::Work => self.supervises() || self.agent.is_some(),
            Right::Serve => self.supervises() || self.service,
            Right::Supervise => self.supervises(),
        };
        if held { Ok(()) } else { Err(self.not_allowed(right)) }
    }

    fn not_allowed(&self, right: Right) -> Refusal {
        let who = match right {
            Right::Open => "agents, services and supervisors",
            Right::Work => "agents and supervisors",
            Right::Serve => "services and supervisors",
            _ => "supervisors",
        };
        let what = match self.kind() {
            ActorKind::Other => format!("{} is not an agent, supervisor or service", self.name),
            kind => format!("{} is {} {kind}", self.name, if kind == ActorKind::Agent { "an" } else { "a" }),
        };
        Refusal::new(Code::NotAllowed, format!("only {who} may do this; {what}"))
            .hint("use --as NAME to act as somebody else")
    }

    /// Checks that the actor may act as an agent.
    ///
    /// # Errors
    /// `not_allowed` if they may not.
    pub fn must_be(&self, agent: &str) -> Result<(), Refusal> {
        if self.is_or_supervises(agent) {
            return Ok(());
        }
        Err(Refusal::new(
            Code::NotAllowed,
            format!("{} cannot act as {agent}; agents act only as themselves", self.name),
        )
        .hint(format!("use --as {agent}, or ask a supervisor")))
    }

    /// Checks that the actor may work on a conversation.
    ///
    /// # Errors
    /// `not_holder` if it neither is nor was last assigned to them, and they are not a supervisor.
    pub fn must_work_on(&self, conversation: &Conversation) -> Result<(), Refusal> {
        let owner = conversation.agent.as_ref().or(conversation.last_agent.as_ref());
        if self.supervises() || owner.is_some_and(|agent| Some(agent.id) == self.agent) {
            return Ok(());
        }
        let id = conversation.id;
        let (who, hint) = match (&conversation.agent, owner) {
            (Some(agent), _) => {
                (format!("it is assigned to {}", agent.name), format!("ask {}, or a supervisor", agent.name))
            }
            (None, _) if conversation.may(Event::Pick) => {
                ("it is not assigned".to_owned(), format!("PICK {id} BY {} first", self.name))
            }
            (None, Some(agent)) => (
                format!("it was last assigned to {}", agent.name),
                format!("ask {}, or a supervisor", agent.name),
            ),
            (None, None) => ("it is not assigned".to_owned(), "ask a supervisor".to_owned()),
        };
        Err(Refusal::new(
            Code::NotHolder,
            format!("conversation {id} is not assigned to {}: {who}", self.name),
        )
        .hint(hint))
    }
}
