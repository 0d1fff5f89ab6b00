//! The interactive prompt.
//!
//! Invariant: a refusal, a Ctrl-C or a history that cannot be written never ends the prompt; only
//! the user does, or a terminal that is closed. This module deliberately does not know what
//! statements mean, only their traits: whether they query, create or need a confirmation.

use std::fs::DirBuilder;
use std::ops::ControlFlow;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{ColorMode, CompletionType, Config, Editor};

use super::assist::{Assist, bare_command};
use super::banner::{Age, banner, prompt};
use super::confirm::{Confirmation, ask, question};
use super::dirs;
use super::interrupt::Signal;
use super::options::InitFile;
use super::render::{Color, Quiet};
use super::session::{End, Origin, Session};
use crate::domain::refusal::{Code, Error, Fault};
use crate::engine::{Creation, Prepared};
use crate::language::script::{ScriptItem, Splitter};

/// The maximum number of statements in the history.
const HISTORY: usize = 5000;

type PromptEditor = Editor<Assist, FileHistory>;

/// Runs the prompt, and returns the exit status.
pub fn talk(session: &mut Session, init: InitFile) -> u8 {
    let file = if session.database.path().exists() { Age::Old } else { Age::New };
    let opened = session.database.open(Creation::IfMissing).map(|db| db.take_warnings());
    let warnings = match opened {
        Ok(warnings) => warnings,
        Err(error) => {
            session.complain(&error);
            return error.code().exit_status();
        }
    };
    if session.replies.quiet() == Quiet::Off {
        let line = banner(session, file);
        session.replies.paint(format!("{line}\n\n").as_bytes());
    }
    warnings.iter().for_each(|warning| session.replies.note(&format!("warning: {warning}")));
    if init == InitFile::Read && run_init(session) == ControlFlow::Break(End::Left) {
        return 0;
    }
    match editor(session) {
        Ok(editor) => Prompt { session, editor, history: history() }.run(),
        Err(error) => {
            let fault = Fault::new(Code::Internal, format!("cannot use the terminal: {error}"));
            session.complain(&Error::Fault(fault));
            Code::Internal.exit_status()
        }
    }
}

fn run_init(session: &mut Session) -> ControlFlow<End> {
    let Some(path) = dirs::init_file().filter(|path| path.is_file()) else {
        return ControlFlow::Continue(());
    };
    let flow = session.read(&path);
    session.origin = Origin::Typed;
    match flow {
        Ok(flow) => {
            if flow == ControlFlow::Break(End::Refused) {
                session.replies.note(&format!("the rest of {} was not run", path.display()));
            }
            flow
        }
        Err(error) => {
            session.complain(&error);
            ControlFlow::Continue(())
        }
    }
}

fn editor(session: &Session) -> rustyline::Result<PromptEditor> {
    let color = session.replies.color();
    let config = Config::builder()
        .max_history_size(HISTORY)?
        .history_ignore_dups(true)?
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .color_mode(if color == Color::On { ColorMode::Forced } else { ColorMode::Disabled })
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(Assist::new(session.database.path(), color)));
    Ok(editor)
}

/// Returns the path of the history in a directory that exists and belongs to the user.
fn history() -> Option<PathBuf> {
    let path = dirs::history_file()?;
    DirBuilder::new().recursive(true).mode(0o700).create(path.parent()?).ok()?;
    Some(path)
}

struct Prompt<'a> {
    session: &'a mut Session,
    editor: PromptEditor,
    history: Option<PathBuf>,
}

impl Prompt<'_> {
    fn run(mut self) -> u8 {
        if let Some(path) = &self.history {
            // The first time there is no history yet.
            let _ = self.editor.load_history(path);
        }
        loop {
            self.session.interrupts.forget();
            self.session.origin = Origin::Typed;
            let prompt = prompt(&self.session.actor, self.session.database.path());
            if let Some(assist) = self.editor.helper() {
                assist.prompt_columns.set(prompt.chars().count());
                assist.actor.replace(self.session.actor.clone());
            }
            match self.editor.readline(&prompt) {
                Ok(line) => {
                    self.remember(&line);
                    if let ControlFlow::Break(status) = self.line(&line) {
                        return status;
                    }
                    if !line.trim().is_empty() {
                        self.session.replies.paint(b"\n");
                    }
                }
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => return 0,
                // The terminal was closed.
                Err(_) => return self.session.exit_status(Some(End::Signal)),
            }
        }
    }

    fn remember(&mut self, line: &str) {
        let line = line.trim();
        if line.is_empty() || !self.editor.add_history_entry(line).unwrap_or(false) {
            return;
        }
        if let Some(path) = &self.history {
            // A history that cannot be written must not end the prompt.
            let _ = self.editor.append_history(path);
        }
    }

    /// Runs a typed line. A refusal skips the rest of it.
    fn line(&mut self, line: &str) -> ControlFlow<u8> {
        let mut splitter = Splitter::new(self.session.replays());
        splitter.push(bare_command(line).unwrap_or(line));
        while let Some(piece) = splitter.next().or_else(|| splitter.finish()) {
            match self.piece(piece) {
                ControlFlow::Continue(()) => {}
                ControlFlow::Break(End::Left) => return ControlFlow::Break(0),
                ControlFlow::Break(End::Unwritten) => {
                    return ControlFlow::Break(self.session.exit_status(Some(End::Unwritten)));
                }
                ControlFlow::Break(End::Refused | End::Signal) => break,
            }
        }
        match self.session.interrupts.received() {
            Some(Signal::Terminate) => ControlFlow::Break(Signal::Terminate.exit_status()),
            _ => ControlFlow::Continue(()),
        }
    }

    /// Asks before what cannot be undone, and again if what it would do has changed meanwhile. Returns
    /// whether the person agreed. What would be refused needs no asking.
    fn confirmed(&mut self, prepared: &Prepared) -> bool {
        if self.session.would_refuse(prepared) {
            return true;
        }
        let mut agreed = None;
        while let Some(question) = question(self.session, prepared) {
            if agreed.as_ref() == Some(&question) {
                return true;
            }
            if ask(&question) == Confirmation::No {
                return false;
            }
            agreed = Some(question);
        }
        true
    }

    fn piece(&mut self, piece: ScriptItem) -> ControlFlow<End> {
        let ScriptItem::Statement(source) = &piece else { return self.session.take(piece) };
        let Ok(prepared) = self.session.prepare(&source.text) else { return self.session.take(piece) };
        let traits = prepared.traits();
        if traits.confirm && !self.confirmed(&prepared) {
            self.session.replies.note("nothing was done");
            return ControlFlow::Break(End::Refused);
        }
        if traits.read_only {
            self.session.sweep();
        }
        if self.session.interrupts.received().is_some() {
            return ControlFlow::Break(End::Signal);
        }
        self.session.prepared(source, &prepared)
    }
}
