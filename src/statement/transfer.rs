//! TRANSFER: transfers a conversation to another agent, or back to a queue.
//!
//! Invariant: if a lifecycle routes a transfer through the queue, both transitions are in one
//! decision. The agent is checked before the first one.

use crate::domain::closed_lists::Event;
use crate::domain::eligibility::AssignmentKind;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::assignment::{Assignee, advise, check, given, take, to_queue};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "TRANSFER <conversation> TO (AGENT <agent> [OVERRIDE] | QUEUE <queue>)",
    summary: "Transfers a conversation to another agent, or back into a queue. OVERRIDE ignores presence and capacity.",
    example: "TRANSFER 2 TO AGENT alice",
    right: Right::Work,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(transfer),
};

fn transfer(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    request.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
    let mut plan = Vec::new();
    if let Some(queue) = request.queue()? {
        to_queue(request, &mut conversation, Event::TransferQueue, &queue, &mut plan)?;
        return Ok(Decision::moves(plan));
    }
    let agent = request.agent()?;
    let assignee = Assignee::from(request, &agent)?;
    if conversation.agent.as_ref() == Some(&agent.named) || !conversation.may(Event::TransferAgent) {
        return Err(advise(&conversation, Event::TransferAgent, &agent).at("conversation").into());
    }
    check(request, &conversation, AssignmentKind::Transfer, &assignee)?;
    take(request, &mut conversation, Event::TransferAgent, AssignmentKind::Transfer, &assignee, &mut plan)?;
    if conversation.phase().waits() {
        // This lifecycle routes a transfer through the queue: a second transition assigns the
        // conversation.
        take(request, &mut conversation, Event::Assign, AssignmentKind::Transfer, &assignee, &mut plan)?;
    }
    Ok(given(request, &agent, plan))
}
