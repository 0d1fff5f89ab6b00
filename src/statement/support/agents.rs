//! Helpers for the statements about agents.

use crate::domain::change::Change;
use crate::domain::closed_lists::Presence;
use crate::domain::config::Agent;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::language::suggest::with_article;
use crate::statement::Request;
use crate::statement::support::offers;
use crate::statement::support::sessions::held_follow;

/// Returns the refusal of a name that belongs to an object of another kind.
///
/// Agents, supervisors and services share one namespace.
pub fn name_taken(kind: &'static str, name: &str, other: &str) -> Refusal {
    Refusal::new(Code::Exists, format!("{name} is already the name of {}", with_article(other)))
        .hint("a service cannot have the name of an agent or a supervisor")
        .at(kind)
}

/// Sets the presence of an agent, and withdraws the offers that the new presence does not allow.
pub fn with_presence(request: &Request<'_>, agent: &Agent, presence: Presence) -> Result<Vec<Change>, Error> {
    let by_timer = presence == agent.presence && request.snapshot.presence_before(agent.named.id)?.is_some();
    let mut changes = agent.confirms_presence(presence, by_timer, request.now);
    if agent.connected && agent.presence == Presence::Offline && presence != Presence::Offline {
        held_follow(request, agent, true, &mut changes)?;
    }
    offers::withdraw(
        &request.snapshot,
        agent.named.id,
        |offered| offered.workstream.allows(presence),
        request.now,
        &mut changes,
    )?;
    Ok(changes)
}
