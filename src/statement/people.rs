//! Supervisors and services: who may do what.

use super::agents::name_taken;
use super::queues::{already, set};
use super::settings;
use super::{Chapter, Decision, Handler, Request, StatementDef, guests};
use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::Entity;
use crate::domain::config::Named;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::value::Value;
use crate::store::Listing;

pub(super) const STATEMENTS: &[StatementDef] = &[
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "CREATE SUPERVISOR [IF NOT EXISTS] <supervisor:name> [WITH \"(\" <settings:supervisor> \")\"]",
        summary: "Creates a supervisor. Once there is one, everybody else may only do what their role allows.",
        example: "CREATE SUPERVISOR lena WITH (name = 'Lena Brandt')",
        right: Right::Supervise,
        handler: Handler::Write(create_supervisor),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "ALTER SUPERVISOR <supervisor> SET <settings:supervisor>",
        summary: "Changes settings of a supervisor.",
        example: "ALTER SUPERVISOR maria SET name = 'Maria Silva'",
        right: Right::Supervise,
        handler: Handler::Write(alter_supervisor),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "DROP SUPERVISOR <supervisor>",
        summary: "Drops a supervisor. The last one cannot be dropped.",
        example: "DROP SUPERVISOR omar",
        right: Right::Supervise,
        handler: Handler::Write(drop_supervisor),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "CREATE SERVICE [IF NOT EXISTS] <service:name> [WITH \"(\" <settings:service> \")\"]",
        summary: "Creates a service: a program that acts for customers and bots.",
        example: "CREATE SERVICE sms_gateway WITH (login = 'www-data')",
        right: Right::Supervise,
        handler: Handler::Write(create_service),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "ALTER SERVICE <service> SET <settings:service>",
        summary: "Changes settings of a service.",
        example: "ALTER SERVICE webhook SET login = null",
        right: Right::Supervise,
        handler: Handler::Write(alter_service),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "DROP SERVICE <service>",
        summary: "Drops a service.",
        example: "DROP SERVICE webhook",
        right: Right::Supervise,
        handler: Handler::Write(drop_service),
    },
];

fn supervisor(request: &Request<'_>) -> Result<Named, Error> {
    let name = request.name("supervisor");
    match request.snapshot.supervisor(name)? {
        Some(named) => Ok(named),
        None => Err(request.unknown(Code::UnknownSupervisor, "supervisor", name)?.at("supervisor").into()),
    }
}

fn service(request: &Request<'_>) -> Result<Named, Error> {
    let name = request.name("service");
    match request.snapshot.service(name)? {
        Some(named) => Ok(named),
        None => Err(request.unknown(Code::UnknownService, "service", name)?.at("service").into()),
    }
}

fn create_supervisor(request: &Request<'_>) -> Result<Decision, Error> {
    let name = request.name("supervisor");
    let given = settings::read(request.arguments, "settings", settings::SUPERVISOR)?;
    if let Some(known) = request.snapshot.supervisor(name)? {
        return already(request, Listing::Supervisor, "supervisor", &known.name);
    }
    if request.snapshot.service(name)?.is_some() {
        return Err(name_taken("supervisor", name, "service").into());
    }
    let (_, created) = request.snapshot.supervisors()?;
    let mut changes = vec![request.setting(ChangeKind::Created(Entity::Supervisor), created + 1, name)];
    changes.extend(set(request, Entity::Supervisor, created + 1, &given)?);
    let mut decision = Decision::row(changes, Listing::Supervisor, name);
    if created == 0 {
        decision
            .notes
            .push(format!("from now on only {name} may configure, assign and force close; use --as {name}"));
    }
    Ok(decision)
}

fn alter_supervisor(request: &Request<'_>) -> Result<Decision, Error> {
    let known = supervisor(request)?;
    let given = settings::read(request.arguments, "settings", settings::SUPERVISOR)?;
    Ok(Decision::row(set(request, Entity::Supervisor, known.id, &given)?, Listing::Supervisor, &*known.name))
}

fn drop_supervisor(request: &Request<'_>) -> Result<Decision, Error> {
    let known = supervisor(request)?;
    if request.snapshot.supervisors()?.0 == 1 {
        return Err(Refusal::new(Code::InUse, format!("{} is the last supervisor", known.name))
            .hint("use CREATE SUPERVISOR to create another one first")
            .at("supervisor")
            .into());
    }
    let mut changes = vec![request.setting(ChangeKind::Dropped(Entity::Supervisor), known.id, Value::Null)];
    if request.snapshot.agent(&known.name)?.is_none() {
        changes.extend(guests::dropped(request, &known.name)?);
    }
    Decision::gone(request, changes, Listing::Supervisor, &known.name)
}

fn create_service(request: &Request<'_>) -> Result<Decision, Error> {
    let name = request.name("service");
    let given = settings::read(request.arguments, "settings", settings::SERVICE)?;
    if let Some(known) = request.snapshot.service(name)? {
        return already(request, Listing::Service, "service", &known.name);
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
    Ok(Decision::row(changes, Listing::Service, name))
}

fn alter_service(request: &Request<'_>) -> Result<Decision, Error> {
    let known = service(request)?;
    let given = settings::read(request.arguments, "settings", settings::SERVICE)?;
    Ok(Decision::row(set(request, Entity::Service, known.id, &given)?, Listing::Service, &*known.name))
}

fn drop_service(request: &Request<'_>) -> Result<Decision, Error> {
    let known = service(request)?;
    let changes = vec![request.setting(ChangeKind::Dropped(Entity::Service), known.id, Value::Null)];
    Decision::gone(request, changes, Listing::Service, &known.name)
}
