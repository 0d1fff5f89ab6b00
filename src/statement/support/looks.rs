//! The looks: SHOW in all its forms but lifecycles and the journal.

use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::statement::{Chapter, Handler, Request, StatementDef};

pub const fn show(
    syntax: &'static str,
    summary: &'static str,
    example: &'static str,
    handler: fn(&Request<'_>) -> Result<Reply, Error>,
) -> StatementDef {
    StatementDef {
        chapter: Chapter::Looking,
        syntax,
        summary,
        example,
        right: Right::Anybody,
        handler: Handler::Read(handler),
    }
}
