//! The bot's part: ESCALATE to a person, and the scripts it runs.

use super::{Act, Asked, Chapter, Decision, Page, ending};
use crate::domain::change::By;
use crate::domain::conversation::Move;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::rights::Right;
use crate::domain::words::{ActorKind, Event};

pub(super) const PAGES: &[Page] = &[
    Page {
        chapter: Chapter::Conversations,
        syntax: "ESCALATE <conversation> [TO QUEUE <queue>]",
        summary: "The bot asks for an agent: the conversation waits in its queue, or in that one.",
        example: "ESCALATE 8",
        right: Right::Serve,
        act: Act::Change(escalate),
    },
    Page {
        chapter: Chapter::Conversations,
        syntax: "SCRIPT <conversation> (START <script:plain> | END | LEAVE)",
        summary: "The bot starts a script, the script has run to its end, or the customer leaves it.",
        example: "SCRIPT 8 START 'opening hours'",
        right: Right::Serve,
        act: Act::Change(script),
    },
];

fn escalate(asked: &Asked<'_>) -> Result<Decision, Error> {
    let mut conversation = asked.conversation()?;
    let queue = asked.queue()?;
    let mut plan = Vec::new();
    let mut step = Move::new(Event::RequestAgent, By::kind(ActorKind::Bot), asked.now);
    step.queue = queue.as_ref();
    conversation
        .advance(step, &mut plan)
        .map_err(|refusal| ending::possible(refusal, &conversation).at("conversation"))?;
    Ok(Decision::moves(plan))
}

fn script(asked: &Asked<'_>) -> Result<Decision, Error> {
    let mut conversation = asked.conversation()?;
    let mut plan = Vec::new();
    let event = match asked.arguments.text("script") {
        Some(_) => Event::StartScript,
        None if asked.has("END") => Event::EndScript,
        None => Event::LeaveScript,
    };
    ending::step(asked, &mut conversation, event, By::kind(ActorKind::Bot), &mut plan)?;
    if let Some(name) = asked.arguments.text("script") {
        if name.is_empty() || name.chars().count() > 200 {
            return Err(Refusal::new(Code::InvalidValue, "a script has a name of 1 to 200 characters")
                .at("script")
                .into());
        }
        conversation.tell(format!("The script {name} has started."), asked.now, &mut plan);
    }
    Ok(Decision::moves(plan))
}
