//! The objects that completion offers, each with its state in a few words.

use crate::domain::refusal::Error;
use crate::domain::value::Value;
use crate::store::{Listing, Snapshot};

/// Returns the names or ids of a kind, each with its state; the state is empty for other kinds.
pub fn live(snapshot: &Snapshot<'_>, kind: &str) -> Result<Vec<(String, String)>, Error> {
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        _ => String::new(),
    };
    let rows = |listing, key: &[Value]| snapshot.listing(listing, key).map(|reply| reply.rows);
    Ok(match kind {
        "agent" => rows(Listing::Agents, &[])?
            .iter()
            .map(|row| (text(&row[0]), format!("{}/{} {}", text(&row[3]), text(&row[4]), text(&row[2]))))
            .collect(),
        "queue" => rows(Listing::Queues, &[])?
            .iter()
            .map(|row| (text(&row[0]), format!("{} waiting", text(&row[5]))))
            .collect(),
        "workstream" => rows(Listing::Workstreams, &[])?
            .iter()
            .map(|row| (text(&row[0]), format!("{}, {}", text(&row[1]), text(&row[2]))))
            .collect(),
        "customer" => {
            rows(Listing::LiveCustomers, &[])?.iter().map(|row| (text(&row[0]), text(&row[1]))).collect()
        }
        "conversation" => {
            rows(Listing::Live, &[])?.iter().map(|row| (text(&row[0]), text(&row[1]))).collect()
        }
        other => snapshot.names(other)?.into_iter().map(|name| (name, String::new())).collect(),
    })
}
