//! The command line: what was asked for, as plain values.
//!
//! Invariant: whatever comes out of here makes sense together; everything else is a usage error
//! with exit status 2. It deliberately does not open, read or run anything.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, ValueEnum};

use super::render::{Format, Quiet};
use super::terminal::ColorWish;
use crate::language::arguments::Parameters;

/// What a refusal does to what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// It ends the input.
    Stop,
    /// The next statement runs all the same.
    KeepGoing,
    /// It takes back everything that came before: all statements or none.
    Atomic,
}

/// Whether `@ <moment> [<actor>]` lines mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// They do.
    Allowed,
    /// They are no statements.
    No,
}

/// What the session may do with the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everything.
    Full,
    /// Only look.
    LookOnly,
}

/// Whether the prompt begins with the init file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitFile {
    /// It does, if there is one.
    Read,
    /// It does not.
    Skipped,
}

/// Whether every statement says how long it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// It does.
    On,
    /// It does not.
    Off,
}

/// Whether a moment far ahead of the file is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FarMoments {
    /// It is.
    Accepted,
    /// It is refused: the clock is probably wrong.
    Refused,
}

/// Everything that the command line says.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandLine {
    /// The file.
    pub file: PathBuf,
    /// The statements; none: they come from standard input or a prompt.
    pub statements: Vec<String>,
    /// The format, if one was asked for.
    pub format: Option<Format>,
    /// Who acts, if it was said.
    pub actor: Option<String>,
    /// The parameters.
    pub parameters: Parameters,
    /// What a refusal does.
    pub course: OnError,
    /// Whether `@` lines mean something.
    pub replay: Replay,
    /// What may be done with the file.
    pub access: Access,
    /// Whether there is an init file.
    pub init: InitFile,
    /// Whether less is said.
    pub quiet: Quiet,
    /// Whether times are said.
    pub timing: Timing,
    /// When there is colour.
    pub color: ColorWish,
    /// Whether far moments are taken.
    pub far_moments: FarMoments,
}

/// Reads the command line, the program's name first.
///
/// # Errors
/// Wrong usage, and also `--help` and `--version`: clap's error has the text and the exit status.
pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<CommandLine, clap::Error> {
    let line = Parsed::try_parse_from(arguments)?;
    let mut parameters = Parameters::new();
    for (name, value) in &line.param {
        parameters.insert(name, value.as_str());
    }
    let from_environment = || std::env::var("SWITCHBOARD_AS").ok();
    Ok(CommandLine {
        file: line.file,
        statements: line.statements,
        format: line.format,
        actor: line.actor.or_else(from_environment).filter(|name| !name.is_empty()),
        parameters,
        course: match (line.keep_going, line.atomic) {
            (true, _) => OnError::KeepGoing,
            (_, true) => OnError::Atomic,
            _ => OnError::Stop,
        },
        replay: if line.replay { Replay::Allowed } else { Replay::No },
        access: if line.readonly { Access::LookOnly } else { Access::Full },
        init: if line.no_init { InitFile::Skipped } else { InitFile::Read },
        quiet: if line.quiet { Quiet::On } else { Quiet::Off },
        timing: if line.timing { Timing::On } else { Timing::Off },
        color: line.color.into(),
        far_moments: if line.accept_clock { FarMoments::Accepted } else { FarMoments::Refused },
    })
}

/// The complaint about `--atomic` at a prompt, where there is no end at which to commit.
pub fn atomic_at_prompt() -> clap::Error {
    use clap::CommandFactory;
    let words = "--atomic needs statements, as arguments or on standard input";
    Parsed::command().error(clap::error::ErrorKind::MissingRequiredArgument, words)
}

const AFTERWARDS: &str = "\
Without statements, Switchboard starts a prompt at a terminal and otherwise
reads standard input. HELP lists the statements, .help the dot commands.

Examples:
  switchboard desk.db 'SHOW ONGOING'
  switchboard desk.db -f jsonl -p text=\"$BODY\" 'MESSAGE 12 FROM CUSTOMER :text'";

/// Runs the conversations of a small contact centre: one program, one file, one language.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version, after_help = AFTERWARDS)]
#[command(override_usage = "switchboard [options] <file> [statement]...")]
struct Parsed {
    /// The database file; a CREATE statement or the prompt creates it
    #[arg(value_name = "file")]
    file: PathBuf,

    /// Statements and dot commands
    #[arg(value_name = "statement")]
    statements: Vec<String>,

    /// Act as NAME [default: $SWITCHBOARD_AS, then your login name]
    #[arg(long = "as", value_name = "NAME", help_heading = "Acting")]
    actor: Option<String>,

    /// Set parameter :NAME; may be repeated, also after statements
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = parameter, help_heading = "Acting")]
    param: Vec<(String, String)>,

    /// Open the file read-only
    #[arg(long, help_heading = "Acting")]
    readonly: bool,

    /// Run all statements in one transaction, or none
    #[arg(long, conflicts_with = "keep_going", help_heading = "Running")]
    atomic: bool,

    /// Continue after a refused or invalid statement
    #[arg(long, help_heading = "Running")]
    keep_going: bool,

    /// Allow lines '@ <timestamp> [<actor>]' that set both
    #[arg(long, help_heading = "Running")]
    replay: bool,

    /// Accept a clock that is far ahead of the last entry
    #[arg(long, help_heading = "Running")]
    accept_clock: bool,

    /// Do not run the prompt's init file
    #[arg(long, help_heading = "Running")]
    no_init: bool,

    /// table, csv, tsv (in pipes), json, jsonl, list, markdown, html
    #[arg(short, long, value_name = "FORMAT", help_heading = "Showing")]
    #[arg(value_parser = format(), ignore_case = true, hide_possible_values = true)]
    format: Option<Format>,

    /// When to use colour: auto, always or never
    #[arg(long, value_name = "WHEN", help_heading = "Showing")]
    #[arg(value_enum, default_value_t = Wish::Auto, hide_possible_values = true, hide_default_value = true)]
    color: Wish,

    /// Show how long each statement took
    #[arg(long, help_heading = "Showing")]
    timing: bool,

    /// Omit the rows of statements that write, and the summary
    #[arg(long, help_heading = "Showing")]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Wish {
    Auto,
    Always,
    Never,
}

impl From<Wish> for ColorWish {
    fn from(wish: Wish) -> Self {
        match wish {
            Wish::Auto => ColorWish::Auto,
            Wish::Always => ColorWish::Always,
            Wish::Never => ColorWish::Never,
        }
    }
}

fn format() -> impl TypedValueParser<Value = Format> {
    let names = PossibleValuesParser::new(Format::ALL.iter().map(|format| format.name()));
    names.try_map(|name| Format::from_name(&name).ok_or("unknown format"))
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    let name = name.strip_prefix(':').unwrap_or(name);
    let letters = name.starts_with(|first: char| first.is_alphabetic() || first == '_');
    if letters && name.chars().all(|part| part.is_alphanumeric() || part == '_') {
        Ok((name.to_owned(), value.to_owned()))
    } else {
        Err(format!("'{name}' is not a parameter name; use letters, digits and _"))
    }
}

#[cfg(test)]
#[path = "options/tests.rs"]
mod tests;
