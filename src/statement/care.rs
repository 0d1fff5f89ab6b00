//! Settings of a conversation and of the site.

use super::queues::set;
use super::settings;
use super::{Chapter, Decision, Handler, Request, StatementDef};
use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::{ConversationChange, Entity, Phase, Sentiment};
use crate::domain::config::SITE;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::skills;
use crate::domain::value::Value;
use crate::language::arguments::Part;
use crate::store::Listing;

pub(super) const STATEMENTS: &[StatementDef] = &[
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "ALTER SITE SET <settings:site>",
        summary: "Changes settings of the site.",
        example: "ALTER SITE SET time_zone = 'Europe/Berlin'",
        right: Right::Supervise,
        handler: Handler::Write(alter_site),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "ALTER CONVERSATION <conversation> SET {(SUBJECT \"=\" <subject:text> | PRIORITY \"=\" <priority:integer> | SKILLS \"=\" <skills:plain> | SENTIMENT \"=\" (<sentiment:plain> | NULL))},...",
        summary: "Changes the subject of a conversation, its priority (larger first), the skills that it requires, or the customer's sentiment (until they write again).",
        example: "ALTER CONVERSATION 1 SET subject = 'Refund, urgent', priority = 5, skills = 'billing:3'",
        right: Right::Work,
        handler: Handler::Write(alter_conversation),
    },
];

fn alter_site(request: &Request<'_>) -> Result<Decision, Error> {
    let given = settings::read(request.arguments, "settings", settings::SITE)?;
    Ok(Decision {
        changes: set(request, Entity::Site, SITE, &given)?,
        answer: super::Answer::Row(Listing::Site, vec![]),
        notes: vec![],
    })
}

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
    Ok(Decision::row(changes, Listing::Conversation, conversation.id))
}

fn set_once(request: &Request<'_>, wanted: &str) -> Result<(), Refusal> {
    let is_it = |part: &&Part| matches!(part, Part::Argument { slot, .. } if slot == wanted);
    if request.arguments.parts().iter().filter(is_it).count() < 2 {
        return Ok(());
    }
    let refusal = Refusal::new(Code::InvalidValue, format!("{wanted} is set twice")).hint("once is enough");
    Err(request.at_one_of(refusal, wanted, 1))
}

/// # Errors
/// `invalid_value`, where it is out of range.
pub(super) fn in_range(priority: i64) -> Result<i64, Refusal> {
    if (-1_000_000..=1_000_000).contains(&priority) {
        return Ok(priority);
    }
    Err(Refusal::new(Code::InvalidValue, format!("priority {priority} is not between -1000000 and 1000000"))
        .at("priority"))
}

/// # Errors
/// `invalid_value`, where they are no skills.
pub(super) fn read_skills(text: &str) -> Result<Option<String>, Refusal> {
    let wrong = |words: String| Refusal::new(Code::InvalidValue, words).at("skills");
    let normal = skills::normal(&skills::parse(text).map_err(wrong)?);
    if normal.as_ref().is_some_and(|skills| skills.chars().count() > 1000) {
        return Err(Refusal::new(Code::TooLarge, "the list of skills exceeds 1000 characters").at("skills"));
    }
    Ok(normal)
}

fn sentiment(text: &str) -> Result<&'static str, Refusal> {
    Sentiment::from_name(text).map(Sentiment::name).ok_or_else(|| {
        let known: Vec<&str> = Sentiment::ALL.iter().map(|sentiment| sentiment.name()).collect();
        Refusal::new(Code::InvalidValue, format!("unknown sentiment '{text}'"))
            .hint(known.join(", "))
            .at("sentiment")
    })
}
