//! Timers that are due: fired by SWEEP, and before every statement that writes.
//!
//! Invariant: what is due happens in the order of due time, conversation and event list, each at its due time, so
//! what happens does not depend on how often anybody sweeps. All that one sweep fires is one entry.

use super::context::{actor, time_of_change};
use super::replies::transitions;
use super::{archiving, routing};
use crate::domain::change::{Change, Transition};
use crate::domain::closed_lists::ActorKind;
use crate::domain::context::Context;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Code, Error, Fault};
use crate::statement::definition::Fired;
use crate::statement::{self, Call, Scope};
use crate::store::{NewEntry, Writer};

/// Lets happen what is due at a statement's moment, before it does its own work, and after it what that has made due:
/// an entry of the timers each, if anything is. `done`: what it has done; who gave something up by it does not get it back
/// with what follows at once.
pub fn due(writer: &mut Writer<'_>, now: Moment, done: &[Change], context: &Context) -> Result<(), Error> {
    fire(writer, &of_timers(now, statement::SWEEP), None, done, context)?;
    Ok(())
}

/// Runs SWEEP: fires what is due and then, unless LIMIT left some of it, archives a batch.
pub fn sweep(writer: &mut Writer<'_>, call: &Call<'_>, limit: Option<i64>) -> Result<Fired, Error> {
    let statement = call.arguments.canonical(&mut |_, _| None);
    let (now, fired) = fire_due(writer, call, &statement, limit)?;
    if writer.snapshot().next_due(now)?.is_none() {
        archiving::archive(writer, &of_timers(now, &statement))?;
    }
    Ok(fired)
}

/// Fires what is due, without the archive, which moves nothing; the caller rolls it back.
pub fn dry_run(writer: &mut Writer<'_>, call: &Call<'_>, limit: Option<i64>) -> Result<Fired, Error> {
    let statement = call.arguments.canonical(&mut |_, _| None);
    Ok(fire_due(writer, call, &statement, limit)?.1)
}

fn fire_due(
    writer: &mut Writer<'_>,
    call: &Call<'_>,
    statement: &str,
    limit: Option<i64>,
) -> Result<(Moment, Fired), Error> {
    let (now, warning) = time_of_change(writer.head().at, call.context)?;
    actor(&writer.snapshot(), call.definition, call.context)?;
    let transitions = fire(writer, &of_timers(now, statement), limit, &[], call.context)?;
    Ok((now, Fired { transitions, warning }))
}

/// Whoever sweeps: what happens is the timers' doing.
fn of_timers(now: Moment, statement: &str) -> NewEntry<'_> {
    NewEntry { at: now, actor_kind: ActorKind::Timer.name(), actor: None, statement, key: None }
}

/// Fires at most `limit` timers, the earliest first, under that entry; where nothing is due, there is no entry.
fn fire(
    writer: &mut Writer<'_>,
    entry: &NewEntry<'_>,
    limit: Option<i64>,
    done: &[Change],
    context: &Context,
) -> Result<Vec<Transition>, Error> {
    let snapshot = writer.snapshot();
    let mut fired = Vec::new();
    let mut count = 0;
    // No timer changes how a workstream is routed: whether any is, is asked once, and not where nothing is due.
    let mut pushes = None;
    while limit.is_none_or(|limit| count < limit)
        && let Some(due) = snapshot.next_due(entry.at)?
    {
        if count == 0 {
            writer.open()?;
        }
        count += 1;
        let changes = statement::fire(&snapshot, due)?;
        if changes.is_empty() {
            // It would be due for ever: rather tell than turn round.
            return Err(
                Fault::new(Code::Internal, format!("the timer due at {} changed nothing", due.at)).into()
            );
        }
        for change in &changes {
            writer.record(change, || context.random("customer", count))?;
        }
        fired.extend(transitions(&changes).cloned());
        let pushes = match pushes {
            Some(known) => known,
            None => *pushes.insert(!snapshot.routed_workstreams(false)?.is_empty()),
        };
        if pushes {
            let before = [done, changes.as_slice()];
            let routed = routing::route(writer, &Scope::default(), due.at, &before, context, |_| Ok(()))?;
            fired.extend(transitions(&routed.changes).cloned());
        }
    }
    if count > 0 {
        writer.seal(entry)?;
    }
    Ok(fired)
}
