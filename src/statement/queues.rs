//! Queues: made, altered, dropped, and who is a member.

use super::settings::{self, Given};
use super::{Chapter, Decision, Handler, Request, StatementDef, offers};
use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::{Entity, MemberChange};
use crate::domain::conversation::Conversation;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::value::Value;
use crate::store::Listing;

pub(super) const STATEMENTS: &[StatementDef] = &[
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "CREATE QUEUE [IF NOT EXISTS] <queue:name> [WITH \"(\" <settings:queue> \")\"]",
        summary: "Creates a queue, in which conversations wait for its members.",
        example: "CREATE QUEUE returns WITH (priority = 50, service_level = '1m')",
        right: Right::Supervise,
        handler: Handler::Write(create),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "ALTER QUEUE <queue> SET <settings:queue>",
        summary: "Changes settings of a queue.",
        example: "ALTER QUEUE billing SET method = round_robin",
        right: Right::Supervise,
        handler: Handler::Write(alter),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "DROP QUEUE <queue>",
        summary: "Drops a queue that no workstream and no open conversation needs. History stays.",
        example: "DROP QUEUE spare",
        right: Right::Supervise,
        handler: Handler::Write(drop_queue),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "ADD {<agent>},... TO <queue>",
        summary: "Adds agents to a queue as members.",
        example: "ADD bob, dana TO front",
        right: Right::Supervise,
        handler: Handler::Write(add),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "REMOVE {<agent>},... FROM <queue>",
        summary: "Removes agents from a queue. They keep their conversations.",
        example: "REMOVE bob FROM billing",
        right: Right::Supervise,
        handler: Handler::Write(remove),
    },
];

fn create(request: &Request<'_>) -> Result<Decision, Error> {
    let name = request.name("queue");
    let given = settings::read(request.arguments, "settings", settings::QUEUE)?;
    if let Some(queue) = request.snapshot.queue(name)? {
        return already(request, Listing::Queue, "queue", &queue.name);
    }
    let id = request.snapshot.next_id(Entity::Queue)?;
    let mut changes = vec![request.setting(ChangeKind::Created(Entity::Queue), id, name)];
    changes.extend(set(request, Entity::Queue, id, &given)?);
    Ok(Decision::row(changes, Listing::Queue, name))
}

/// What CREATE answers for something that is there: itself under IF NOT EXISTS, else `exists`.
pub(super) fn already(
    request: &Request<'_>,
    listing: Listing,
    kind: &'static str,
    name: &str,
) -> Result<Decision, Error> {
    if request.has("EXISTS") {
        return Ok(Decision::row(Vec::new(), listing, name));
    }
    Err(Refusal::new(Code::Exists, format!("{kind} {name} already exists"))
        .hint(format!(
            "use ALTER {} {name} SET … to change it, or CREATE … IF NOT EXISTS",
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
pub(super) fn set(
    request: &Request<'_>,
    kind: Entity,
    id: i64,
    given: &[Given],
) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for given in given {
        if !request.snapshot.is_set_to(kind, id, given.name, &given.value)? {
            changes.push(request.setting(ChangeKind::Set(kind, given.name), id, given.value.clone()));
        }
    }
    Ok(changes)
}

fn alter(request: &Request<'_>) -> Result<Decision, Error> {
    let queue = request.queue_named(request.name("queue"))?;
    let given = settings::read(request.arguments, "settings", settings::QUEUE)?;
    Ok(Decision::row(set(request, Entity::Queue, queue.id, &given)?, Listing::Queue, &*queue.name))
}

/// # Errors
/// `in_use`, where something open needs it.
pub(super) fn must_be_free(request: &Request<'_>, kind: Entity, id: i64, name: &str) -> Result<(), Error> {
    match request.snapshot.needed_by(kind, id)? {
        Some(why) => Err(Refusal::new(Code::InUse, format!("{kind} {name} cannot be dropped: {why}"))
            .hint(match kind {
                Entity::Queue => {
                    "use ALTER WORKSTREAM … SET queue, ASSIGN … TO QUEUE or TRANSFER … TO QUEUE first"
                }
                Entity::Agent => "use RELEASE, TRANSFER, or END and CLOSE on the agent's conversations first",
                Entity::Lifecycle => {
                    "use DROP WORKSTREAM first, or give an unused workstream another lifecycle"
                }
                _ => "use END and CLOSE, or FORCE CLOSE, on its open conversations first",
            })
            .at(kind.name())
            .into()),
        None => Ok(()),
    }
}

fn drop_queue(request: &Request<'_>) -> Result<Decision, Error> {
    let queue = request.queue_named(request.name("queue"))?;
    must_be_free(request, Entity::Queue, queue.id, &queue.name)?;
    let changes = vec![request.setting(ChangeKind::Dropped(Entity::Queue), queue.id, Value::Null)];
    Decision::gone(request, changes, Listing::Queue, &queue.name)
}

fn add(request: &Request<'_>) -> Result<Decision, Error> {
    membership(request, MemberChange::Joined)
}

fn remove(request: &Request<'_>) -> Result<Decision, Error> {
    membership(request, MemberChange::Left)
}

fn membership(request: &Request<'_>, change: MemberChange) -> Result<Decision, Error> {
    let queue = request.queue_named(request.name("queue"))?;
    let mut changes = Vec::new();
    for (place, name) in request.arguments.names("agent").iter().enumerate() {
        let Some(agent) = request.snapshot.agent(name)? else {
            let refusal = request.unknown(Code::UnknownAgent, "agent", name)?;
            return Err(request.at_one_of(refusal, "agent", place).into());
        };
        let row = request.item(ChangeKind::Member(change), queue.id, agent.named.id, Value::Null);
        if request.snapshot.is_member(queue.id, agent.named.id)? != (change == MemberChange::Joined)
            && !changes.contains(&row)
        {
            changes.push(row);
            if change == MemberChange::Left {
                let elsewhere = |conversation: &Conversation| conversation.queue.as_ref() != Some(&queue);
                offers::withdraw(&request.snapshot, agent.named.id, elsewhere, request.now, &mut changes)?;
            }
        }
    }
    Ok(Decision::row(changes, Listing::Members, &*queue.name))
}
