//! ESCALATE: requests an agent on behalf of the bot.

use crate::domain::change::By;
use crate::domain::closed_lists::{ActorKind, Event};
use crate::domain::conversation::Move;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::moves;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "ESCALATE <conversation> [TO QUEUE <queue>]",
    summary: "Requests an agent on behalf of the bot: the conversation waits in its queue, or in the given one.",
    example: "ESCALATE 8",
    right: Right::Serve,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(escalate),
};

fn escalate(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    let queue = request.queue()?;
    let mut plan = Vec::new();
    let mut step = Move::new(Event::RequestAgent, By::kind(ActorKind::Bot), request.now);
    step.queue = queue.as_ref();
    conversation
        .advance(step, &mut plan)
        .map_err(|refusal| moves::possible(refusal, &conversation).at("conversation"))?;
    Ok(Decision::moves(plan))
}
