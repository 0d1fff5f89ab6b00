//! The archive: the bodies of closed conversations, packed, one archive a conversation.
//!
//! Invariant: it is storage, no move: every look answers the same before and after. One sweep takes a bounded batch, so
//! that nobody waits long for the file; which ones follows from the file and the moment alone, so that a replay does
//! the same. It deliberately does not know how bodies are packed, nor when somebody sweeps.

use crate::domain::archive;
use crate::domain::change::{Archived, Change, ChangeKind};
use crate::domain::closed_lists::ConversationChange;
use crate::domain::moment::{Duration, Moment};
use crate::domain::refusal::{Code, Error, Fault};
use crate::store::{NewEntry, Snapshot, Writer};

/// How long a conversation has been closed before its bodies are packed.
const ARCHIVE_AFTER: Duration = Duration(86_400_000);
/// The most conversations of one batch.
const ARCHIVE_BATCH: i64 = 25;
/// The most bytes of text in one batch, and the most bodies; a conversation that has more goes alone, if it fits at all.
const ARCHIVE_BATCH_BYTES: i64 = 1 << 18;
const ARCHIVE_BATCH_BODIES: i64 = 1_000;

/// Packs a batch of conversations, the earliest closed first, under that entry; where there is none, there is no entry.
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

/// Its bodies are packed; where there are none, or more than an archive takes, it is noted that they stay.
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
        Fault::new(Code::Internal, "the message bodies of a conversation changed while they were archived")
    })?;
    let texts = said.iter().map(|said| (said.text, said.message)).collect();
    Ok(Change::Archived(Archived { conversation, bodies: packed, texts, at }))
}
