//! Who acts, and what that one may do.
//!
//! Invariant: while no supervisor has been created everybody may do everything; from the first one on a right is
//! held only by a role. It deliberately does not know statements: a page names the right that it asks for.

use std::sync::Arc;

use super::change::By;
use super::closed_lists::{ActorKind, Event};
use super::conversation::Conversation;
use super::refusal::{Code, Refusal};

/// What a page asks of whoever runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Anybody may (looks, SWEEP, ROUTE).
    Anybody,
    /// Opening, and writing first: agents, services, supervisors.
    Open,
    /// Work on a conversation: whoever has it, and supervisors; the page checks whose it is.
    Work,
    /// What customers, bots and webhooks do: services and supervisors.
    Serve,
    /// Setting up, assigning, forcing: supervisors.
    Supervise,
    /// The page decides by what is asked (one's own presence, MESSAGE in its forms).
    Depends,
}

/// Whoever runs a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The name.
    pub name: Arc<str>,
    /// The id of the agent of that name.
    pub agent: Option<i64>,
    /// There is a supervisor of that name.
    pub supervisor: bool,
    /// There is a service of that name.
    pub service: bool,
    /// No supervisor has been created: everybody may do everything.
    pub free: bool,
}

impl Actor {
    /// As what this one is written into the log.
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

    /// This one as the doer of a change.
    pub fn by(&self) -> By {
        By { kind: self.kind(), name: Some(self.name.clone()) }
    }

    /// Whether a supervisor's rights are held.
    pub fn supervises(&self) -> bool {
        self.free || self.supervisor
    }

    /// Whether that name is this one's own, or he may act for anybody.
    pub fn is_or_supervises(&self, agent: &str) -> bool {
        self.supervises() || (self.agent.is_some() && self.name.eq_ignore_ascii_case(agent))
    }

    /// # Errors
    /// `not_allowed`, where the right is not held.
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

    /// # Errors
    /// `not_allowed`, where this one may not act as that agent.
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

    /// # Errors
    /// `not_holder`, where the conversation is not this agent's and he is no supervisor.
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
