//! DECLINE: declines a conversation that is offered to an agent; it is then offered to another one.

use crate::domain::closed_lists::OfferChange;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::show_conversation::CONVERSATIONS;
use crate::statement::support::offers::offered;
use crate::statement::{Answer, Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "DECLINE <conversation> BY <agent>",
    summary: "Declines a conversation that is offered to an agent; it is then offered to the next one. After three times the agent is not asked again.",
    example: "DECLINE 9 BY dana",
    right: Right::Work,
    traits: Traits::BY_AGENT,
    columns: Columns::ALL,
    handler: Handler::Write(decline),
};

fn decline(request: &Request<'_>) -> Result<Decision, Error> {
    let (mut conversation, _) = offered(request)?;
    let mut plan = Vec::new();
    conversation.end_offer(OfferChange::Declined, request.now, &mut plan);
    let answer = Answer::Rows(&CONVERSATIONS, Some(conversation.id.into()));
    Ok(Decision { changes: plan, answer, notes: Vec::new() })
}
