//! SHOW TIMERS: lists the timers and when they are due.

use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::statement::{Chapter, Columns, Handler, Request, StatementDef, Traits};

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
    request.query(TIMERS, &[Value::Integer(request.now.0)])
}

/// The timers, the next due first and paused ones last. Parameter: the time.
const TIMERS: &str = "SELECT timers.conversation, timer, due_at, \
        coalesce(due_at_ms - ?1, remaining_ms) AS remaining_ms, state, timers.agent, handle AS customer \
    FROM timers JOIN timer_kind USING (timer) LEFT JOIN conversation ON conversation.id = timers.conversation \
        LEFT JOIN opening ON opening.id = timers.conversation LEFT JOIN customer ON customer.id = opening.customer \
    ORDER BY due_at_ms IS NULL, due_at_ms, timers.conversation IS NULL, timers.conversation, position, timers.agent";
