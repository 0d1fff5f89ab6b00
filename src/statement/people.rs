//! Supervisors and services: who may do what.

use super::agents::name_taken;
use super::queues::{already, set};
use super::settings;
use super::{Act, Asked, Chapter, Decision, Page, guests};
use crate::domain::change::ChangeKind;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::rights::Right;
use crate::domain::site::Named;
use crate::domain::value::Value;
use crate::domain::words::Entity;
use crate::store::Report;

pub(super) const PAGES: &[Page] = &[
    Page {
        chapter: Chapter::SettingUp,
        syntax: "CREATE SUPERVISOR [IF NOT EXISTS] <supervisor:name> [WITH \"(\" <settings:supervisor> \")\"]",
        summary: "Makes a supervisor. From the first one on, everybody else may only do what the role allows.",
        example: "CREATE SUPERVISOR lena WITH (name = 'Lena Brandt')",
        right: Right::Supervise,
        act: Act::Change(create_supervisor),
    },
    Page {
        chapter: Chapter::SettingUp,
        syntax: "ALTER SUPERVISOR <supervisor> SET <settings:supervisor>",
        summary: "Changes settings of a supervisor.",
        example: "ALTER SUPERVISOR maria SET name = 'Maria Silva'",
        right: Right::Supervise,
        act: Act::Change(alter_supervisor),
    },
    Page {
        chapter: Chapter::SettingUp,
        syntax: "DROP SUPERVISOR <supervisor>",
        summary: "Drops a supervisor; the last one stays.",
        example: "DROP SUPERVISOR omar",
        right: Right::Supervise,
        act: Act::Change(drop_supervisor),
    },
    Page {
        chapter: Chapter::SettingUp,
        syntax: "CREATE SERVICE [IF NOT EXISTS] <service:name> [WITH \"(\" <settings:service> \")\"]",
        summary: "Makes a service: a script that speaks for customers and bots.",
        example: "CREATE SERVICE sms_gateway WITH (login = 'www-data')",
        right: Right::Supervise,
        act: Act::Change(create_service),
    },
    Page {
        chapter: Chapter::SettingUp,
        syntax: "ALTER SERVICE <service> SET <settings:service>",
        summary: "Changes settings of a service.",
        example: "ALTER SERVICE webhook SET login = null",
        right: Right::Supervise,
        act: Act::Change(alter_service),
    },
    Page {
        chapter: Chapter::SettingUp,
        syntax: "DROP SERVICE <service>",
        summary: "Drops a service.",
        example: "DROP SERVICE webhook",
        right: Right::Supervise,
        act: Act::Change(drop_service),
    },
];

fn supervisor(asked: &Asked<'_>) -> Result<Named, Error> {
    let name = asked.name("supervisor");
    match asked.look.supervisor(name)? {
        Some(named) => Ok(named),
        None => Err(asked.unknown(Code::UnknownSupervisor, "supervisor", name)?.at("supervisor").into()),
    }
}

fn service(asked: &Asked<'_>) -> Result<Named, Error> {
    let name = asked.name("service");
    match asked.look.service(name)? {
        Some(named) => Ok(named),
        None => Err(asked.unknown(Code::UnknownService, "service", name)?.at("service").into()),
    }
}

fn create_supervisor(asked: &Asked<'_>) -> Result<Decision, Error> {
    let name = asked.name("supervisor");
    let given = settings::read(asked.arguments, "settings", settings::SUPERVISOR)?;
    if let Some(known) = asked.look.supervisor(name)? {
        return already(asked, Report::Supervisor, "supervisor", &known.name);
    }
    if asked.look.service(name)?.is_some() {
        return Err(name_taken("supervisor", name, "service").into());
    }
    let (_, created) = asked.look.supervisors()?;
    let mut changes = vec![asked.setting(ChangeKind::Created(Entity::Supervisor), created + 1, name)];
    changes.extend(set(asked, Entity::Supervisor, created + 1, &given)?);
    let mut decision = Decision::row(changes, Report::Supervisor, name);
    if created == 0 {
        decision.notes.push(format!(
            "from now on only {name} may configure, assign and force-close: act with --as {name}"
        ));
    }
    Ok(decision)
}

fn alter_supervisor(asked: &Asked<'_>) -> Result<Decision, Error> {
    let known = supervisor(asked)?;
    let given = settings::read(asked.arguments, "settings", settings::SUPERVISOR)?;
    Ok(Decision::row(set(asked, Entity::Supervisor, known.id, &given)?, Report::Supervisor, &*known.name))
}

fn drop_supervisor(asked: &Asked<'_>) -> Result<Decision, Error> {
    let known = supervisor(asked)?;
    if asked.look.supervisors()?.0 == 1 {
        return Err(Refusal::new(Code::InUse, format!("{} is the last supervisor", known.name))
            .hint("CREATE SUPERVISOR makes another one first")
            .at("supervisor")
            .into());
    }
    let mut changes = vec![asked.setting(ChangeKind::Dropped(Entity::Supervisor), known.id, Value::Null)];
    if asked.look.agent(&known.name)?.is_none() {
        changes.extend(guests::dropped(asked, &known.name)?);
    }
    Decision::gone(asked, changes, Report::Supervisor, &known.name)
}

fn create_service(asked: &Asked<'_>) -> Result<Decision, Error> {
    let name = asked.name("service");
    let given = settings::read(asked.arguments, "settings", settings::SERVICE)?;
    if let Some(known) = asked.look.service(name)? {
        return already(asked, Report::Service, "service", &known.name);
    }
    if asked.look.agent(name)?.is_some() {
        return Err(name_taken("service", name, "agent").into());
    }
    if asked.look.supervisor(name)?.is_some() {
        return Err(name_taken("service", name, "supervisor").into());
    }
    let id = asked.look.next_id(Entity::Service)?;
    let mut changes = vec![asked.setting(ChangeKind::Created(Entity::Service), id, name)];
    changes.extend(set(asked, Entity::Service, id, &given)?);
    Ok(Decision::row(changes, Report::Service, name))
}

fn alter_service(asked: &Asked<'_>) -> Result<Decision, Error> {
    let known = service(asked)?;
    let given = settings::read(asked.arguments, "settings", settings::SERVICE)?;
    Ok(Decision::row(set(asked, Entity::Service, known.id, &given)?, Report::Service, &*known.name))
}

fn drop_service(asked: &Asked<'_>) -> Result<Decision, Error> {
    let known = service(asked)?;
    let changes = vec![asked.setting(ChangeKind::Dropped(Entity::Service), known.id, Value::Null)];
    Decision::gone(asked, changes, Report::Service, &known.name)
}
