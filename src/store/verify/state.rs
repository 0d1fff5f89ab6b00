//! Compares the state with the log that it follows from.
//!
//! Invariant: every column of every row of every state table equals what the file's own triggers
//! derive from the log, and there are no other rows. So no second implementation derives the state.
//! Conversations are applied in chunks to an empty copy in memory; one cannot have affected
//! another.

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row};

mod customers;

use super::Damage;
use crate::domain::refusal::Fault;
use crate::store::as_of::{Places, Play, empty_copy};
use crate::store::snapshot::Snapshot;
use crate::store::sqlite_error::sqlite_fault;

/// How many conversations are applied and compared at a time.
const CHUNK: i64 = 500;

/// A state table: how its rows are found in both files, and how a difference is reported.
struct StateTable {
    name: &'static str,
    /// The columns of the key; people see at most the first two.
    key: &'static [&'static str],
    /// The message about a row; `{}` is replaced with its key.
    words: &'static str,
}

const fn table(name: &'static str, key: &'static [&'static str], words: &'static str) -> StateTable {
    StateTable { name, key, words }
}

/// The tables that are not about a single conversation.
const OBJECTS: [StateTable; 3] = [
    table("object", &["kind", "id"], "{} does not match its creation or drop"),
    table("setting", &["kind", "object", "name"], "setting {} does not match the last change"),
    table("queue_member", &["queue", "agent"], "member {} does not match the last change"),
];

/// The tables about a conversation; the first column of the key is its id.
const CONVERSATIONS: [StateTable; 5] = [
    table("conversation", &["id"], "conversation {} does not match the log"),
    table("channel_session", &["conversation", "channel"], "session {} does not match the last change"),
    table("participant", &["conversation", "name"], "participant {} does not match the last change"),
    table("offer", &["conversation"], "the offer of {} does not match the last change"),
    table("timer", &["conversation", "timer"], "timer {} does not match the last change"),
];

/// Rows that the triggers would have refused.
const MOVES: [(&str, &str); 2] = [
    (
        "SELECT entry, conversation FROM (SELECT entry, conversation, seq, from_state, from_agent, from_queue,
                lag(to_state) OVER moves AS state, lag(to_agent) OVER moves AS agent, lag(to_queue) OVER moves AS queue
                FROM transition WINDOW moves AS (PARTITION BY conversation ORDER BY seq))
            WHERE (from_state, from_agent, from_queue) IS NOT (state, agent, queue) LIMIT 1",
        "a transition of conversation {} does not start where the previous one ended",
    ),
    (
        "SELECT transition.entry, transition.conversation FROM transition
            LEFT JOIN opening ON opening.id = transition.conversation
            LEFT JOIN conversation ON conversation.id = transition.conversation
            WHERE NOT EXISTS (SELECT 1 FROM edge WHERE edge.lifecycle = opening.lifecycle
                AND edge.channel = conversation.channel AND edge.from_state = coalesce(transition.from_state, '')
                AND edge.event = transition.event AND edge.to_state = transition.to_state
                AND edge.to_phase = transition.to_phase) LIMIT 1",
        "conversation {} has a transition that its lifecycle does not allow",
    ),
];

/// Returns the first difference between the state and the log.
pub(super) fn damage(snapshot: &Snapshot<'_>) -> Result<Option<Damage>, Fault> {
    let file = snapshot.connection();
    for (sql, words) in MOVES {
        if let Some((entry, id)) = ask(file, sql)? {
            return Ok(Some((entry, words.replace("{}", &id.to_string()))));
        }
    }
    let copy = empty_copy(snapshot.format())?;
    let last = Places { opening: i64::MAX, transition: i64::MAX, message: i64::MAX, change: i64::MAX };
    let play = Play::of_state(file, &copy, last);
    if let Err(error) = play.begin() {
        return out_of_range(error, 0, "the log").map(Some);
    }
    if let Some(fault) = customers::damage(&play)? {
        return Ok(Some(fault));
    }
    for table in &OBJECTS {
        if let Some(fault) = table.damage(file, &copy, i64::MIN, i64::MAX)? {
            return Ok(Some(fault));
        }
    }
    chunks(&play)
}

/// Reports a row of the log that the copy refuses. The copy checks only its columns; a foreign
/// program can disable those checks for a file.
fn out_of_range(error: rusqlite::Error, entry: i64, log: &str) -> Result<Damage, Fault> {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => {
            Ok((entry, format!("{log} has a value that its column does not allow")))
        }
        _ => Err(sqlite_fault(error)),
    }
}

/// Applies and compares all conversations in chunks.
fn chunks(play: &Play<'_>) -> Result<Option<Damage>, Fault> {
    let newest: i64 = play
        .file
        .query_row("SELECT coalesce(max(id), 0) FROM opening", [], |row| row.get(0))
        .map_err(sqlite_fault)?;
    let mut first = i64::MIN;
    loop {
        let begin = first.max(1);
        let last = begin.saturating_add(CHUNK - 1);
        for id in begin..=last.min(newest) {
            if let Err(error) = play.conversation(id) {
                let (entry, _) = ask(play.file, &format!("SELECT entry, id FROM opening WHERE id = {id}"))?
                    .unwrap_or_default();
                return out_of_range(error, entry, &format!("the log of conversation {id}")).map(Some);
            }
        }
        let until = if last >= newest { i64::MAX } else { last };
        for table in &CONVERSATIONS {
            if let Some(fault) = table.damage(play.file, play.copy, first, until)? {
                return Ok(Some(fault));
            }
        }
        if until == i64::MAX {
            return Ok(None);
        }
        for table in ["opening", "transition", "message"].iter().chain(&CONVERSATIONS.map(|table| table.name))
        {
            play.copy.execute(&format!("DELETE FROM {table}"), []).map_err(sqlite_fault)?;
        }
        play.copy.execute("DELETE FROM change WHERE kind IN ('conversation', 'session', 'participant', 'timer', 'offer')", [])
            .map_err(sqlite_fault)?;
        first = last + 1;
    }
}

/// Returns the first row of a query: an entry and an id. A row without an entry belongs to entry 0.
fn ask(connection: &Connection, sql: &str) -> Result<Option<(i64, i64)>, Fault> {
    let found = |row: &Row<'_>| Ok((row.get::<_, Option<i64>>(0)?.unwrap_or_default(), row.get(1)?));
    connection.query_row(sql, [], found).optional().map_err(sqlite_fault)
}

type Cells = Vec<Cell>;

impl StateTable {
    /// Returns the first row that is missing or different in one of the files, among those whose id
    /// is between `first` and `last`.
    fn damage(
        &self,
        file: &Connection,
        copy: &Connection,
        first: i64,
        last: i64,
    ) -> Result<Option<Damage>, Fault> {
        let by = self.key[0];
        let range = match self.key {
            ["kind", ..] => "?1 < ?2".to_owned(),
            _ => format!("{by} BETWEEN ?1 AND ?2"),
        };
        let keys = self.key.join(", ");
        let sql = format!("SELECT {keys}, * FROM {} WHERE {range} ORDER BY {keys}", self.name);
        let (mut found, mut made) = (
            file.prepare_cached(&sql).map_err(sqlite_fault)?,
            copy.prepare_cached(&sql).map_err(sqlite_fault)?,
        );
        let (mut found, mut made) = (
            found.query([first, last]).map_err(sqlite_fault)?,
            made.query([first, last]).map_err(sqlite_fault)?,
        );
        loop {
            let (one, other) =
                (cells(found.next().map_err(sqlite_fault)?)?, cells(made.next().map_err(sqlite_fault)?)?);
            match (one, other) {
                (None, None) => return Ok(None),
                (one, other) if one == other => {}
                (one, other) => {
                    // The row with the smaller key is missing in the other file.
                    let row = match (&one, &other) {
                        (Some(one), Some(other)) if shown(other) < shown(one) => other,
                        (Some(one), _) => one,
                        (None, other) => other.as_ref().unwrap_or(const { &Vec::new() }),
                    };
                    let named: Vec<String> = row.iter().take(self.key.len()).map(shown_cell).collect();
                    let entry = self.entry(file, row)?;
                    return Ok(Some((entry, self.words.replace("{}", &named.join(" ")))));
                }
            }
        }
    }

    /// Returns the entry to report for a row: that of the last change about the same object, or
    /// else of the opening.
    fn entry(&self, file: &Connection, row: &Cells) -> Result<i64, Fault> {
        let id = row.iter().find(|cell| matches!(cell, Cell::Integer(_))).cloned().unwrap_or(Cell::Null);
        let sql = "SELECT coalesce((SELECT entry FROM opening WHERE id = ?1 AND ?2), (SELECT max(entry) FROM change WHERE object = ?1), 0)";
        let about_conversation = CONVERSATIONS.iter().any(|table| table.name == self.name);
        file.query_row(sql, (id, about_conversation), |row| row.get(0)).map_err(sqlite_fault)
    }
}

fn cells(row: Option<&Row<'_>>) -> Result<Option<Cells>, Fault> {
    let Some(row) = row else { return Ok(None) };
    let columns = row.as_ref().column_count();
    let cells = (0..columns).map(|index| row.get(index)).collect::<rusqlite::Result<Cells>>();
    cells.map(Some).map_err(sqlite_fault)
}

fn shown(row: &Cells) -> String {
    row.iter().map(shown_cell).collect::<Vec<_>>().join("\u{0}")
}

fn shown_cell(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => number.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Blob(bytes) => crate::domain::journal::hex(bytes),
    }
}
