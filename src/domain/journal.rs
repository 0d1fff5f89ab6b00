//! The hash chain of the journal: what exactly is hashed, in which order.
//!
//! Invariant: every field is hashed with its type and length, so no two different entries give the
//! same bytes. This module deliberately does not know where rows come from: writing and verifying
//! pass the same fields.

use sha2::{Digest, Sha256};

use super::value::Value;

/// The version of these rules; it is part of every hash.
pub const VERSION: u64 = 1;

/// A hash of the chain.
pub type Hash = [u8; 32];

/// A field of a row.
#[derive(Debug, Clone, Copy)]
pub enum Field<'a> {
    /// SQL null.
    Null,
    /// An integer.
    Integer(i64),
    /// A text.
    Text(&'a str),
    /// A sequence of bytes.
    Blob(&'a [u8]),
}

impl<'a> From<i64> for Field<'a> {
    fn from(number: i64) -> Self {
        Field::Integer(number)
    }
}

impl<'a> From<&'a str> for Field<'a> {
    fn from(text: &'a str) -> Self {
        Field::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Field<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Field::Blob(bytes)
    }
}

/// The log contains no floating-point numbers.
impl<'a> From<&'a Value> for Field<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Integer(number) => Field::Integer(*number),
            Value::Text(text) => Field::Text(text),
            Value::Blob(bytes) => Field::Blob(bytes),
            Value::Null | Value::Real(_) => Field::Null,
        }
    }
}

impl<'a, T: Into<Field<'a>>> From<Option<T>> for Field<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Field::Null, Into::into)
    }
}

/// The tables whose rows are the changes of an entry, in the order in which they are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Customers, with the digests of their handles.
    Customer,
    /// What people wrote, as digests.
    Text,
    /// Creations of conversations.
    Opening,
    /// Transitions.
    Transition,
    /// Messages, notes and system messages.
    Message,
    /// All other changes.
    Change,
    /// The statement's KEY, as a digest.
    Key,
}

impl Table {
    /// All tables, in that order.
    pub const ALL: [Table; 7] = [
        Table::Customer,
        Table::Text,
        Table::Opening,
        Table::Transition,
        Table::Message,
        Table::Change,
        Table::Key,
    ];
    /// The number of tables of format 1, which are hashed even if they have no rows. One that was added
    /// since is hashed only if it has some, so that the hashes of earlier entries stay.
    const FIRST: usize = 6;
}

/// The changes of one entry, encoded for hashing.
#[derive(Debug, Default)]
pub struct Changes {
    rows: [Vec<u8>; Table::ALL.len()],
}

impl Changes {
    /// Adds a row of a table.
    pub fn add(&mut self, table: Table, fields: &[Field<'_>]) {
        let bytes = &mut self.rows[table as usize];
        write_number(bytes, fields.len() as u64);
        for field in fields {
            write_field(bytes, *field);
        }
    }

    /// Removes all rows but keeps the allocated memory for the next entry.
    pub fn clear(&mut self) {
        self.rows.iter_mut().for_each(Vec::clear);
    }

    /// Returns the digest of all rows.
    pub fn digest(&self) -> Hash {
        let mut bytes = Vec::with_capacity(256);
        self.write(&mut bytes);
        Sha256::digest(&bytes).into()
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        for (table, rows) in self.rows.iter().enumerate() {
            if table >= Table::FIRST {
                if rows.is_empty() {
                    continue;
                }
                write_number(bytes, table as u64);
            }
            write_number(bytes, rows.len() as u64);
            bytes.extend_from_slice(rows);
        }
    }
}

/// Writes a number as seven bits per byte, the lowest first, so that small numbers are short.
pub fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Writes a field with its type and, unless it is a number, its length.
pub fn write_field(bytes: &mut Vec<u8>, field: Field<'_>) {
    let (kind, content): (u8, &[u8]) = match &field {
        Field::Null => {
            bytes.push(0);
            return;
        }
        Field::Integer(number) => {
            bytes.push(1);
            // Zigzag encoding: small negative numbers are short, too.
            write_number(bytes, ((number << 1) ^ (number >> 63)) as u64);
            return;
        }
        Field::Text(text) => (2, text.as_bytes()),
        Field::Blob(blob) => (3, blob),
    };
    bytes.push(kind);
    write_number(bytes, content.len() as u64);
    bytes.extend_from_slice(content);
}

/// Reads a number from the front; `None` if it is incomplete or too long.
#[cfg(feature = "shared")]
pub fn read_number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for place in 0..10 {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        let bits = u64::from(byte & 0x7f);
        number |= bits.checked_shl(7 * place).filter(|shifted| shifted >> (7 * place) == bits)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Reads a field from the front; `None` if it is none.
#[cfg(feature = "shared")]
pub fn read_field(rest: &mut &[u8]) -> Option<Value> {
    let (kind, after) = rest.split_first()?;
    *rest = after;
    match kind {
        0 => return Some(Value::Null),
        1 => {
            let zigzag = read_number(rest)?;
            return Some(Value::Integer((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64)));
        }
        _ => {}
    }
    let length = usize::try_from(read_number(rest)?).ok()?;
    let (content, after) = rest.split_at_checked(length)?;
    *rest = after;
    match kind {
        2 => Some(Value::Text(std::str::from_utf8(content).ok()?.to_owned())),
        3 => Some(Value::Blob(content.to_vec())),
        _ => None,
    }
}

/// The heading of an entry.
#[derive(Debug, Clone, Copy)]
pub struct Heading<'a> {
    /// The entry's number.
    pub seq: i64,
    /// The timestamp, in ms since 1970 UTC.
    pub at: i64,
    /// The kind of actor.
    pub actor_kind: &'a str,
    /// The name of the actor.
    pub actor: Option<&'a str>,
    /// The digest of the statement's text.
    pub statement: Hash,
    /// The KEY given with the statement, in entries of format 1.
    pub key: Option<&'a str>,
}

/// Returns the first eight bytes of the digest of bytes whose content has its own digests in the
/// chain. It detects accidental changes and is as cheap to store as an integer.
pub fn short_digest(bytes: &[u8]) -> i64 {
    let hash: Hash = Sha256::digest(bytes).into();
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    i64::from_le_bytes(first)
}

/// Returns the digest of a statement's text.
pub fn statement_digest(statement: &str) -> Hash {
    Sha256::digest(statement).into()
}

/// Returns the digest by which the KEY of an actor is looked up. Names compare without ASCII case.
pub fn key_lookup(actor: &str, key: &str) -> [u8; 16] {
    let mut bytes = Vec::with_capacity(64);
    write_field(&mut bytes, Field::Text(&actor.to_ascii_lowercase()));
    write_field(&mut bytes, Field::Text(key));
    let hash: Hash = Sha256::digest(&bytes).into();
    let mut first = [0; 16];
    first.copy_from_slice(&hash[..16]);
    first
}

/// Returns the salted digest that represents a handle, a text or a key in the chain.
pub fn salted_digest(salt: &[u8], text: &str) -> Hash {
    Sha256::new().chain_update(salt).chain_update(text).finalize().into()
}

/// Returns the hash of an entry, which seals it.
pub fn seal(heading: &Heading<'_>, changes: &Changes, previous: &Hash) -> Hash {
    let mut bytes = Vec::with_capacity(512);
    for field in [
        Field::Integer(VERSION as i64),
        heading.seq.into(),
        heading.at.into(),
        heading.actor_kind.into(),
        heading.actor.into(),
        heading.statement.as_slice().into(),
        heading.key.into(),
        previous.as_slice().into(),
    ] {
        write_field(&mut bytes, field);
    }
    changes.write(&mut bytes);
    Sha256::digest(&bytes).into()
}

/// Formats bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
