//! `.restore`: replaces the content of the file by that of a backup.
//!
//! Invariant: the session has the file closed meanwhile, and at the prompt somebody has agreed. This
//! module deliberately does not know how content is replaced.

use std::path::Path;

use super::confirm::{Confirmation, ask};
use super::options::{Access, OnError};
use super::session::{Origin, Session};
use crate::domain::refusal::{Code, Error, Refusal};
use crate::engine::Switchboard;

impl Session {
    /// Restores the file from a backup, and says what is where.
    ///
    /// # Errors
    /// `readonly`, `not_allowed`; those of [`Switchboard::restore`].
    pub fn restore(&mut self, backup: &Path) -> Result<String, Error> {
        let path = self.database.path().to_owned();
        if self.database.access() == Access::ReadOnly {
            let message = format!("{} was opened read-only", path.display());
            return Err(Refusal::new(Code::Readonly, message).hint("open it without --readonly").into());
        }
        if self.on_error() == OnError::Atomic {
            let words = ".restore replaces the whole file and cannot run with --atomic";
            return Err(Refusal::new(Code::NotAllowed, words).hint("run .restore on its own").into());
        }
        self.may_restore()?;
        let (here, there) = (path.display(), backup.display());
        let entries =
            |entries: i64| if entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") };
        if self.origin == Origin::Typed {
            let present = self.entries().map_or_else(|| "it cannot be read".to_owned(), entries);
            let question = format!("Replace the content of {here} ({present}) by that of {there}?");
            if ask(&question) == Confirmation::No {
                return Ok("nothing was restored\n".to_owned());
            }
        }
        self.database.close();
        let restored = Switchboard::restore(&path, backup)?;
        let kept = restored.kept.map_or_else(String::new, |kept| {
            format!("the content that it had is kept in {}\n", kept.display())
        });
        Ok(format!(
            "restored {here} from {there}: {}, head {}:{}\n{kept}",
            entries(restored.entries),
            restored.entries,
            restored.head
        ))
    }

    /// Checks that the user may replace the file: a supervisor, if it has one. A file that cannot be
    /// read has none.
    fn may_restore(&mut self) -> Result<(), Error> {
        if self.database.supervised_by(&self.actor, &self.login).unwrap_or(true) {
            return Ok(());
        }
        let message = format!(
            "only a supervisor may restore a backup, and {} is not a supervisor of this file",
            self.actor
        );
        Err(Refusal::new(Code::NotAllowed, message).hint("use --as with the name of a supervisor").into())
    }

    /// Returns the number of entries of the file, if it can be read.
    fn entries(&mut self) -> Option<i64> {
        self.run_text("SHOW HEAD").ok()?.value(0, "seq")?.as_integer()
    }
}
