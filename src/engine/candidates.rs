//! The objects that completion offers, each with its state in a few words.

use crate::domain::refusal::Error;
use crate::domain::value::Value;
use crate::store::Snapshot;

/// The query for the candidates of a kind: the name or id, and its state.
fn query(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "agent" => "SELECT agent, load || '/' || capacity || ' ' || presence FROM agents ORDER BY agent",
        "queue" => "SELECT queue, waiting || ' waiting' FROM queues ORDER BY priority, queue",
        "workstream" => {
            "SELECT workstream, channel || ', ' || lifecycle FROM workstreams ORDER BY workstream"
        }
        "customer" => {
            "SELECT customer.handle, coalesce((SELECT conversation.id || ' ' || state FROM opening JOIN conversation USING (id)
                WHERE opening.customer = customer.id ORDER BY opening.id DESC LIMIT 1), '')
            FROM handle JOIN customer USING (id) WHERE compared IS NOT NULL ORDER BY id DESC LIMIT 100"
        }
        "conversation" => {
            "SELECT id, state || coalesce(' with ' || agent, '') || ', ' || queue FROM conversations
            WHERE phase <> 'closed' ORDER BY id DESC LIMIT 50"
        }
        _ => return None,
    })
}

/// Returns the names or ids of a kind, each with its state; the state is empty for other kinds.
pub fn live(snapshot: &Snapshot<'_>, kind: &str) -> Result<Vec<(String, String)>, Error> {
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        _ => String::new(),
    };
    let Some(query) = query(kind) else {
        return Ok(snapshot.names(kind)?.into_iter().map(|name| (name, String::new())).collect());
    };
    Ok(snapshot.query(query, &[])?.rows.iter().map(|row| (text(&row[0]), text(&row[1]))).collect())
}
