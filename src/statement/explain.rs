//! EXPLAIN: shows what a statement would do, or why it would be refused, and writes nothing.

use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::statement::definition::Services;
use crate::statement::{Call, Chapter, Columns, Handler, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "EXPLAIN <rest:statement>",
    summary: "Shows what a statement would do, or why it would be refused, and writes nothing. For a SELECT: the query plan.",
    example: "EXPLAIN ASSIGN 1 TO AGENT bob",
    right: Right::Anybody,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Direct { run: explain, explain: None, writes: false },
};

fn explain(services: &mut dyn Services, call: &Call<'_>) -> Result<Reply, Error> {
    let text = call.arguments.rest("rest").unwrap_or_default();
    let offset = call.arguments.rest_offset("rest").unwrap_or_default();
    services.explain(call, text, offset)
}
