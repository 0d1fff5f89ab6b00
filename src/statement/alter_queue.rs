//! ALTER QUEUE: changes settings of a queue.

use crate::domain::closed_lists::Entity;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::show_queues::QUEUES;
use crate::statement::support::objects::set;
use crate::statement::support::settings::{self};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "ALTER QUEUE <queue> SET <settings:queue>",
    summary: "Changes settings of a queue.",
    example: "ALTER QUEUE billing SET method = round_robin",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(alter),
};

fn alter(request: &Request<'_>) -> Result<Decision, Error> {
    let queue = request.queue_named(request.name("queue"))?;
    let given = settings::read(request.arguments, "settings", settings::QUEUE)?;
    Ok(Decision::row(set(request, Entity::Queue, queue.id, &given)?, &QUEUES, &*queue.name))
}
