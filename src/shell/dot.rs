//! The dot commands: which there are, and how their lines are parsed.
//!
//! Invariant: a single table drives parsing, help and completion. This module deliberately does not
//! know how a command is carried out.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use super::options::Timing;
use super::render::Format;
use crate::domain::refusal::{Code, Refusal};
use crate::language::suggest::nearest;

/// The minimum and maximum interval of `.watch`, in seconds.
const WATCH_SECONDS: std::ops::RangeInclusive<u64> = 1..=3600;

/// The views that a SELECT can read.
pub const VIEWS: &[&str] = &[
    "conversations",
    "ongoing",
    "customers",
    "agents",
    "supervisors",
    "services",
    "queues",
    "queue_members",
    "workstreams",
    "lifecycles",
    "states",
    "edges",
    "timers",
    "transitions",
    "offers",
    "reports",
    "journal",
    "changes",
    "messages",
    "participants",
    "channel_sessions",
    "site",
];

/// What is done with the shared log of `--log`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskAction {
    /// The journal of the file becomes a shared log.
    Create,
    /// The file becomes a replica of one.
    Join,
    /// The file stands alone again.
    Leave,
}

/// A parsed dot command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dot {
    /// Lists the commands, or explains one.
    Help(Option<&'static Command>),
    /// Sets the format, or shows it.
    Mode(Option<Format>),
    /// Writes replies to a file, or to stdout again.
    Output(Option<PathBuf>),
    /// Writes the next reply to a file.
    Once(PathBuf),
    /// Runs the statements of a file.
    Read(PathBuf),
    /// Sets the actor, or shows it.
    As(Option<String>),
    /// Turns the display of running times on or off, or shows the setting.
    Timing(Option<Timing>),
    /// Whether each result is headed by its statement; none: show whether it is.
    Echo(Option<bool>),
    /// Runs a statement again and again.
    Watch {
        /// The interval.
        every: Duration,
        /// The statement.
        statement: String,
    },
    /// Shows the schema of the file.
    Schema,
    /// Lists the views.
    Views,
    /// Lists the parameters, shows one or sets it.
    Param(Option<(String, Option<String>)>),
    /// Shows the number and the hash of the last entry.
    Head,
    /// Writes a backup.
    Backup(String),
    /// Replaces the content of the file by that of a backup.
    Restore(PathBuf),
    /// Makes a shared log of the journal, follows one, or follows it no longer.
    Desk(DeskAction),
    /// Shows the journal as a script.
    Dump,
    /// Ends the session.
    Quit,
}

/// A row of the table of commands.
#[derive(Debug)]
pub struct Command {
    /// The name, without the dot.
    pub name: &'static str,
    /// The syntax of its arguments.
    pub syntax: &'static str,
    /// A one-line description.
    pub help: &'static str,
    read: ParseDot,
}

impl PartialEq for Command {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Command {}

/// All commands, in the order of the help.
pub static COMMANDS: &[Command] = &[
    row("help", "[command]", "list the commands, or explain one", help),
    row("mode", "[format]", "the output format", mode),
    row("output", "[file]", "write results to a file, or to the terminal", output),
    row("once", "file", "write the next result to a file", once),
    row("read", "file", "run the statements of a file", read_file),
    row("as", "[name]", "act as somebody else from now on", act_as),
    row("echo", "[on | off]", "head each result with its statement", echo),
    row("timing", "[on | off]", "show how long each statement took", timing),
    row("watch", "seconds statement", "run a statement repeatedly until Ctrl-C", watch),
    row("param", "[name [value]]", "show the parameters, or show or set one", param),
    row("views", "", "list the views that SELECT can read", |_| Ok(Dot::Views)),
    row("schema", "", "show the tables, views and triggers of the file", |_| Ok(Dot::Schema)),
    row("head", "", "show the hash to keep elsewhere (SHOW HEAD)", |_| Ok(Dot::Head)),
    row("backup", "file", "write a verified copy of the file (BACKUP TO)", backup),
    row("restore", "file", "replace the content by that of a backup", restore),
    row("desk", "create | join | leave", "share the journal with other hosts (--log)", desk),
    row("dump", "", "show the journal as a script", |_| Ok(Dot::Dump)),
    row("quit", "", "leave (Ctrl-D)", |_| Ok(Dot::Quit)),
];

type ParseDot = fn(&mut WordReader<'_>) -> Result<Dot, Refusal>;

const fn row(name: &'static str, syntax: &'static str, help: &'static str, read: ParseDot) -> Command {
    Command { name, syntax, help, read }
}

impl Command {
    /// Returns the syntax with the name: `.mode [format]`.
    pub fn written(&self) -> String {
        format!(".{} {}", self.name, self.syntax).trim_end().to_owned()
    }
}

/// Returns the help, one line per command.
pub fn help_text() -> String {
    let width = COMMANDS.iter().map(|command| command.written().len()).max().unwrap_or(0);
    let line = |command: &Command| format!("{:width$}   {}\n", command.written(), command.help);
    let lines: String = COMMANDS.iter().map(line).collect();
    format!("{lines}HELP; lists the statements\n")
}

/// Parses a line that begins with a dot.
///
/// # Errors
/// `syntax` for an unknown command or wrong arguments, `invalid_value` for an argument out of
/// range; with the place in the line.
pub fn read(line: &str) -> Result<Dot, Refusal> {
    let line = line.trim_end_matches(|end: char| end == ';' || end.is_whitespace());
    let mut words = WordReader { line, at: 0, open: None };
    let (name, span) = words.next().unwrap_or_default();
    let command = find(&name, span)?;
    let dot = (command.read)(&mut words)?;
    if let Some(span) = words.open {
        return Err(Refusal::new(Code::Syntax, "unterminated quote").at_span(span));
    }
    match words.next() {
        None => Ok(dot),
        Some((_, span)) => {
            Err(Refusal::new(Code::Syntax, format!("usage: {}", command.written())).at_span(span))
        }
    }
}

fn find(name: &str, span: Range<usize>) -> Result<&'static Command, Refusal> {
    let bare = name.strip_prefix('.').unwrap_or(name);
    if let Some(command) = COMMANDS.iter().find(|command| command.name.eq_ignore_ascii_case(bare)) {
        return Ok(command);
    }
    let near = nearest(bare, COMMANDS.iter().map(|command| command.name));
    let hint = near.map_or(".help lists the commands".to_owned(), |name| format!("did you mean .{name}?"));
    Err(Refusal::new(Code::Syntax, format!("unknown command .{bare}")).hint(hint).at_span(span))
}

/// Reads the words of a line from left to right. Quoted words may contain spaces.
struct WordReader<'a> {
    line: &'a str,
    at: usize,
    /// The place of a quote that is never closed.
    open: Option<Range<usize>>,
}

impl WordReader<'_> {
    fn next(&mut self) -> Option<(String, Range<usize>)> {
        let rest = &self.line[self.at..];
        let start = self.at + (rest.len() - rest.trim_start().len());
        let rest = &self.line[start..];
        let quote = rest.chars().next().filter(|first| matches!(first, '\'' | '"'));
        let closed = quote.and_then(|quote| rest[1..].find(quote));
        let (text, length) = match closed {
            Some(end) => (&rest[1..=end], end + 2),
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (&rest[..end], end)
            }
        };
        if quote.is_some() && closed.is_none() {
            self.open = Some(start..self.line.len());
        }
        self.at = start + length;
        (length > 0).then(|| (text.to_owned(), start..start + length))
    }

    fn word(&mut self) -> Option<String> {
        self.next().map(|(word, _)| word)
    }

    fn needed(&mut self, what: &str) -> Result<String, Refusal> {
        let end = self.line.len();
        self.word().ok_or_else(|| Refusal::new(Code::Syntax, format!("{what} is missing")).at_span(end..end))
    }

    fn rest(&mut self) -> String {
        let rest = self.line[self.at..].trim().to_owned();
        self.at = self.line.len();
        rest
    }
}

fn help(words: &mut WordReader<'_>) -> Result<Dot, Refusal> {
    words.next().map(|(name, span)| find(&name, span)).transpose().map(Dot::Help)
}

fn mode(words: &mut WordReader<'_>) -> Result<Dot, Refusal> {
    let format = words.next().map(|(name, span)| {
        let names = Format::ALL.iter().map(|format| format.name());
        let refusal = Refusal::new(Code::InvalidValue, format!("unknown format {name}"));
        let all = names.clone().collect::<Vec<_>>().join(", ");
        let hint = nearest(&name, names).map_or(all, |name| format!("did you mean {name}?"));
        Format::from_name(&name).ok_or(refusal.hint(hint).at_span(span))
    });
    format.transpose().map(Dot::Mode)
}

fn output(words: &mut WordReader<'_>) -> Result<Dot, Refusal> {
    Ok(Dot::Output(words.word().map(PathBuf::from)))
}

fn once(words: &mut WordReader<'_>) -> Result<Dot, Refusal> {
    words.needed("the file").map(PathBuf::from).map(Dot::Once)
}

fn backup(words: &mut WordReader<'_>) -> Result<Dot, Refusal> {
    words.needed("the file").map(Dot::Backup)
}

fn restore(words: &mut WordReader<'_>) -> Result<Dot, Refusal> {
    words.needed("the file").map(PathBuf::from).map(Dot::Restore)
}

fn desk(words: &mut WordReader<'_>) -> Result<Dot, Refusal> {
    let end = words.line.len();
    let (word, span) = words.next().unwrap_or((String::new(), end..end));
    match word.to_ascii_lowercase().as_str() {
        "create" => Ok(Dot::Desk(DeskAction::Create)),
        "join" => Ok(Dot::Desk(DeskAction::Join)),
        "leave" => Ok(Dot::Desk(DeskAction::Leave)),
        _ => Err(Refusal::new(Code::Syntax, "expected create, join or leave")
            .hint(".help desk explains them")
            .at_span(span)),
    }
}

fn read_file(words: &mut WordReader<'_>) -> Result<Dot, Refusal> {
    words.needed("the file").map(PathBuf::from).map(Dot::Read)
}

fn act_as(words: &mut WordReader<'_>) -> Result<Dot, Refusal> {
    Ok(Dot::As(words.word()))
}

fn timing(words: &mut WordReader<'_>) -> Result<Dot, Refusal> {
    let on = on_or_off(words)?;
    Ok(Dot::Timing(on.map(|on| if on { Timing::On } else { Timing::Off })))
}

fn echo(words: &mut WordReader<'_>) -> Result<Dot, Refusal> {
    Ok(Dot::Echo(on_or_off(words)?))
}

fn on_or_off(words: &mut WordReader<'_>) -> Result<Option<bool>, Refusal> {
    let Some((word, span)) = words.next() else { return Ok(None) };
    match word.to_ascii_lowercase().as_str() {
        "on" => Ok(Some(true)),
        "off" => Ok(Some(false)),
        _ => Err(Refusal::new(Code::InvalidValue, format!("'{word}' is not on or off")).at_span(span)),
    }
}

fn watch(words: &mut WordReader<'_>) -> Result<Dot, Refusal> {
    let start = words.at;
    let seconds = words.needed("the number of seconds")?;
    let number = seconds.strip_suffix('s').unwrap_or(&seconds).parse().ok();
    let Some(number) = number.filter(|number| WATCH_SECONDS.contains(number)) else {
        let (first, last) = (WATCH_SECONDS.start(), WATCH_SECONDS.end());
        let message = format!("'{seconds}' is not a number of seconds from {first} to {last}");
        return Err(Refusal::new(Code::InvalidValue, message).at_span(start + 1..words.at));
    };
    let statement = words.rest();
    if statement.is_empty() {
        let end = words.line.len();
        return Err(Refusal::new(Code::Syntax, "the statement is missing").at_span(end..end));
    }
    Ok(Dot::Watch { every: Duration::from_secs(number), statement })
}

fn param(words: &mut WordReader<'_>) -> Result<Dot, Refusal> {
    let Some(name) = words.word() else { return Ok(Dot::Param(None)) };
    let name = name.trim_start_matches(':').trim_end_matches('=').to_owned();
    let rest = words.rest();
    let quoted = rest.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\''));
    let value = quoted.map_or_else(|| rest.clone(), |inner| inner.replace("''", "'"));
    Ok(Dot::Param(Some((name, Some(value).filter(|_| !rest.is_empty())))))
}

#[cfg(test)]
#[path = "dot/tests.rs"]
mod tests;
