//! Writes an entry: opens it, records its changes, seals it. It makes all INSERTs, UPDATEs and DELETEs
//! of statements.
//!
//! Invariant: entries are hashed from the values that are written, in the order of columns in which
//! VERIFY reads them. A writer lives within one transaction of the store.

mod bodies;
mod words;

use rusqlite::types::ToSql;
use rusqlite::{Connection, Params};

use super::convert::bound;
use super::format::Formats;
use super::scrub::Scrub;
use super::snapshot::{Cache, Head, Snapshot};
use super::sqlite_error::sqlite_fault;
use crate::domain::change::{Body, Change, ChangeKind, Message, Opening, Transition, ValueChange};
use crate::domain::definition::LifecycleDefinition;
use crate::domain::journal::{self, Changes, Field, Heading, Table, statement_digest};
use crate::domain::moment::Moment;
use crate::domain::refusal::{Code, Fault};

/// An entry to be written.
#[derive(Debug, Clone)]
pub struct NewEntry<'a> {
    /// The timestamp.
    pub at: Moment,
    /// The kind of actor.
    pub actor_kind: &'a str,
    /// The name of the actor.
    pub actor: Option<&'a str>,
    /// The canonical statement.
    pub statement: &'a str,
}

/// Writes within one transaction.
pub struct Writer<'a> {
    connection: &'a Connection,
    cache: &'a Cache,
    format: &'static Formats,
    head: Head,
    changes: Changes,
    scrub: Scrub,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        cache: &'a Cache,
        format: &'static Formats,
        head: Head,
    ) -> Self {
        Writer { connection, cache, format, head, changes: Changes::default(), scrub: Scrub::None }
    }

    pub(super) fn finish(self) -> (Head, Scrub) {
        (self.head, self.scrub)
    }

    /// Marks the file as one whose free space may contain purged words, which [`Store::scrub`] removes.
    ///
    /// [`Store::scrub`]: super::Store::scrub
    pub fn scrub_later(&mut self) {
        self.scrub = self.scrub.max(Scrub::Later);
    }

    /// Returns a snapshot of the file as of the statements completed so far.
    pub fn snapshot(&self) -> Snapshot<'a> {
        Snapshot::new(self.connection, self.cache, self.format)
    }

    /// Returns the end of the log.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Opens an entry, so that its rows can be recorded, and returns its number.
    ///
    /// # Errors
    /// `unlogged` if another program left an entry open.
    pub fn open(&mut self) -> Result<i64, Fault> {
        if self.head.left_open {
            return Err(Fault::new(
                Code::Unlogged,
                format!("another program left entry {} open", self.head.entry + 1),
            )
            .hint("this file can no longer be written; restore a backup"));
        }
        self.changes.clear();
        Ok(self.entry())
    }

    /// Returns the number of the open entry.
    fn entry(&self) -> i64 {
        self.head.entry + 1
    }

    /// Seals the open entry: its own row is written last, with the hash over all its rows.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn seal(&mut self, entry: &NewEntry<'_>) -> Result<(), Fault> {
        let heading = Heading {
            seq: self.entry(),
            at: entry.at.0,
            actor_kind: entry.actor_kind,
            actor: entry.actor,
            statement: statement_digest(entry.statement),
            key: None,
        };
        let hash = journal::seal(&heading, &self.changes, &self.head.hash);
        self.insert(
            "INSERT INTO entry (seq, at, actor_kind, actor, statement, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (self.entry(), entry.at.0, entry.actor_kind, entry.actor, entry.statement, hash),
        )?;
        self.head.hash = hash;
        self.head.entry = self.entry();
        self.head.at = Some(entry.at);
        Ok(())
    }

    /// Records a change in the open entry.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn record(&mut self, change: &Change, salt: impl FnOnce() -> [u8; 16]) -> Result<(), Fault> {
        match change {
            Change::Customer { id, handle } => self.customer(*id, handle, salt()),
            Change::Opening(opening) => self.opening(opening),
            Change::Transition(transition) => self.transition(transition),
            Change::Message(message) => self.message(message),
            Change::Archived(archived) => self.archived(archived),
            Change::Definition { lifecycle, definition } => self.definition(*lifecycle, definition),
            Change::ArchiveErased(conversation) => {
                self.insert("DELETE FROM archive WHERE conversation = ?1", [conversation])
            }
            Change::Purged(purged) => self.purged(purged),
            Change::Value(setting) => self.setting(setting),
        }
    }

    fn insert(&self, statement: &str, parameters: impl Params) -> Result<(), Fault> {
        self.connection
            .prepare_cached(statement)
            .and_then(|mut insert| insert.execute(parameters))
            .map_err(sqlite_fault)?;
        Ok(())
    }

    fn opening(&mut self, opening: &Opening) -> Result<(), Fault> {
        let entry = self.entry();
        self.insert(
            "INSERT INTO opening (id, entry, topic, workstream, lifecycle, customer, subject, priority, skills, predecessor, at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            (
                opening.id,
                entry,
                opening.topic,
                opening.workstream,
                opening.lifecycle,
                opening.customer,
                opening.subject,
                opening.priority,
                opening.skills.as_deref(),
                opening.predecessor,
                opening.at.0,
            ),
        )?;
        self.changes.add(
            Table::Opening,
            &[
                opening.id.into(),
                entry.into(),
                opening.topic.as_slice().into(),
                opening.workstream.into(),
                opening.lifecycle.into(),
                opening.customer.into(),
                opening.subject.into(),
                opening.priority.into(),
                opening.skills.as_deref().into(),
                opening.predecessor.into(),
                opening.at.0.into(),
            ],
        );
        self.head.opening = opening.id;
        Ok(())
    }

    fn transition(&mut self, moved: &Transition) -> Result<(), Fault> {
        let (seq, entry) = (self.head.transition + 1, self.entry());
        let id = |named: &Option<crate::domain::config::Named>| named.as_ref().map(|named| named.id);
        let (event, to_phase) = (moved.event.name(), moved.to_phase.name());
        let (from_agent, to_agent) = (id(&moved.from_agent), id(&moved.to_agent));
        let from_queue = id(&moved.from_queue);
        let (kind, actor) = (moved.by.kind.name(), moved.by.name.as_deref());
        let overridden = i64::from(moved.overridden);
        let parameters: [&dyn ToSql; 17] = [
            &seq,
            &entry,
            &moved.conversation,
            &event,
            &moved.from_state,
            &moved.to_state,
            &to_phase,
            &from_agent,
            &to_agent,
            &from_queue,
            &moved.to_queue.id,
            &moved.units,
            &kind,
            &actor,
            &moved.reason,
            &overridden,
            &moved.at.0,
        ];
        self.insert(
            "INSERT INTO transition (seq, entry, conversation, event, from_state, to_state, to_phase, from_agent,
                to_agent, from_queue, to_queue, units, actor_kind, actor, reason, override, at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
            parameters,
        )?;
        self.changes.add(
            Table::Transition,
            &[
                seq.into(),
                entry.into(),
                moved.conversation.into(),
                event.into(),
                moved.from_state.as_deref().into(),
                Field::Text(&moved.to_state),
                to_phase.into(),
                from_agent.into(),
                to_agent.into(),
                from_queue.into(),
                moved.to_queue.id.into(),
                moved.units.into(),
                kind.into(),
                actor.into(),
                moved.reason.into(),
                overridden.into(),
                moved.at.0.into(),
            ],
        );
        self.head.transition = seq;
        Ok(())
    }

    fn message(&mut self, message: &Message) -> Result<(), Fault> {
        let (id, entry) = (self.head.message + 1, self.entry());
        let (kind, text, system) = match &message.body {
            Body::Text(text) => ("text", Some(*text), None),
            Body::Automatic(text) => ("automatic", Some(*text), None),
            Body::Note(text) => ("note", Some(*text), None),
            Body::System(words) => ("system", None, Some(words.as_str())),
        };
        let author_kind = message.author.as_ref().map_or("system", |author| author.kind.name());
        let author = message.author.as_ref().and_then(|author| author.name.as_deref());
        self.insert(
            "INSERT INTO message (id, entry, conversation, author_kind, author, kind, text, system, at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (id, entry, message.conversation, author_kind, author, kind, text, system, message.at.0),
        )?;
        self.changes.add(
            Table::Message,
            &[
                id.into(),
                entry.into(),
                message.conversation.into(),
                author_kind.into(),
                author.into(),
                kind.into(),
                text.into(),
                system.into(),
                message.at.0.into(),
            ],
        );
        self.head.message = id;
        Ok(())
    }

    /// Writes states and edges. The chain covers them by their digest, which is recorded as a
    /// separate change.
    fn definition(&mut self, lifecycle: i64, definition: &LifecycleDefinition) -> Result<(), Fault> {
        for row in definition.state_rows() {
            self.insert(
                "INSERT INTO state (lifecycle, state, channel, phase, position) VALUES (?1, ?2, ?3, ?4, ?5)",
                (lifecycle, row.state, row.channel, row.phase, row.position),
            )?;
        }
        for row in definition.edge_rows() {
            self.insert(
                "INSERT INTO edge (lifecycle, channel, from_state, event, condition, to_state, to_phase, after_ms)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                (
                    lifecycle,
                    row.channel,
                    row.from_state,
                    row.event,
                    row.condition,
                    row.to_state,
                    row.to_phase,
                    row.after.map(|time| time.0),
                ),
            )?;
        }
        Ok(())
    }

    fn setting(&mut self, setting: &ValueChange) -> Result<(), Fault> {
        let (seq, entry) = (self.head.change + 1, self.entry());
        let (kind, name) = (setting.kind.kind(), setting.kind.name());
        self.insert(
            "INSERT INTO change (seq, entry, kind, object, item, name, value, at, after_transition)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                seq,
                entry,
                kind,
                setting.object,
                bound(&setting.item),
                name,
                bound(&setting.value),
                setting.at.0,
                self.head.transition,
            ),
        )?;
        self.changes.add(
            Table::Change,
            &[
                seq.into(),
                entry.into(),
                kind.into(),
                setting.object.into(),
                Field::from(&setting.item),
                name.into(),
                Field::from(&setting.value),
                setting.at.0.into(),
                self.head.transition.into(),
            ],
        );
        self.head.change = seq;
        if matches!(setting.kind, ChangeKind::Erased(_)) {
            self.scrub = Scrub::AtCommit;
        }
        if matches!(setting.kind, ChangeKind::Created(_) | ChangeKind::Dropped(_) | ChangeKind::Set(..)) {
            self.cache.clear();
        }
        Ok(())
    }
}
