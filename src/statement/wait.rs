//! WAIT: sets a conversation aside until the customer or the agent returns.

use crate::domain::closed_lists::Event;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::moves::drive;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "WAIT <conversation>",
    summary: "Sets a conversation aside until the customer or the agent returns.",
    example: "WAIT 2",
    right: Right::Work,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(wait),
};

fn wait(request: &Request<'_>) -> Result<Decision, Error> {
    drive(request, Event::Wait)
}
