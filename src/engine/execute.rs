//! Runs a statement that writes, or its dry run.
//!
//! Invariant: a decision is complete before its entry is opened; an entry that is opened is sealed
//! within the same transaction.

use super::context::{actor, time_of_change};
use super::replies::{answer, answered_before};
use super::sweeping::{Backlog, Firing};
use super::{routing, sweeping};
use crate::domain::change::Change;
use crate::domain::context::Context;
use crate::domain::moment::Moment;
use crate::domain::permissions::Actor;
use crate::domain::refusal::{Error, Fault};
use crate::domain::reply::Reply;
use crate::language::arguments::{Argument, Arguments, Part};
use crate::statement::support::cited::{CitedKind, CitedText};
use crate::statement::{self, Answer, Call, Decision, Request, Scope, WriteHandler};
use crate::store::{Head, NewEntry, Snapshot, Writer};

/// The last ids in the file.
#[derive(Debug, Default)]
pub struct LastIds {
    entry: i64,
    text: i64,
    customer: i64,
}

/// Returns the handles, texts and key of a statement, with the ids that they have or would get.
pub fn cited(
    snapshot: &Snapshot<'_>,
    arguments: &Arguments,
    last: &LastIds,
) -> Result<Vec<CitedText>, Error> {
    let LastIds { entry, mut text, mut customer } = *last;
    let mut cited = Vec::new();
    for part in arguments.parts() {
        let Part::Argument { slot, value, .. } = part else { continue };
        let (words, id, kind) = match value {
            Argument::Text(words) => {
                text += 1;
                (words, text, CitedKind::Text)
            }
            Argument::Rest(select) => {
                text += 1;
                (select, text, CitedKind::Select)
            }
            Argument::Customer(handle) => match snapshot.handle_named(handle)? {
                Some(id) => (handle, id, CitedKind::KnownCustomer),
                None => {
                    customer += 1;
                    (handle, customer, CitedKind::NewCustomer)
                }
            },
            Argument::Key(key) => (key, entry + 1, CitedKind::Key),
            _ => continue,
        };
        cited.push(CitedText { slot: slot.clone(), text: words.clone(), id, kind });
    }
    Ok(cited)
}

/// A decision, and what it was made with.
struct Decided {
    now: Moment,
    warning: Option<String>,
    actor: Actor,
    cited: Vec<CitedText>,
    decision: Decision,
}

/// The result of a statement that writes.
enum Outcome {
    /// Timers are still due; the statement was not looked at.
    Behind,
    /// The KEY was used before. The reply is that of its entry.
    Repeated(Reply),
    /// The statement was decided, and its entry was written if anything changes. `reasons` are
    /// those of the router.
    Done { decided: Decided, reasons: Vec<String> },
}

/// Fires the timers that are due, decides, and writes the entry, including what the router does.
///
/// The timers stay fired even if the statement is refused: they would have fired without it.
fn execute(
    writer: &mut Writer<'_>,
    call: &Call<'_>,
    decide: WriteHandler,
    firing: Firing,
) -> Result<Outcome, Error> {
    let (arguments, context) = (call.arguments, call.context);
    let (now, warning) = time_of_change(writer, context)?;
    if sweeping::due(writer, now, &[], context, firing)? == Backlog::More {
        return Ok(Outcome::Behind);
    }
    let actor = actor(&writer.snapshot(), call.definition, context)?;
    if let Some(key) = arguments.text("key")
        && let Some(reply) = answered_before(&writer.snapshot(), key, arguments, &actor)?
    {
        return Ok(Outcome::Repeated(reply));
    }
    let Head { entry, text, customer, .. } = *writer.head();
    let cited = cited(&writer.snapshot(), arguments, &LastIds { entry, text, customer })?;
    let request = Request {
        snapshot: writer.snapshot(),
        arguments,
        actor: &actor,
        now,
        context,
        words: &cited,
        returned: None,
    };
    let returned = statement::returned(&request, call.definition)?;
    let mut decision = decide(&Request { returned: returned.as_ref(), ..request })?;
    if let Some(returned) = returned {
        decision.changes.splice(0..0, returned.changes);
    }
    decision.changes = statement::with_departures(&writer.snapshot(), decision.changes)?;
    let mut decided = Decided { now, warning, actor, cited, decision };
    let reasons = write_entry(writer, call, &mut decided)?;
    Ok(Outcome::Done { decided, reasons })
}

/// Runs a statement that writes. Returns `None` if more timers are due than should fire in one
/// transaction: then only these were fired, and it has to be called again.
///
/// # Errors
/// A refusal or a fault.
pub fn change(
    writer: &mut Writer<'_>,
    call: &Call<'_>,
    decide: WriteHandler,
    firing: Firing,
) -> Result<Option<Reply>, Error> {
    let Decided { now, warning, decision, .. } = match execute(writer, call, decide, firing)? {
        Outcome::Behind => return Ok(None),
        Outcome::Repeated(reply) => return Ok(Some(reply)),
        Outcome::Done { decided, .. } => decided,
    };
    let mut reply = answer(writer, &decision)?;
    if decision.changes.iter().any(|change| change.is_due(now)) {
        sweeping::due(writer, now, &decision.changes, call.context, Firing::AtOnce)?;
    }
    reply.changed = !decision.changes.is_empty();
    reply.tells_change = true;
    reply.notes = decision.notes.into_iter().chain(warning).collect();
    Ok(Some(reply))
}

/// Runs a statement that writes, and explains what it did. The caller rolls it back.
///
/// # Errors
/// A refusal or a fault.
pub fn dry_run(writer: &mut Writer<'_>, call: &Call<'_>, decide: WriteHandler) -> Result<Reply, Error> {
    let (decision, mut reasons) = match execute(writer, call, decide, Firing::AtOnce)? {
        Outcome::Behind => return Ok(statement::would(&[], &[])),
        Outcome::Repeated(reply) => return Ok(statement::would(&[], &reply.notes)),
        Outcome::Done { decided, reasons } => (decided.decision, reasons),
    };
    if matches!(decision.answer, Answer::Routed(_)) && reasons.is_empty() {
        reasons.extend(statement::left_waiting(&writer.snapshot())?);
    }
    reasons.extend(decision.notes.iter().cloned());
    Ok(statement::would(&decision.changes, &reasons))
}

/// Writes the entry: the changes of the decision, and those of the router, which it adds to the
/// decision.
///
/// Returns the router's reasons. If nothing changes, no entry is written.
fn write_entry(
    writer: &mut Writer<'_>,
    call: &Call<'_>,
    decided: &mut Decided,
) -> Result<Vec<String>, Error> {
    let Decided { now, ref actor, ref cited, ref mut decision, .. } = *decided;
    let begun = !decision.changes.is_empty();
    let scope = match &decision.answer {
        Answer::Routed(scope) => scope.clone(),
        _ if !begun => return Ok(Vec::new()),
        _ => Scope::default(),
    };
    if begun {
        write(writer, actor, cited, &decision.changes, call.context)?;
    }
    let routed = routing::route(writer, &scope, now, &[&decision.changes], call.context, |writer| {
        if !begun {
            writer.open()?;
        }
        Ok(())
    })?;
    if begun || !routed.reasons.is_empty() {
        let statement = canonical(call.arguments, cited);
        let actor_kind = actor.kind().name();
        writer.seal(&NewEntry { at: now, actor_kind, actor: Some(&actor.name), statement: &statement })?;
    }
    decision.changes.extend(routed.changes);
    Ok(routed.reasons)
}

/// Returns the statement as the journal stores it, with handles, texts and key cited by their ids.
fn canonical(arguments: &Arguments, words: &[CitedText]) -> String {
    arguments.canonical(&mut |slot, text| {
        let word = words.iter().find(|word| word.slot == slot && word.text == text)?;
        Some(format!(":{}_{}", word.kind.cited(), word.id))
    })
}

fn write(
    writer: &mut Writer<'_>,
    actor: &Actor,
    words: &[CitedText],
    changes: &[Change],
    context: &Context,
) -> Result<(), Fault> {
    let seq = writer.open()?;
    for word in words {
        match word.kind {
            CitedKind::Text | CitedKind::Select => {
                writer.text(&word.text, context.random("text", word.id))?;
            }
            CitedKind::Key => writer.key(&actor.name, &word.text, context.random("key", seq))?,
            CitedKind::KnownCustomer | CitedKind::NewCustomer => {}
        }
    }
    for change in changes {
        writer.record(change, || context.random("customer", seq))?;
    }
    Ok(())
}
