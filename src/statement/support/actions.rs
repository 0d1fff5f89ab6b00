//! The actions of SHOW ACTIONS: what can be done with a conversation now, as statements ready to
//! paste.
//!
//! Invariant: an action is listed if and only if its statement would not be refused. The
//! statement's own handler decides that, on the same snapshot and for the same actor, so the list
//! cannot differ from edges, guards and rights.

use crate::domain::refusal::{Error, Fault};
use crate::language::arguments::Parameters;
use crate::language::suggest::write_name;
use crate::statement::{Handler, Request, StatementDef, catalogue, statements};

/// The actions, each with its statement (`{}` is the conversation) and the kind of name that ends
/// it.
pub const ACTIONS: [(&str, &str, Names); 6] = [
    ("assign", "ASSIGN {} TO AGENT ", Names::Of("agent")),
    ("assign", "ASSIGN {} TO QUEUE ", Names::Of("queue")),
    ("transfer", "TRANSFER {} TO AGENT ", Names::Of("agent")),
    ("transfer", "TRANSFER {} TO QUEUE ", Names::Of("queue")),
    ("monitor", "MONITOR {} BY ", Names::Watcher),
    ("force close", "FORCE CLOSE {}", Names::None),
];

/// The names that can end a statement.
#[derive(Debug, Clone, Copy)]
pub enum Names {
    None,
    Of(&'static str),
    /// The actor or, if they are neither agent nor supervisor, every supervisor.
    Watcher,
}

/// Returns the actions that are possible with a conversation and their statements, in order.
pub fn of(request: &Request<'_>, conversation: i64) -> Result<Vec<(&'static str, String)>, Error> {
    let mut possible = Vec::new();
    if request.snapshot.conversation(conversation)?.is_none() {
        return Ok(possible);
    }
    for (action, statement, names) in ACTIONS {
        let statement = statement.replace("{}", &conversation.to_string());
        let statements = match names {
            Names::None => vec![statement],
            Names::Of(kind) => ended(&statement, &request.snapshot.names(kind)?),
            Names::Watcher => ended(&statement, &watchers(request)?),
        };
        for statement in statements {
            if !refuses(request, &statement)? {
                possible.push((action, statement));
            }
        }
    }
    Ok(possible)
}

pub fn ended(statement: &str, names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("{statement}{}", write_name(name))).collect()
}

pub fn watchers(request: &Request<'_>) -> Result<Vec<String>, Fault> {
    if request.actor.supervisor || request.actor.agent.is_some() {
        return Ok(vec![request.actor.name.to_string()]);
    }
    request.snapshot.names("supervisor")
}

/// Whether everything that continues the beginning would be refused, e.g. `MONITOR 4` if nobody has
/// 4.
pub fn leads_nowhere(request: &Request<'_>, beginning: &str) -> Result<bool, Error> {
    let words: Vec<String> = beginning.split_whitespace().map(str::to_uppercase).collect();
    let id = words.last().and_then(|word| word.trim_start_matches('#').parse::<i64>().ok());
    let verb = words.first().map(String::as_str).unwrap_or_default();
    let begins = |statement: &str| statement.split(' ').next() == Some(verb);
    match id.filter(|_| words.len() == 2 && ACTIONS.iter().any(|(_, statement, _)| begins(statement))) {
        Some(id) => Ok(!of(request, id)?.iter().any(|(_, statement)| begins(statement))),
        None => Ok(false),
    }
}

/// Whether the statement of an action would be refused now.
fn refuses(request: &Request<'_>, statement: &str) -> Result<bool, Error> {
    let Ok((place, arguments)) = catalogue().parse(statement, &Parameters::new()) else { return Ok(true) };
    let inner = Request { snapshot: request.snapshot.again(), arguments: &arguments, ..*request };
    is_refused(&inner, statements()[place])
}

/// Whether a statement would be refused now. A read-only statement never is.
///
/// # Errors
/// Faults of the file.
pub fn is_refused(request: &Request<'_>, definition: &StatementDef) -> Result<bool, Error> {
    let Handler::Write(decide) = definition.handler else { return Ok(false) };
    if request.actor.needs(definition.right).is_err() {
        return Ok(true);
    }
    match decide(request) {
        Ok(_) => Ok(false),
        Err(Error::Refused(_)) => Ok(true),
        Err(fault) => Err(fault),
    }
}
