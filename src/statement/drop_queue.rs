//! DROP QUEUE: drops a queue that no workstream and no open conversation needs.

use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::Entity;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::value::Value;
use crate::statement::show_queues::QUEUES;
use crate::statement::support::objects::must_be_free;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "DROP QUEUE <queue>",
    summary: "Drops a queue that no workstream and no open conversation needs. History stays.",
    example: "DROP QUEUE spare",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(drop_queue),
};

fn drop_queue(request: &Request<'_>) -> Result<Decision, Error> {
    let queue = request.queue_named(request.name("queue"))?;
    must_be_free(request, Entity::Queue, queue.id, &queue.name)?;
    let changes = vec![request.setting(ChangeKind::Dropped(Entity::Queue), queue.id, Value::Null)];
    Decision::gone(request, changes, &QUEUES, &queue.name)
}
