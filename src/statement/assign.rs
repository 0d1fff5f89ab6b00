//! ASSIGN: assigns a waiting conversation to an agent, or moves it to another queue.
//!
//! Invariant: OVERRIDE skips the checks of presence and capacity, never that of the lifecycle. This
//! module deliberately does not know the checks; `support::assignment` has them.

use crate::domain::closed_lists::Event;
use crate::domain::eligibility::AssignmentKind;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::assignment::{Assignee, given, take, to_queue};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "ASSIGN <conversation> TO (AGENT <agent> [OVERRIDE] | QUEUE <queue>)",
    summary: "Assigns a waiting conversation to an agent, or moves it to another queue. The agent need not be a member of its queue. OVERRIDE ignores presence and capacity.",
    example: "ASSIGN 1 TO AGENT alice",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(assign),
};

fn assign(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    let mut plan = Vec::new();
    match request.queue()? {
        Some(queue) => to_queue(request, &mut conversation, Event::AssignQueue, &queue, &mut plan)?,
        None => {
            let agent = request.agent()?;
            let assignee = Assignee::from(request, &agent)?;
            take(request, &mut conversation, Event::Assign, AssignmentKind::Assign, &assignee, &mut plan)?;
            return Ok(given(request, &agent, plan));
        }
    }
    Ok(Decision::moves(plan))
}
