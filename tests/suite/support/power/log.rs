//! The record of disk operations, one after the other, in a file.
//!
//! Invariant: what is written can be read again, and a truncated record is recognized. This module
//! deliberately does not know the effect of an operation.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A disk operation. Files are numbered, since a name may refer to another file later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// From here on the name refers to that file. With content, the file existed before and was not
    /// created through SQLite.
    Open { file: usize, name: PathBuf, content: Option<Vec<u8>> },
    /// Writes bytes at an offset.
    Write { file: usize, offset: usize, bytes: Vec<u8> },
    /// Shortens or extends the file to that size, in bytes.
    Truncate { file: usize, size: usize },
    /// Everything written to the file before is on the disk.
    Sync { file: usize },
    /// The name no longer refers to a file. `synced`: its folder is synced as well.
    Delete { name: PathBuf, synced: bool },
    /// The job called `mark` with that number.
    Mark(u64),
    /// The job has ended.
    End,
}

impl Op {
    /// Appends the operation to a record.
    pub fn write(&self, out: &mut impl Write) -> std::io::Result<()> {
        let number = |number: &usize| *number as u64;
        let (kind, numbers, bytes): (u8, [u64; 2], &[u8]) = match self {
            Op::Open { file, name, content } => {
                let there = u64::from(content.is_some());
                write(out, 0, [number(file), there], name.as_os_str().as_bytes())?;
                return content.as_ref().map_or(Ok(()), |content| write(out, 1, [0, 0], content));
            }
            Op::Write { file, offset, bytes } => (2, [number(file), number(offset)], bytes),
            Op::Truncate { file, size } => (3, [number(file), number(size)], &[]),
            Op::Sync { file } => (4, [number(file), 0], &[]),
            Op::Delete { name, synced } => (5, [u64::from(*synced), 0], name.as_os_str().as_bytes()),
            Op::Mark(mark) => (6, [*mark, 0], &[]),
            Op::End => (7, [0, 0], &[]),
        };
        write(out, kind, numbers, bytes)
    }
}

/// Writes the common format: the kind, two numbers, the length, and that many bytes.
fn write(out: &mut impl Write, kind: u8, numbers: [u64; 2], bytes: &[u8]) -> std::io::Result<()> {
    out.write_all(&[kind])?;
    for number in [numbers[0], numbers[1], bytes.len() as u64] {
        out.write_all(&number.to_le_bytes())?;
    }
    out.write_all(bytes)
}

/// Reads a complete record; panics if it is truncated.
pub fn read(path: &Path) -> Vec<Op> {
    let bytes = std::fs::read(path).expect("a record");
    let mut rest = bytes.as_slice();
    let mut ops = Vec::new();
    loop {
        match next(&mut rest) {
            Op::End => break,
            op => ops.push(op),
        }
    }
    assert!(rest.is_empty(), "nothing follows the end");
    ops
}

fn next(rest: &mut &[u8]) -> Op {
    let (kind, [first, second], bytes) = piece(rest);
    match kind {
        0 => {
            let name = PathBuf::from(OsStr::from_bytes(bytes));
            Op::Open { file: first, name, content: (second == 1).then(|| piece(rest).2.to_vec()) }
        }
        2 => Op::Write { file: first, offset: second, bytes: bytes.to_vec() },
        3 => Op::Truncate { file: first, size: second },
        4 => Op::Sync { file: first },
        5 => Op::Delete { name: PathBuf::from(OsStr::from_bytes(bytes)), synced: first == 1 },
        6 => Op::Mark(first as u64),
        7 => Op::End,
        other => panic!("no operation is of kind {other}"),
    }
}

fn piece<'a>(rest: &mut &'a [u8]) -> (u8, [usize; 2], &'a [u8]) {
    let kind = taken(rest, 1)[0];
    let [first, second, length] = [(); 3].map(|()| {
        let bytes = taken(rest, 8).try_into().expect("eight bytes");
        usize::try_from(u64::from_le_bytes(bytes)).expect("a number that memory can have")
    });
    (kind, [first, second], taken(rest, length))
}

fn taken<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, others) = rest.split_at_checked(count).expect("the record is whole");
    *rest = others;
    taken
}
