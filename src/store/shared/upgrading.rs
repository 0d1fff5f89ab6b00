//! Upgrades the shared log to the format of this program: the first host that writes with it does.
//!
//! Invariant: the upgrade is an entry of the log, appended behind the gate by a host that has played all
//! that comes before it. From then on programs of the earlier format are refused. The file itself was
//! upgraded when it was opened, without an entry.

use crate::store::genesis::built_in_digest;
use crate::store::log_reader::LogPlace;
use crate::store::upgrade::write_entry;
use crate::store::{Store, Writer};

use super::collect::collect_all;
use super::failures::{CommitError, LinkError};
use crate::domain::refusal::Fault;

impl Store {
    /// Appends the entry of the upgrade from a format, and commits it in the log and in the file. Returns
    /// true: the gate was left, and another transaction of the file has begun.
    pub(super) fn upgrade_log(&mut self, from: i64) -> Result<bool, Fault> {
        let head = self.head()?;
        let Some(at) = head.at else { return self.raise() };
        let place = LogPlace::from(&head);
        let digest = built_in_digest(&self.connection)?;
        let mut writer = Writer::new(&self.connection, &self.cache, self.format, head);
        write_entry(&mut writer, at, from, digest.to_vec())?;
        self.head = Some(writer.finish().0);
        let entries = collect_all(&self.connection, &place)?;
        let to = self.format.newest.number;
        let Some(shared) = &mut self.shared else { return Ok(false) };
        shared.link.raise(to)?;
        match shared.link.append(&entries, to) {
            Ok(()) => {}
            Err(CommitError::Not(error)) => return Err(error.fault()),
            // The statement has not begun, so it can be repeated; whether the upgrade was done shows then.
            Err(CommitError::Unknown) => {
                let words = "the shared log did not confirm the upgrade of its format".to_owned();
                return Err(LinkError::Unreachable(words).into());
            }
        }
        self.execute("COMMIT")?;
        self.execute("BEGIN IMMEDIATE")?;
        Ok(true)
    }

    /// Raises the format of a log without entries, which proves nothing yet.
    fn raise(&mut self) -> Result<bool, Fault> {
        let to = self.format.newest.number;
        let Some(shared) = &mut self.shared else { return Ok(false) };
        shared.link.raise(to)?;
        match shared.link.append(&[], to) {
            Ok(()) | Err(CommitError::Unknown) => Ok(true),
            Err(CommitError::Not(error)) => Err(error.fault()),
        }
    }
}
