//! CREATE QUEUE: creates a queue, in which conversations wait for its members.

use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::Entity;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::show_queues::QUEUES;
use crate::statement::support::objects::{already, set};
use crate::statement::support::settings::{self};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "CREATE QUEUE [IF NOT EXISTS] <queue:name> [WITH \"(\" <settings:queue> \")\"]",
    summary: "Creates a queue, in which conversations wait for its members.",
    example: "CREATE QUEUE returns WITH (priority = 50, service_level = '1m')",
    right: Right::Supervise,
    traits: Traits::CREATE,
    columns: Columns::ALL,
    handler: Handler::Write(create),
};

fn create(request: &Request<'_>) -> Result<Decision, Error> {
    let name = request.new_name("queue")?;
    let given = settings::read(request.arguments, "settings", settings::QUEUE)?;
    if let Some(queue) = request.snapshot.queue(name)? {
        return already(request, &QUEUES, "queue", &queue.name);
    }
    let id = request.snapshot.next_id(Entity::Queue)?;
    let mut changes = vec![request.setting(ChangeKind::Created(Entity::Queue), id, name)];
    changes.extend(set(request, Entity::Queue, id, &given)?);
    Ok(Decision::row(changes, &QUEUES, name))
}
