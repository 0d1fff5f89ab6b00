//! DROP REPORT: drops a report of the site.

use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::Entity;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::value::Value;
use crate::statement::show_reports::REPORTS;
use crate::statement::support::reports::known;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "DROP REPORT <report>",
    summary: "Drops a report of the site.",
    example: "DROP REPORT queues_now",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(drop_report),
};

fn drop_report(request: &Request<'_>) -> Result<Decision, Error> {
    let (id, name, _) = known(request)?;
    let changes = vec![request.setting(ChangeKind::Dropped(Entity::Report), id, Value::Null)];
    Decision::gone(request, changes, &REPORTS, &name)
}
