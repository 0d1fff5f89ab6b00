//! Automatic messages: out-of-office replies, delivery reports, acknowledgements.
//!
//! Invariant: one is kept in the transcript and does nothing else. It moves nothing, answers nobody,
//! touches no timer, connects nobody and opens nothing. Services may write them for anybody.

use crate::domain::change::{Body, By, Change};
use crate::domain::closed_lists::{ActorKind, Role};
use crate::domain::conversation::Conversation;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::workstream::Workstream;
use crate::language::suggest::quote_text;
use crate::statement::Request;
use crate::statement::support::assignment;
use crate::statement::support::cited::CitedText;
use crate::statement::support::messages::{message, must_be_open};

/// Returns the author that the statement names: an agent who has or had the conversation, or somebody
/// who joined it; for a service, any agent.
///
/// # Errors
/// `not_allowed`, `unknown_agent`, `not_holder`; faults of the file.
pub fn author(request: &Request<'_>, conversation: &Conversation) -> Result<By, Error> {
    for (word, kind) in [("CUSTOMER", ActorKind::Customer), ("BOT", ActorKind::Bot)] {
        if request.has(word) {
            request.actor.needs(Right::Serve)?;
            return Ok(By::kind(kind));
        }
    }
    let name = request.name("agent");
    if !request.actor.service {
        request.actor.must_be(name).map_err(|refusal| refusal.at("agent"))?;
    }
    let joined = request.snapshot.role_in(conversation.id, name)? == Some(Role::Consultant);
    if joined
        && request.snapshot.agent(name)?.is_none()
        && let Some(supervisor) = request.snapshot.supervisor(name)?
    {
        return Ok(By { kind: ActorKind::Supervisor, name: Some(supervisor.name) });
    }
    let agent = request.agent()?;
    let owner = conversation.agent.as_ref().or(conversation.last_agent.as_ref());
    if owner != Some(&agent.named) && !joined && !request.actor.service {
        return Err(assignment::not_with(conversation, &agent).into());
    }
    Ok(assignment::by_agent(&agent))
}

/// Adds an automatic message to the transcript.
///
/// # Errors
/// `final_state` if the conversation takes no more messages.
pub fn keep(
    request: &Request<'_>,
    conversation: &Conversation,
    author: By,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Refusal> {
    must_be_open(conversation)?;
    plan.push(message(request, conversation, author, Body::Automatic(text)));
    Ok(())
}

/// Returns the refusal of an automatic message that would have to open a conversation.
pub fn opens_none(workstream: &Workstream, customer: &CitedText) -> Refusal {
    let (handle, name) = (quote_text(&customer.text), &workstream.named.name);
    Refusal::new(Code::UnknownConversation, format!("customer {handle} has no open conversation on {name}"))
        .hint("an automatic message opens none; without AUTOMATIC it would")
        .at("customer")
}
