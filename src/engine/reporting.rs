//! A site's own reports: their SELECT, checked when it is kept, and run when it is shown.
//!
//! Invariant: it runs on the guarded connection of every SELECT; what SQLite says of it is said of the report. It
//! deliberately does not know what the SELECT reads.

use super::MOST_ROWS;
use super::execute::reader;
use super::query::{request, time_of_query};
use crate::domain::context::Context;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Error, Refusal};
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::language::arguments::Arguments;
use crate::statement::support::reports::{PARAMETERS, question, with_actions};
use crate::store::{Query, Store};

/// Looks whether that SELECT could be run as a report.
pub fn check(store: &mut Store, text: &str) -> Result<(), Error> {
    let known = |name: &str| PARAMETERS.contains(&name).then_some(Value::Integer(0));
    let query = Query { text, offset: 0, parameters: &known, now: Moment(0), rows_limit: MOST_ROWS };
    store.check_select(&query).map_err(|error| match error {
        Error::Refused(refusal) if refusal.message.starts_with("there is no parameter") => {
            refusal.hint("a report may use :since, :until and :now, which SHOW REPORT sets").into()
        }
        other => other,
    })
}

/// Shows a report.
pub fn show(store: &mut Store, arguments: &Arguments, context: &Context) -> Result<Reply, Error> {
    let (now, name, select, values) = store.read(|snapshot| {
        let now = time_of_query(snapshot, context)?;
        let actor = reader(snapshot, context)?;
        let request = request(snapshot, arguments, &actor, now, context);
        let (select, values) = question(&request)?;
        Ok((now, request.name("report").to_owned(), select, values))
    })?;
    let parameters = |name: &str| values.get(name).cloned();
    let query = Query { text: &select, offset: 0, parameters: &parameters, now, rows_limit: MOST_ROWS };
    let reply = store.select(&query).map_err(|error| of_report(error, &name))?;
    store.read(|snapshot| {
        let actor = reader(snapshot, context)?;
        with_actions(&request(snapshot, arguments, &actor, now, context), reply)
    })
}

/// A refusal of its SELECT, pointing at the report: the SELECT is not what was typed.
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
