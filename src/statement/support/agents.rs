//! Agents: made, altered, dropped, and whether they are there for work.

use crate::domain::change::Change;
use crate::domain::closed_lists::Presence;
use crate::domain::config::Agent;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::statement::Request;
use crate::statement::support::objects::with_article;
use crate::statement::support::offers;

/// The refusal of a name that somebody of another kind has: people and services share one namespace.
pub fn name_taken(kind: &'static str, name: &str, other: &str) -> Refusal {
    Refusal::new(Code::Exists, format!("{name} is already the name of {}", with_article(other)))
        .hint("a service cannot have the name of an agent or a supervisor")
        .at(kind)
}

/// The agent says whether he is there: what he is asked to take where that is not enough goes back.
pub fn with_presence(request: &Request<'_>, agent: &Agent, presence: Presence) -> Result<Vec<Change>, Error> {
    let mut changes = agent.sets_presence(presence, request.now);
    offers::withdraw(
        &request.snapshot,
        agent.named.id,
        |offered| offered.workstream.allows(presence),
        request.now,
        &mut changes,
    )?;
    Ok(changes)
}
