//! CLOSE: closes a conversation, either because after-work is finished or to end the session.

use crate::domain::change::Change;
use crate::domain::closed_lists::{Event, Phase};
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::moves::drive;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "CLOSE <conversation>",
    summary: "Closes a conversation: after-work is finished, or the session ends while the conversation stays open.",
    example: "CLOSE 6",
    right: Right::Work,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(close),
};

fn close(request: &Request<'_>) -> Result<Decision, Error> {
    let mut decision = drive(request, Event::Close)?;
    let parked = decision
        .changes
        .iter()
        .any(|change| matches!(change, Change::Transition(moved) if moved.to_phase == Phase::Parked));
    if parked {
        let id = request.conversation()?.id;
        decision.notes.push(format!(
            "conversation {id} is set aside, not closed; SHOW ACTIONS {id} lists what is possible"
        ));
    }
    Ok(decision)
}
