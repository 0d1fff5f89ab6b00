//! Entries of which it is not known whether the shared log has them, because its COMMIT was not
//! answered.
//!
//! Invariant: nobody is told that a statement was done, or that it was not, before the log has said so;
//! what it cannot be asked now is written into the file and asked later.

use super::failures::LinkError;
use crate::domain::journal::{Hash, hex};
use crate::domain::refusal::{Code, Fault};
use crate::store::Store;
use crate::store::continuity::entry;
use crate::store::replica::Replica;

impl Store {
    /// Asks what became of the entries up to `seq`, which were on their way when the answer stopped.
    pub(super) fn settle(&mut self, seq: i64, hash: Hash, before: i64) -> Result<(), Fault> {
        let Some(shared) = &mut self.shared else { return Ok(()) };
        match shared.link.settle((seq, &hash), before) {
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
        if let Err(fault) = Replica::note_unknown(&self.connection, lost) {
            let words = format!("entry {} must be looked for by hand: {}", lost.0, fault.message);
            self.warnings.push(words);
        }
    }

    /// Says what became of the entry that was not known before, if the file tells: it has the entry, or
    /// another one in its place. Otherwise returns what has to be said about it.
    pub(super) fn told_by_the_file(&mut self) -> Result<Option<String>, Fault> {
        let Some(shared) = &self.shared else { return Ok(None) };
        let Some((seq, hash)) = shared.replica.unknown else { return Ok(None) };
        match entry(&self.connection, "seq = ?1", seq)? {
            Some((_, found)) => self.settled(found == hash).map(|()| None),
            None => Ok(Some(format!("whether the shared log has entry {seq} is still not known"))),
        }
    }

    fn settled(&mut self, there: bool) -> Result<(), Fault> {
        let Some(shared) = &mut self.shared else { return Ok(()) };
        let Some(unknown) = shared.replica.unknown.take() else { return Ok(()) };
        Replica::forget_unknown(&self.connection, unknown)?;
        let seq = unknown.0;
        let words = match there {
            true => "is in the shared log, as SHOW JOURNAL shows",
            false => "is not in the shared log: nothing of it was done",
        };
        self.warnings.push(format!("entry {seq}, of which it was not known, {words}"));
        Ok(())
    }

    /// Asks what became of the entry that was not known before, and says it. Returns whether it had to.
    pub(super) fn settled_before(&mut self) -> Result<bool, Fault> {
        let Some(shared) = &mut self.shared else { return Ok(false) };
        let Some((seq, hash)) = shared.replica.unknown else { return Ok(false) };
        // The answer needs the gate, which this session may hold.
        if shared.link.entered {
            shared.link.leave();
        }
        let Some(there) = shared.link.settle((seq, &hash), 0) else {
            return Err(LinkError::Unreachable("it does not tell what became of an entry".to_owned()).into());
        };
        self.settled(there)?;
        Ok(true)
    }
}
