//! The handler of SELECT, WITH and VALUES: SQLite runs the whole text over the views.

use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::statement::definition::Services;
use crate::statement::{Call, Handler};

/// The prefix with which SQLite explains a SELECT.
const QUERY_PLAN: &str = "EXPLAIN QUERY PLAN ";

/// The handler of SELECT, WITH and VALUES.
pub const SELECT: Handler = Handler::Direct { run, explain: Some(explain), writes: false };

fn run(services: &mut dyn Services, call: &Call<'_>) -> Result<Reply, Error> {
    services.select(call, call.text, &|name| call.parameters.get(name).cloned())
}

fn explain(services: &mut dyn Services, call: &Call<'_>) -> Result<Reply, Error> {
    let plan = format!("{QUERY_PLAN}{}", call.text);
    services
        .select(call, &plan, &|name| call.parameters.get(name).cloned())
        .map_err(|error| error.shifted(QUERY_PLAN.len(), 0))
}
