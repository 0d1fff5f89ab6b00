//! Where `--each` gets its statements and its rows from.
//!
//! Invariant: a signal ends the wait for standard input. This module deliberately does not run anything.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::rows::RowFormat;
use crate::domain::refusal::{Code, Error, Fault, Refusal};
use crate::language::script::{ScriptItem, Source, Splitter};
use crate::shell::input::{Arrival, Input, StandardInput};
use crate::shell::interrupt::Interrupts;
use crate::shell::session::Session;

/// The input with the rows.
pub struct RowInput {
    /// The bytes.
    pub bytes: Box<dyn Read>,
    /// The format, if the name tells it.
    pub format: Option<RowFormat>,
    /// The size in bytes, if it is known.
    pub size: Option<u64>,
}

/// Opens the rows; `-` is standard input.
///
/// # Errors
/// `invalid_value` for a name with an unknown ending; a fault if the file cannot be read.
pub fn rows(path: &Path, interrupts: &Interrupts) -> Result<RowInput, Error> {
    if path == Path::new("-") {
        let input = StandardInput::open(interrupts).map_err(|error| unusable(path, &error))?;
        return Ok(RowInput { bytes: Box::new(InputReader::new(input)), format: None, size: None });
    }
    let format = Some(format_of(path)?);
    let file = File::open(path).map_err(|error| unusable(path, &error))?;
    let size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|file| file.len());
    Ok(RowInput { bytes: Box::new(file), format, size })
}

/// Reads the statements, from the arguments or from standard input.
///
/// # Errors
/// `syntax` for anything but statements; a fault if they cannot be read.
pub fn statements(
    session: &Session,
    arguments: &[String],
    interrupts: &Interrupts,
) -> Result<Vec<Source>, Error> {
    let mut splitter = Splitter::new(session.replays());
    let mut pieces = Vec::new();
    match arguments {
        [] => {
            let mut text = String::new();
            let input = StandardInput::open(interrupts).map_err(|error| unusable(Path::new("-"), &error))?;
            InputReader::new(input)
                .read_to_string(&mut text)
                .map_err(|error| unusable(Path::new("standard input"), &error))?;
            splitter.push(&text);
            pieces.extend(splitter.by_ref());
            pieces.extend(splitter.finish());
        }
        arguments => {
            for argument in arguments {
                let mut splitter = Splitter::new(session.replays());
                splitter.push(argument);
                pieces.extend(splitter.by_ref());
                pieces.extend(splitter.finish());
            }
        }
    }
    let statement = |piece| match piece {
        ScriptItem::Statement(source) => Ok(source),
        ScriptItem::Dot(source) | ScriptItem::Moment { source, .. } => {
            Err(Refusal::new(Code::Syntax, format!("{} cannot be run for each row", source.text.trim()))
                .hint("with --each there can only be statements; timestamps are in the field at")
                .into())
        }
    };
    let statements: Vec<Source> = pieces.into_iter().map(statement).collect::<Result<_, Error>>()?;
    if statements.is_empty() {
        return Err(Refusal::new(Code::Syntax, "there is no statement to run for each row").into());
    }
    Ok(statements)
}

fn unusable(path: &Path, error: &io::Error) -> Error {
    Fault::new(Code::NotFound, format!("cannot read {}: {error}", path.display())).into()
}

/// Returns the format that a file's name ends with.
fn format_of(path: &Path) -> Result<RowFormat, Error> {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match ending.as_str() {
        "csv" => Ok(RowFormat::Csv),
        "tsv" | "tab" => Ok(RowFormat::Tsv),
        "jsonl" | "ndjson" => Ok(RowFormat::JsonLines),
        _ => Err(Refusal::new(Code::InvalidValue, format!("{} has no known ending", path.display()))
            .hint("--each reads .csv, .tsv and .jsonl; - reads standard input")
            .into()),
    }
}

/// Standard input as a reader; a signal ends it.
struct InputReader {
    input: StandardInput,
    bytes: io::Cursor<Vec<u8>>,
}

impl InputReader {
    fn new(input: StandardInput) -> InputReader {
        InputReader { input, bytes: io::Cursor::default() }
    }
}

impl Read for InputReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.bytes.read(buffer)?;
            if length > 0 {
                return Ok(length);
            }
            match self.input.more() {
                Arrival::Bytes(bytes) => self.bytes = io::Cursor::new(bytes),
                Arrival::End => return Ok(0),
                Arrival::Failed(error) => return Err(error),
                Arrival::Stopped => return Err(io::Error::other("stopped by a signal")),
            }
        }
    }
}
