//! DROP LIFECYCLE: drops a lifecycle that no workstream uses.

use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::Entity;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::value::Value;
use crate::statement::show_lifecycles::LIFECYCLES;
use crate::statement::support::objects::must_be_free;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "DROP LIFECYCLE <lifecycle>",
    summary: "Drops a lifecycle that no workstream uses. History stays. Built-in lifecycles cannot be dropped.",
    example: "DROP LIFECYCLE errand",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(drop_lifecycle),
};

fn drop_lifecycle(request: &Request<'_>) -> Result<Decision, Error> {
    let lifecycle = request.lifecycle_named(request.name("lifecycle"))?;
    if request.snapshot.built_in_lifecycles()?.iter().any(|one| one.id == lifecycle.id) {
        return Err(Refusal::new(
            Code::NotAllowed,
            format!("lifecycle {} is built in and cannot be dropped", lifecycle.name),
        )
        .hint("SHOW LIFECYCLES shows which are built in")
        .at("lifecycle")
        .into());
    }
    must_be_free(request, Entity::Lifecycle, lifecycle.id, &lifecycle.name)?;
    let changes = vec![request.setting(ChangeKind::Dropped(Entity::Lifecycle), lifecycle.id, Value::Null)];
    Decision::gone(request, changes, &LIFECYCLES, &lifecycle.name)
}
