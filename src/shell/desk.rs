//! `.desk`: makes the journal of the file a log that several hosts share, makes the file a replica of
//! such a log, or lets it stand alone again.
//!
//! Invariant: the session has the file closed meanwhile. This module deliberately does not know where
//! the log is kept, nor how.

use std::path::Path;

use super::dot::DeskAction;
use super::options::{Access, OnError};
use super::progress::StatementProgress;
use super::session::Session;
use crate::domain::context::Context;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::engine::{Creation, SharedDesk, SharedOptions, Switchboard};

impl Session {
    /// Carries out `.desk`, and says what is where.
    ///
    /// # Errors
    /// `not_allowed`, `readonly`; those of [`Switchboard::create_desk`], [`Switchboard::join_desk`] and
    /// [`Switchboard::leave_desk`].
    pub fn desk(&mut self, action: DeskAction) -> Result<String, Error> {
        let path = self.database.path().to_owned();
        let Some(log) = self.database.log().cloned() else {
            return Err(Refusal::new(Code::NotAllowed, "no shared log was named")
                .hint("use --log with its address, for example --log postgres://anna@db.example.com/desk")
                .into());
        };
        if self.database.access() == Access::ReadOnly {
            let words = format!("{} was opened read-only", path.display());
            return Err(Refusal::new(Code::Readonly, words).hint("open it without --readonly").into());
        }
        if self.on_error() == OnError::Atomic {
            let words = ".desk changes where the file belongs and cannot run with --atomic";
            return Err(Refusal::new(Code::NotAllowed, words).hint("run .desk on its own").into());
        }
        self.may_share(action, &path)?;
        self.database.close();
        let progress = StatementProgress::begin();
        let context = Context { progress: progress.listener(), ..self.context()? };
        let done = self.done(action, &path, &log, &context);
        drop(progress);
        let SharedDesk { id, entries, head, warnings } = done?;
        for warning in warnings {
            self.replies.note(&format!("warning: {warning}"));
        }
        let (here, entries) =
            (path.display(), if entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") });
        Ok(match action {
            DeskAction::Create => format!(
                "created the shared log {id} with {entries}; {here} is a replica of it, head {head}\n"
            ),
            DeskAction::Join => {
                format!("{here} is a replica of the shared log {id}: {entries}, head {head}\n")
            }
            DeskAction::Leave => format!(
                "{here} stands alone: it no longer follows the shared log {id}; {entries}, head {head}\n"
            ),
        })
    }

    fn done(
        &mut self,
        action: DeskAction,
        path: &Path,
        log: &SharedOptions,
        context: &Context,
    ) -> Result<SharedDesk, Error> {
        let options = self.database.open_options(Creation::Never);
        let done = match action {
            DeskAction::Create => Switchboard::create_desk(path, &options, log, context),
            DeskAction::Join => Switchboard::join_desk(path, &options, log, context),
            DeskAction::Leave => {
                Switchboard::open_shared(path, &options, log).and_then(|desk| desk.leave_desk(context))
            }
        };
        done.map_err(|failure| failure.error)
    }

    /// Checks that the user may change where the file belongs: a supervisor, if it has one.
    fn may_share(&mut self, action: DeskAction, path: &Path) -> Result<(), Error> {
        if action == DeskAction::Join && !path.exists() {
            return Ok(());
        }
        let options = self.database.open_options(Creation::Never);
        let mut file = Switchboard::open(path, &options).map_err(|failure| failure.error)?;
        if !file.supervised()? || file.supervises(&self.actor, Some(&self.login))? {
            return Ok(());
        }
        let words =
            format!("only a supervisor may do this, and {} is not a supervisor of this file", self.actor);
        Err(Refusal::new(Code::NotAllowed, words).hint("use --as with the name of a supervisor").into())
    }
}
