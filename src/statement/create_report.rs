//! CREATE REPORT: stores a SELECT over the views under a name, and checks it.

use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::Entity;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::statement::show_reports::REPORTS;
use crate::statement::support::objects::already;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "CREATE REPORT [IF NOT EXISTS] <report:name> AS <rest:select>",
    summary: "Stores a SELECT over the views under a name, and checks it. It may use :since, :until and :now (ms since 1970), which SHOW REPORT sets.",
    example: "CREATE REPORT unhappy AS SELECT id AS conversation, state, customer FROM conversations WHERE sentiment LIKE '%negative' AND opened_at_ms >= :since",
    right: Right::Supervise,
    traits: Traits::CREATE,
    columns: Columns::ALL,
    handler: Handler::Write(create),
};

/// The longest SELECT that can be stored, in bytes; it equals the limit of a text in the file.
const LONGEST: usize = 65_536;

fn create(request: &Request<'_>) -> Result<Decision, Error> {
    let name = request.new_name("report")?;
    if request.snapshot.report_named(name)?.is_some() {
        return already(request, &REPORTS, "report", name).map_err(|error| match error {
            Error::Refused(refusal) => {
                refusal.hint(format!("use DROP REPORT {name} first, or another name")).into()
            }
            other => other,
        });
    }
    let length = request.arguments.rest("rest").map_or(0, str::len);
    if length > LONGEST {
        let words = format!("the SELECT has {length} bytes; the limit is {LONGEST}");
        return Err(Refusal::new(Code::TooLarge, words).hint("shorten the SELECT").at("rest").into());
    }
    let id = request.snapshot.next_id(Entity::Report)?;
    let changes = vec![
        request.setting(ChangeKind::Created(Entity::Report), id, name),
        request.setting(ChangeKind::Set(Entity::Report, "sql"), id, request.text("rest")),
    ];
    Ok(Decision::row(changes, &REPORTS, name))
}
