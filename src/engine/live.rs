//! The live things of a kind, for completion: each with its state in a few words.

use crate::domain::refusal::Error;
use crate::domain::value::Value;
use crate::store::{Look, Report};

/// The live things of a kind with their state in a few words.
pub fn live(look: &Look<'_>, kind: &str) -> Result<Vec<(String, String)>, Error> {
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        _ => String::new(),
    };
    let rows = |report, key: &[Value]| look.report(report, key).map(|reply| reply.rows);
    Ok(match kind {
        "agent" => rows(Report::Agents, &[])?
            .iter()
            .map(|row| (text(&row[0]), format!("{}/{} {}", text(&row[3]), text(&row[4]), text(&row[2]))))
            .collect(),
        "queue" => rows(Report::Queues, &[])?
            .iter()
            .map(|row| (text(&row[0]), format!("{} waiting", text(&row[5]))))
            .collect(),
        "workstream" => rows(Report::Workstreams, &[])?
            .iter()
            .map(|row| (text(&row[0]), format!("{}, {}", text(&row[1]), text(&row[2]))))
            .collect(),
        "customer" => {
            rows(Report::LiveCustomers, &[])?.iter().map(|row| (text(&row[0]), text(&row[1]))).collect()
        }
        "conversation" => rows(Report::Live, &[])?.iter().map(|row| (text(&row[0]), text(&row[1]))).collect(),
        other => look.names(other)?.into_iter().map(|name| (name, String::new())).collect(),
    })
}
