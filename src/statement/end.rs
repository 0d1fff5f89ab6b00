//! END: ends a conversation on behalf of the agent, the customer or the bot.
//!
//! Invariant: where a lifecycle ends by sessions, all sessions have ended before the transition is
//! made.

use crate::domain::change::{By, Change};
use crate::domain::closed_lists::{ActorKind, Event};
use crate::domain::conversation::Conversation;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::moves::step;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "END <conversation> [BY (CUSTOMER | BOT)]",
    summary: "Ends a conversation, on behalf of the agent, the customer or the bot.",
    example: "END 2",
    right: Right::Depends,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(end),
};

fn end(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    let mut plan = Vec::new();
    if request.has("CUSTOMER") {
        request.actor.needs(Right::Serve)?;
        end_by_customer(request, &mut conversation, &mut plan)?;
    } else if request.has("BOT") {
        request.actor.needs(Right::Serve)?;
        step(request, &mut conversation, Event::BotEnd, By::kind(ActorKind::Bot), &mut plan)?;
    } else {
        request.actor.needs(Right::Work)?;
        request.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
        if conversation.may(Event::End) && conversation.lifecycle().options.ends_by_sessions {
            let mut sessions = request.snapshot.sessions(conversation.id)?;
            conversation.end_sessions(&mut sessions, request.now, &mut plan);
        }
        step(request, &mut conversation, Event::End, request.by(), &mut plan)?;
    }
    Ok(Decision::moves(plan))
}

/// Drives customer_end if it has an edge; otherwise ends all sessions and drives customer_leave.
fn end_by_customer(
    request: &Request<'_>,
    conversation: &mut Conversation,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    // If neither event is possible, the refusal names the one that the lifecycle has.
    let ends = conversation.may(Event::CustomerEnd)
        || (!conversation.may(Event::CustomerLeave)
            && (conversation.knows(Event::CustomerEnd) || !conversation.knows(Event::CustomerLeave)));
    let event = if ends { Event::CustomerEnd } else { Event::CustomerLeave };
    if !ends && conversation.may(event) {
        let mut sessions = request.snapshot.sessions(conversation.id)?;
        conversation.end_sessions(&mut sessions, request.now, plan);
    }
    step(request, conversation, event, By::kind(ActorKind::Customer), plan)
}
