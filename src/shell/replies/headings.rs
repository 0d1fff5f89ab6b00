//! The lines that name the statement above each result, where people read several in a row.
//!
//! Invariant: only tables have headings; programs get exactly the contract's output.

use super::super::render::{self, Format, Quiet, RenderOptions};
use super::Replies;
use crate::domain::reply::Reply;

/// How many results are expected from what is running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Results {
    /// One, or at a prompt one below each statement.
    One,
    /// Several in a row.
    Several,
}

impl Replies {
    /// The line above a result that names its statement, where results are headed.
    pub(super) fn heading(&mut self, reply: &Reply, options: &RenderOptions) -> String {
        let silent = options.quiet == Quiet::On && reply.tells_change || reply.columns.is_empty();
        if silent || options.statement.is_empty() || !self.echoes() {
            return String::new();
        }
        let gap = if std::mem::replace(&mut self.settings.headed, true) { "\n" } else { "" };
        format!("{gap}{}\n", render::heading(&options.statement, options))
    }

    /// Whether results are headed by their statement: what `.echo` set, otherwise if people read
    /// several results in a row as tables.
    pub fn echoes(&self) -> bool {
        let several = self.settings.expected == Results::Several;
        self.format() == Format::Table && self.settings.echo.unwrap_or(several)
    }

    /// What `.echo` sets.
    pub fn set_echo(&mut self, echo: bool) {
        self.settings.echo = Some(echo);
    }

    /// Several results follow. Returns what was expected before.
    pub fn expect_several(&mut self) -> Results {
        std::mem::replace(&mut self.settings.expected, Results::Several)
    }

    /// From now on that many results are expected.
    pub fn expect(&mut self, expected: Results) {
        self.settings.expected = expected;
    }
}
