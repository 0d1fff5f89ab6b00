//! The command line as plain values.
//!
//! Invariant: the values are consistent with each other; everything else is a usage error with exit
//! status 2. This module deliberately does not open, read or run anything.

mod parameter_files;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{CommandFactory, Parser, ValueEnum, ValueHint};

use super::render::{Format, Quiet, SpreadsheetCells};
use super::terminal::ColorWish;
use crate::engine::{SharedOptions, StaleQueries};
use crate::language::arguments::Parameters;

/// The effect of a refusal on the following statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// The input ends.
    Stop,
    /// The next statement is run (`--keep-going`).
    KeepGoing,
    /// Everything before it is rolled back: all statements or none (`--atomic`).
    Atomic,
}

/// Whether lines `@ <timestamp> [<actor>]` are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// They set the timestamp and the actor.
    Allowed,
    /// They have no special meaning, so they do not parse.
    No,
}

/// What the session may do with the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read and write.
    Full,
    /// Read only.
    ReadOnly,
}

/// Whether the prompt runs the init file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitFile {
    /// It runs the file if it exists.
    Read,
    /// It does not.
    Skipped,
}

/// Whether the running time of each statement is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// It is shown.
    On,
    /// It is not.
    Off,
}

/// Whether a timestamp far ahead of the last entry is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FarTimes {
    /// It is accepted.
    Accepted,
    /// It is refused, because the clock is probably wrong.
    Refused,
}

/// A shell whose completions can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
}

/// What the command line asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// To run statements, or a prompt.
    Run(Box<CommandLine>),
    /// To print the manual page.
    Man,
    /// To print the completions of a shell.
    Completions(Shell),
}

/// Rows for which statements are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Each {
    /// The file; `-` for standard input.
    pub rows: PathBuf,
    /// The file that refused rows are written to.
    pub refused: Option<PathBuf>,
    /// The number of the first row, from 1.
    pub from: u64,
}

/// The parsed command line of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandLine {
    /// The path of the database file.
    pub file: PathBuf,
    /// The statements; if empty, they come from standard input or a prompt.
    pub statements: Vec<String>,
    /// The output format; `None`: it depends on the output.
    pub format: Option<Format>,
    /// The actor; `None`: the login name.
    pub actor: Option<String>,
    /// The parameters.
    pub parameters: Parameters,
    /// The rows for which the statements are run, each with its fields as parameters.
    pub each: Option<Each>,
    /// The effect of a refusal.
    pub on_error: OnError,
    /// Whether `@` lines are allowed.
    pub replay: Replay,
    /// What the session may do with the file.
    pub access: Access,
    /// The shared log of which the file is a replica.
    pub log: Option<SharedOptions>,
    /// What queries do without that log.
    pub stale: StaleQueries,
    /// Whether the prompt runs the init file.
    pub init: InitFile,
    /// Whether `--quiet` was given.
    pub quiet: Quiet,
    /// Whether CSV and TSV cells are safe for spreadsheets.
    pub cells: SpreadsheetCells,
    /// Whether running times are shown.
    pub timing: Timing,
    /// When colour is used.
    pub color: ColorWish,
    /// Whether timestamps far ahead are accepted.
    pub far_times: FarTimes,
}

/// Parses the command line; the first argument is the program's name.
///
/// # Errors
/// Usage errors, and also `--help` and `--version`: clap's error contains the text and the exit
/// status.
pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Task, clap::Error> {
    let line = Parsed::try_parse_from(arguments)?;
    match line.completions {
        Some(shell) => Ok(Task::Completions(shell)),
        None if line.man => Ok(Task::Man),
        None => run(line).map(|line| Task::Run(Box::new(line))),
    }
}

/// Returns the definition of the command line.
pub fn command() -> clap::Command {
    Parsed::command()
}

fn run(line: Parsed) -> Result<CommandLine, clap::Error> {
    let mut parameters = Parameters::new();
    for (name, value) in &line.param {
        parameters.insert(name, value.as_str());
    }
    for (name, value) in parameter_files::read(&line.param_file, !line.statements.is_empty())? {
        // A later -p overrides an earlier one; between two options nobody sees an order.
        if parameters.get(&name).is_some() {
            return Err(invalid(format!("--param-file: parameter {name} is given twice")));
        }
        parameters.insert(&name, value.as_str());
    }
    // Who collects refused rows wants all of them.
    let keep_going = line.keep_going || line.refused.is_some();
    let from_environment = || std::env::var("SWITCHBOARD_AS").ok();
    let log = line.log.or_else(|| std::env::var("SWITCHBOARD_LOG").ok()).filter(|log| !log.is_empty());
    let stale = if line.stale { StaleQueries::Told } else { StaleQueries::Refused };
    Ok(CommandLine {
        file: line.file.unwrap_or_default(),
        statements: line.statements,
        format: line.format,
        actor: line.actor.or_else(from_environment).filter(|name| !name.is_empty()),
        parameters,
        each: line.each.map(|rows| Each { rows, refused: line.refused, from: line.from_row }),
        on_error: match (keep_going, line.atomic) {
            (true, _) => OnError::KeepGoing,
            (_, true) => OnError::Atomic,
            _ => OnError::Stop,
        },
        replay: if line.replay { Replay::Allowed } else { Replay::No },
        access: if line.readonly { Access::ReadOnly } else { Access::Full },
        log: log.map(|log| SharedOptions { log, stale }),
        stale,
        init: if line.no_init { InitFile::Skipped } else { InitFile::Read },
        quiet: if line.quiet { Quiet::On } else { Quiet::Off },
        cells: if line.safe_cells { SpreadsheetCells::Safe } else { SpreadsheetCells::Exact },
        timing: if line.timing { Timing::On } else { Timing::Off },
        color: line.color.into(),
        far_times: if line.accept_clock { FarTimes::Accepted } else { FarTimes::Refused },
    })
}

impl CommandLine {
    /// Returns the file argument if it is a statement: the name of the file was forgotten.
    pub fn statement_as_file(&self) -> Option<String> {
        let text = self.file.to_str()?;
        let first = text.split_whitespace().next()?;
        let statement = text.trim().contains(char::is_whitespace)
            && crate::statement::statements().iter().any(|definition| {
                definition.syntax.split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case(first))
            });
        (statement && !self.file.exists()).then(|| text.to_owned())
    }
}

/// Returns a usage error about the value of an option.
fn invalid(words: impl std::fmt::Display) -> clap::Error {
    Parsed::command().error(clap::error::ErrorKind::ValueValidation, words)
}

/// Returns the usage error for a command line that begins with a statement.
pub fn file_missing(statement: &str) -> clap::Error {
    let words = format!("the file comes first: switchboard desk.db '{}'", statement.replace('\'', "'\\''"));
    Parsed::command().error(clap::error::ErrorKind::MissingRequiredArgument, words)
}

/// Returns the usage error for `--each` without statements.
pub fn each_needs_statements() -> clap::Error {
    let words =
        "--each needs statements, as arguments or, unless the rows come from there, on standard input";
    Parsed::command().error(clap::error::ErrorKind::MissingRequiredArgument, words)
}

/// Returns the usage error for `--atomic` at a prompt, where there is no end at which to commit.
pub fn atomic_at_prompt() -> clap::Error {
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
    #[arg(value_name = "file", required = true, value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,

    /// Statements and dot commands
    #[arg(value_name = "statement")]
    statements: Vec<String>,

    /// Print the manual page
    #[arg(long, exclusive = true)]
    man: bool,

    /// Print the completions for bash, zsh or fish
    #[arg(long, value_name = "SHELL", exclusive = true, hide_possible_values = true)]
    completions: Option<Shell>,

    /// Act as NAME [default: $SWITCHBOARD_AS, then your login name]
    #[arg(long = "as", value_name = "NAME", value_hint = ValueHint::Other, help_heading = "Acting")]
    actor: Option<String>,

    /// Set parameter :NAME; may be repeated, also after statements
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = parameter, help_heading = "Acting")]
    #[arg(value_hint = ValueHint::Other)]
    param: Vec<(String, String)>,

    /// Set parameter :NAME to a file's content (- for stdin)
    #[arg(long, value_name = "NAME=FILE", value_parser = parameter_file, help_heading = "Acting")]
    param_file: Vec<(String, String)>,

    /// Open the file read-only
    #[arg(long, help_heading = "Acting")]
    readonly: bool,

    /// The shared log of several hosts [default: $SWITCHBOARD_LOG]
    #[arg(long, value_name = "ADDRESS", value_hint = ValueHint::Other, help_heading = "Sharing")]
    log: Option<String>,

    /// While that log is away, show its last known state
    #[arg(long, help_heading = "Sharing")]
    stale: bool,

    /// Run all statements in one transaction, or none
    #[arg(long, conflicts_with = "keep_going", help_heading = "Running")]
    atomic: bool,

    /// Continue after a refused or invalid statement
    #[arg(long, help_heading = "Running")]
    keep_going: bool,

    /// Run the statements for each row of FILE (.csv, .tsv, .jsonl or -)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Running")]
    each: Option<PathBuf>,

    /// With --each: write refused rows to FILE, and continue
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Running")]
    #[arg(requires = "each", conflicts_with = "atomic")]
    refused: Option<PathBuf>,

    /// With --each: begin with row N
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true, help_heading = "Running")]
    #[arg(requires = "each", value_parser = clap::value_parser!(u64).range(1..))]
    from_row: u64,

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

    /// Prefix csv and tsv cells that a spreadsheet would run with '
    #[arg(long, help_heading = "Showing")]
    safe_cells: bool,

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

fn parameter_file(text: &str) -> Result<(String, String), String> {
    if text.contains('=') { parameter(text) } else { Err("expected NAME=FILE".to_owned()) }
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
