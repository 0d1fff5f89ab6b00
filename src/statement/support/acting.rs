//! Who acts is there: an agent's own statement connects them again.
//!
//! Invariant: what the agent's return changes comes before what the statement changes, in the same
//! entry; a refused statement connects nobody.

use crate::domain::change::Change;
use crate::domain::closed_lists::{Entity, Presence, TimerKind};
use crate::domain::config::Agent;
use crate::domain::conversation::{Attendance, Conversation};
use crate::domain::refusal::Error;
use crate::statement::definition::Acts;
use crate::statement::support::sessions::held_follow;
use crate::statement::{Request, StatementDef};

/// An agent who was absent and acts.
pub struct Returned {
    /// The agent as they are from now on.
    pub agent: Agent,
    /// What their return changes.
    pub changes: Vec<Change>,
}

impl Returned {
    /// Updates a conversation that was read before the return.
    pub fn meet(&self, conversation: &mut Conversation) {
        if conversation.agent.as_ref() == Some(&self.agent.named) {
            conversation.attendance = Attendance::There;
            conversation.elapse(TimerKind::AgentTimeout);
        }
    }
}

/// Returns the agent who acts by a statement, if they were disconnected, or offline with a running
/// agent_timeout.
///
/// # Errors
/// Faults of the file.
pub fn returned(request: &Request<'_>, definition: &StatementDef) -> Result<Option<Returned>, Error> {
    // An automatic message is nobody's act.
    if request.has("AUTOMATIC") {
        return Ok(None);
    }
    let Some(agent) = absent(request, definition)? else { return Ok(None) };
    let (mut changes, mut presence) = (Vec::new(), agent.presence);
    if !agent.connected {
        let before = request.snapshot.presence_before(agent.named.id)?;
        changes = agent.comes_back(before, request.now);
        presence = before.unwrap_or(presence);
    }
    held_follow(request, &agent, true, &mut changes)?;
    if changes.is_empty() {
        return Ok(None);
    }
    let agent = Agent { connected: true, presence, offline_at: None, ..agent };
    Ok(Some(Returned { agent, changes }))
}

/// Returns the agent who acts, unless they are connected and not offline.
fn absent(request: &Request<'_>, definition: &StatementDef) -> Result<Option<Agent>, Error> {
    let snapshot = &request.snapshot;
    let named = match definition.traits.acts {
        Acts::Nobody => return Ok(None),
        Acts::By(slot) => request.arguments.name(slot),
        Acts::Actor => None,
    };
    let id = match named {
        Some(name) => snapshot.id_of_agent(name)?,
        None => match request.actor.agent {
            Some(id) if is_there(request, id)? => None,
            Some(id) if works(request, id)? => Some(id),
            _ => None,
        },
    };
    match id {
        Some(id) if !is_there(request, id)? => Ok(snapshot.agent_of(id)?),
        _ => Ok(None),
    }
}

fn is_there(request: &Request<'_>, agent: i64) -> Result<bool, Error> {
    let settings = request.snapshot.settings(Entity::Agent, agent)?;
    Ok(!settings.is("connected", "off") && !settings.is("presence", Presence::Offline.name()))
}

/// Returns whether the statement is about the actor's own work or presence.
fn works(request: &Request<'_>, actor: i64) -> Result<bool, Error> {
    if let Some(name) = request.arguments.name("agent") {
        return Ok(request.snapshot.id_of_agent(name)? == Some(actor));
    }
    if request.arguments.conversation("conversation").is_none() {
        return Ok(false);
    }
    let conversation = request.conversation()?;
    Ok(conversation.agent.is_some_and(|agent| agent.id == actor))
}
