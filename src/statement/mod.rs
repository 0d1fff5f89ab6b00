//! Floor 2: the statements, a page each. `ls src/statement` is the list of what the program can do.
//!
//! Invariant: a page is one definition: its syntax line, summary and example drive the parser, the errors,
//! completion, HELP and docs/STATEMENTS.md. A page looks and decides; it is given nothing that could write, print
//! or read a clock.

pub mod request;
pub mod settings;

mod actions;
mod agents;
mod bots;
mod care;
mod day;
pub mod definitions;
mod ending;
mod firing;
mod follow;
mod guests;
mod help;
mod journal;
mod lifecycles;
mod looks;
mod messages;
mod offers;
mod opening;
mod people;
mod picking;
mod queues;
pub mod reports;
mod routing;
mod sessions;
mod summary;
mod sweep;
mod taking;
mod tool;
mod workstreams;

pub mod manual;

use std::sync::OnceLock;

pub use actions::is_refused;
pub use firing::fire;
pub use journal::{head_line, verified};
pub use lifecycles::{MOST_CLAUSES, MOST_STATES, gallery, vocabulary};
pub use request::{Answer, Decision, Request};
pub use routing::{Router, Scope, left_waiting};
pub use sweep::{SWEEP, sweep_reply};
pub use tool::{would, would_be_refused};

use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::language::matcher::Catalogue;

/// The chapters of the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chapter {
    /// Queues, people, workstreams.
    SettingUp,
    /// From opening to closing.
    Conversations,
    /// What runs by itself, on request.
    Running,
    /// Looks.
    Looking,
}

impl Chapter {
    /// Every one, in order.
    pub const ALL: [Chapter; 4] =
        [Chapter::SettingUp, Chapter::Conversations, Chapter::Running, Chapter::Looking];

    /// Its heading.
    pub fn heading(self) -> &'static str {
        match self {
            Chapter::SettingUp => "Setting up",
            Chapter::Conversations => "Conversations",
            Chapter::Running => "Running",
            Chapter::Looking => "Looking",
        }
    }
}

/// What a page does.
pub enum Handler {
    /// It only looks.
    Read(fn(&Request<'_>) -> Result<Reply, Error>),
    /// It decides what changes.
    Write(fn(&Request<'_>) -> Result<Decision, Error>),
    /// It fires what is due, step by step.
    Sweep,
    /// SQLite's own SELECT, over the views; the keyword belongs to the SQL.
    Select,
    /// A SELECT that was kept.
    Report,
    /// Another statement, rehearsed.
    Explain,
    /// What has been committed since; whoever asked goes on asking.
    Follow(fn(&Request<'_>) -> Result<Reply, Error>),
    /// The journal against its seals.
    Verify,
}

/// One statement.
pub struct StatementDef {
    /// Where it stands in the manual.
    pub chapter: Chapter,
    /// What it looks like.
    pub syntax: &'static str,
    /// What it is for, in one sentence.
    pub summary: &'static str,
    /// One that runs, on the desk that `manual::DESK` sets up.
    pub example: &'static str,
    /// What it asks of whoever runs it.
    pub right: Right,
    /// What it does.
    pub handler: Handler,
}

/// Every page, in the order of the manual.
pub fn statements() -> &'static [&'static StatementDef] {
    static STATEMENTS: OnceLock<Vec<&'static StatementDef>> = OnceLock::new();
    STATEMENTS.get_or_init(|| {
        [
            queues::STATEMENTS,
            agents::STATEMENTS,
            people::STATEMENTS,
            workstreams::STATEMENTS,
            lifecycles::SETUP_STATEMENTS,
            reports::STATEMENTS,
            care::STATEMENTS,
            opening::STATEMENTS,
            messages::STATEMENTS,
            picking::STATEMENTS,
            taking::STATEMENTS,
            offers::STATEMENTS,
            ending::STATEMENTS,
            guests::STATEMENTS,
            sessions::STATEMENTS,
            bots::STATEMENTS,
            routing::STATEMENTS,
            sweep::STATEMENTS,
            looks::STATEMENTS,
            actions::STATEMENTS,
            summary::STATEMENTS,
            day::STATEMENTS,
            reports::LOOKS,
            lifecycles::STATEMENTS,
            journal::STATEMENTS,
            follow::STATEMENTS,
            tool::STATEMENTS,
            help::STATEMENTS,
        ]
        .into_iter()
        .flatten()
        .collect()
    })
}

/// The syntax of every page; a line is read once, when it is first needed.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let lines: Vec<&'static str> = statements().iter().map(|definition| definition.syntax).collect();
        Catalogue::new(&lines)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_syntax_line_is_right() {
        for definition in 0..statements().len() {
            assert!(catalogue().written(definition).is_some());
        }
    }
}
