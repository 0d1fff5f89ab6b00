//! The agents who could get a conversation, and what the choice among them depends on.
//!
//! Invariant: a candidate meets every guard of a push. This module deliberately does not exclude
//! agents who declined or gave up the conversation; the caller does.

use std::collections::HashSet;

use crate::domain::change::{Change, ChangeKind, ValueChange};
use crate::domain::closed_lists::Method;
use crate::domain::closed_lists::{Event, OfferChange};
use crate::domain::config::Agent;
use crate::domain::conversation::Conversation;
use crate::domain::refusal::Error;
use crate::domain::routing::{self, Candidate, Distance};
use crate::domain::skills::{self, Skill};
use crate::domain::workstream::Workstream;
use crate::store::{RoutedQueue, Snapshot};

/// Whether the workstream has a pool: it is pushed, and its lifecycle has a dispatch edge.
pub fn has_pool(workstream: &Workstream) -> bool {
    workstream.push
        && !workstream
            .lifecycle
            .states_with(workstream.channel, workstream.switches, Event::Dispatch)
            .is_empty()
}

/// Parses a list of skills. Text that cannot be parsed requires none.
pub fn listed(text: Option<&str>) -> Vec<Skill> {
    text.and_then(|text| skills::parse(text).ok()).unwrap_or_default()
}

/// Returns the skills that a conversation requires on a workstream.
///
/// `online` are the skills of the agents who are online; relaxed workstreams ignore all others.
pub fn required_skills(
    workstream: &Workstream,
    wanted: Option<&str>,
    online: Option<&HashSet<String>>,
) -> Vec<Skill> {
    let required = listed(wanted);
    match online.filter(|_| workstream.relaxed_skills) {
        Some(online) => routing::relaxed(&required, online),
        None => required,
    }
}

/// Returns the members of the queue who fit and have room.
///
/// # Errors
/// Faults of the file.
pub fn candidates(
    snapshot: &Snapshot<'_>,
    conversation: &Conversation,
    queue: &RoutedQueue,
    agents: &[Agent],
    online: &HashSet<String>,
) -> Result<Vec<Candidate>, Error> {
    let workstream = &conversation.workstream;
    let required = required_skills(workstream, conversation.skills.as_deref(), Some(online));
    let mut found = Vec::new();
    for (index, agent) in agents.iter().enumerate() {
        let joined = queue.members.iter().find(|(member, _)| *member == agent.named.id);
        let Some((id, joined)) = joined else { continue };
        let distance = Distance::between(&listed(agent.skills.as_deref()), &required);
        let fits = !workstream.exact_skills || distance.unmet == 0;
        if fits && routing::against(agent, workstream).is_empty() {
            found.push(Candidate {
                index,
                free: agent.capacity - agent.load,
                used: agent.load,
                distance,
                taken: snapshot.last_taken(queue.named.id, *id)?,
                ended: if queue.method == Method::LeastActive { snapshot.last_ended(*id)? } else { None },
                joined: *joined,
                preferred: false,
                gave_up: false,
            });
        }
    }
    if found.len() > 1 {
        let preferred = match workstream.prefer_last_agent {
            true => snapshot.last_agent_of(conversation.customer, workstream.named.id)?,
            false => None,
        };
        let gave_up = snapshot.gave_up(conversation.id)?;
        for candidate in &mut found {
            let id = agents[candidate.index].named.id;
            candidate.preferred = preferred == Some(id);
            candidate.gave_up = gave_up.contains(&id);
        }
    }
    Ok(found)
}

/// Returns the conversations that were given up by these changes, each with the agent who did.
pub fn given_up(changes: &[&[Change]]) -> Vec<(i64, i64)> {
    let gave_up = |change: &Change| match change {
        Change::Transition(moved) if moved.to_phase.waits() && moved.to_agent.is_none() => {
            moved.from_agent.as_ref().map(|agent| (moved.conversation, agent.id))
        }
        Change::Value(ValueChange {
            kind: ChangeKind::Offer(OfferChange::Declined | OfferChange::Missed),
            object,
            item,
            ..
        }) => item.as_integer().map(|agent| (*object, agent)),
        _ => None,
    };
    changes.iter().copied().flatten().filter_map(gave_up).collect()
}
