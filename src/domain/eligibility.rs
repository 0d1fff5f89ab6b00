//! Who is eligible for a conversation: queue membership and presence. Capacity is checked when the
//! transition is made.
//!
//! Invariant: the requirements of each kind of assignment are defined here once, one line each.

use super::closed_lists::Presence;
use super::config::{Agent, Named};
use super::refusal::{Code, Refusal};
use super::workstream::Workstream;

/// How a conversation is assigned to an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignmentKind {
    /// The agent picks it.
    Pick,
    /// A supervisor assigns it.
    Assign,
    /// It is transferred to the agent.
    Transfer,
    /// The agent accepts an offer.
    Accept,
    /// The agent revives a conversation that they parked.
    Revive,
}

/// What a kind of assignment requires of the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eligibility {
    /// The agent must be a member of the queue.
    pub member: bool,
    /// The agent's presence must be allowed by the workstream.
    pub presence: bool,
}

impl AssignmentKind {
    /// Returns the requirements of this kind of assignment on a workstream.
    pub fn eligibility(self, workstream: &Workstream) -> Eligibility {
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

/// Checks queue membership. `member`: whether the agent is a member, or need not be.
///
/// # Errors
/// `not_member` if the agent has to be a member and is not.
pub fn check_member(agent: &Agent, queue: &Named, member: bool) -> Result<(), Refusal> {
    if member {
        return Ok(());
    }
    let (name, queue) = (&agent.named.name, &queue.name);
    Err(Refusal::new(Code::NotMember, format!("{name} is not a member of {queue}"))
        .hint(format!("ADD {name} TO {queue}")))
}

/// Checks that the workstream allows the agent's presence.
///
/// # Errors
/// `presence` if it does not.
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
