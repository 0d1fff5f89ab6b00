//! Archives the message bodies of closed conversations, one archive per conversation.
//!
//! Invariant: archiving moves no conversation, and every query returns the same before and after.
//! One sweep archives a bounded batch, so that other writers do not wait long. The batch follows
//! from the file and the time alone, so that a replay archives the same. This module deliberately
//! does not know the format of an archive, nor when a sweep runs.

use crate::domain::archive;
use crate::domain::change::{Archived, Change, ChangeKind};
use crate::domain::closed_lists::ConversationChange;
use crate::domain::moment::{Duration, Moment};
use crate::domain::refusal::{Error, Fault};
use crate::store::{NewEntry, Snapshot, Writer};

/// How long a conversation must have been closed before its bodies are archived.
const ARCHIVE_AFTER: Duration = Duration(86_400_000);
/// The maximum number of conversations in a batch.
const ARCHIVE_BATCH: i64 = 25;
/// The maximum number of bytes and of bodies in a batch. A conversation that exceeds them is
/// archived in a batch of its own, if an archive can hold it.
const ARCHIVE_BATCH_BYTES: i64 = 1 << 18;
const ARCHIVE_BATCH_BODIES: i64 = 1_000;

/// Archives a batch of conversations, the earliest closed first, as one entry.
///
/// If there are none, no entry is written.
pub fn archive(writer: &mut Writer<'_>, entry: &NewEntry<'_>) -> Result<(), Error> {
    let snapshot = writer.snapshot();
    let due = snapshot.unarchived(Moment(entry.at.0 - ARCHIVE_AFTER.0), ARCHIVE_BATCH)?;
    if due.is_empty() {
        return Ok(());
    }
    writer.open()?;
    let mut taken = (0, 0);
    for (place, conversation) in due.into_iter().enumerate() {
        let (bodies, bytes) = snapshot.unpacked_bodies(conversation)?;
        taken = (taken.0 + bodies, taken.1 + bytes);
        if place > 0 && (taken.0 > ARCHIVE_BATCH_BODIES || taken.1 > ARCHIVE_BATCH_BYTES) {
            break;
        }
        let change = decided(&snapshot, conversation, (bodies, bytes), entry.at)?;
        writer.record(&change, Default::default)?;
    }
    Ok(writer.seal(entry)?)
}

/// Returns the change that archives a conversation.
///
/// If it has no bodies, or more than an archive can hold, the change records that they stay in
/// place.
fn decided(
    snapshot: &Snapshot<'_>,
    conversation: i64,
    (bodies, bytes): (i64, i64),
    at: Moment,
) -> Result<Change, Fault> {
    let fits = |count: i64| usize::try_from(count).unwrap_or(usize::MAX);
    if bodies == 0 || !archive::fits(fits(bodies), fits(bytes)) {
        return Ok(Change::setting(
            ChangeKind::Conversation(ConversationChange::Unpacked),
            conversation,
            bytes,
            at,
        ));
    }
    let said = snapshot.said(conversation)?;
    let packed = archive::pack(said.iter().map(|said| (said.text, said.body.as_str()))).ok_or_else(|| {
        Fault::contradiction(format!("the message bodies of conversation {conversation} cannot be archived"))
    })?;
    let texts = said.iter().map(|said| (said.text, said.message)).collect();
    Ok(Change::Archived(Archived { conversation, bodies: packed, texts, at }))
}
