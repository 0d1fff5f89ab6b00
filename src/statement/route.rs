//! ROUTE: assigns waiting conversations to the agents who fit, in order.
//!
//! Invariant: the handler only checks its arguments and returns the scope; the router runs when the
//! entry is written. Unlike the router after other statements, ROUTE includes pick workstreams.

use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::statement::support::router::Scope;
use crate::statement::{Answer, Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Running,
    syntax: "ROUTE [QUEUE <queue>] [LIMIT <limit:integer>]",
    summary: "Assigns waiting conversations to the agents who fit, in order, in push workstreams and once also in pick workstreams. EXPLAIN ROUTE shows who would get which conversation, or why nobody would.",
    example: "ROUTE QUEUE billing LIMIT 1",
    right: Right::Anybody,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(route),
};

fn route(request: &Request<'_>) -> Result<Decision, Error> {
    let limit = request.arguments.integer("limit");
    if limit.is_some_and(|limit| limit < 1) {
        return Err(Refusal::new(Code::InvalidValue, "LIMIT must be at least 1").at("limit").into());
    }
    let scope = Scope { queue: request.queue()?.map(|queue| queue.id), every: true, limit };
    Ok(Decision { changes: Vec::new(), answer: Answer::Routed(scope), notes: Vec::new() })
}
