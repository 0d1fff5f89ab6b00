//! The words of an entry that is played: written, or a stand-in for them; archived, purged and erased.
//!
//! Invariant: a digest that takes the place of words is that of these words.

use super::super::stand_in::{self, StandIn};
use super::{Playing, Rules, Unplayed, integer, refused};
use crate::domain::archive;
use crate::domain::handle::compared;
use crate::domain::journal::{Field, Hash, Table, key_lookup, salted_digest, statement_digest};
use crate::domain::shared_entry::{SharedTable, WordContent, WordKind};
use crate::domain::value::Value;
use crate::store::scrub::Scrub;

impl Playing<'_> {
    /// Writes a handle, a text or a key.
    pub(super) fn word(&mut self, table: SharedTable, values: &[Value]) -> Result<(), Unplayed> {
        let seq = self.entry.seq;
        let (kind, hashed, id) = match table {
            SharedTable::Customer => (WordKind::Customer, Table::Customer, integer(values, 0)),
            SharedTable::Text => (WordKind::Text, Table::Text, integer(values, 0)),
            _ => (WordKind::Key, Table::Key, seq),
        };
        let StandIn { salt, body, digest } = self.content(kind, id)?;
        match kind {
            WordKind::Customer => {
                self.insert(
                    "INSERT INTO customer (id, entry, salt, handle) VALUES (?1, ?2, ?3, ?4)",
                    (id, seq, salt, &body),
                )?;
                self.handle(id, &compared(&body))?;
            }
            WordKind::Text => {
                self.insert(
                    "INSERT INTO text (id, entry, salt, body) VALUES (?1, ?2, ?3, ?4)",
                    (id, seq, salt, &body),
                )?;
            }
            _ => self.insert(
                "INSERT INTO key (entry, salt, key, lookup) VALUES (?1, ?2, ?3, ?4)",
                (seq, salt, &body, key_lookup(self.actor, &body)),
            )?,
        }
        let digest = Field::from(digest.as_slice());
        match kind {
            WordKind::Key => self.changes.add(hashed, &[seq.into(), digest]),
            _ => self.changes.add(hashed, &[id.into(), seq.into(), digest]),
        }
        Ok(())
    }

    /// Writes the compared form of a handle. Format 1 allowed equal ones; the later one names nobody.
    fn handle(&self, id: i64, compared: &str) -> rusqlite::Result<()> {
        let sql = match self.rules {
            Rules::Present => "INSERT INTO handle (id, customer, compared, change) VALUES (?1, ?1, ?2, 0)",
            Rules::Earlier => {
                "INSERT INTO handle (id, customer, compared, change)
                    SELECT ?1, ?1, iif(EXISTS (SELECT 1 FROM handle WHERE compared = ?2), NULL, ?2), 0"
            }
        };
        self.insert(sql, (id, compared))
    }

    /// Returns the salt, words and digest of a word, or a stand-in.
    fn content(&self, kind: WordKind, id: i64) -> Result<StandIn, Unplayed> {
        let word = self.entry.words.iter().find(|word| (word.kind, word.id) == (kind, id));
        match word.map(|word| &word.content) {
            Some(WordContent::Present { salt, body }) => {
                Ok(StandIn { digest: salted_digest(salt, body), salt: salt.clone(), body: body.clone() })
            }
            Some(WordContent::Erased(digest)) => Ok(stand_in::of(id, *digest)),
            None => Err(refused("its words are missing")),
        }
    }

    /// Returns the statement, or its stand-in, and its digest.
    pub(super) fn statement(&self) -> Result<(String, Hash), Unplayed> {
        let seq = self.entry.seq;
        let word = self.entry.words.iter().find(|word| (word.kind, word.id) == (WordKind::Statement, seq));
        match word.map(|word| &word.content) {
            Some(WordContent::Present { salt, body }) if salt.is_empty() => {
                Ok((body.clone(), statement_digest(body)))
            }
            Some(WordContent::Erased(digest)) => Ok((stand_in::of_statement(digest), *digest)),
            _ => Err(refused("its statement is missing")),
        }
    }

    /// Checks that a word is erased with its own digest, and notes what that makes necessary besides what
    /// the triggers do.
    pub(super) fn about_to_erase(&mut self, kind: &str, object: i64, digest: &Value) -> Result<(), Unplayed> {
        let Value::Blob(digest) = digest else { return Err(refused("it erases without a digest")) };
        let was_there = self.checked(kind, object, digest)?;
        if was_there {
            self.scrub = Scrub::AtCommit;
        }
        if kind == "text" {
            let sql = "SELECT archive.conversation FROM text JOIN message ON message.id = text.message
                JOIN archive ON archive.conversation = message.conversation WHERE text.id = ?1";
            let conversation: Option<i64> = self.one(sql, object)?;
            self.emptied.extend(conversation.filter(|found| !self.emptied.contains(found)));
        }
        Ok(())
    }

    /// Checks that the digest is that of a word. Returns whether the word itself is there, and not a
    /// stand-in.
    fn checked(&self, kind: &str, object: i64, digest: &[u8]) -> Result<bool, Unplayed> {
        let wrong = || refused(format!("it erases {kind} {object} with the digest of something else"));
        if kind == "entry" {
            let statement: Option<String> = self.one("SELECT statement FROM entry WHERE seq = ?1", object)?;
            let Some(statement) = statement else { return Ok(false) };
            return match stand_in::stands_for_statement(&statement, digest) {
                Some(true) => Ok(false),
                None if statement_digest(&statement) == *digest => Ok(true),
                _ => Err(wrong()),
            };
        }
        let sql = match kind {
            "text" => {
                "SELECT salt, coalesce(body, switchboard_unpacked(bodies, text.id)) FROM text
                    LEFT JOIN message ON message.id = text.message
                    LEFT JOIN archive ON archive.conversation = message.conversation WHERE text.id = ?1"
            }
            "customer" => "SELECT salt, handle FROM customer WHERE id = ?1",
            _ => "SELECT salt, key FROM key WHERE entry = ?1",
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([object])?;
        let Some(row) = rows.next()? else { return Ok(false) };
        let (Some(salt), Some(body)) = (row.get::<_, Option<Vec<u8>>>(0)?, row.get::<_, Option<String>>(1)?)
        else {
            return Ok(false);
        };
        match stand_in::stands_for(&salt, &body, digest) {
            Some(true) => Ok(false),
            None if salted_digest(&salt, &body) == *digest => Ok(true),
            _ => Err(wrong()),
        }
    }

    /// Packs the bodies of a conversation as its host did.
    pub(super) fn archived(&mut self, conversation: i64, change: i64) -> Result<(), Unplayed> {
        let said = self.snapshot.said(conversation)?;
        let packed = archive::pack(said.iter().map(|said| (said.text, said.body.as_str())))
            .ok_or_else(|| refused("it archives what does not fit"))?;
        self.insert(
            "INSERT INTO archive (conversation, bodies, change) VALUES (?1, ?2, ?3)",
            (conversation, packed, change),
        )?;
        for said in said {
            let sql = "UPDATE text SET body = NULL, message = ?2 WHERE id = ?1";
            self.insert(sql, (said.text, said.message))?;
        }
        Ok(())
    }

    pub(super) fn purged(&mut self, conversation: i64) -> Result<(), Unplayed> {
        for (table, kind, id, digest) in
            [(SharedTable::PurgedText, "text", 1, 3), (SharedTable::PurgedStatement, "entry", 1, 2)]
        {
            for row in self.extra.get(&(table as u64, conversation)).into_iter().flatten() {
                let Some(Value::Blob(digest)) = row.get(digest) else {
                    return Err(refused("it purges without a digest"));
                };
                if self.checked(kind, integer(row, id), digest)? {
                    self.scrub = self.scrub.max(Scrub::Later);
                }
            }
        }
        for text in self.take(SharedTable::PurgedText, conversation) {
            let sql = "UPDATE text SET body = NULL, salt = NULL, message = ?2, digest = ?3 WHERE id = ?1";
            self.row(sql, text.get(1..).unwrap_or_default(), None)?;
        }
        self.insert("DELETE FROM archive WHERE conversation = ?1", [conversation])?;
        for statement in self.take(SharedTable::PurgedStatement, conversation) {
            let sql =
                "UPDATE entry SET statement = NULL, digest = ?2 WHERE seq = ?1 AND statement IS NOT NULL";
            self.row(sql, statement.get(1..).unwrap_or_default(), None)?;
        }
        Ok(())
    }
}
