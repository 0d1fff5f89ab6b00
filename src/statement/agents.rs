//! Agents: made, altered, dropped, and whether they are there for work.

use super::queues::{already, must_be_free, set, with_article};
use super::settings::{self, Given};
use super::{Act, Asked, Chapter, Decision, Page, guests, offers};
use crate::domain::change::{Change, ChangeKind};
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::rights::Right;
use crate::domain::site::Agent;
use crate::domain::value::Value;
use crate::domain::words::{Entity, MemberChange, Presence};
use crate::language::suggest::nearest;
use crate::store::Report;

pub(super) const PAGES: &[Page] = &[
    Page {
        chapter: Chapter::SettingUp,
        syntax: "CREATE AGENT [IF NOT EXISTS] <agent:name> [WITH \"(\" <settings:agent> \")\"] [IN {<queue>},...]",
        summary: "Makes an agent, a member of those queues.",
        example: "CREATE AGENT erin WITH (name = 'Erin Oduya', capacity = 2, presence = available, skills = 'billing:4, spanish') IN billing, front",
        right: Right::Supervise,
        act: Act::Change(create),
    },
    Page {
        chapter: Chapter::SettingUp,
        syntax: "ALTER AGENT <agent> SET <settings:agent>",
        summary: "Changes settings of an agent; what the agent has stays.",
        example: "ALTER AGENT bob SET capacity = 4, skills = 'billing:9'",
        right: Right::Supervise,
        act: Act::Change(alter),
    },
    Page {
        chapter: Chapter::SettingUp,
        syntax: "DROP AGENT <agent>",
        summary: "Drops an agent who has no conversation; the history keeps the name.",
        example: "DROP AGENT zoe",
        right: Right::Supervise,
        act: Act::Change(drop_agent),
    },
    Page {
        chapter: Chapter::SettingUp,
        syntax: "SET PRESENCE <presence> FOR <agent>",
        summary: "Says whether an agent is there for work: available, busy, dnd, away or offline. Takes no work away. Who has left a customer without an answer is inactive, and given no work, until it is set again.",
        example: "SET PRESENCE away FOR bob",
        right: Right::Depends,
        act: Act::Change(set_presence),
    },
];

fn create(asked: &Asked<'_>) -> Result<Decision, Error> {
    let name = asked.name("agent");
    let given = settings::read(asked.arguments, "settings", settings::AGENT)?;
    if let Some(agent) = asked.look.agent(name)? {
        return already(asked, Report::Agent, "agent", &agent.named.name);
    }
    if asked.look.service(name)?.is_some() {
        return Err(name_taken("agent", name, "service").into());
    }
    let id = asked.look.next_id(Entity::Agent)?;
    let mut changes = vec![asked.setting(ChangeKind::Created(Entity::Agent), id, name)];
    changes.extend(set(asked, Entity::Agent, id, &given)?);
    for (place, name) in asked.arguments.names("queue").iter().enumerate() {
        let Some(queue) = asked.look.queue(name)? else {
            let refusal = asked.unknown(Code::UnknownQueue, "queue", name)?;
            return Err(asked.at_one_of(refusal, "queue", place).into());
        };
        let row = asked.item(ChangeKind::Member(MemberChange::Joined), queue.id, id, Value::Null);
        if !changes.contains(&row) {
            changes.push(row);
        }
    }
    Ok(Decision::row(changes, Report::Agent, name))
}

/// The refusal of a name that somebody of another kind has: people and services share one namespace.
pub(super) fn name_taken(kind: &'static str, name: &str, other: &str) -> Refusal {
    Refusal::new(Code::Exists, format!("{name} is the name of {}", with_article(other)))
        .hint("agents, supervisors and services share one namespace; only an agent and a supervisor may be one person")
        .at(kind)
}

fn alter(asked: &Asked<'_>) -> Result<Decision, Error> {
    let agent = asked.agent()?;
    let given = settings::read(asked.arguments, "settings", settings::AGENT)?;
    // A presence is more than a value: what waits for who is disconnected goes with it.
    let (presences, given): (Vec<Given>, Vec<Given>) =
        given.into_iter().partition(|given| given.name == "presence");
    let mut changes = set(asked, Entity::Agent, agent.named.id, &given)?;
    let presence = presences.first().and_then(|given| given.value.as_text()).and_then(Presence::from_name);
    if let Some(presence) = presence {
        changes.extend(with_presence(asked, &agent, presence)?);
    }
    Ok(Decision::row(changes, Report::Agent, &*agent.named.name))
}

fn drop_agent(asked: &Asked<'_>) -> Result<Decision, Error> {
    let agent = asked.agent()?.named;
    must_be_free(asked, Entity::Agent, agent.id, &agent.name)?;
    let mut changes = Vec::new();
    offers::withdraw(&asked.look, agent.id, |_| false, asked.now, &mut changes)?;
    changes.push(asked.setting(ChangeKind::Dropped(Entity::Agent), agent.id, Value::Null));
    if asked.look.supervisor(&agent.name)?.is_none() {
        changes.extend(guests::dropped(asked, &agent.name)?);
    }
    Decision::gone(asked, changes, Report::Agent, &agent.name)
}

fn set_presence(asked: &Asked<'_>) -> Result<Decision, Error> {
    let agent = asked.agent()?;
    asked.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?;
    let word = asked.name("presence");
    // `inactive` is what the program sets after a missed offer or answer.
    let Some(presence) = Presence::from_name(word).filter(|presence| *presence != Presence::Inactive) else {
        let names =
            || Presence::ALL.iter().map(|presence| presence.name()).filter(|name| *name != "inactive");
        let hint = nearest(word, names())
            .map_or_else(|| names().collect::<Vec<_>>().join(", "), |near| format!("did you mean {near}?"));
        let words = match Presence::from_name(word) {
            Some(_) => format!("{word} is set by the program alone"),
            None => format!("there is no presence {word}"),
        };
        return Err(Refusal::new(Code::InvalidValue, words).hint(hint).at("presence").into());
    };
    Ok(Decision::row(with_presence(asked, &agent, presence)?, Report::Agent, &*agent.named.name))
}

/// The agent says whether he is there: what he is asked to take where that is not enough goes back.
fn with_presence(asked: &Asked<'_>, agent: &Agent, presence: Presence) -> Result<Vec<Change>, Error> {
    let mut changes = agent.sets_presence(presence, asked.now);
    offers::withdraw(
        &asked.look,
        agent.named.id,
        |offered| offered.workstream.allows(presence),
        asked.now,
        &mut changes,
    )?;
    Ok(changes)
}
