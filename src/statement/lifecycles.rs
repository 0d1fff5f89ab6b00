//! Lifecycles: drawn by CREATE LIFECYCLE, dropped, and shown as a table, a picture or the statement that makes them.
//!
//! Invariant: nothing that fails a check is written, and one that is written never changes. Those that are built in
//! are shown and used in the same ways.

mod charts;
mod clauses;
mod definition;
pub mod gallery;
mod unsound;
pub mod vocabulary;

use std::sync::Arc;

use super::queues::must_be_free;
use super::settings::{self, Given};
use super::{Chapter, Decision, Handler, Request, StatementDef};
use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::{Channel, Entity};
use crate::domain::lifecycle::{Lifecycle, LifecycleOptions};
use crate::domain::moment::Duration;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::Reply;
use crate::domain::validation;
use crate::domain::value::Value;
use crate::language::token::LONGEST_STATEMENT;
use crate::store::Listing;

pub use definition::{MOST_CLAUSES, MOST_STATES};

pub(super) const SETUP_STATEMENTS: &[StatementDef] = &[
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "CREATE LIFECYCLE [IF NOT EXISTS] <lifecycle:name> [WITH \"(\" <settings:lifecycle> \")\"] \"(\" \
            {(STATE <state:name> PHASE <phase> [CHANNEL {<channel>},...] \
            | ON <event> [FROM {<from:state>},...] TO <to:state> [CHANNEL {<channel>},...] \
            [IF (WRAPUP | NO WRAPUP | BOT | NO BOT)] [AFTER <after:duration>])},... \")\"",
        summary: "Defines a lifecycle. It is checked, and never changes afterwards. Without FROM, an edge leaves every state that is not closing or closed; without CHANNEL, it applies to every channel on which both states are used; ON open and ON open_queued start a conversation. A timeout without AFTER is off unless the workstream sets one. EXPLAIN CREATE LIFECYCLE … checks the definition and writes nothing.",
        example: "CREATE LIFECYCLE callback (STATE Asked PHASE queued, STATE Calling PHASE active, STATE Done PHASE closed, ON open TO Asked, \
            ON pick FROM Asked TO Calling, ON release FROM Calling TO Asked, ON end FROM Calling TO Done, ON queue_timeout FROM Asked TO Done AFTER 1d)",
        right: Right::Supervise,
        handler: Handler::Write(create),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "DROP LIFECYCLE <lifecycle>",
        summary: "Drops a lifecycle that no workstream uses. History stays. Built-in lifecycles cannot be dropped.",
        example: "DROP LIFECYCLE errand",
        right: Right::Supervise,
        handler: Handler::Write(drop_lifecycle),
    },
];

pub(super) const STATEMENTS: &[StatementDef] = &[
    StatementDef {
        chapter: Chapter::Looking,
        syntax: "SHOW LIFECYCLES [AS OF <moment>]",
        summary: "Lists the lifecycles and their options.",
        example: "SHOW LIFECYCLES",
        right: Right::Anybody,
        handler: Handler::Read(|request| request.listing(Listing::Lifecycles, &[])),
    },
    StatementDef {
        chapter: Chapter::Looking,
        syntax: "SHOW LIFECYCLE <lifecycle> [CHANNEL <channel>] [AS (TABLE | MERMAID | DOT | SCRIPT)]",
        summary: "Shows the edges of a lifecycle: event, from, to, channels, condition and timeout; or a graph for Mermaid or Graphviz, or the statement that creates it.",
        example: "SHOW LIFECYCLE omnichannel CHANNEL chat",
        right: Right::Anybody,
        handler: Handler::Read(show),
    },
];

fn create(request: &Request<'_>) -> Result<Decision, Error> {
    let name = request.name("lifecycle");
    let given = settings::read(request.arguments, "settings", settings::LIFECYCLE)?;
    if let Some(known) = request.snapshot.lifecycle_named(name)? {
        return already(request, &known.name);
    }
    let typed = definition::read(request.arguments, options(&given))?;
    let id = request.snapshot.next_id(Entity::Lifecycle)?;
    let definition = typed.definition.clone();
    let lifecycle = Lifecycle::new(id, name, definition.options, definition.states, definition.edges);
    if let Some(fault) = validation::fault(&lifecycle) {
        return Err(unsound::refusal(&fault, &lifecycle, &typed).into());
    }
    must_be_replayable(request)?;
    let mut changes = vec![request.setting(ChangeKind::Created(Entity::Lifecycle), id, name)];
    let set = given.iter().filter(|given| given.value != Value::Null);
    changes.extend(set.map(|given| {
        request.setting(ChangeKind::Set(Entity::Lifecycle, given.name), id, given.value.clone())
    }));
    let digest = Value::Blob(typed.definition.digest().to_vec());
    changes.push(Change::Definition { lifecycle: id, definition: typed.definition });
    changes.push(request.setting(ChangeKind::Set(Entity::Lifecycle, "digest"), id, digest));
    Ok(Decision::row(changes, Listing::Lifecycle, name))
}

/// What CREATE answers for a lifecycle that is there: itself under IF NOT EXISTS, else `exists`.
fn already(request: &Request<'_>, name: &str) -> Result<Decision, Error> {
    if request.has("EXISTS") {
        return Ok(Decision::row(Vec::new(), Listing::Lifecycle, name));
    }
    Err(Refusal::new(
        Code::Exists,
        format!("lifecycle {name} already exists, and a lifecycle cannot be changed"),
    )
    .hint("use another name, or DROP LIFECYCLE first if no workstream uses it")
    .at("lifecycle")
    .into())
}

fn options(given: &[Given]) -> LifecycleOptions {
    let value = |name: &str| given.iter().find(|given| given.name == name).map(|given| &given.value);
    let is = |name: &str, word: &str| value(name).and_then(Value::as_text) == Some(word);
    LifecycleOptions {
        one_per_customer: is("one_per_customer", "on"),
        ends_by_sessions: is("ends_by_sessions", "on"),
        customer_timeout: value("customer_timeout").and_then(Value::as_integer).map(Duration),
        transfer_to_any_presence: is("transfer_presences", "any"),
    }
}

/// The journal keeps the statement with its parameters filled in, and a replay has to be able to read it.
fn must_be_replayable(request: &Request<'_>) -> Result<(), Refusal> {
    match request.arguments.canonical(&mut |_, _| None).len() {
        ..=LONGEST_STATEMENT => Ok(()),
        length => Err(Refusal::new(
            Code::TooLarge,
            format!("with its parameters filled in, the statement has {length} bytes; the limit is {LONGEST_STATEMENT}"),
        )
        .hint("use shorter names of states")),
    }
}

fn drop_lifecycle(request: &Request<'_>) -> Result<Decision, Error> {
    let lifecycle = request.lifecycle_named(request.name("lifecycle"))?;
    if request.snapshot.built_in_lifecycles()?.iter().any(|one| one.id == lifecycle.id) {
        return Err(Refusal::new(
            Code::NotAllowed,
            format!("lifecycle {} is built in and cannot be dropped", lifecycle.name),
        )
        .hint("SHOW LIFECYCLES shows which are built in")
        .at("lifecycle")
        .into());
    }
    must_be_free(request, Entity::Lifecycle, lifecycle.id, &lifecycle.name)?;
    let changes = vec![request.setting(ChangeKind::Dropped(Entity::Lifecycle), lifecycle.id, Value::Null)];
    Decision::gone(request, changes, Listing::Lifecycle, &lifecycle.name)
}

fn show(request: &Request<'_>) -> Result<Reply, Error> {
    let lifecycle = request.lifecycle_named(request.name("lifecycle"))?;
    let channel = request.channel()?;
    let draw: fn(&Lifecycle) -> String = match ["MERMAID", "DOT", "SCRIPT"].map(|form| request.has(form)) {
        [true, ..] => charts::mermaid,
        [_, true, _] => charts::dot,
        [.., true] => clauses::script,
        _ => {
            let channel = channel.map(|channel| channel.name());
            return request.listing(Listing::Edges, &[(&*lifecycle.name).into(), channel.into()]);
        }
    };
    Ok(Reply::lines("lifecycle", &draw(&narrowed(&lifecycle, channel))))
}

/// The part of a lifecycle that is for that channel; all of it, where none is meant.
fn narrowed(lifecycle: &Arc<Lifecycle>, channel: Option<Channel>) -> Arc<Lifecycle> {
    let Some(channel) = channel else { return lifecycle.clone() };
    let mut places = vec![None; lifecycle.states.len()];
    let mut states = Vec::new();
    for (index, state) in lifecycle.states.iter().enumerate() {
        if lifecycle.uses(index, channel) {
            places[index] = Some(states.len());
            states.push(crate::domain::lifecycle::State { channels: vec![channel], ..state.clone() });
        }
    }
    let edges = lifecycle.edges().iter().filter(|edge| edge.channel == channel).filter_map(|edge| {
        let from = match edge.from {
            Some(from) => Some(places[from]?),
            None => None,
        };
        Some(crate::domain::lifecycle::Edge { from, to: places[edge.to]?, ..edge.clone() })
    });
    Arc::new(Lifecycle::new(lifecycle.id, &lifecycle.name, lifecycle.options, states, edges.collect()))
}
