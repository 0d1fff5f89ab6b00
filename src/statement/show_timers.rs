//! SHOW TIMERS: lists the timers and when they are due.

use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::statement::{Chapter, Columns, Handler, Request, StatementDef, Traits};
use crate::store::Listing;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW TIMERS [AS OF <moment>]",
    summary: "Lists the timers: which conversation, which timeout, when it is due; a paused timer has no due time. A row without a conversation belongs to an agent.",
    example: "SHOW TIMERS",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::narrow(&["conversation", "timer", "due_at", "remaining_ms", "state", "agent"]),
    handler: Handler::Read(timers),
};

fn timers(request: &Request<'_>) -> Result<Reply, Error> {
    request.listing(Listing::Timers, &[Value::Integer(request.now.0)])
}
