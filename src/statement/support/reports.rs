//! The site's own reports, as CREATE, SHOW and DROP REPORT share them.
//!
//! Invariant: a report is a SELECT that was checked when it was created. This module deliberately
//! does not run it; the guarded connection of the store does.

use crate::domain::refusal::{Code, Error};
use crate::domain::value::Value;
use crate::statement::Request;

/// The parameters of a report's SELECT; their values are times, in ms since 1970.
pub const PARAMETERS: [&str; 3] = ["since", "until", "now"];

pub fn known(request: &Request<'_>) -> Result<(i64, String, Option<String>), Error> {
    let name = request.name("report");
    match request.snapshot.report_named(name)? {
        Some(report) => Ok(report),
        None => Err(request.unknown(Code::UnknownReport, "report", name)?.at("report").into()),
    }
}

/// Returns a value for a parameter while the SELECT of a report is checked; None if it does not
/// exist.
pub fn report_parameter(name: &str) -> Option<Value> {
    PARAMETERS.contains(&name).then_some(Value::Integer(0))
}

/// Adds the parameters of a report as the hint, if its SELECT uses another one.
pub fn of_stored_select(error: Error) -> Error {
    match error {
        Error::Refused(refusal) if refusal.code == Code::UnknownParameter => {
            refusal.hint("a report may use :since, :until and :now, which SHOW REPORT sets").into()
        }
        other => other,
    }
}
