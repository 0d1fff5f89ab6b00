//! ACCEPT: accepts a conversation that is offered to an agent.

use crate::domain::closed_lists::Event;
use crate::domain::eligibility::AssignmentKind;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::assignment::{self, Assignee};
use crate::statement::support::offers::offered;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "ACCEPT <conversation> BY <agent>",
    summary: "Accepts a conversation that is offered to an agent.",
    example: "ACCEPT 9 BY dana",
    right: Right::Work,
    traits: Traits::BY_AGENT,
    columns: Columns::ALL,
    handler: Handler::Write(accept),
};

fn accept(request: &Request<'_>) -> Result<Decision, Error> {
    let (mut conversation, agent) = offered(request)?;
    let mut plan = Vec::new();
    assignment::take(
        request,
        &mut conversation,
        Event::Accept,
        AssignmentKind::Accept,
        &Assignee::new(&agent),
        &mut plan,
    )?;
    Ok(Decision::moves(plan))
}
