//! SCRIPT: starts a script, finishes it, or records that the customer left it.

use crate::domain::change::By;
use crate::domain::closed_lists::{ActorKind, Event};
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::statement::support::moves;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "SCRIPT <conversation> (START <script:plain> | END | LEAVE)",
    summary: "Starts a script, finishes it, or records that the customer left it.",
    example: "SCRIPT 8 START 'opening hours'",
    right: Right::Serve,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(script),
};

fn script(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    let mut plan = Vec::new();
    let event = match request.arguments.text("script") {
        Some(_) => Event::StartScript,
        None if request.has("END") => Event::EndScript,
        None => Event::LeaveScript,
    };
    moves::step(request, &mut conversation, event, By::kind(ActorKind::Bot), &mut plan)?;
    if let Some(name) = request.arguments.text("script") {
        if name.is_empty() || name.chars().count() > 200 {
            return Err(Refusal::new(
                Code::InvalidValue,
                "the name of a script must have 1 to 200 characters",
            )
            .at("script")
            .into());
        }
        conversation.tell(format!("The script {name} has started."), request.now, &mut plan);
    }
    Ok(Decision::moves(plan))
}
