//! Layer 4: the command-line interface for people and programs.
//!
//! Invariant: data is written to stdout, everything else to stderr, and the exit status is
//! determined here, once. This layer deliberately does not know the rules of conversations or how
//! they are stored.

mod assist;
mod banner;
mod commands;
mod completion;
mod completion_scripts;
mod confirm;
mod database;
mod desk;
mod dirs;
mod dot;
mod each;
mod follow;
mod highlight;
mod input;
mod interrupt;
mod man_page;
mod options;
pub mod output;
mod pipe;
mod progress;
mod prompt;
pub mod render;
mod replies;
mod restore;
mod session;
mod stats;
mod sweep;
mod terminal;
mod user;
mod warnings;
mod watch;

use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

use input::StandardInput;
use interrupt::{Interrupts, Listener};
use options::{CommandLine, OnError, Task};
use replies::Replies;
use session::Session;

use crate::domain::refusal::{Code, Fault};

/// Runs the whole program: reads the command line, runs the statements, and returns the exit
/// status.
pub fn run() -> ExitCode {
    let status = match options::read(std::env::args_os()) {
        Ok(Task::Run(options)) => work(&options),
        Ok(Task::Man) => print(&man_page::text()),
        Ok(Task::Completions(shell)) => print(&completion_scripts::text(shell)),
        Err(error) => usage(&error),
    };
    ExitCode::from(status)
}

fn usage(error: &clap::Error) -> u8 {
    let mut replies = Replies::plain();
    replies.usage(error);
    let status = u8::try_from(error.exit_code()).unwrap_or(Code::Syntax.exit_status());
    replies.unwritten(0).unwrap_or(status)
}

/// Prints a text that needs no file.
fn print(text: &str) -> u8 {
    let mut replies = Replies::plain();
    replies.text(text);
    replies.unwritten(0).unwrap_or_default()
}

fn work(options: &CommandLine) -> u8 {
    if let Some(statement) = options.statement_as_file() {
        return usage(&options::file_missing(&statement));
    }
    let talks = options.statements.is_empty() && options.each.is_none() && terminal::interactive();
    if let Some(rows) = &options.each
        && options.statements.is_empty()
        && (rows.rows == Path::new("-") || io::stdin().is_terminal())
    {
        return usage(&options::each_needs_statements());
    }
    if talks && options.on_error == OnError::Atomic {
        return usage(&options::atomic_at_prompt());
    }
    let listener = if talks { Listener::Prompt } else { Listener::Program };
    let interrupts = Interrupts::listen(listener);
    let ears = interrupts.as_ref().map(Clone::clone).unwrap_or_default();
    let mut session = Session::new(options, &user::login_name(), Replies::new(options), ears);
    if talks {
        session.database.show_stale();
    }
    match interrupts {
        Err(error) => cannot_start(&mut session, &error),
        Ok(_) if talks => prompt::talk(&mut session, options.init),
        Ok(interrupts) if let Some(rows) = &options.each => {
            each::run(&mut session, rows, &options.statements, &interrupts)
        }
        Ok(_) if !options.statements.is_empty() => pipe::arguments(&mut session, &options.statements),
        Ok(interrupts) => match StandardInput::open(&interrupts) {
            Ok(mut input) => pipe::input(&mut session, &mut input),
            Err(error) => cannot_start(&mut session, &error),
        },
    }
}

/// Reports that signals or threads are not available. Nothing has been done at this point.
fn cannot_start(session: &mut Session, error: &io::Error) -> u8 {
    session.complain(&Fault::new(Code::Internal, format!("cannot start: {error}")).into());
    Code::Internal.exit_status()
}
