//! DROP SERVICE: drops a service.

use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::Entity;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::value::Value;
use crate::statement::show_services::SERVICES;
use crate::statement::support::people::service;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "DROP SERVICE <service>",
    summary: "Drops a service.",
    example: "DROP SERVICE webhook",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(drop_service),
};

fn drop_service(request: &Request<'_>) -> Result<Decision, Error> {
    let known = service(request)?;
    let changes = vec![request.setting(ChangeKind::Dropped(Entity::Service), known.id, Value::Null)];
    Decision::gone(request, changes, &SERVICES, &known.name)
}
