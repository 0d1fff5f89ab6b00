//! DETACH: ends the customer's session on a channel.
//!
//! Invariant: the end of the last session drives customer_leave if the lifecycle has that edge.

use crate::domain::change::By;
use crate::domain::closed_lists::SessionStatus;
use crate::domain::closed_lists::{ActorKind, Event};
use crate::domain::conversation::Move;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::sessions::SESSIONS;
use crate::statement::support::sessions::{ended, no_session};
use crate::statement::{Answer, Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "DETACH <conversation> CHANNEL <channel>",
    summary: "Ends the customer's session on a channel. With the last session the customer leaves, if the lifecycle has that event.",
    example: "DETACH 2 CHANNEL sms",
    right: Right::Serve,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(detach),
};

fn detach(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    let mut sessions = request.snapshot.sessions(conversation.id)?;
    let channel = request.channel()?.unwrap_or(conversation.workstream.channel);
    if conversation.phase().is_over() {
        return Err(ended(&conversation).into());
    }
    if !matches!(sessions.on(channel), Some(SessionStatus::Connected | SessionStatus::Disconnected)) {
        return Err(no_session(request, &conversation, channel, &sessions).into());
    }
    let mut plan = Vec::new();
    conversation.set_session(&mut sessions, channel, SessionStatus::Ended, request.now, &mut plan);
    if sessions.all_ended() && conversation.may(Event::CustomerLeave) {
        let by = By::kind(ActorKind::Customer);
        conversation.advance(Move::new(Event::CustomerLeave, by, request.now), &mut plan)?;
    }
    Ok(Decision::moves_or(plan, Answer::Rows(&SESSIONS, Some(conversation.id.into()))))
}
