//! MESSAGE: writes a message in a conversation.
//!
//! Invariant: the author is the customer, the bot during a bot phase, the agent to whom the
//! conversation is assigned, or a participant who has joined. This module deliberately does not
//! know MESSAGE ON, which chooses the conversation.

use crate::domain::change::{By, Change};
use crate::domain::closed_lists::{ActorKind, Phase, Role};
use crate::domain::conversation::Conversation;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::language::suggest::write_name;
use crate::statement::support::messages::{
    body, from_agent, from_customer, must_be_open, must_not_be_parked, write,
};
use crate::statement::support::{automatic, sessions};
use crate::statement::{Answer, Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "MESSAGE <conversation> FROM (CUSTOMER | BOT | AGENT <agent>) <body:text> [AUTOMATIC] [KEY <key:key>]",
    summary: "Writes a message in a conversation. A customer's message brings back a conversation that was set aside. AUTOMATIC (an out-of-office reply, a delivery report): only kept in the transcript.",
    example: "MESSAGE 2 FROM AGENT bob 'It is on its way.'",
    right: Right::Depends,
    traits: Traits::BY_AGENT,
    columns: Columns::ALL,
    handler: Handler::Write(message),
};

fn message(request: &Request<'_>) -> Result<Decision, Error> {
    let text = body(request)?;
    let mut conversation = request.conversation()?;
    let mut plan = Vec::new();
    if request.has("AUTOMATIC") {
        automatic::keep(request, &conversation, automatic::author(request, &conversation)?, text, &mut plan)?;
    } else if request.has("CUSTOMER") {
        request.actor.needs(Right::Serve)?;
        let channel = sessions::channel_of_customer(request, &conversation)?;
        from_customer(request, &mut conversation, channel, text, &mut plan)?;
    } else if request.has("BOT") {
        request.actor.needs(Right::Serve)?;
        from_bot(request, &mut conversation, text, &mut plan)?;
    } else {
        match guest(request, &conversation)? {
            Some(guest) => from_guest(request, &mut conversation, guest, text, &mut plan)?,
            None => {
                let agent = request.agent()?;
                request.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?;
                from_agent(request, &mut conversation, &agent, text, &mut plan)?;
            }
        }
    }
    Ok(Decision::moves_or(plan, Answer::Message))
}

/// Returns the author if they are a supervisor who has joined; None if they are an agent, or
/// unknown.
///
/// # Errors
/// `not_participant`, if the supervisor has not joined, or only monitors the conversation.
fn guest(request: &Request<'_>, conversation: &Conversation) -> Result<Option<By>, Error> {
    let name = request.name("agent");
    if request.snapshot.agent(name)?.is_some() {
        return Ok(None);
    }
    let (id, supervisor) = (conversation.id, request.snapshot.supervisor(name)?);
    let role = request.snapshot.role_in(id, name)?;
    if supervisor.is_some() && role != Some(Role::Consultant) {
        let does = if role == Some(Role::Monitor) { "only monitors" } else { "has not joined" };
        return Err(Refusal::new(Code::NotParticipant, format!("{name} {does} conversation {id}"))
            .hint(format!("JOIN {id} BY {} first", write_name(name)))
            .at("agent")
            .into());
    }
    Ok(supervisor.map(|named| By { kind: ActorKind::Supervisor, name: Some(named.name) }))
}

fn from_guest(
    request: &Request<'_>,
    conversation: &mut Conversation,
    guest: By,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    must_be_open(conversation)?;
    request.actor.must_be(guest.name.as_deref().unwrap_or_default())?;
    must_not_be_parked(conversation, "an agent")?;
    write(request, conversation, guest, text, plan);
    conversation.answered(request.now, plan);
    Ok(())
}

fn from_bot(
    request: &Request<'_>,
    conversation: &mut Conversation,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    must_be_open(conversation)?;
    if conversation.phase() != Phase::Bot {
        let words = format!(
            "conversation {} is {} and no longer with the bot",
            conversation.id,
            conversation.state_name()
        );
        return Err(Refusal::new(Code::NotAllowed, words)
            .hint("after ESCALATE the agent writes")
            .at("BOT")
            .into());
    }
    write(request, conversation, By::kind(ActorKind::Bot), text, plan);
    conversation.answered(request.now, plan);
    Ok(())
}
