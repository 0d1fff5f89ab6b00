//! An entry as the shared log keeps it: its rows encoded, and beside them the words that can be erased.
//!
//! Invariant: `decode` returns exactly what `encode` was given, or `None`; whatever the bytes are, it
//! does not panic. The encoded rows contain nothing that anybody wrote. This module deliberately does
//! not know where the bytes are kept, nor how a row is written to a file.
//!
//! The format is a version, the heading, and then the rows: for each the number of its table, the
//! number of its fields, and the fields as the hash chain encodes them.

use super::journal::{Field, Hash, read_field, read_number, write_field, write_number};
use super::value::Value;

/// The version of this encoding.
const VERSION: u64 = 1;

/// A table whose rows travel with an entry. The order is part of the encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedTable {
    /// A handle: its id. The handle itself is a word.
    Customer,
    /// A text: its id. The body is a word.
    Text,
    /// The opening of a conversation.
    Opening,
    /// A transition.
    Transition,
    /// A message.
    Message,
    /// A change.
    Change,
    /// A key, without fields. The key itself is a word.
    Key,
    /// A state of a lifecycle that the entry defines.
    State,
    /// An edge of a lifecycle that the entry defines.
    Edge,
    /// A text that the entry purges: the conversation, the text, a message, the digest.
    PurgedText,
    /// A statement that the entry purges: the conversation, the entry of the statement, the digest.
    PurgedStatement,
}

impl SharedTable {
    const ALL: [SharedTable; 11] = [
        SharedTable::Customer,
        SharedTable::Text,
        SharedTable::Opening,
        SharedTable::Transition,
        SharedTable::Message,
        SharedTable::Change,
        SharedTable::Key,
        SharedTable::State,
        SharedTable::Edge,
        SharedTable::PurgedText,
        SharedTable::PurgedStatement,
    ];
}

/// The rows of an entry, with its heading.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryRows {
    /// The timestamp, in ms since 1970 UTC.
    pub at: i64,
    /// The kind of actor.
    pub actor_kind: String,
    /// The name of the actor.
    pub actor: Option<String>,
    /// The key that the hash covers, in entries of format 1.
    pub key: Option<String>,
    /// The rows of the tables, each table's in the order of their numbers.
    pub rows: Vec<(SharedTable, Vec<Value>)>,
}

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordKind {
    /// The handle of a customer.
    Customer,
    /// A text.
    Text,
    /// The KEY of the statement of an entry.
    Key,
    /// The statement of an entry. It has no salt.
    Statement,
}

impl WordKind {
    /// All kinds.
    pub const ALL: [WordKind; 4] = [WordKind::Customer, WordKind::Text, WordKind::Key, WordKind::Statement];

    /// Returns the letter by which the log names the kind.
    pub fn letter(self) -> i8 {
        match self {
            WordKind::Customer => b'c' as i8,
            WordKind::Text => b't' as i8,
            WordKind::Key => b'k' as i8,
            WordKind::Statement => b's' as i8,
        }
    }

    /// Returns the kind with that letter.
    pub fn from_letter(letter: i8) -> Option<WordKind> {
        WordKind::ALL.into_iter().find(|kind| kind.letter() == letter)
    }
}

/// Words that can be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What they are.
    pub kind: WordKind,
    /// The number of the handle or text; of a key and a statement, that of the entry.
    pub id: i64,
    /// The salt and the words, or their digest once they are erased.
    pub content: WordContent,
}

/// The content of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WordContent {
    /// The salt, which a statement does not have, and the words.
    Present {
        /// The salt; empty for a statement.
        salt: Vec<u8>,
        /// The words.
        body: String,
    },
    /// The digest that the hash chain covers in place of the words.
    Erased(Hash),
}

/// An entry of the shared log.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedEntry {
    /// The number.
    pub seq: i64,
    /// The hash.
    pub hash: Hash,
    /// The encoded rows.
    pub rows: Vec<u8>,
    /// The words of the entry.
    pub words: Vec<Word>,
    /// The host that appended it.
    pub host: String,
}

impl EntryRows {
    /// Encodes the rows.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        write_number(&mut bytes, VERSION);
        let heading: [Field<'_>; 4] = [
            self.at.into(),
            self.actor_kind.as_str().into(),
            self.actor.as_deref().into(),
            self.key.as_deref().into(),
        ];
        heading.into_iter().for_each(|field| write_field(&mut bytes, field));
        for (table, values) in &self.rows {
            write_number(&mut bytes, *table as u64);
            write_number(&mut bytes, values.len() as u64);
            values.iter().for_each(|value| write_field(&mut bytes, value.into()));
        }
        bytes
    }

    /// Decodes rows; `None` if the bytes are not what [`EntryRows::encode`] returns.
    pub fn decode(bytes: &[u8]) -> Option<EntryRows> {
        let mut rest = bytes;
        if read_number(&mut rest)? != VERSION {
            return None;
        }
        let Value::Integer(at) = read_field(&mut rest)? else { return None };
        let Value::Text(actor_kind) = read_field(&mut rest)? else { return None };
        let (actor, key) = (optional(&mut rest)?, optional(&mut rest)?);
        let mut rows = Vec::new();
        while !rest.is_empty() {
            let table = SharedTable::ALL.get(usize::try_from(read_number(&mut rest)?).ok()?)?;
            let count = read_number(&mut rest)?;
            let mut values = Vec::new();
            for _ in 0..count {
                values.push(read_field(&mut rest)?);
            }
            rows.push((*table, values));
        }
        Some(EntryRows { at, actor_kind, actor, key, rows })
    }
}

fn optional(rest: &mut &[u8]) -> Option<Option<String>> {
    match read_field(rest)? {
        Value::Null => Some(None),
        Value::Text(text) => Some(Some(text)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> EntryRows {
        let values = vec![Value::Integer(-7), Value::Null, "Actif".into(), Value::Blob(vec![0, 255])];
        EntryRows {
            at: 1_772_442_900_250,
            actor_kind: "agent".into(),
            actor: Some("anna".into()),
            key: None,
            rows: vec![
                (SharedTable::Key, Vec::new()),
                (SharedTable::Transition, values),
                (SharedTable::Change, vec![Value::Integer(i64::MIN), Value::Integer(i64::MAX)]),
            ],
        }
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        assert_eq!(EntryRows::decode(&rows().encode()), Some(rows()));
    }

    #[test]
    fn damaged_bytes_are_refused_without_a_panic() {
        let bytes = rows().encode();
        for length in 0..bytes.len() {
            let decoded = EntryRows::decode(&bytes[..length]);
            assert!(decoded.is_none_or(|decoded| decoded != rows()), "cut to {length} bytes");
        }
        for place in 0..bytes.len() {
            for bit in 0..8 {
                let mut bytes = bytes.clone();
                bytes[place] ^= 1 << bit;
                assert_ne!(EntryRows::decode(&bytes), Some(rows()), "bit {bit} of byte {place}");
            }
        }
    }
}
