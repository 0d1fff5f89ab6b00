//! Entries of which it is not known whether the shared log has them, because its COMMIT was not
//! answered.
//!
//! Invariant: nobody is told that a statement was done, or that it was not, before the log has said so;
//! what it cannot be asked now is written into the file and asked later.

use super::failures::LinkError;
use crate::domain::journal::{Hash, hex};
use crate::domain::refusal::{Code, Fault};
use crate::store::Store;

impl Store {
    /// Asks what became of the entries up to `seq`, which were on their way when the answer stopped.
    pub(super) fn settle(&mut self, seq: i64, hash: Hash, before: i64) -> Result<(), Fault> {
        let Some(shared) = &mut self.shared else { return Ok(()) };
        match shared.link.settle((seq, &hash), before, shared.replica.timeline) {
            Some(true) => Ok(()),
            Some(false) => Err(Fault::new(Code::Busy, "the connection to the shared log was lost")
                .hint("nothing was changed; try again")),
            None => {
                shared.lost = Some((seq, hash));
                let short: String = hex(&hash).chars().take(12).collect();
                Err(Fault::new(
                    Code::Unknown,
                    format!(
                        "the shared log did not answer: whether it has entry {seq} ({short}…) is not known"
                    ),
                )
                .hint(
                    "do not repeat the statement; the next one that reaches the log says what became of it",
                ))
            }
        }
    }

    /// Writes into the file what is not known. The transaction has been rolled back.
    pub(in crate::store) fn note_unknown(&mut self) {
        let Some(shared) = &mut self.shared else { return };
        let Some(lost) = shared.lost.take() else { return };
        shared.replica.unknown = Some(lost);
        if let Err(fault) = shared.replica.write(&self.connection) {
            let words = format!("entry {} must be looked for by hand: {}", lost.0, fault.message);
            self.warnings.push(words);
        }
    }

    /// Returns whether it is not known of an entry whether the log has it.
    pub(super) fn is_unsettled(&self) -> bool {
        self.shared.as_ref().is_some_and(|shared| shared.replica.unknown.is_some())
    }

    /// Asks what became of the entry that was not known before, and says it. Returns whether it had to.
    pub(super) fn settled_before(&mut self) -> Result<bool, Fault> {
        let Some(shared) = &mut self.shared else { return Ok(false) };
        let Some((seq, hash)) = shared.replica.unknown else { return Ok(false) };
        // The answer needs the gate, which this session may hold.
        if shared.link.entered {
            shared.link.leave();
        }
        let Some(there) = shared.link.settle((seq, &hash), 0, shared.replica.timeline) else {
            return Err(LinkError::Unreachable("it does not tell what became of an entry".to_owned()).into());
        };
        shared.replica.unknown = None;
        shared.replica.write(&self.connection)?;
        let words = match there {
            true => "is in the shared log: its statement was done",
            false => "is not in the shared log: its statement was not done",
        };
        self.warnings.push(format!("entry {seq}, of which it was not known, {words}"));
        Ok(true)
    }
}
