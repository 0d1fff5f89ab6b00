//! DROP WORKSTREAM: drops a workstream that has no open conversation.

use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::Entity;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::value::Value;
use crate::statement::show_workstreams::WORKSTREAMS;
use crate::statement::support::objects::must_be_free;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "DROP WORKSTREAM <workstream>",
    summary: "Drops a workstream that has no open conversation. History stays.",
    example: "DROP WORKSTREAM fax",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(drop_workstream),
};

fn drop_workstream(request: &Request<'_>) -> Result<Decision, Error> {
    let known = &request.workstream()?.named;
    must_be_free(request, Entity::Workstream, known.id, &known.name)?;
    let changes = vec![request.setting(ChangeKind::Dropped(Entity::Workstream), known.id, Value::Null)];
    Decision::gone(request, changes, &WORKSTREAMS, &known.name)
}
