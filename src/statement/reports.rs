//! A site's own reports: CREATE REPORT, SHOW REPORTS, SHOW REPORT, DROP REPORT.
//!
//! Invariant: a report is a SELECT that was checked when it was made, and is guarded like every other one when it is
//! shown. It deliberately does not run it: the store's guarded connection does.

use std::collections::HashMap;

use super::queues::already;
use super::{Chapter, Decision, Handler, Request, StatementDef, actions};
use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::Entity;
use crate::domain::moment::Moment;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::{Column, Reply};
use crate::domain::value::Value;
use crate::store::Listing;

/// The parameters of a report's SELECT, in ms since 1970.
pub const PARAMETERS: [&str; 3] = ["since", "until", "now"];

/// The longest SELECT that is kept, in bytes: that of a text.
const LONGEST: usize = 65_536;

/// The rows of a report for which actions are looked up.
const MOST_ACTIONS: usize = 1_000;

pub(super) const STATEMENTS: &[StatementDef] = &[
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "CREATE REPORT [IF NOT EXISTS] <report:name> AS <rest:select>",
        summary: "Stores a SELECT over the views under a name, and checks it. It may use :since, :until and :now (ms since 1970), which SHOW REPORT sets.",
        example: "CREATE REPORT unhappy AS SELECT id AS conversation, state, customer FROM conversations WHERE sentiment LIKE '%negative' AND opened_at_ms >= :since",
        right: Right::Supervise,
        handler: Handler::Write(create),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "DROP REPORT <report>",
        summary: "Drops a report of the site.",
        example: "DROP REPORT queues_now",
        right: Right::Supervise,
        handler: Handler::Write(drop_report),
    },
];

pub(super) const LOOKS: &[StatementDef] = &[
    StatementDef {
        chapter: Chapter::Looking,
        syntax: "SHOW REPORTS [AS OF <moment>]",
        summary: "Lists the reports of the site.",
        example: "SHOW REPORTS",
        right: Right::Anybody,
        handler: Handler::Read(|request| request.listing(Listing::Reports, &[])),
    },
    StatementDef {
        chapter: Chapter::Looking,
        syntax: "SHOW REPORT <report> [LAST <duration>]",
        summary: "Shows a report of the site for the time up to now (LAST sets :since; otherwise it covers everything). If a column is named conversation, the possible actions are added.",
        example: "SHOW REPORT queues_now",
        right: Right::Anybody,
        handler: Handler::Report,
    },
];

fn create(request: &Request<'_>) -> Result<Decision, Error> {
    let name = request.name("report");
    if request.snapshot.report_named(name)?.is_some() {
        return already(request, Listing::OwnReport, "report", name).map_err(|error| match error {
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
    Ok(Decision::row(changes, Listing::OwnReport, name))
}

fn drop_report(request: &Request<'_>) -> Result<Decision, Error> {
    let (id, name, _) = known(request)?;
    let changes = vec![request.setting(ChangeKind::Dropped(Entity::Report), id, Value::Null)];
    Decision::gone(request, changes, Listing::OwnReport, &name)
}

fn known(request: &Request<'_>) -> Result<(i64, String, Option<String>), Error> {
    let name = request.name("report");
    match request.snapshot.report_named(name)? {
        Some(listing) => Ok(listing),
        None => Err(request.unknown(Code::UnknownReport, "report", name)?.at("report").into()),
    }
}

/// The SELECT of the report that is asked for, and the values of its parameters.
///
/// # Errors
/// `unknown_report`; `invalid_value` where the SELECT was erased.
pub fn question(request: &Request<'_>) -> Result<(String, HashMap<&'static str, Value>), Error> {
    let (_, name, question) = known(request)?;
    let question = question.ok_or_else(|| {
        Refusal::new(
            Code::InvalidValue,
            format!("the SELECT of report {name} was erased together with the customer that it named"),
        )
        .hint(format!("use DROP REPORT {name} and create it again"))
        .at("report")
    })?;
    let since = match request.arguments.duration("duration") {
        Some(last) => Moment(request.now.0.saturating_sub(last.0)),
        None => Moment::EARLIEST,
    };
    let values = [since.0, request.now.0, request.now.0].map(Value::Integer);
    Ok((question, PARAMETERS.into_iter().zip(values).collect()))
}

/// Adds the actions column, where the rows name conversations.
///
/// # Errors
/// Accidents of the file.
pub fn with_actions(request: &Request<'_>, mut reply: Reply) -> Result<Reply, Error> {
    let names = |name: &str| reply.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
    let (Some(place), None) = (names("conversation"), names("actions")) else { return Ok(reply) };
    reply.columns.push(Column::new("actions"));
    for (number, row) in reply.rows.iter_mut().enumerate() {
        let conversation = row[place].as_integer().filter(|_| number < MOST_ACTIONS);
        let mut possible: Vec<&str> = match conversation {
            Some(id) => actions::of(request, id)?.into_iter().map(|(action, _)| action).collect(),
            None => Vec::new(),
        };
        possible.dedup();
        row.push(if possible.is_empty() { Value::Null } else { possible.join(", ").as_str().into() });
    }
    if reply.rows.len() > MOST_ACTIONS {
        reply.notes.push(format!(
            "actions are shown for the first {MOST_ACTIONS} rows; use SHOW ACTIONS for one conversation"
        ));
    }
    Ok(reply)
}
