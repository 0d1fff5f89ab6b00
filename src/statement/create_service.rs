//! CREATE SERVICE: creates a service: a program that acts for customers and bots.

use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::Entity;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::show_services::SERVICES;
use crate::statement::support::agents::name_taken;
use crate::statement::support::objects::{already, set};
use crate::statement::support::settings;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "CREATE SERVICE [IF NOT EXISTS] <service:name> [WITH \"(\" <settings:service> \")\"]",
    summary: "Creates a service: a program that acts for customers and bots.",
    example: "CREATE SERVICE sms_gateway WITH (login = 'www-data')",
    right: Right::Supervise,
    traits: Traits::CREATE,
    columns: Columns::ALL,
    handler: Handler::Write(create_service),
};

fn create_service(request: &Request<'_>) -> Result<Decision, Error> {
    let name = request.new_name("service")?;
    let given = settings::read(request.arguments, "settings", settings::SERVICE)?;
    if let Some(known) = request.snapshot.service(name)? {
        return already(request, &SERVICES, "service", &known.name);
    }
    if request.snapshot.agent(name)?.is_some() {
        return Err(name_taken("service", name, "agent").into());
    }
    if request.snapshot.supervisor(name)?.is_some() {
        return Err(name_taken("service", name, "supervisor").into());
    }
    let id = request.snapshot.next_id(Entity::Service)?;
    let mut changes = vec![request.setting(ChangeKind::Created(Entity::Service), id, name)];
    changes.extend(set(request, Entity::Service, id, &given)?);
    Ok(Decision::row(changes, &SERVICES, name))
}
