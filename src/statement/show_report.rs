//! SHOW REPORT: shows a report of the site.
//!
//! Invariant: the stored SELECT runs on the guarded connection, like any other SELECT. The actions
//! column lists only statements that would not be refused.

use std::collections::HashMap;

use crate::domain::moment::Moment;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::{Column, Reply};
use crate::domain::value::Value;
use crate::statement::definition::Services;
use crate::statement::support::actions;
use crate::statement::support::reports::{PARAMETERS, known};
use crate::statement::{Call, Chapter, Columns, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW REPORT <report> [LAST <duration>]",
    summary: "Shows a report of the site for the time up to now (LAST sets :since; otherwise it covers everything). If a column is named conversation, the possible actions are added.",
    example: "SHOW REPORT queues_now",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::ALL,
    handler: Handler::Direct { run: show, explain: None, writes: false },
};

/// The number of rows for which possible actions are looked up.
const MOST_ACTIONS: usize = 1_000;

fn show(services: &mut dyn Services, call: &Call<'_>) -> Result<Reply, Error> {
    let mut found = None;
    services.read(call, &mut |request| {
        found = Some((request.name("report").to_owned(), select_of(request)?));
        Ok(())
    })?;
    let Some((name, (select, values))) = found else { return Ok(Reply::with_columns(&[])) };
    let mut reply = services
        .select(call, &select, &|parameter| values.get(parameter).cloned())
        .map_err(|error| of_report(error, &name))?;
    services.read(call, &mut |request| add_actions(request, &mut reply))?;
    Ok(reply)
}

/// Returns the SELECT of the report and the values of its parameters.
///
/// # Errors
/// `unknown_report`; `invalid_value`, if the SELECT was erased; faults of the file.
fn select_of(request: &Request<'_>) -> Result<(String, HashMap<&'static str, Value>), Error> {
    let (_, name, select) = known(request)?;
    let select = select.ok_or_else(|| {
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
    Ok((select, PARAMETERS.into_iter().zip(values).collect()))
}

/// Points a refusal of the SELECT at the report, since the SELECT was not typed.
fn of_report(error: Error, name: &str) -> Error {
    match error {
        Error::Refused(Refusal { code, message, .. }) => {
            Refusal::new(code, format!("report {name} cannot be shown: {message}"))
                .hint(format!("SHOW REPORTS shows its SELECT; use DROP REPORT {name} and create it again"))
                .at("report")
                .into()
        }
        other => other,
    }
}

/// Adds the actions column if the report has a column `conversation` and no column `actions`.
///
/// # Errors
/// Faults of the file.
fn add_actions(request: &Request<'_>, reply: &mut Reply) -> Result<(), Error> {
    let names = |name: &str| reply.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
    let (Some(place), None) = (names("conversation"), names("actions")) else { return Ok(()) };
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
    Ok(())
}
