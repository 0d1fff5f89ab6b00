//! EXPLAIN: shows what a statement would do, or why it would be refused, and writes nothing.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Handler, StatementDef};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "EXPLAIN <rest:statement>",
    summary: "Shows what a statement would do, or why it would be refused, and writes nothing. For a SELECT: the query plan.",
    example: "EXPLAIN ASSIGN 1 TO AGENT bob",
    right: Right::Anybody,
    handler: Handler::Explain,
};
