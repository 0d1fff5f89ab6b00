//! Messages: who may write in a conversation, and what a message changes beside the transcript.
//!
//! Invariant: a conversation that is closing or closed takes no more messages.

use crate::domain::change::{Body, By, Change, ChangeKind, Message};
use crate::domain::closed_lists::{ActorKind, Channel, ConversationChange, Phase, Role};
use crate::domain::config::Agent;
use crate::domain::conversation::Conversation;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::sentiment;
use crate::statement::Request;
use crate::statement::support::assignment::{self};
use crate::statement::support::sessions;

pub fn body(request: &Request<'_>) -> Result<i64, Refusal> {
    let empty = request.arguments.text("body").is_none_or(|text| text.trim().is_empty());
    match request.text("body") {
        Some(id) if !empty => Ok(id),
        _ => Err(Refusal::new(Code::InvalidValue, "the message text is empty").at("body")),
    }
}

/// Returns a message of somebody at the time of the statement.
pub fn message(request: &Request<'_>, conversation: &Conversation, author: By, body: Body) -> Change {
    Change::Message(Message { conversation: conversation.id, author: Some(author), body, at: request.now })
}

pub fn write(
    request: &Request<'_>,
    conversation: &Conversation,
    author: By,
    text: i64,
    plan: &mut Vec<Change>,
) {
    plan.push(message(request, conversation, author, Body::Text(text)));
}

pub fn must_not_be_parked(conversation: &Conversation, agent: &str) -> Result<(), Refusal> {
    if conversation.phase() != Phase::Parked {
        return Ok(());
    }
    let (id, state) = (conversation.id, conversation.state_name());
    Err(Refusal::new(Code::NotAllowed, format!("conversation {id} is {state} and set aside"))
        .hint(format!("REVIVE {id} BY {agent} first"))
        .at("conversation"))
}

pub fn from_customer(
    request: &Request<'_>,
    conversation: &mut Conversation,
    channel: Channel,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    must_be_open(conversation)?;
    sessions::connect(request, conversation, channel, plan)?;
    write(request, conversation, By::kind(ActorKind::Customer), text, plan);
    conversation.customer_wrote(request.now, plan);
    update_sentiment(request, conversation, plan)
}

/// Updates the sentiment of a conversation after a customer's message.
///
/// It has to follow the transitions of the message, so that it is recorded for the state that they
/// lead to.
pub fn update_sentiment(
    request: &Request<'_>,
    conversation: &Conversation,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    if !conversation.workstream.sentiment {
        return Ok(());
    }
    let earlier = request.snapshot.last_words(conversation.id, sentiment::WINDOW - 1, sentiment::READ)?;
    let mut words: Vec<&str> = earlier.iter().map(String::as_str).collect();
    words.extend(request.arguments.text("body"));
    let felt = sentiment::after(conversation.sentiment, &words);
    if felt != conversation.sentiment {
        let word = felt.map(|felt| felt.name());
        plan.push(request.setting(
            ChangeKind::Conversation(ConversationChange::Sentiment),
            conversation.id,
            word,
        ));
    }
    Ok(())
}

pub fn must_be_open(conversation: &Conversation) -> Result<(), Refusal> {
    if !conversation.phase().is_over() {
        return Ok(());
    }
    let words = format!(
        "conversation {} is {} and takes no more messages",
        conversation.id,
        conversation.state_name()
    );
    Err(Refusal::new(Code::FinalState, words)
        .hint(format!(
            "use MESSAGE ON {} FROM the customer to start a new conversation",
            conversation.workstream.named.name
        ))
        .at("conversation"))
}

pub fn from_agent(
    request: &Request<'_>,
    conversation: &mut Conversation,
    agent: &Agent,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    must_be_open(conversation)?;
    let (id, name) = (conversation.id, &agent.named.name);
    must_not_be_parked(conversation, name)?;
    let holds = conversation.agent.as_ref() == Some(&agent.named);
    if !holds && request.snapshot.role_in(id, name)? != Some(Role::Consultant) {
        return Err(assignment::not_with(conversation, agent).into());
    }
    write(request, conversation, assignment::by_agent(agent), text, plan);
    conversation.answered(request.now, plan);
    Ok(())
}
