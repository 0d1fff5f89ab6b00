//! Queues: made, altered, dropped, and who is a member.

use super::settings::{self, Given};
use super::{Act, Asked, Chapter, Decision, Page, offers};
use crate::domain::change::{Change, ChangeKind};
use crate::domain::conversation::Conversation;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::rights::Right;
use crate::domain::value::Value;
use crate::domain::words::{Entity, MemberChange};
use crate::store::Report;

pub(super) const PAGES: &[Page] = &[
    Page {
        chapter: Chapter::SettingUp,
        syntax: "CREATE QUEUE [IF NOT EXISTS] <queue:name> [WITH \"(\" <settings:queue> \")\"]",
        summary: "Makes a queue, where conversations wait for its members.",
        example: "CREATE QUEUE returns WITH (priority = 50, service_level = '1m')",
        right: Right::Supervise,
        act: Act::Change(create),
    },
    Page {
        chapter: Chapter::SettingUp,
        syntax: "ALTER QUEUE <queue> SET <settings:queue>",
        summary: "Changes settings of a queue.",
        example: "ALTER QUEUE billing SET method = round_robin",
        right: Right::Supervise,
        act: Act::Change(alter),
    },
    Page {
        chapter: Chapter::SettingUp,
        syntax: "DROP QUEUE <queue>",
        summary: "Drops a queue that no workstream and no open conversation needs; its history stays.",
        example: "DROP QUEUE spare",
        right: Right::Supervise,
        act: Act::Change(drop_queue),
    },
    Page {
        chapter: Chapter::SettingUp,
        syntax: "ADD {<agent>},... TO <queue>",
        summary: "Makes agents members of a queue.",
        example: "ADD bob, dana TO front",
        right: Right::Supervise,
        act: Act::Change(add),
    },
    Page {
        chapter: Chapter::SettingUp,
        syntax: "REMOVE {<agent>},... FROM <queue>",
        summary: "Takes agents out of a queue; what they have stays with them.",
        example: "REMOVE bob FROM billing",
        right: Right::Supervise,
        act: Act::Change(remove),
    },
];

fn create(asked: &Asked<'_>) -> Result<Decision, Error> {
    let name = asked.name("queue");
    let given = settings::read(asked.arguments, "settings", settings::QUEUE)?;
    if let Some(queue) = asked.look.queue(name)? {
        return already(asked, Report::Queue, "queue", &queue.name);
    }
    let id = asked.look.next_id(Entity::Queue)?;
    let mut changes = vec![asked.setting(ChangeKind::Created(Entity::Queue), id, name)];
    changes.extend(set(asked, Entity::Queue, id, &given)?);
    Ok(Decision::row(changes, Report::Queue, name))
}

/// What CREATE answers for something that is there: itself under IF NOT EXISTS, else `exists`.
pub(super) fn already(
    asked: &Asked<'_>,
    report: Report,
    kind: &'static str,
    name: &str,
) -> Result<Decision, Error> {
    if asked.has("EXISTS") {
        return Ok(Decision::row(Vec::new(), report, name));
    }
    Err(Refusal::new(Code::Exists, format!("there is {} {name} already", with_article(kind)))
        .hint(format!(
            "ALTER {} {name} SET … changes it; CREATE … IF NOT EXISTS leaves it",
            kind.to_uppercase()
        ))
        .at(kind)
        .into())
}

/// `an agent`, `a queue`.
pub(super) fn with_article(kind: &str) -> String {
    format!("{} {kind}", if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" })
}

/// The changes that settings ask for; what is set so already changes nothing.
pub(super) fn set(asked: &Asked<'_>, kind: Entity, id: i64, given: &[Given]) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for given in given {
        if !asked.look.is_set_to(kind, id, given.name, &given.value)? {
            changes.push(asked.setting(ChangeKind::Set(kind, given.name), id, given.value.clone()));
        }
    }
    Ok(changes)
}

fn alter(asked: &Asked<'_>) -> Result<Decision, Error> {
    let queue = asked.queue_named(asked.name("queue"))?;
    let given = settings::read(asked.arguments, "settings", settings::QUEUE)?;
    Ok(Decision::row(set(asked, Entity::Queue, queue.id, &given)?, Report::Queue, &*queue.name))
}

/// # Errors
/// `in_use`, where something open needs it.
pub(super) fn must_be_free(asked: &Asked<'_>, kind: Entity, id: i64, name: &str) -> Result<(), Error> {
    match asked.look.needed_by(kind, id)? {
        Some(why) => Err(Refusal::new(Code::InUse, format!("{kind} {name} cannot be dropped: {why}"))
            .hint(match kind {
                Entity::Queue => {
                    "ALTER WORKSTREAM … SET queue, ASSIGN … TO QUEUE and TRANSFER … TO QUEUE lead elsewhere"
                }
                Entity::Agent => "RELEASE, TRANSFER, or END and CLOSE what this agent has",
                Entity::Lifecycle => {
                    "DROP WORKSTREAM first; one that was never used can also be given another lifecycle"
                }
                _ => "END and CLOSE, or FORCE CLOSE what is open on it",
            })
            .at(kind.name())
            .into()),
        None => Ok(()),
    }
}

fn drop_queue(asked: &Asked<'_>) -> Result<Decision, Error> {
    let queue = asked.queue_named(asked.name("queue"))?;
    must_be_free(asked, Entity::Queue, queue.id, &queue.name)?;
    let changes = vec![asked.setting(ChangeKind::Dropped(Entity::Queue), queue.id, Value::Null)];
    Decision::gone(asked, changes, Report::Queue, &queue.name)
}

fn add(asked: &Asked<'_>) -> Result<Decision, Error> {
    membership(asked, MemberChange::Joined)
}

fn remove(asked: &Asked<'_>) -> Result<Decision, Error> {
    membership(asked, MemberChange::Left)
}

fn membership(asked: &Asked<'_>, change: MemberChange) -> Result<Decision, Error> {
    let queue = asked.queue_named(asked.name("queue"))?;
    let mut changes = Vec::new();
    for (place, name) in asked.arguments.names("agent").iter().enumerate() {
        let Some(agent) = asked.look.agent(name)? else {
            let refusal = asked.unknown(Code::UnknownAgent, "agent", name)?;
            return Err(asked.at_one_of(refusal, "agent", place).into());
        };
        let row = asked.item(ChangeKind::Member(change), queue.id, agent.named.id, Value::Null);
        if asked.look.is_member(queue.id, agent.named.id)? != (change == MemberChange::Joined)
            && !changes.contains(&row)
        {
            changes.push(row);
            if change == MemberChange::Left {
                let elsewhere = |conversation: &Conversation| conversation.queue.as_ref() != Some(&queue);
                offers::withdraw(&asked.look, agent.named.id, elsewhere, asked.now, &mut changes)?;
            }
        }
    }
    Ok(Decision::row(changes, Report::Members, &*queue.name))
}
