//! The reasons against each agent, in words: SHOW CANDIDATES and EXPLAIN ROUTE.
//!
//! Invariant: an agent without a reason here is a candidate of the router, and vice versa.

use super::candidates::{listed, required_skills};
use crate::domain::config::{Agent, units_in_words};
use crate::domain::conversation::Conversation;
use crate::domain::conversation::MOST_OFFERS;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::domain::routing::{self, Against};
use crate::domain::skills::Skill;
use crate::domain::value::Value;
use crate::statement::Request;
use crate::store::{Snapshot, WaitingPosition};

/// The maximum number of waiting conversations that EXPLAIN ROUTE explains.
const MOST_EXPLAINED: usize = 5;

/// A conversation, with what is queried once for all agents.
struct Case<'a> {
    snapshot: &'a Snapshot<'a>,
    conversation: &'a Conversation,
    skills: Vec<Skill>,
    declined: Vec<(i64, i64)>,
}

impl<'a> Case<'a> {
    fn of(snapshot: &'a Snapshot<'a>, conversation: &'a Conversation) -> Result<Self, Error> {
        let online = snapshot.skills_online()?;
        let skills = required_skills(&conversation.workstream, conversation.skills.as_deref(), Some(&online));
        Ok(Case { snapshot, conversation, skills, declined: snapshot.declined(conversation.id)? })
    }

    fn is_member(&self, agent: &Agent) -> Result<bool, Error> {
        match &self.conversation.queue {
            Some(queue) => Ok(self.snapshot.is_member(queue.id, agent.named.id)?),
            None => Ok(true),
        }
    }

    /// Returns every reason against an agent.
    fn reasons(&self, agent: &Agent) -> Result<Vec<String>, Error> {
        let (conversation, workstream) = (self.conversation, &self.conversation.workstream);
        let mut reasons = Vec::new();
        if conversation.agent.as_ref() == Some(&agent.named) {
            reasons.push("has it".to_owned());
        }
        if conversation.offer.as_ref().is_some_and(|offer| offer.agent == agent.named) {
            reasons.push("is asked to take it".to_owned());
        }
        if !self.is_member(agent)? {
            let queue = conversation.queue.as_ref().map_or("its queue", |queue| &queue.name);
            reasons.push(format!("not a member of {queue}"));
        }
        for against in routing::against(agent, workstream) {
            reasons.push(match against {
                Against::Disconnected => "disconnected".to_owned(),
                Against::Presence => {
                    format!("{} ({} allows {})", agent.presence, workstream.named.name, workstream.allowed())
                }
                Against::Capacity => format!("no room for {}", units_in_words(workstream.units)),
            });
        }
        if workstream.exact_skills {
            reasons.extend(lacking(&listed(agent.skills.as_deref()), &self.skills));
        }
        if self.declined.iter().any(|(id, times)| *id == agent.named.id && *times >= MOST_OFFERS) {
            reasons.push(format!("declined or missed it {MOST_OFFERS} times"));
        }
        Ok(reasons)
    }
}

/// Returns the skills that are missing, e.g. `lacks spanish` or `billing 4, asked 6`.
fn lacking(had: &[Skill], required: &[Skill]) -> Vec<String> {
    let lack = |wanted: &Skill| {
        let level = wanted.level.unwrap_or(1);
        match had.iter().find(|skill| skill.name == wanted.name) {
            None => Some(format!("lacks {}", wanted.name)),
            Some(skill) if skill.level.unwrap_or(1) < level => {
                Some(format!("{} {}, asked {level}", skill.name, skill.level.unwrap_or(1)))
            }
            Some(_) => None,
        }
    };
    required.iter().filter_map(lack).collect()
}

/// Answers SHOW CANDIDATES.
pub fn show(request: &Request<'_>) -> Result<Reply, Error> {
    let conversation = request.conversation()?;
    let mut reply =
        Reply::with_columns(&["agent", "fits", "presence", "load", "capacity", "skills", "reasons"]);
    let mut rows = Vec::new();
    let case = Case::of(&request.snapshot, &conversation)?;
    let gave_up = request.snapshot.gave_up(conversation.id)?;
    for agent in request.snapshot.agents()? {
        let mut reasons = case.reasons(&agent)?;
        let fits = reasons.is_empty();
        if fits && gave_up.contains(&agent.named.id) {
            reasons.push("gave it up; considered only if nobody else fits".to_owned());
        }
        let text = (!reasons.is_empty()).then(|| reasons.join("; "));
        rows.push((
            !fits,
            agent.named.name.to_lowercase(),
            vec![
                Value::from(&*agent.named.name),
                Value::from(if fits { "yes" } else { "no" }),
                agent.presence.name().into(),
                agent.load.into(),
                agent.capacity.into(),
                agent.skills.as_deref().into(),
                text.into(),
            ],
        ));
    }
    rows.sort_by(|left, right| (left.0, &left.1).cmp(&(right.0, &right.1)));
    reply.rows = rows.into_iter().map(|(_, _, row)| row).collect();
    Ok(reply)
}

/// Returns one sentence for each conversation that stays at the head of its line, with the reasons.
///
/// # Errors
/// Faults of the file.
pub fn left_waiting(snapshot: &Snapshot<'_>) -> Result<Vec<String>, Error> {
    let mut heads: Vec<(i64, WaitingPosition)> = Vec::new();
    for queue in snapshot.routed_queues()? {
        heads.extend(snapshot.lines(queue.named.id)?.into_iter().map(|(_, place)| (queue.priority, place)));
    }
    heads.sort();
    let mut sentences = Vec::new();
    let agents = snapshot.agents()?;
    for (_, place) in heads.iter().take(MOST_EXPLAINED) {
        let Some(conversation) = snapshot.conversation(place.conversation)? else { continue };
        let case = Case::of(snapshot, &conversation)?;
        let mut against = Vec::new();
        for agent in &agents {
            if case.is_member(agent)? {
                against.push(format!("{} {}", agent.named.name, case.reasons(agent)?.join(", ")));
            }
        }
        let queue = conversation.queue.as_ref().map_or("its queue", |queue| &queue.name);
        let why = if against.is_empty() { format!("{queue} has no members") } else { against.join("; ") };
        sentences.push(format!("{} stays in {queue}: {why}", place.conversation));
    }
    if heads.len() > MOST_EXPLAINED {
        sentences.push(format!(
            "{} more lines wait; SHOW CANDIDATES explains one conversation",
            heads.len() - MOST_EXPLAINED
        ));
    }
    Ok(sentences)
}
