//! ALTER SERVICE: changes settings of a service.

use crate::domain::closed_lists::Entity;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::show_services::SERVICES;
use crate::statement::support::objects::set;
use crate::statement::support::people::service;
use crate::statement::support::settings;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "ALTER SERVICE <service> SET <settings:service>",
    summary: "Changes settings of a service.",
    example: "ALTER SERVICE webhook SET login = null",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(alter_service),
};

fn alter_service(request: &Request<'_>) -> Result<Decision, Error> {
    let known = service(request)?;
    let given = settings::read(request.arguments, "settings", settings::SERVICE)?;
    Ok(Decision::row(set(request, Entity::Service, known.id, &given)?, &SERVICES, &*known.name))
}
