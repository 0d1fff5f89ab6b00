//! Fires the timers that are due, for SWEEP and around every statement that writes.
//!
//! Invariant: timers fire in the order of due time, conversation and event list, each at its due
//! time, so the result does not depend on how often sweeps run. All timers of one sweep are one
//! entry.

use super::context::{actor, time_of_change};
use super::replies::transitions;
use super::{archiving, purging, routing};
use crate::domain::change::{Change, Transition};
use crate::domain::closed_lists::ActorKind;
use crate::domain::context::Context;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Error, Fault};
use crate::statement::definition::Fired;
use crate::statement::{self, Call, Scope};
use crate::store::{NewEntry, Writer};

/// The maximum number of timers that fire in one transaction, so that others get in between.
const MOST_FIRED: i64 = 200;

/// In how many transactions timers fire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Firing {
    /// As many as it takes, each with a bounded number of timers.
    InParts,
    /// All in the present one.
    AtOnce,
}

/// What is left after timers were fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backlog {
    /// No timer is due.
    Empty,
    /// More timers are due; they need another transaction.
    More,
}

/// Fires the timers that are due at a statement's time, as an entry of their own, if there are any.
///
/// It runs before the statement decides, and again for timers that its changes made due. `done` are
/// those changes: an agent who gave up a conversation by them does not get it back from the router.
///
/// # Errors
/// Faults of the file.
pub fn due(
    writer: &mut Writer<'_>,
    now: Moment,
    done: &[Change],
    context: &Context,
    firing: Firing,
) -> Result<Backlog, Error> {
    let limit = (firing == Firing::InParts).then_some(MOST_FIRED);
    let (_, count) = fire(writer, &of_timers(now, statement::SWEEP), limit, done, context)?;
    backlog(writer, now, count, firing)
}

/// Returns whether timers are left that are due, after that many have fired.
fn backlog(writer: &Writer<'_>, now: Moment, fired: i64, firing: Firing) -> Result<Backlog, Error> {
    let more = firing == Firing::InParts && fired >= MOST_FIRED && writer.snapshot().next_due(now)?.is_some();
    Ok(if more { Backlog::More } else { Backlog::Empty })
}

/// Runs a part of SWEEP: fires timers that are due, at most as many as one transaction should. Once
/// none is left, unless LIMIT left some, it purges a batch that is older than the retention time or
/// archives one.
///
/// # Errors
/// `clock`, `not_allowed`; faults of the file.
pub fn sweep(
    writer: &mut Writer<'_>,
    call: &Call<'_>,
    limit: Option<i64>,
    firing: Firing,
) -> Result<(Fired, i64, Backlog), Error> {
    let statement = call.arguments.canonical(&mut |_, _| None);
    let last = writer.head().entry;
    let part = match firing {
        Firing::InParts => Some(limit.unwrap_or(i64::MAX).min(MOST_FIRED)),
        Firing::AtOnce => limit,
    };
    let (now, mut fired, count) = fire_due(writer, call, &statement, part)?;
    // Each sweep does one of these, so that the entry of a replayed sweep does the same.
    let entry = of_timers(now, &statement);
    if writer.snapshot().next_due(now)?.is_none() && !purging::retain(writer, &entry)? {
        archiving::archive(writer, &entry)?;
    }
    fired.changed = writer.head().entry > last;
    Ok((fired, count, backlog(writer, now, count, firing)?))
}

/// Fires the timers that are due. Archiving is left out, since it moves no conversation. The caller
/// rolls back, so nothing counts as changed.
///
/// # Errors
/// `clock`, `not_allowed`; faults of the file.
pub fn dry_run(writer: &mut Writer<'_>, call: &Call<'_>, limit: Option<i64>) -> Result<Fired, Error> {
    let statement = call.arguments.canonical(&mut |_, _| None);
    let (_, fired, _) = fire_due(writer, call, &statement, limit)?;
    Ok(fired)
}

fn fire_due(
    writer: &mut Writer<'_>,
    call: &Call<'_>,
    statement: &str,
    limit: Option<i64>,
) -> Result<(Moment, Fired, i64), Error> {
    let (now, warning) = time_of_change(writer, call.context)?;
    actor(&writer.snapshot(), call.definition, call.context)?;
    let (transitions, count) = fire(writer, &of_timers(now, statement), limit, &[], call.context)?;
    Ok((now, Fired { transitions, changed: false, warning }, count))
}

/// Returns the entry of a sweep. Its actor is the timers, whoever runs the sweep.
fn of_timers(now: Moment, statement: &str) -> NewEntry<'_> {
    NewEntry { at: now, actor_kind: ActorKind::Timer.name(), actor: None, statement }
}

/// Fires at most `limit` timers, the earliest first, as one entry; if none is due, there is no
/// entry. Returns the transitions, and how many timers fired.
fn fire(
    writer: &mut Writer<'_>,
    entry: &NewEntry<'_>,
    limit: Option<i64>,
    done: &[Change],
    context: &Context,
) -> Result<(Vec<Transition>, i64), Error> {
    let snapshot = writer.snapshot();
    let mut fired = Vec::new();
    let mut count = 0;
    // No timer changes how a workstream is routed, so this is queried once, and only if a timer is
    // due.
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
            // It would stay due and fire forever, so report a fault instead.
            let words = format!("the timer due at {} changes nothing", due.at);
            return Err(Fault::contradiction(words).into());
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
        // What leaves some is recorded with its limit, so that a replay leaves the same.
        let part = format!("{} LIMIT {count}", entry.statement.split(" LIMIT ").next().unwrap_or_default());
        let leaves_some = limit == Some(count) && snapshot.next_due(entry.at)?.is_some();
        writer.seal(&NewEntry {
            statement: if leaves_some { &part } else { entry.statement },
            ..entry.clone()
        })?;
    }
    Ok((fired, count))
}
