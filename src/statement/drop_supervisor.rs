//! DROP SUPERVISOR: drops a supervisor.
//!
//! Invariant: the last supervisor cannot be dropped.

use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::Entity;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::value::Value;
use crate::statement::show_supervisors::SUPERVISORS;
use crate::statement::support::guests;
use crate::statement::support::people::supervisor;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "DROP SUPERVISOR <supervisor>",
    summary: "Drops a supervisor. The last one cannot be dropped.",
    example: "DROP SUPERVISOR omar",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(drop_supervisor),
};

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
    Decision::gone(request, changes, &SUPERVISORS, &known.name)
}
