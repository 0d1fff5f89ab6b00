//! RESUME: takes a conversation off hold.

use crate::domain::closed_lists::Event;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::moves::own;
use crate::statement::{Chapter, Decision, Handler, Request, StatementDef};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "RESUME <conversation>",
    summary: "Takes a conversation off hold.",
    example: "RESUME 5",
    right: Right::Work,
    handler: Handler::Write(resume),
};

fn resume(request: &Request<'_>) -> Result<Decision, Error> {
    own(request, Event::Resume)
}
