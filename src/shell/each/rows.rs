//! Reads the rows of `--each`: CSV and TSV with a header, or one JSON object per line.
//!
//! Invariant: one row is in memory at a time, and none is larger than a limit. A row that is not valid is
//! reported with its number and can be passed over. This module deliberately does not know what is done
//! with the fields.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use csv::{ByteRecord, ReaderBuilder};

use crate::domain::refusal::{Code, Error, Fault, Refusal};
use crate::domain::value::Value;

/// The maximum size of a row, in bytes; a statement is not longer either.
const LONGEST_ROW: u64 = 4 * 1024 * 1024;

/// How the rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFormat {
    /// Comma-separated values.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// One JSON object per line.
    JsonLines,
}

/// A row of the input.
#[derive(Debug)]
pub struct InputRow {
    /// Its number, from 1.
    pub number: u64,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Its fields by name, or why it is not valid.
    pub fields: Result<Vec<(String, Value)>, Refusal>,
    /// The row as it was read.
    pub raw: RawRow,
}

/// A row as it was read, for the file of refused rows.
#[derive(Debug)]
pub enum RawRow {
    /// The fields of a record.
    Record(ByteRecord),
    /// A line.
    Line(Vec<u8>),
}

/// Reads rows from an input.
pub struct RowReader {
    source: RowSource,
    number: u64,
    /// How many bytes of the present row were read.
    size: Rc<Cell<u64>>,
    /// How many bytes were read.
    read: Rc<Cell<u64>>,
    /// What was read and not yet returned as a row.
    recent: Recent,
}

/// The bytes that were read last, and the offset of the first of them.
type Recent = Rc<RefCell<(u64, Vec<u8>)>>;

enum RowSource {
    Records {
        reader: csv::Reader<CountedInput>,
        header: Vec<String>,
        raw_header: ByteRecord,
        delimiter: u8,
        /// After a record that ends with CR LF, the reader is still on its line: 1, otherwise 0.
        behind: u64,
    },
    Lines {
        reader: BufReader<CountedInput>,
        line: u64,
    },
}

impl RowReader {
    /// Opens an input. `format`: `None` if the first character decides.
    ///
    /// # Errors
    /// `invalid_value` if the header is not valid; a fault if it cannot be read.
    pub fn new(input: Box<dyn Read>, format: Option<RowFormat>) -> Result<RowReader, Error> {
        let (size, read) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let mut input = BufReader::new(input);
        let beginning = input.fill_buf().map_err(|error| unreadable(&error))?;
        let mark = if beginning.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let format = format.unwrap_or_else(|| guessed(&beginning[mark..]));
        let first = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let behind = u64::from(first.len() < beginning.len() && first.ends_with(b"\r"));
        input.consume(mark);
        let recent = Recent::default();
        let counted = CountedInput {
            input: Box::new(input),
            size: size.clone(),
            read: read.clone(),
            recent: recent.clone(),
        };
        let source = match format {
            RowFormat::JsonLines => RowSource::Lines { reader: BufReader::new(counted), line: 0 },
            RowFormat::Csv | RowFormat::Tsv => records(counted, format, behind)?,
        };
        Ok(RowReader { source, number: 0, size, read, recent })
    }

    /// Returns how many bytes were read.
    pub fn bytes_read(&self) -> u64 {
        self.read.get()
    }

    /// Returns the header as it was read, if there is one, with the character between fields.
    pub fn header(&self) -> Option<(ByteRecord, u8)> {
        match &self.source {
            RowSource::Records { raw_header, delimiter, .. } => Some((raw_header.clone(), *delimiter)),
            RowSource::Lines { .. } => None,
        }
    }

    /// Returns the next row; `None` at the end.
    ///
    /// # Errors
    /// The input cannot be read, or a row is too large; then the next row cannot be found.
    pub fn next(&mut self) -> Result<Option<InputRow>, Error> {
        self.size.set(0);
        let row = match &mut self.source {
            RowSource::Records { reader, header, behind, delimiter, .. } => {
                record(reader, header, *behind, *delimiter == b',', &self.recent)
            }
            RowSource::Lines { reader, line } => {
                self.recent.borrow_mut().1.clear();
                json_line(reader, line)
            }
        };
        let row = row.map_err(|error| {
            if self.size.get() > LONGEST_ROW {
                let message = format!("row {} is longer than {} MiB", self.number + 1, LONGEST_ROW >> 20);
                return Refusal::new(Code::TooLarge, message).hint("an unclosed quote?").into();
            }
            unreadable(&error)
        })?;
        self.number += u64::from(row.is_some());
        Ok(row.map(|row| InputRow { number: self.number, ..row }))
    }
}

fn unreadable(error: &io::Error) -> Error {
    Fault::new(Code::NotFound, format!("cannot read the rows: {error}")).into()
}

/// Returns the format that the first characters show.
fn guessed(beginning: &[u8]) -> RowFormat {
    let line = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match line.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => RowFormat::JsonLines,
        _ if line.contains(&b'\t') => RowFormat::Tsv,
        _ => RowFormat::Csv,
    }
}

/// Opens records and reads their header.
fn records(input: CountedInput, format: RowFormat, behind: u64) -> Result<RowSource, Error> {
    let tabs = format == RowFormat::Tsv;
    let delimiter = if tabs { b'\t' } else { b',' };
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .quoting(!tabs)
        .from_reader(input);
    let mut raw_header = ByteRecord::new();
    reader.read_byte_record(&mut raw_header).map_err(|error| unreadable(&error.into()))?;
    let mut header: Vec<String> = Vec::new();
    for field in &raw_header {
        let name = parameter_name(&String::from_utf8_lossy(field));
        // A spreadsheet may leave columns without a name at the end.
        if !name.is_empty() && header.contains(&name) {
            let message = format!("two fields of the header are called {name}");
            return Err(Refusal::new(Code::InvalidValue, message).hint("rename one of them").into());
        }
        header.push(name);
    }
    Ok(RowSource::Records { reader, header, raw_header, delimiter, behind })
}

/// Returns the name of the parameter for a field: letters, digits and `_`; anything else becomes `_`.
fn parameter_name(field: &str) -> String {
    let name: String = field
        .trim()
        .chars()
        .map(|character| if character.is_alphanumeric() { character } else { '_' })
        .collect();
    match name.chars().next() {
        Some(first) if first.is_numeric() => format!("_{name}"),
        _ => name,
    }
}

fn record(
    reader: &mut csv::Reader<CountedInput>,
    header: &[String],
    behind: u64,
    quotes: bool,
    recent: &Recent,
) -> io::Result<Option<InputRow>> {
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record)? {
        return Ok(None);
    }
    let line = record.position().map_or(0, csv::Position::line) + behind;
    let (begin, end) = (record.position().map_or(0, csv::Position::byte), reader.position().byte());
    let open = quotes && is_open(&taken(recent, begin, end));
    let fields = if open {
        let message = "a quote is not closed: the row goes on to the end of the file".to_owned();
        Err(Refusal::new(Code::InvalidValue, message)
            .hint("close it, or double it if it belongs to the text"))
    } else if record.len() == header.len() {
        header
            .iter()
            .zip(&record)
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, field)| Ok((name.clone(), text(name, field)?)))
            .collect()
    } else {
        let message = format!("the row has {} fields; the header has {}", record.len(), header.len());
        Err(Refusal::new(Code::InvalidValue, message).hint("put a field that contains a comma in quotes"))
    };
    Ok(Some(InputRow { number: 0, line, fields, raw: RawRow::Record(record) }))
}

/// Returns the bytes of a record, and forgets them and those before it.
fn taken(recent: &Recent, begin: u64, end: u64) -> Vec<u8> {
    let mut recent = recent.borrow_mut();
    let place = |at: u64, recent: &(u64, Vec<u8>)| {
        usize::try_from(at.saturating_sub(recent.0)).unwrap_or(usize::MAX).min(recent.1.len())
    };
    let (from, to) = (place(begin, &recent), place(end, &recent));
    let bytes = recent.1[from.min(to)..to].to_vec();
    recent.1.drain(..to);
    recent.0 = end;
    bytes
}

/// Returns whether a record ends within quotes, which is possible only at the end of the file.
fn is_open(record: &[u8]) -> bool {
    let (mut begins, mut quoted) = (true, false);
    let mut bytes = record.iter().peekable();
    while let Some(byte) = bytes.next() {
        match (quoted, byte) {
            (false, b'"') if begins => quoted = true,
            (true, b'"') if bytes.next_if_eq(&&b'"').is_none() => quoted = false,
            _ => {}
        }
        begins = !quoted && matches!(byte, b',' | b'\n' | b'\r');
    }
    quoted
}

/// Returns the value of a field; an empty one is null.
fn text(name: &str, field: &[u8]) -> Result<Value, Refusal> {
    if field.is_empty() {
        return Ok(Value::Null);
    }
    match std::str::from_utf8(field) {
        Ok(text) => Ok(Value::from(text)),
        Err(_) => Err(Refusal::new(Code::InvalidValue, format!("field {name} is not valid UTF-8"))
            .hint("convert the file with iconv -t UTF-8")),
    }
}

fn json_line(reader: &mut BufReader<CountedInput>, line: &mut u64) -> io::Result<Option<InputRow>> {
    loop {
        let mut raw = Vec::new();
        if reader.read_until(b'\n', &mut raw)? == 0 {
            return Ok(None);
        }
        *line += 1;
        if raw.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let fields = object(&raw);
        return Ok(Some(InputRow { number: 0, line: *line, fields, raw: RawRow::Line(raw) }));
    }
}

/// Returns the fields of a JSON object.
fn object(line: &[u8]) -> Result<Vec<(String, Value)>, Refusal> {
    let invalid = |message: String| Refusal::new(Code::InvalidValue, message);
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(line)
        .map_err(|error| invalid(format!("the row is not a JSON object: {error}")))?;
    let field = |(name, value): (String, serde_json::Value)| {
        let value = match value {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::String(text) => Value::from(text),
            serde_json::Value::Bool(flag) => Value::from(if flag { "true" } else { "false" }),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(number) => Value::Integer(number),
                None => Value::Real(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::Array(_) => return Err(invalid(format!("field {name} is a list"))),
            serde_json::Value::Object(_) => return Err(invalid(format!("field {name} is an object"))),
        };
        Ok((parameter_name(&name), value))
    };
    let fields: Vec<(String, Value)> = object.into_iter().map(field).collect::<Result<_, _>>()?;
    match (1..fields.len()).find(|index| fields[..*index].iter().any(|(name, _)| *name == fields[*index].0)) {
        Some(index) => Err(invalid(format!("two fields are called {}", fields[index].0))),
        None => Ok(fields),
    }
}

/// An input that counts what is read, and ends a row that is too large.
struct CountedInput {
    input: Box<dyn Read>,
    size: Rc<Cell<u64>>,
    read: Rc<Cell<u64>>,
    recent: Recent,
}

impl Read for CountedInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.size.get() > LONGEST_ROW {
            return Err(io::Error::other("the row is too long"));
        }
        let length = self.input.read(buffer)?;
        self.size.set(self.size.get() + length as u64);
        self.read.set(self.read.get() + length as u64);
        self.recent.borrow_mut().1.extend_from_slice(&buffer[..length]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests;
