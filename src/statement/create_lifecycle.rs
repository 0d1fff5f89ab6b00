//! CREATE LIFECYCLE: defines a lifecycle.
//!
//! Invariant: a lifecycle that fails a check is not written. The changes end with a digest of the
//! definition, so that the chain of hashes covers it. This module deliberately does not know the
//! checks; `domain::validation` has them.

use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::Entity;
use crate::domain::lifecycle::Lifecycle;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::validation;
use crate::domain::value::Value;
use crate::language::token::LONGEST_STATEMENT;
use crate::statement::show_lifecycles::LIFECYCLES;
use crate::statement::support::lifecycles::options;
use crate::statement::support::lifecycles::{definition, unsound};
use crate::statement::support::settings::{self};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "CREATE LIFECYCLE [IF NOT EXISTS] <lifecycle:name> [WITH \"(\" <settings:lifecycle> \")\"] \"(\" \
            {(STATE <state:name> PHASE <phase> [CHANNEL {<channel>},...] \
            | ON <event> [FROM {<from:state>},...] TO <to:state> [CHANNEL {<channel>},...] \
            [IF (WRAPUP | NO WRAPUP | BOT | NO BOT)] [AFTER <after:duration>])},... \")\"",
    summary: "Defines a lifecycle. It is checked, and never changes afterwards. Without FROM, an edge leaves every state that is not closing or closed; without CHANNEL, it applies to every channel on which both states are used; ON open and ON open_queued start a conversation. A timeout without AFTER is off unless the workstream sets one. EXPLAIN CREATE LIFECYCLE … checks the definition and writes nothing.",
    example: "CREATE LIFECYCLE callback (STATE Asked PHASE queued, STATE Calling PHASE active, STATE Done PHASE closed, ON open TO Asked, \
            ON pick FROM Asked TO Calling, ON release FROM Calling TO Asked, ON end FROM Calling TO Done, ON queue_timeout FROM Asked TO Done AFTER 1d)",
    right: Right::Supervise,
    traits: Traits::CREATE,
    columns: Columns::ALL,
    handler: Handler::Write(create),
};

fn create(request: &Request<'_>) -> Result<Decision, Error> {
    let name = request.new_name("lifecycle")?;
    let given = settings::read(request.arguments, "settings", settings::LIFECYCLE)?;
    if let Some(known) = request.snapshot.lifecycle_named(name)? {
        return already(request, &known.name);
    }
    must_be_replayable(request)?;
    let typed = definition::read(request.arguments, options(&given))?;
    let id = request.snapshot.next_id(Entity::Lifecycle)?;
    let definition = typed.definition.clone();
    let lifecycle = Lifecycle::new(id, name, definition.options, definition.states, definition.edges);
    if let Some(fault) = validation::fault(&lifecycle) {
        return Err(unsound::refusal(&fault, &lifecycle, &typed).into());
    }
    let mut changes = vec![request.setting(ChangeKind::Created(Entity::Lifecycle), id, name)];
    let set = given.iter().filter(|given| given.value != Value::Null);
    changes.extend(set.map(|given| {
        request.setting(ChangeKind::Set(Entity::Lifecycle, given.name), id, given.value.clone())
    }));
    let digest = Value::Blob(typed.definition.digest().to_vec());
    changes.push(Change::Definition { lifecycle: id, definition: typed.definition });
    changes.push(request.setting(ChangeKind::Set(Entity::Lifecycle, "digest"), id, digest));
    Ok(Decision::row(changes, &LIFECYCLES, name))
}

/// Answers CREATE for an existing lifecycle: with its row if IF NOT EXISTS is given.
///
/// # Errors
/// `exists`, without IF NOT EXISTS.
fn already(request: &Request<'_>, name: &str) -> Result<Decision, Error> {
    if request.has("EXISTS") {
        return Ok(Decision::row(Vec::new(), &LIFECYCLES, name));
    }
    Err(Refusal::new(
        Code::Exists,
        format!("lifecycle {name} already exists, and a lifecycle cannot be changed"),
    )
    .hint("use another name, or DROP LIFECYCLE first if no workstream uses it")
    .at("lifecycle")
    .into())
}

/// Checks the length of the statement as the journal stores it, with its parameters filled in,
/// since a replay must be able to parse it.
///
/// # Errors
/// `too_large`.
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
