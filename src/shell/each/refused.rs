//! The file of refused rows: as they were read, so that they can be corrected and run again.
//!
//! Invariant: the file is created with the first refused row and overwrites nothing. Rows are written
//! once their batch is committed.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use csv::{ByteRecord, WriterBuilder};

use super::rows::RawRow;
use crate::domain::refusal::{Code, Error, Fault, Refusal};

/// The file, and the rows that are not written yet.
pub struct RefusedRows {
    path: PathBuf,
    file: Option<File>,
    /// The header of the input, with the character between fields.
    header: Option<(ByteRecord, u8)>,
    waiting: Vec<RawRow>,
}

impl RefusedRows {
    /// Names the file. `header` is that of the input.
    ///
    /// # Errors
    /// `exists`.
    pub fn new(path: &Path, header: Option<(ByteRecord, u8)>) -> Result<RefusedRows, Error> {
        if path.exists() {
            return Err(Refusal::new(Code::Exists, format!("{} already exists", path.display()))
                .hint("use another name for --refused")
                .into());
        }
        Ok(RefusedRows { path: path.to_owned(), file: None, header, waiting: Vec::new() })
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
        self.append(&rows).map_err(|error| {
            let message = format!("cannot write {}: {error}", self.path.display());
            let code =
                if error.kind() == io::ErrorKind::StorageFull { Code::DiskFull } else { Code::NotFound };
            Fault::new(code, message).into()
        })
    }

    fn append(&mut self, rows: &[RawRow]) -> io::Result<()> {
        let mut bytes = Vec::new();
        let new = self.file.is_none();
        if new {
            self.file = Some(OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path)?);
        }
        let (header, delimiter) =
            self.header.as_ref().map_or((None, b','), |(header, delimiter)| (Some(header), *delimiter));
        let header = header.filter(|_| new);
        for record in header.into_iter().chain(rows.iter().filter_map(|row| match row {
            RawRow::Record(record) => Some(record),
            RawRow::Line(_) => None,
        })) {
            let mut writer = WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(&mut bytes);
            writer.write_byte_record(record)?;
            writer.flush()?;
        }
        for row in rows {
            if let RawRow::Line(line) = row {
                bytes.extend_from_slice(line.trim_ascii_end());
                bytes.push(b'\n');
            }
        }
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(&bytes))
    }
}
