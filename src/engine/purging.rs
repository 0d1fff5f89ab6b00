//! Purges closed conversations, for PURGE and for the retention time of the site.
//!
//! Invariant: one transaction purges a bounded batch, so that other writers do not wait long. The
//! batch follows from the file and the moment alone, so that a replay purges the same. This module
//! deliberately does not know what is removed of a conversation.

use super::context::{actor, time_of_change};
use crate::domain::change::Change;
use crate::domain::closed_lists::Entity;
use crate::domain::config::SITE;
use crate::domain::moment::Moment;
use crate::domain::refusal::Error;
use crate::statement::{self, Call, PurgedCount};
use crate::store::{NewEntry, Store, Writer};

/// The maximum number of conversations in a batch.
const PURGE_BATCH: i64 = 100;
/// The maximum number of bodies and statements in a batch. A conversation that exceeds it is purged in
/// a batch of its own.
const PURGE_BATCH_ROWS: usize = 1_000;

/// Purges conversations that closed before a moment, in as many transactions as it takes, each with an
/// entry of its own. In a transaction of the caller they are all in that one.
///
/// # Errors
/// `not_allowed`, `clock`, `interrupted`; faults of the file. Earlier batches stay purged.
pub fn purge(
    store: &mut Store,
    call: &Call<'_>,
    before: Moment,
) -> Result<(PurgedCount, Vec<String>), Error> {
    let mut total = PurgedCount::default();
    let mut warnings = Vec::new();
    loop {
        let answer = store.change(|writer| {
            let (now, warning) = time_of_change(writer, call.context)?;
            let actor = actor(&writer.snapshot(), call.definition, call.context)?;
            let statement = call.arguments.canonical(&mut |_, _| None);
            let actor_kind = actor.kind().name();
            let entry = NewEntry { at: now, actor_kind, actor: Some(&actor.name), statement: &statement };
            let count = batch(writer, &entry, before.min(now))?;
            if count.conversations > 0 {
                writer.scrub_later();
            }
            Ok((count, warning))
        });
        let (count, warning) = answer.map_err(|error| stopped(error, &total))?;
        if total.conversations == 0 {
            warnings.extend(warning);
        }
        if count.conversations == 0 {
            break;
        }
        total.conversations += count.conversations;
        total.texts += count.texts;
        total.statements += count.statements;
        store.make_way();
    }
    if total.conversations > 0 {
        store.scrub().map_err(|fault| stopped(fault.into(), &total))?;
    }
    Ok((total, warnings))
}

/// Says in an error what was purged before it.
fn stopped(error: Error, total: &PurgedCount) -> Error {
    match total.conversations {
        0 => error,
        count => error.with_hint(format!("{count} conversations were purged before; PURGE again continues")),
    }
}

/// Purges a batch of the conversations that closed longer ago than the retention time of the site.
/// Returns whether there were any.
///
/// # Errors
/// Faults of the file.
pub fn retain(writer: &mut Writer<'_>, entry: &NewEntry<'_>) -> Result<bool, Error> {
    let site = writer.snapshot().settings(Entity::Site, SITE)?;
    let Some(retention) = site.duration_or_off("retention") else { return Ok(false) };
    let purged = batch(writer, entry, Moment(entry.at.0.saturating_sub(retention.0)))?;
    Ok(purged.conversations > 0)
}

/// Purges a batch, the earliest closed first, as one entry. If there are none, no entry is written.
fn batch(writer: &mut Writer<'_>, entry: &NewEntry<'_>, before: Moment) -> Result<PurgedCount, Error> {
    let snapshot = writer.snapshot();
    let mut count = PurgedCount::default();
    let mut rows = 0;
    for conversation in snapshot.unpurged(before, PURGE_BATCH)? {
        let purged = statement::purge_of(&snapshot, conversation, entry.at)?;
        rows += purged.texts.len() + purged.statements.len();
        if count.conversations == 0 {
            writer.open()?;
        } else if rows > PURGE_BATCH_ROWS {
            break;
        }
        count.add(&purged);
        writer.record(&Change::Purged(purged), Default::default)?;
    }
    if count.conversations > 0 {
        writer.seal(entry)?;
    }
    Ok(count)
}
