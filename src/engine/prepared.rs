//! A statement that was parsed once, to be run or checked any number of times.

use std::fmt;

use crate::domain::context::Context;
use crate::domain::failure::Failure;
use crate::domain::refusal::Error;
use crate::language::arguments::{Arguments, Parameters};
use crate::statement::{self, Call, StatementDef};

use super::spans;

/// What a program has to know about a statement before it runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementTraits {
    /// It changes nothing.
    pub read_only: bool,
    /// It creates the file if there is none (CREATE …).
    pub creates_file: bool,
    /// It cannot be undone, so a prompt asks before it runs (FORCE CLOSE).
    pub confirm: bool,
    /// It continues until it is stopped (FOLLOW).
    pub follows: bool,
}

/// A parsed statement with the values of its parameters, which are fixed when it is parsed.
///
/// It is for asking [`Switchboard::would_refuse`](crate::Switchboard::would_refuse), and for
/// repeating exactly this statement. To run the same text with other values, call
/// [`Switchboard::run`](crate::Switchboard::run) with other parameters.
#[derive(Clone)]
pub struct Prepared {
    definition: &'static StatementDef,
    arguments: Arguments,
    text: String,
    parameters: Parameters,
}

/// Only with the text: the values of parameters may be personal.
impl fmt::Debug for Prepared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Prepared").field("text", &self.text).finish_non_exhaustive()
    }
}

impl Prepared {
    /// Parses a statement. No file is needed.
    ///
    /// # Errors
    /// `syntax`, `invalid_value`, `unknown_parameter`, `too_large`, with the place in the text.
    pub fn new(text: &str, parameters: &Parameters) -> Result<Prepared, Failure> {
        Prepared::parse(text, parameters).map_err(|error| spans::failure(error, text, None))
    }

    pub(super) fn parse(text: &str, parameters: &Parameters) -> Result<Prepared, Error> {
        let (index, arguments) = statement::catalogue().parse(text, parameters)?;
        let definition = statement::statements()[index];
        Ok(Prepared { definition, arguments, text: text.to_owned(), parameters: parameters.clone() })
    }

    /// Returns what a program has to know about the statement before it runs it.
    pub(crate) fn traits(&self) -> StatementTraits {
        let traits = self.definition.traits;
        StatementTraits {
            read_only: self.definition.is_read_only(),
            creates_file: traits.creates_file,
            confirm: traits.confirm,
            follows: traits.follows,
        }
    }

    /// Returns the statement's text, as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the parsed arguments.
    pub(crate) fn arguments(&self) -> &Arguments {
        &self.arguments
    }

    pub(super) fn call<'a>(&'a self, context: &'a Context) -> Call<'a> {
        Call {
            definition: self.definition,
            text: &self.text,
            arguments: &self.arguments,
            parameters: &self.parameters,
            context,
        }
    }
}
