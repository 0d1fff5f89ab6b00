//! ALTER CONVERSATION: changes the subject, priority, required skills or sentiment of a
//! conversation.
//!
//! Invariant: a closed conversation never changes, and a statement sets each setting at most once.

use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::{ConversationChange, Phase, Sentiment};
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::value::Value;
use crate::language::arguments::Part;
use crate::statement::show_conversation::CONVERSATIONS;
use crate::statement::support::values::{in_range, read_skills};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "ALTER CONVERSATION <conversation> SET {(SUBJECT \"=\" <subject:text> | PRIORITY \"=\" <priority:integer> | SKILLS \"=\" <skills:plain> | SENTIMENT \"=\" (<sentiment:plain> | NULL))},...",
    summary: "Changes the subject of a conversation, its priority (larger first), the skills that it requires, or the customer's sentiment (until they write again).",
    example: "ALTER CONVERSATION 1 SET subject = 'Refund, urgent', priority = 5, skills = 'billing:3'",
    right: Right::Work,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(alter_conversation),
};

fn alter_conversation(request: &Request<'_>) -> Result<Decision, Error> {
    let conversation = request.conversation()?;
    request.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
    if conversation.phase() == Phase::Closed {
        let (id, state) = (conversation.id, conversation.state_name());
        return Err(Refusal::new(
            Code::FinalState,
            format!("conversation {id} is {state} and can no longer be changed"),
        )
        .hint("use OPEN to start a new conversation with the customer")
        .at("conversation")
        .into());
    }
    for slot in ["subject", "priority", "skills", "sentiment"] {
        set_once(request, slot)?;
    }
    let mut changes = Vec::new();
    let mut change = |kind, value: Value| {
        changes.push(request.setting(ChangeKind::Conversation(kind), conversation.id, value))
    };
    if let Some(text) = request.text("subject") {
        change(ConversationChange::Subject, text.into());
    }
    if let Some(priority) = request.arguments.integer("priority") {
        change(ConversationChange::Priority, in_range(priority)?.into());
    }
    if let Some(text) = request.arguments.text("skills") {
        change(ConversationChange::Skills, read_skills(text)?.into());
    }
    if let Some(text) = request.arguments.text("sentiment") {
        change(ConversationChange::Sentiment, sentiment(text)?.into());
    } else if request.has("SENTIMENT") {
        change(ConversationChange::Sentiment, Value::Null);
    }
    Ok(Decision::row(changes, &CONVERSATIONS, conversation.id))
}

fn set_once(request: &Request<'_>, wanted: &str) -> Result<(), Refusal> {
    let is_it = |part: &&Part| matches!(part, Part::Argument { slot, .. } if slot == wanted);
    if request.arguments.parts().iter().filter(is_it).count() < 2 {
        return Ok(());
    }
    let refusal = Refusal::new(Code::InvalidValue, format!("{wanted} is set twice")).hint("once is enough");
    Err(request.at_one_of(refusal, wanted, 1))
}

fn sentiment(text: &str) -> Result<&'static str, Refusal> {
    Sentiment::from_name(text).map(Sentiment::name).ok_or_else(|| {
        let known: Vec<&str> = Sentiment::ALL.iter().map(|sentiment| sentiment.name()).collect();
        Refusal::new(Code::InvalidValue, format!("unknown sentiment '{text}'"))
            .hint(known.join(", "))
            .at("sentiment")
    })
}
