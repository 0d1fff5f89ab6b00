//! FORCE CLOSE: closes a conversation from any state.
//!
//! Invariant: the transcript says that a supervisor has closed it.

use crate::domain::closed_lists::Event;
use crate::domain::conversation::Move;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::moves::possible;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "FORCE CLOSE <conversation> [REASON <reason:text>]",
    summary: "Closes a conversation from any state and notifies its participants.",
    example: "FORCE CLOSE 1 REASON 'duplicate'",
    right: Right::Supervise,
    traits: Traits::CONFIRM,
    columns: Columns::ALL,
    handler: Handler::Write(force_close),
};

fn force_close(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    let mut plan = Vec::new();
    if conversation.may(Event::ForceClose) {
        conversation.tell("A supervisor has closed this conversation.", request.now, &mut plan);
    }
    let mut step = Move::new(Event::ForceClose, request.by(), request.now);
    step.reason = request.text("reason");
    conversation
        .advance(step, &mut plan)
        .map_err(|refusal| possible(refusal, &conversation).at("conversation"))?;
    Ok(Decision::moves(plan))
}
