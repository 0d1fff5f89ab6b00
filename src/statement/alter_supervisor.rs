//! ALTER SUPERVISOR: changes settings of a supervisor.

use crate::domain::closed_lists::Entity;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::show_supervisors::SUPERVISORS;
use crate::statement::support::objects::set;
use crate::statement::support::people::supervisor;
use crate::statement::support::settings;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "ALTER SUPERVISOR <supervisor> SET <settings:supervisor>",
    summary: "Changes settings of a supervisor.",
    example: "ALTER SUPERVISOR maria SET name = 'Maria Silva'",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(alter_supervisor),
};

fn alter_supervisor(request: &Request<'_>) -> Result<Decision, Error> {
    let known = supervisor(request)?;
    let given = settings::read(request.arguments, "settings", settings::SUPERVISOR)?;
    Ok(Decision::row(set(request, Entity::Supervisor, known.id, &given)?, &SUPERVISORS, &*known.name))
}
