//! Queries about the log itself: its end, and earlier entries.

use rusqlite::Connection;

use super::Snapshot;
use crate::domain::journal::{Hash, key_lookup};
use crate::domain::moment::Moment;
use crate::domain::refusal::Fault;
use crate::store::genesis::genesis;
use crate::store::sqlite_error::sqlite_fault;

/// The end of the log: the last number of each kind, and the last hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The last entry.
    pub entry: i64,
    /// Whether another program left rows of an entry that it never closed.
    pub left_open: bool,
    /// The timestamp of the last entry; `None` if there is no entry.
    pub at: Option<Moment>,
    /// The hash that the next entry continues from.
    pub hash: Hash,
    /// The last transition.
    pub transition: i64,
    /// The last message.
    pub message: i64,
    /// The last change.
    pub change: i64,
    /// The last text.
    pub text: i64,
    /// The last customer.
    pub customer: i64,
    /// The last conversation.
    pub opening: i64,
}

/// An earlier entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastStatement {
    /// The entry's number.
    pub seq: i64,
    /// The timestamp.
    pub at: Moment,
    /// The name of the actor.
    pub actor: Option<String>,
    /// Whether it was written by timers that were due before the next statement.
    pub by_timer: bool,
    /// Whether it archived or purged.
    pub archives: bool,
    /// Whether it is the upgrade by a newer program, which is not a statement of the language.
    pub upgrades: bool,
    /// The canonical statement; `None` once purged.
    pub statement: Option<String>,
}

/// A log table whose rows are numbered without gaps in the order of their entries and timestamps.
#[derive(Debug, Clone, Copy)]
pub struct Numbered {
    journal: &'static str,
    at: &'static str,
    last: &'static str,
}

const fn numbered(journal: &'static str, at: &'static str, last: &'static str) -> Numbered {
    Numbered { journal, at, last }
}

/// The customers.
pub const CUSTOMERS: Numbered = numbered(
    "SELECT entry FROM customer WHERE id = ?1",
    "SELECT entry.at FROM customer JOIN entry ON entry.seq = customer.entry WHERE customer.id = ?1",
    "SELECT coalesce(max(id), 0) FROM customer",
);

/// The texts.
pub const TEXTS: Numbered = numbered(
    "SELECT entry FROM text WHERE id = ?1",
    "SELECT entry.at FROM text JOIN entry ON entry.seq = text.entry WHERE text.id = ?1",
    "SELECT coalesce(max(id), 0) FROM text",
);

/// The openings.
pub const OPENINGS: Numbered = numbered(
    "SELECT entry FROM opening WHERE id = ?1",
    "SELECT at FROM opening WHERE id = ?1",
    "SELECT coalesce(max(id), 0) FROM opening",
);

/// The transitions.
pub const MOVES: Numbered = numbered(
    "SELECT entry FROM transition WHERE seq = ?1",
    "SELECT at FROM transition WHERE seq = ?1",
    "SELECT coalesce(max(seq), 0) FROM transition",
);
/// The messages.
pub const MESSAGES: Numbered = numbered(
    "SELECT entry FROM message WHERE id = ?1",
    "SELECT at FROM message WHERE id = ?1",
    "SELECT coalesce(max(id), 0) FROM message",
);
/// The changes.
pub const CHANGES: Numbered = numbered(
    "SELECT entry FROM change WHERE seq = ?1",
    "SELECT at FROM change WHERE seq = ?1",
    "SELECT coalesce(max(seq), 0) FROM change",
);

/// Returns a number that changes when another connection has written.
pub fn data_version(connection: &Connection) -> Result<i64, Fault> {
    connection
        .prepare_cached("PRAGMA data_version")
        .and_then(|mut sql| sql.query_row([], |row| row.get(0)))
        .map_err(sqlite_fault)
}

/// Reads the end of the log.
pub fn read_head(connection: &Connection) -> Result<Head, Fault> {
    let head = read_older_head(connection)?;
    let key: i64 = connection
        .prepare_cached("SELECT coalesce(max(entry), 0) FROM key")
        .and_then(|mut sql| sql.query_row([], |row| row.get(0)))
        .map_err(sqlite_fault)?;
    Ok(Head { left_open: head.left_open || key > head.entry, ..head })
}

/// Reads the end of the log of a file of an earlier format, which may have no table of keys.
pub fn read_older_head(connection: &Connection) -> Result<Head, Fault> {
    let head = connection
        .prepare_cached(
            "SELECT coalesce(last.seq, 0) AS entry, last.at, last.hash, coalesce(transition.seq, 0) AS transition,
                coalesce(message.id, 0) AS message, coalesce(change.seq, 0) AS change, coalesce(text.id, 0) AS text,
                coalesce(customer.id, 0) AS customer, coalesce(opening.id, 0) AS opening,
                max(coalesce(transition.entry, 0), coalesce(message.entry, 0), coalesce(change.entry, 0),
                    coalesce(text.entry, 0), coalesce(customer.entry, 0), coalesce(opening.entry, 0)) > coalesce(last.seq, 0) AS left_open
            FROM (SELECT 1)
            LEFT JOIN entry AS last ON last.seq = (SELECT max(seq) FROM entry)
            LEFT JOIN transition ON transition.seq = (SELECT max(seq) FROM transition)
            LEFT JOIN message ON message.id = (SELECT max(id) FROM message)
            LEFT JOIN change ON change.seq = (SELECT max(seq) FROM change)
            LEFT JOIN text ON text.id = (SELECT max(id) FROM text)
            LEFT JOIN customer ON customer.id = (SELECT max(id) FROM customer)
            LEFT JOIN opening ON opening.id = (SELECT max(id) FROM opening)",
        )
        .and_then(|mut sql| {
            sql.query_row([], |row| {
                Ok((row.get::<_, Option<Hash>>("hash")?, Head {
                    entry: row.get("entry")?,
                    left_open: row.get("left_open")?,
                    at: row.get::<_, Option<i64>>("at")?.map(Moment),
                    hash: [0; 32],
                    transition: row.get("transition")?,
                    message: row.get("message")?,
                    change: row.get("change")?,
                    text: row.get("text")?,
                    customer: row.get("customer")?,
                    opening: row.get("opening")?,
                }))
            })
        })
        .map_err(sqlite_fault)?;
    match head {
        (Some(hash), head) => Ok(Head { hash, ..head }),
        (None, head) => Ok(Head { hash: genesis(connection)?.digest, ..head }),
    }
}

/// The statement that used a key.
#[derive(Debug)]
pub struct KeyUse {
    /// The number of its entry.
    pub entry: i64,
    /// The statement as it is stored; `None` once purged.
    pub statement: Option<String>,
}

impl Snapshot<'_> {
    /// Returns the entry in which an actor used a key.
    pub fn use_of_key(&self, actor: &str, key: &str) -> Result<Option<KeyUse>, Fault> {
        self.one(
            "SELECT key.entry, statement FROM key JOIN entry ON entry.seq = key.entry WHERE lookup = ?1",
            [key_lookup(actor, key)],
            |row| Ok(KeyUse { entry: row.get(0)?, statement: row.get(1)? }),
        )
    }

    /// Returns the KEY of an entry's statement, or `None` once it is erased.
    pub fn key(&self, entry: i64) -> Result<Option<String>, Fault> {
        self.one("SELECT key FROM key WHERE entry = ?1", [entry], |row| row.get(0)).map(Option::flatten)
    }

    /// Returns the range of an entry's transition numbers; the end is exclusive. The log needs no
    /// index by entry, because its rows are numbered without gaps in the order of their entries.
    pub fn moves_of(&self, entry: i64) -> Result<(i64, i64), Fault> {
        Ok((self.first_from(MOVES, entry)?, self.first_from(MOVES, entry + 1)?))
    }

    /// Whether an entry's statement itself moved a conversation; the router may have moved others in
    /// the same entry.
    pub fn moved_by_statement(&self, entry: i64) -> Result<bool, Fault> {
        let (from, to) = self.moves_of(entry)?;
        let sql = "SELECT 1 FROM transition WHERE seq >= ?1 AND seq < ?2 AND actor_kind <> 'router' LIMIT 1";
        Ok(self.one(sql, [from, to], |row| row.get::<_, i64>(0))?.is_some())
    }

    /// Returns the range of an entry's message numbers, likewise.
    pub fn messages_of(&self, entry: i64) -> Result<(i64, i64), Fault> {
        Ok((self.first_from(MESSAGES, entry)?, self.first_from(MESSAGES, entry + 1)?))
    }

    /// Returns the conversation that an entry connected a customer to, if the entry did nothing
    /// else.
    pub fn session_of(&self, entry: i64) -> Result<Option<i64>, Fault> {
        let (from, to) = self.messages_of(entry)?;
        if from < to {
            return Ok(None);
        }
        let first = self.first_from(CHANGES, entry)?;
        self.one(
            "SELECT object FROM change WHERE seq = ?1 AND entry = ?2 AND kind = 'session'",
            [first, entry],
            |row| row.get(0),
        )
    }

    /// Returns the first row number that belongs to an entry or a later one.
    pub fn first_from(&self, table: Numbered, entry: i64) -> Result<i64, Fault> {
        self.halved(table.journal, table.last, entry)
    }

    /// Returns the first row number with this timestamp or a later one. The timestamps of the log
    /// never decrease.
    pub fn first_at(&self, table: Numbered, moment: Moment) -> Result<i64, Fault> {
        self.halved(table.at, table.last, moment.0)
    }

    /// Returns the first row number whose value is at least `value`, by binary search.
    fn halved(&self, of_row: &str, last: &str, value: i64) -> Result<i64, Fault> {
        let (mut from, mut to) = (1, self.number(last, [])? + 1);
        while from < to {
            let middle = from + (to - from) / 2;
            if self.number(of_row, [middle])? < value {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        Ok(from)
    }

    /// Returns the timestamp of the last entry.
    pub fn last_moment(&self) -> Result<Option<Moment>, Fault> {
        self.one("SELECT at FROM entry ORDER BY seq DESC LIMIT 1", [], |row| row.get(0).map(Moment))
    }

    /// Returns the last `count` entries, or all of them for `None`, the earliest first.
    pub fn statements(&self, count: Option<i64>) -> Result<Vec<PastStatement>, Fault> {
        self.many(
            "SELECT seq, at, actor, statement, actor_kind = 'timer', actor_kind = 'timer' AND seq IN (SELECT entry FROM change
                    WHERE kind = 'conversation' AND (name = 'archived' OR name = 'unpacked' OR name = 'purged')), actor_kind = 'upgrade' FROM
                (SELECT * FROM entry ORDER BY seq DESC LIMIT coalesce(?1, -1)) ORDER BY seq",
            [count],
            |row| {
                Ok(PastStatement {
                    seq: row.get(0)?,
                    at: Moment(row.get(1)?),
                    actor: row.get(2)?,
                    statement: row.get(3)?,
                    by_timer: row.get(4)?,
                    archives: row.get(5)?,
                    upgrades: row.get(6)?,
                })
            },
        )
    }

    /// Returns a text, archived or not, or `None` once it is erased.
    pub fn text(&self, id: i64) -> Result<Option<String>, Fault> {
        let sql = "SELECT coalesce(body, switchboard_unpacked(bodies, text.id)) FROM text
            LEFT JOIN message ON message.id = text.message LEFT JOIN archive ON archive.conversation = message.conversation
            WHERE text.id = ?1";
        self.one(sql, [id], |row| row.get(0)).map(Option::flatten)
    }
}
