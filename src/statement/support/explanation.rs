//! The replies of EXPLAIN.
//!
//! Invariant: they come from the changes that a dry run made, not from a description of the
//! statement.

use crate::domain::change::{Change, ChangeKind, Transition, ValueChange};
use crate::domain::closed_lists::{CustomerChange, OfferChange};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::value::Value;

/// Returns the reply of EXPLAIN for a statement that would be accepted.
pub fn would(changes: &[Change], notes: &[String]) -> Reply {
    let mut lines: Vec<String> = changes.iter().filter_map(described).collect();
    let is_erasure =
        |change: &&Change| matches!(change, Change::Value(set) if matches!(set.kind, ChangeKind::Erased(_)));
    match changes.iter().filter(is_erasure).count() {
        0 => {}
        count => lines.push(format!("{count} handles, texts and keys would be erased")),
    }
    if lines.is_empty() {
        lines.push("nothing would change".to_owned());
    }
    lines.extend(notes.iter().cloned());
    lines.push("nothing was written".to_owned());
    Reply::prose("explanation", &lines.join("\n"))
}

pub fn described(change: &Change) -> Option<String> {
    match change {
        Change::Transition(moved) => Some(move_in_words(moved)),
        Change::Message(message) => {
            Some(format!("a message would be written in conversation {}", message.conversation))
        }
        Change::Archived(_) | Change::ArchiveErased(_) | Change::Purged(_) => None,
        Change::Definition { definition, .. } => Some(format!(
            "{} states and {} edges would be defined",
            definition.states.len(),
            definition.moves()
        )),
        // Timers follow from the other changes, and digests and SELECTs are not for people.
        Change::Value(setting)
            if matches!(
                setting.kind,
                ChangeKind::Timer(_)
                    | ChangeKind::Erased(_)
                    | ChangeKind::Set(_, "offline_at" | "digest" | "sql")
            ) =>
        {
            None
        }
        Change::Value(setting) => Some(setting_in_words(setting)),
        Change::Customer { .. } => Some("the handle is new".to_owned()),
        Change::Opening(opening) => Some(format!("conversation {} would be opened", opening.id)),
    }
}

/// Describes a change of a value, without the ids of objects that the statement names.
pub fn setting_in_words(setting: &ValueChange) -> String {
    let item = || setting.item.as_text().unwrap_or_default();
    match (setting.kind, &setting.value) {
        (ChangeKind::Session(status), _) => {
            format!("{}'s {} session would be {status}", setting.object, item())
        }
        (ChangeKind::Participant(_), role) => match role.as_text() {
            Some(role) => format!("{} would be {role} of {}", item(), setting.object),
            None => format!("{} would leave {}", item(), setting.object),
        },
        (ChangeKind::Offer(OfferChange::Made), _) => format!("{} would be offered", setting.object),
        (ChangeKind::Offer(answer), _) => format!("the offer of {} would be {answer}", setting.object),
        (ChangeKind::Customer(CustomerChange::Merged), _) => "the two would be one customer".to_owned(),
        (ChangeKind::Customer(CustomerChange::Removed), _) => "the handle would be removed".to_owned(),
        (ChangeKind::Customer(CustomerChange::Name), _) => "the customer's name would be set".to_owned(),
        (ChangeKind::Created(entity), Value::Text(name)) => format!("{entity} {name} would be created"),
        (kind, Value::Null) => format!("{}: {}", kind.kind(), kind.name()),
        (kind, Value::Integer(number)) => format!("{}: {} = {number}", kind.kind(), kind.name()),
        (kind, value) => {
            format!("{}: {} = {}", kind.kind(), kind.name(), value.as_text().unwrap_or_default())
        }
    }
}

pub fn move_in_words(moved: &Transition) -> String {
    let from = moved.from_state.as_deref().unwrap_or("nothing");
    let agent = moved.to_agent.as_ref().map_or_else(String::new, |agent| format!(" with {}", agent.name));
    format!(
        "{} would move {from} → {}{agent}, in {} ({})",
        moved.conversation, moved.to_state, moved.to_queue.name, moved.event
    )
}

/// Returns the reply of EXPLAIN for a statement that would be refused.
pub fn would_be_refused(refusal: &Refusal) -> Reply {
    let mut lines = vec![format!("refused[{}]: {}", refusal.code, refusal.message)];
    lines.extend(refusal.hint.iter().map(|hint| format!("hint: {hint}")));
    lines.push("nothing was written".to_owned());
    Reply::prose("explanation", &lines.join("\n"))
}
