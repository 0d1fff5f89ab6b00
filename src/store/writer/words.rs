//! Writes what is personal: texts, keys and handles.
//!
//! Invariant: the chain covers the salted digest of the words, never the words themselves.

use super::Writer;
use crate::domain::handle::compared;
use crate::domain::journal::{Table, key_lookup, salted_digest};
use crate::domain::refusal::Fault;

impl Writer<'_> {
    /// Adds a text that somebody wrote, with its salted digest, and returns its id.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn text(&mut self, body: &str, salt: [u8; 16]) -> Result<i64, Fault> {
        let (id, digest) = (self.head.text + 1, salted_digest(&salt, body));
        self.insert(
            "INSERT INTO text (id, entry, salt, body) VALUES (?1, ?2, ?3, ?4)",
            (id, self.entry(), salt, body),
        )?;
        self.changes.add(Table::Text, &[id.into(), self.entry().into(), digest.as_slice().into()]);
        self.head.text = id;
        Ok(id)
    }

    /// Adds the KEY of the entry's statement, with its salted digest.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn key(&mut self, actor: &str, key: &str, salt: [u8; 16]) -> Result<(), Fault> {
        let digest = salted_digest(&salt, key);
        self.insert(
            "INSERT INTO key (entry, salt, key, lookup) VALUES (?1, ?2, ?3, ?4)",
            (self.entry(), salt, key, key_lookup(actor, key)),
        )?;
        self.changes.add(Table::Key, &[self.entry().into(), digest.as_slice().into()]);
        Ok(())
    }

    pub(super) fn customer(&mut self, id: i64, handle: &str, salt: [u8; 16]) -> Result<(), Fault> {
        let digest = salted_digest(&salt, handle);
        self.insert(
            "INSERT INTO customer (id, entry, salt, handle) VALUES (?1, ?2, ?3, ?4)",
            (id, self.entry(), salt, handle),
        )?;
        self.insert(
            "INSERT INTO handle (id, customer, compared, change) VALUES (?1, ?1, ?2, 0)",
            (id, compared(handle)),
        )?;
        self.changes.add(Table::Customer, &[id.into(), self.entry().into(), digest.as_slice().into()]);
        self.head.customer = id;
        Ok(())
    }
}
