//! The bot's part: ESCALATE to a person, and the scripts it runs.

use super::{Chapter, Decision, Handler, Request, StatementDef, ending};
use crate::domain::change::By;
use crate::domain::closed_lists::{ActorKind, Event};
use crate::domain::conversation::Move;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};

pub(super) const STATEMENTS: &[StatementDef] = &[
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "ESCALATE <conversation> [TO QUEUE <queue>]",
        summary: "Requests an agent on behalf of the bot: the conversation waits in its queue, or in the given one.",
        example: "ESCALATE 8",
        right: Right::Serve,
        handler: Handler::Write(escalate),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "SCRIPT <conversation> (START <script:plain> | END | LEAVE)",
        summary: "Starts a script, finishes it, or records that the customer left it.",
        example: "SCRIPT 8 START 'opening hours'",
        right: Right::Serve,
        handler: Handler::Write(script),
    },
];

fn escalate(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    let queue = request.queue()?;
    let mut plan = Vec::new();
    let mut step = Move::new(Event::RequestAgent, By::kind(ActorKind::Bot), request.now);
    step.queue = queue.as_ref();
    conversation
        .advance(step, &mut plan)
        .map_err(|refusal| ending::possible(refusal, &conversation).at("conversation"))?;
    Ok(Decision::moves(plan))
}

fn script(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    let mut plan = Vec::new();
    let event = match request.arguments.text("script") {
        Some(_) => Event::StartScript,
        None if request.has("END") => Event::EndScript,
        None => Event::LeaveScript,
    };
    ending::step(request, &mut conversation, event, By::kind(ActorKind::Bot), &mut plan)?;
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
