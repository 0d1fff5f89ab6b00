//! Helpers for CREATE, ALTER and DROP of any object, and the membership of queues.

use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::{Entity, Event, MemberChange};
use crate::domain::conversation::Conversation;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::value::Value;
use crate::statement::support::moves::typed;
use crate::statement::support::offers;
use crate::statement::support::settings::Given;
use crate::statement::{Decision, Request};
use crate::store::Listing;

/// Answers CREATE for an existing object: with its row if IF NOT EXISTS is given.
///
/// # Errors
/// `exists`, without IF NOT EXISTS.
pub fn already(
    request: &Request<'_>,
    listing: &'static Listing,
    kind: &'static str,
    name: &str,
) -> Result<Decision, Error> {
    if request.has("EXISTS") {
        return Ok(Decision::row(Vec::new(), listing, name));
    }
    Err(Refusal::new(Code::Exists, format!("{kind} {name} already exists"))
        .hint(format!(
            "use ALTER {} {name} SET … to change it, or CREATE … IF NOT EXISTS",
            kind.to_uppercase()
        ))
        .at(kind)
        .into())
}

/// Returns a change for each setting whose value differs from the current one.
pub fn set(request: &Request<'_>, kind: Entity, id: i64, given: &[Given]) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for given in given {
        if !request.snapshot.is_set_to(kind, id, given.name, &given.value)? {
            changes.push(request.setting(ChangeKind::Set(kind, given.name), id, given.value.clone()));
        }
    }
    Ok(changes)
}

/// Checks that nothing needs an object that is about to be dropped.
///
/// # Errors
/// `in_use`; faults of the file.
pub fn must_be_free(request: &Request<'_>, kind: Entity, id: i64, name: &str) -> Result<(), Error> {
    let Some(need) = request.snapshot.needed_by(kind, id)? else { return Ok(()) };
    let conversation = need.conversation.map(|id| request.conversation_of(id)).transpose()?.flatten();
    let hint = match (kind, conversation) {
        (_, Some(conversation)) => ways_out(kind, &conversation),
        (Entity::Queue, None) => "use ALTER WORKSTREAM … SET queue first".to_owned(),
        _ => "use DROP WORKSTREAM first, or give an unused workstream another lifecycle".to_owned(),
    };
    Err(Refusal::new(Code::InUse, format!("{kind} {name} cannot be dropped: {}", need.words))
        .hint(hint)
        .at(kind.name())
        .into())
}

/// Returns the statements by which a conversation no longer needs the object, as they are possible now.
fn ways_out(kind: Entity, conversation: &Conversation) -> String {
    let leads_out: &[Event] = match kind {
        Entity::Queue => &[Event::AssignQueue, Event::TransferQueue],
        Entity::Agent => &[Event::Release, Event::TransferAgent, Event::TransferQueue, Event::Close],
        _ => &[Event::End, Event::Close],
    };
    // Elsewhere, CLOSE helps only if it does not merely set the conversation aside.
    let closes = conversation
        .target(Event::Close)
        .is_some_and(|state| conversation.lifecycle().states[state].phase.is_over());
    let helps = |event: &Event| {
        conversation.may(*event) && (*event != Event::Close || kind == Entity::Agent || closes)
    };
    let mut events: Vec<Event> = leads_out.iter().copied().filter(helps).collect();
    if events.is_empty() {
        events.extend([Event::Revive, Event::Close, Event::End].into_iter().filter(helps));
    }
    events.extend(Some(Event::ForceClose).filter(helps));
    let typed: Vec<String> = events.into_iter().filter_map(|event| typed(event, conversation.id)).collect();
    match typed.split_last() {
        Some((last, [])) => format!("use {last} first"),
        Some((last, others)) => format!("use {} or {last} first", others.join(", ")),
        None => "it is over at once; try again".to_owned(),
    }
}

pub fn membership(request: &Request<'_>, change: MemberChange) -> Result<Decision, Error> {
    let queue = request.queue_named(request.name("queue"))?;
    let mut changes = Vec::new();
    for (place, name) in request.arguments.names("agent").iter().enumerate() {
        let Some(agent) = request.snapshot.agent(name)? else {
            let refusal = request.unknown(Code::UnknownAgent, "agent", name)?;
            return Err(request.at_one_of(refusal, "agent", place).into());
        };
        let row = request.item(ChangeKind::Member(change), queue.id, agent.named.id, Value::Null);
        if request.snapshot.is_member(queue.id, agent.named.id)? != (change == MemberChange::Joined)
            && !changes.contains(&row)
        {
            changes.push(row);
            if change == MemberChange::Left {
                let elsewhere = |conversation: &Conversation| conversation.queue.as_ref() != Some(&queue);
                offers::withdraw(&request.snapshot, agent.named.id, elsewhere, request.now, &mut changes)?;
            }
        }
    }
    Ok(Decision::row(changes, &MEMBERS, &*queue.name))
}

/// The members of queues.
pub static MEMBERS: Listing = Listing {
    select: "SELECT queue, agent, joined_at FROM queue_members",
    key: "queue",
    order: "joined_at_ms, agent",
};
