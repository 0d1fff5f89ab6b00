//! A site's own reports: CREATE REPORT, SHOW REPORTS, SHOW REPORT, DROP REPORT.
//!
//! Invariant: a report is a SELECT that was checked when it was made, and is guarded like every other one when it is
//! shown. It deliberately does not run it: the store's guarded connection does.

use crate::domain::refusal::{Code, Error};
use crate::domain::value::Value;
use crate::statement::Request;

/// The parameters of a report's SELECT, in ms since 1970.
pub const PARAMETERS: [&str; 3] = ["since", "until", "now"];

pub fn known(request: &Request<'_>) -> Result<(i64, String, Option<String>), Error> {
    let name = request.name("report");
    match request.snapshot.report_named(name)? {
        Some(report) => Ok(report),
        None => Err(request.unknown(Code::UnknownReport, "report", name)?.at("report").into()),
    }
}

/// The value of a parameter while the SELECT of a report is checked: those that SHOW REPORT sets exist.
pub fn report_parameter(name: &str) -> Option<Value> {
    PARAMETERS.contains(&name).then_some(Value::Integer(0))
}

/// A refusal of the SELECT that a report stores.
pub fn of_stored_select(error: Error) -> Error {
    match error {
        Error::Refused(refusal) if refusal.code == Code::UnknownParameter => {
            refusal.hint("a report may use :since, :until and :now, which SHOW REPORT sets").into()
        }
        other => other,
    }
}
