//! CREATE SUPERVISOR: creates a supervisor.

use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::Entity;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::show_supervisors::SUPERVISORS;
use crate::statement::support::agents::name_taken;
use crate::statement::support::objects::{already, set};
use crate::statement::support::settings;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "CREATE SUPERVISOR [IF NOT EXISTS] <supervisor:name> [WITH \"(\" <settings:supervisor> \")\"]",
    summary: "Creates a supervisor. Once there is one, everybody else may only do what their role allows.",
    example: "CREATE SUPERVISOR lena WITH (name = 'Lena Brandt')",
    right: Right::Supervise,
    traits: Traits::CREATE,
    columns: Columns::ALL,
    handler: Handler::Write(create_supervisor),
};

fn create_supervisor(request: &Request<'_>) -> Result<Decision, Error> {
    let name = request.new_name("supervisor")?;
    let given = settings::read(request.arguments, "settings", settings::SUPERVISOR)?;
    if let Some(known) = request.snapshot.supervisor(name)? {
        return already(request, &SUPERVISORS, "supervisor", &known.name);
    }
    if request.snapshot.service(name)?.is_some() {
        return Err(name_taken("supervisor", name, "service").into());
    }
    let (_, created) = request.snapshot.supervisors()?;
    let mut changes = vec![request.setting(ChangeKind::Created(Entity::Supervisor), created + 1, name)];
    changes.extend(set(request, Entity::Supervisor, created + 1, &given)?);
    let mut decision = Decision::row(changes, &SUPERVISORS, name);
    if created == 0 {
        decision
            .notes
            .push(format!("from now on only {name} may configure, assign and force close; use --as {name}"));
    }
    Ok(decision)
}
