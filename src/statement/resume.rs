//! RESUME: takes a conversation off hold.

use crate::domain::closed_lists::Event;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::moves::drive;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "RESUME <conversation>",
    summary: "Takes a conversation off hold.",
    example: "RESUME 5",
    right: Right::Work,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(resume),
};

fn resume(request: &Request<'_>) -> Result<Decision, Error> {
    drive(request, Event::Resume)
}
