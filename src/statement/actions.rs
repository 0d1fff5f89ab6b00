//! SHOW ACTIONS: what a supervisor can do with a conversation now, as statements ready to paste.
//!
//! Invariant: a statement is listed exactly if it would not be refused: it is the statement's own page that decides, on
//! the same look, by whoever asks. So the report cannot drift from edges, guards and rights.

use super::{Act, Asked, Chapter, Page, catalogue, pages};
use crate::domain::context::Context;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Broken, Error};
use crate::domain::reply::Reply;
use crate::domain::rights::{Actor, Right};
use crate::language::arguments::{Arguments, Parameters};
use crate::language::suggest::write_name;
use crate::store::Look;

pub(super) const PAGES: &[Page] = &[Page {
    chapter: Chapter::Looking,
    syntax: "SHOW ACTIONS <conversation>",
    summary: "What can be done with a conversation now by whoever asks, agent by agent and queue by queue, each as the statement that does it. EXPLAIN says why another one is refused.",
    example: "SHOW ACTIONS 1",
    right: Right::Anybody,
    act: Act::Look(show),
}];

/// The actions of the report, each with how its statements begin and end; what stands between is a name.
const ACTIONS: [(&str, &str, Names); 6] = [
    ("assign", "ASSIGN {} TO AGENT ", Names::Of("agent")),
    ("assign", "ASSIGN {} TO QUEUE ", Names::Of("queue")),
    ("transfer", "TRANSFER {} TO AGENT ", Names::Of("agent")),
    ("transfer", "TRANSFER {} TO QUEUE ", Names::Of("queue")),
    ("monitor", "MONITOR {} BY ", Names::Watcher),
    ("force close", "FORCE CLOSE {}", Names::None),
];

/// Who or what ends the statement.
#[derive(Debug, Clone, Copy)]
enum Names {
    None,
    Of(&'static str),
    /// Whoever asks, or, where the file does not know him, the supervisors.
    Watcher,
}

fn show(asked: &Asked<'_>) -> Result<Reply, Error> {
    let id = asked.conversation()?.id;
    let mut reply = Reply::rows(&["action", "statement"]);
    for (action, statement) in of(asked, id)? {
        reply.rows.push(vec![action.into(), statement.as_str().into()]);
    }
    if reply.rows.is_empty() && asked.actor.needs(Right::Supervise).is_err() {
        reply.notes.push(format!("{} may do none of it: --as NAME says who acts", asked.actor.name));
    }
    Ok(reply)
}

/// The actions that are possible with a conversation, in the order of the report.
pub(super) fn of(asked: &Asked<'_>, conversation: i64) -> Result<Vec<(&'static str, String)>, Error> {
    let mut possible = Vec::new();
    if asked.look.conversation(conversation)?.is_none() {
        return Ok(possible);
    }
    for (action, statement, names) in ACTIONS {
        let statement = statement.replace("{}", &conversation.to_string());
        let statements = match names {
            Names::None => vec![statement],
            Names::Of(kind) => ended(&statement, &asked.look.names(kind)?),
            Names::Watcher => ended(&statement, &watchers(asked)?),
        };
        for statement in statements {
            if !is_refused(&asked.look, &statement, asked.actor, asked.now, asked.context)? {
                possible.push((action, statement));
            }
        }
    }
    Ok(possible)
}

fn ended(statement: &str, names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("{statement}{}", write_name(name))).collect()
}

fn watchers(asked: &Asked<'_>) -> Result<Vec<String>, Broken> {
    if asked.actor.supervisor || asked.actor.agent.is_some() {
        return Ok(vec![asked.actor.name.to_string()]);
    }
    asked.look.names("supervisor")
}

/// Whether a beginning leads to actions, and to none that would be done: MONITOR 4, where nobody has 4.
fn leads_nowhere(asked: &Asked<'_>, beginning: &str) -> Result<bool, Error> {
    let words: Vec<String> = beginning.split_whitespace().map(str::to_uppercase).collect();
    let id = words.last().and_then(|word| word.trim_start_matches('#').parse::<i64>().ok());
    let verb = words.first().map(String::as_str).unwrap_or_default();
    let begins = |statement: &str| statement.split(' ').next() == Some(verb);
    match id.filter(|_| words.len() == 2 && ACTIONS.iter().any(|(_, statement, _)| begins(statement))) {
        Some(id) => Ok(!of(asked, id)?.iter().any(|(_, statement)| begins(statement))),
        None => Ok(false),
    }
}

/// Whether that statement would be refused now, or, where it is only begun, whatever would follow; what only looks would
/// not be.
pub fn is_refused(
    look: &Look<'_>,
    statement: &str,
    actor: &Actor,
    now: Moment,
    context: &Context,
) -> Result<bool, Error> {
    let Ok((place, arguments)) = catalogue().parse(statement, &Parameters::new()) else {
        let none = Arguments::default();
        let asked = Asked { look: look.again(), arguments: &none, actor, now, context, words: &[] };
        return leads_nowhere(&asked, statement);
    };
    let page = pages()[place];
    let Act::Change(decide) = page.act else { return Ok(false) };
    if actor.needs(page.right).is_err() {
        return Ok(true);
    }
    let asked = Asked { look: look.again(), arguments: &arguments, actor, now, context, words: &[] };
    match decide(&asked) {
        Ok(_) => Ok(false),
        Err(Error::Refused(_)) => Ok(true),
        Err(broken) => Err(broken),
    }
}
