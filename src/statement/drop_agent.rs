//! DROP AGENT: drops an agent who has no conversation.
//!
//! Invariant: the agent has no open offer afterwards, and is no participant of any conversation,
//! unless a supervisor has the same name.

use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::Entity;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::value::Value;
use crate::statement::show_agents::AGENTS;
use crate::statement::support::guests;
use crate::statement::support::objects::must_be_free;
use crate::statement::support::offers;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "DROP AGENT <agent>",
    summary: "Drops an agent who has no conversation. History keeps the name.",
    example: "DROP AGENT zoe",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(drop_agent),
};

fn drop_agent(request: &Request<'_>) -> Result<Decision, Error> {
    let agent = request.agent()?.named;
    must_be_free(request, Entity::Agent, agent.id, &agent.name)?;
    let mut changes = Vec::new();
    offers::withdraw(&request.snapshot, agent.id, |_| false, request.now, &mut changes)?;
    changes.push(request.setting(ChangeKind::Dropped(Entity::Agent), agent.id, Value::Null));
    if request.snapshot.supervisor(&agent.name)?.is_none() {
        changes.extend(guests::dropped(request, &agent.name)?);
    }
    Decision::gone(request, changes, &AGENTS, &agent.name)
}
