//! The guards of the ways to an agent: membership and presence. Capacity is looked at when a conversation moves.
//!
//! Invariant: the matrix of guards stands here once, a way a line.

use super::closed_lists::Presence;
use super::config::{Agent, Named};
use super::refusal::{Code, Refusal};
use super::workstream::Workstream;

/// How a conversation comes to an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignmentKind {
    /// The agent takes it.
    Pick,
    /// A supervisor gives it.
    Assign,
    /// It is handed on.
    Transfer,
    /// The agent takes what he was offered.
    Accept,
    /// The agent takes back what he set aside.
    Revive,
}

/// What that way asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eligibility {
    /// To be a member of the queue.
    pub member: bool,
    /// To have an allowed presence.
    pub presence: bool,
}

impl AssignmentKind {
    /// The guards of this way on that workstream.
    pub fn guards(self, workstream: &Workstream) -> Eligibility {
        match self {
            AssignmentKind::Pick | AssignmentKind::Accept => Eligibility { member: true, presence: false },
            AssignmentKind::Assign => Eligibility { member: false, presence: true },
            AssignmentKind::Transfer => {
                Eligibility { member: true, presence: !workstream.transfer_to_any_presence }
            }
            AssignmentKind::Revive => Eligibility { member: true, presence: false },
        }
    }
}

/// # Errors
/// `not_member`, where the agent has to be one and is not.
pub fn check_member(agent: &Agent, queue: &Named, member: bool) -> Result<(), Refusal> {
    if member {
        return Ok(());
    }
    let (name, queue) = (&agent.named.name, &queue.name);
    Err(Refusal::new(Code::NotMember, format!("{name} is not a member of {queue}"))
        .hint(format!("ADD {name} TO {queue}")))
}

/// # Errors
/// `presence`, where the workstream does not allow the agent's.
pub fn check_presence(agent: &Agent, workstream: &Workstream) -> Result<(), Refusal> {
    if workstream.allows(agent.presence) {
        return Ok(());
    }
    let (name, presence) = (&agent.named.name, agent.presence);
    let first = workstream.presences.first().copied().unwrap_or(Presence::Available);
    Err(Refusal::new(
        Code::Presence,
        format!("{name} is {presence}; {} allows {}", workstream.named.name, workstream.allowed()),
    )
    .hint(format!("SET PRESENCE {first} FOR {name}, or OVERRIDE")))
}
