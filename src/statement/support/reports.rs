//! A site's own reports: CREATE REPORT, SHOW REPORTS, SHOW REPORT, DROP REPORT.
//!
//! Invariant: a report is a SELECT that was checked when it was made, and is guarded like every other one when it is
//! shown. It deliberately does not run it: the store's guarded connection does.

use crate::domain::moment::Moment;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::{Column, Reply};
use crate::domain::value::Value;
use crate::statement::Request;
use crate::statement::support::actions;
use std::collections::HashMap;

/// The parameters of a report's SELECT, in ms since 1970.
pub const PARAMETERS: [&str; 3] = ["since", "until", "now"];

/// The rows of a report for which actions are looked up.
pub const MOST_ACTIONS: usize = 1_000;

pub fn known(request: &Request<'_>) -> Result<(i64, String, Option<String>), Error> {
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
