//! The file of refused rows: as they were read, so that they can be corrected and run again.
//!
//! Invariant: the file is created before the first row is run, overwrites nothing, and is removed if no
//! row was refused. Rows are written once their batch is committed.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use csv::{ByteRecord, QuoteStyle, WriterBuilder};

use super::rows::RawRow;
use crate::domain::refusal::{Code, Error, Fault, Refusal};

/// The file, and the rows that are not written yet.
pub struct RefusedRows {
    path: PathBuf,
    file: File,
    /// The header of the input, with the character between fields.
    header: Option<(ByteRecord, u8)>,
    waiting: Vec<RawRow>,
    /// Whether nothing was written yet.
    empty: bool,
}

impl RefusedRows {
    /// Creates the file. `header` is that of the input.
    ///
    /// # Errors
    /// `exists`; a fault if it cannot be created.
    pub fn new(path: &Path, header: Option<(ByteRecord, u8)>) -> Result<RefusedRows, Error> {
        let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = created.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Error::from(
                Refusal::new(Code::Exists, format!("{} already exists", path.display()))
                    .hint("use another name for --refused"),
            ),
            _ => unwritable(path, &error),
        })?;
        Ok(RefusedRows { path: path.to_owned(), file, header, waiting: Vec::new(), empty: true })
    }

    /// Adds a row.
    pub fn push(&mut self, row: RawRow) {
        self.waiting.push(row);
    }

    /// Forgets the rows of a batch that was rolled back.
    pub fn forget(&mut self) {
        self.waiting.clear();
    }

    /// Writes the rows of a batch that was committed.
    ///
    /// # Errors
    /// A fault if the file cannot be written.
    pub fn write(&mut self) -> Result<(), Error> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.waiting);
        self.append(&rows).map_err(|error| unwritable(&self.path, &error))
    }

    fn append(&mut self, rows: &[RawRow]) -> io::Result<()> {
        let mut bytes = Vec::new();
        let new = std::mem::replace(&mut self.empty, false);
        let (header, delimiter) =
            self.header.as_ref().map_or((None, b','), |(header, delimiter)| (Some(header), *delimiter));
        let header = header.filter(|_| new);
        for record in header.into_iter().chain(rows.iter().filter_map(|row| match row {
            RawRow::Record(record) => Some(record),
            RawRow::Line(_) => None,
        })) {
            // The fields of a TSV file are read without quotes, too.
            let style = if delimiter == b'\t' { QuoteStyle::Never } else { QuoteStyle::Necessary };
            let mut writer = WriterBuilder::new()
                .delimiter(delimiter)
                .quote_style(style)
                .flexible(true)
                .from_writer(&mut bytes);
            writer.write_byte_record(record)?;
            writer.flush()?;
        }
        for row in rows {
            if let RawRow::Line(line) = row {
                bytes.extend_from_slice(line.trim_ascii_end());
                bytes.push(b'\n');
            }
        }
        self.file.write_all(&bytes)
    }
}

impl Drop for RefusedRows {
    fn drop(&mut self) {
        if self.empty {
            // An empty file would do no harm either.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    Fault::new(Code::of_io(error.kind()), format!("cannot write {}: {error}", path.display())).into()
}
