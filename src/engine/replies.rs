//! The reply to a change: its transitions, the row that it wrote, or the message.
//!
//! Invariant: transitions come from the decision, in its order; rows are read after they were
//! written.

use crate::domain::change::{Change, Transition};
use crate::domain::permissions::Actor;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::{Reply, Shape};
use crate::domain::value::Value;
use crate::language::arguments::Arguments;
use crate::language::suggest::quote_text;
use crate::statement::{self, Answer, Decision};
use crate::store::{KeyUse, Listing, Snapshot, Writer};

/// The columns of a reply of transitions.
const MOVES: [&str; 7] = ["conversation", "event", "from_state", "to_state", "queue", "agent", "at"];

/// The transitions in a range of numbers, in the form in which a change returns them.
const MOVED: &str = "SELECT conversation, event, from_state, to_state, to_queue AS queue, to_agent AS agent, at \
    FROM transitions WHERE seq >= ?1 AND seq < ?2 ORDER BY seq";

/// The channel sessions of a conversation when an entry was written, in the form in which a change
/// returns them.
const SESSIONS_THEN: &str = "SELECT object AS conversation, item AS channel, name AS status, \
    strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS since FROM change \
    WHERE object = ?1 AND kind = 'session' AND seq IN (SELECT max(seq) FROM change \
        WHERE object = ?1 AND kind = 'session' AND entry <= ?2 GROUP BY item) ORDER BY item";

/// Messages, in the form in which a change returns them.
static MESSAGES: Listing = Listing {
    select: "SELECT id, conversation, at, author_kind, author, kind, body FROM messages",
    key: "id",
    order: "id",
};

fn moves_reply(rows: Vec<Vec<Value>>) -> Reply {
    let mut reply = Reply::with_columns(&MOVES);
    reply.shape = Shape::Moves;
    reply.rows = rows;
    reply
}

fn moved(moved: &Transition) -> Vec<Value> {
    vec![
        moved.conversation.into(),
        moved.event.name().into(),
        moved.from_state.as_deref().into(),
        (&*moved.to_state).into(),
        (&*moved.to_queue.name).into(),
        moved.to_agent.as_ref().map(|agent| &*agent.name).into(),
        moved.at.to_string().into(),
    ]
}

pub fn transitions(changes: &[Change]) -> impl Iterator<Item = &Transition> {
    changes.iter().filter_map(|change| match change {
        Change::Transition(moved) => Some(moved),
        _ => None,
    })
}

pub fn answer(writer: &Writer<'_>, decision: &Decision) -> Result<Reply, Error> {
    let snapshot = writer.snapshot();
    Ok(match &decision.answer {
        Answer::Moves | Answer::Routed(_) => moves_reply(transitions(&decision.changes).map(moved).collect()),
        Answer::Rows(listing, Some(key)) => snapshot.matching(listing, key)?,
        Answer::Rows(listing, None) => snapshot.listing(listing)?,
        Answer::Message => snapshot.matching(&MESSAGES, &writer.head().message.into())?,
        Answer::Gone(was) => was.clone(),
    })
}

/// Returns the result of the entry in which the actor used that key, from the rows that were stored
/// with it; none if the key is new to them. Only the same statement is a retry.
///
/// # Errors
/// `key_reused`; faults of the file.
pub fn answered_before(
    snapshot: &Snapshot<'_>,
    key: &str,
    arguments: &Arguments,
    actor: &Actor,
) -> Result<Option<Reply>, Error> {
    let Some(KeyUse { entry, statement }) = snapshot.use_of_key(&actor.name, key)? else { return Ok(None) };
    let is_same = match statement {
        Some(stored) => statement::is_the_same(snapshot, &stored, arguments)?,
        None => true,
    };
    if !is_same {
        let words = format!(
            "{} already used key {} for another statement, in entry {entry}",
            actor.name,
            quote_text(key)
        );
        return Err(Refusal::new(Code::KeyReused, words)
            .hint("use a new key for each statement; only the same statement again is a retry")
            .at("key")
            .into());
    }
    let mut reply = if snapshot.moved_by_statement(entry)? {
        let (from, to) = snapshot.moves_of(entry)?;
        let mut reply = snapshot.query(MOVED, &[from.into(), to.into()])?;
        reply.shape = Shape::Moves;
        reply
    } else if let Some(conversation) = snapshot.session_of(entry)? {
        snapshot.query(SESSIONS_THEN, &[conversation.into(), entry.into()])?
    } else {
        let (from, to) = snapshot.messages_of(entry)?;
        let in_range = format!("{} WHERE id >= ?1 AND id < ?2 ORDER BY {}", MESSAGES.select, MESSAGES.order);
        snapshot.query(&in_range, &[from.into(), to.into()])?
    };
    reply.tells_change = true;
    reply.notes.push(format!("duplicate KEY: returning the result of entry {}; nothing was changed", entry));
    Ok(Some(reply))
}
