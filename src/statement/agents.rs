//! Agents: made, altered, dropped, and whether they are there for work.

use super::queues::{already, must_be_free, set, with_article};
use super::settings::{self, Given};
use super::{Chapter, Decision, Handler, Request, StatementDef, guests, offers};
use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::{Entity, MemberChange, Presence};
use crate::domain::config::Agent;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::value::Value;
use crate::language::suggest::nearest;
use crate::store::Listing;

pub(super) const STATEMENTS: &[StatementDef] = &[
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "CREATE AGENT [IF NOT EXISTS] <agent:name> [WITH \"(\" <settings:agent> \")\"] [IN {<queue>},...]",
        summary: "Creates an agent as a member of the given queues.",
        example: "CREATE AGENT erin WITH (name = 'Erin Oduya', capacity = 2, presence = available, skills = 'billing:4, spanish') IN billing, front",
        right: Right::Supervise,
        handler: Handler::Write(create),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "ALTER AGENT <agent> SET <settings:agent>",
        summary: "Changes settings of an agent. The agent keeps their conversations.",
        example: "ALTER AGENT bob SET capacity = 4, skills = 'billing:9'",
        right: Right::Supervise,
        handler: Handler::Write(alter),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "DROP AGENT <agent>",
        summary: "Drops an agent who has no conversation. History keeps the name.",
        example: "DROP AGENT zoe",
        right: Right::Supervise,
        handler: Handler::Write(drop_agent),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "SET PRESENCE <presence> FOR <agent>",
        summary: "Sets the presence of an agent: available, busy, dnd, away or offline. The agent keeps their conversations. An agent who left a customer unanswered is inactive, and gets no work, until the presence is set again.",
        example: "SET PRESENCE away FOR bob",
        right: Right::Depends,
        handler: Handler::Write(set_presence),
    },
];

fn create(request: &Request<'_>) -> Result<Decision, Error> {
    let name = request.name("agent");
    let given = settings::read(request.arguments, "settings", settings::AGENT)?;
    if let Some(agent) = request.snapshot.agent(name)? {
        return already(request, Listing::Agent, "agent", &agent.named.name);
    }
    if request.snapshot.service(name)?.is_some() {
        return Err(name_taken("agent", name, "service").into());
    }
    let id = request.snapshot.next_id(Entity::Agent)?;
    let mut changes = vec![request.setting(ChangeKind::Created(Entity::Agent), id, name)];
    changes.extend(set(request, Entity::Agent, id, &given)?);
    for (place, name) in request.arguments.names("queue").iter().enumerate() {
        let Some(queue) = request.snapshot.queue(name)? else {
            let refusal = request.unknown(Code::UnknownQueue, "queue", name)?;
            return Err(request.at_one_of(refusal, "queue", place).into());
        };
        let row = request.item(ChangeKind::Member(MemberChange::Joined), queue.id, id, Value::Null);
        if !changes.contains(&row) {
            changes.push(row);
        }
    }
    Ok(Decision::row(changes, Listing::Agent, name))
}

/// The refusal of a name that somebody of another kind has: people and services share one namespace.
pub(super) fn name_taken(kind: &'static str, name: &str, other: &str) -> Refusal {
    Refusal::new(Code::Exists, format!("{name} is already the name of {}", with_article(other)))
        .hint("a service cannot have the name of an agent or a supervisor")
        .at(kind)
}

fn alter(request: &Request<'_>) -> Result<Decision, Error> {
    let agent = request.agent()?;
    let given = settings::read(request.arguments, "settings", settings::AGENT)?;
    // A presence is more than a value: what waits for who is disconnected goes with it.
    let (presences, given): (Vec<Given>, Vec<Given>) =
        given.into_iter().partition(|given| given.name == "presence");
    let mut changes = set(request, Entity::Agent, agent.named.id, &given)?;
    let presence = presences.first().and_then(|given| given.value.as_text()).and_then(Presence::from_name);
    if let Some(presence) = presence {
        changes.extend(with_presence(request, &agent, presence)?);
    }
    Ok(Decision::row(changes, Listing::Agent, &*agent.named.name))
}

fn drop_agent(request: &Request<'_>) -> Result<Decision, Error> {
    let agent = request.agent()?.named;
    must_be_free(request, Entity::Agent, agent.id, &agent.name)?;
    let mut changes = Vec::new();
    offers::withdraw(&request.snapshot, agent.id, |_| false, request.now, &mut changes)?;
    changes.push(request.setting(ChangeKind::Dropped(Entity::Agent), agent.id, Value::Null));
    if request.snapshot.supervisor(&agent.name)?.is_none() {
        changes.extend(guests::dropped(request, &agent.name)?);
    }
    Decision::gone(request, changes, Listing::Agent, &agent.name)
}

fn set_presence(request: &Request<'_>) -> Result<Decision, Error> {
    let agent = request.agent()?;
    request.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?;
    let word = request.name("presence");
    // `inactive` is what the program sets after a missed offer or answer.
    let Some(presence) = Presence::from_name(word).filter(|presence| *presence != Presence::Inactive) else {
        let names =
            || Presence::ALL.iter().map(|presence| presence.name()).filter(|name| *name != "inactive");
        let hint = nearest(word, names())
            .map_or_else(|| names().collect::<Vec<_>>().join(", "), |near| format!("did you mean {near}?"));
        let words = match Presence::from_name(word) {
            Some(_) => format!("{word} is set only by Switchboard"),
            None => format!("unknown presence {word}"),
        };
        return Err(Refusal::new(Code::InvalidValue, words).hint(hint).at("presence").into());
    };
    Ok(Decision::row(with_presence(request, &agent, presence)?, Listing::Agent, &*agent.named.name))
}

/// The agent says whether he is there: what he is asked to take where that is not enough goes back.
fn with_presence(request: &Request<'_>, agent: &Agent, presence: Presence) -> Result<Vec<Change>, Error> {
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
