//! CREATE AGENT: creates an agent as a member of the given queues.

use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::{Entity, MemberChange};
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error};
use crate::domain::value::Value;
use crate::statement::show_agents::AGENTS;
use crate::statement::support::agents::name_taken;
use crate::statement::support::objects::{already, set};
use crate::statement::support::settings::{self};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "CREATE AGENT [IF NOT EXISTS] <agent:name> [WITH \"(\" <settings:agent> \")\"] [IN {<queue>},...]",
    summary: "Creates an agent as a member of the given queues.",
    example: "CREATE AGENT erin WITH (name = 'Erin Oduya', capacity = 2, presence = available, skills = 'billing:4, spanish') IN billing, front",
    right: Right::Supervise,
    traits: Traits::CREATE,
    columns: Columns::ALL,
    handler: Handler::Write(create),
};

fn create(request: &Request<'_>) -> Result<Decision, Error> {
    let name = request.new_name("agent")?;
    let given = settings::read(request.arguments, "settings", settings::AGENT)?;
    if let Some(agent) = request.snapshot.agent(name)? {
        return already(request, &AGENTS, "agent", &agent.named.name);
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
    Ok(Decision::row(changes, &AGENTS, name))
}
