//! Entries after a given one: one pass of FOLLOW over the log.
//!
//! Invariant: a pass returns only sealed entries, complete and in order, each with all its rows
//! that concern the subject. The size of a pass is limited, however large the file is. The log is
//! append-only and numbered without gaps, so a pass needs no index of its own. This module
//! deliberately does not know who waits for the next pass.

use std::collections::HashMap;

use rusqlite::{Row, params};

use super::Snapshot;
use super::journal::{CHANGES, MESSAGES, MOVES, Numbered};
use crate::domain::follow::{Follow, Subject};
use crate::domain::moment::Moment;
use crate::domain::refusal::Fault;
use crate::domain::reply::{Reply, Shape};
use crate::domain::value::Value;
use crate::store::convert::value;

/// The maximum number of entries that one pass reads.
const MOST_ENTRIES: i64 = 1_000;
/// The maximum number of log rows that one pass reads, unless a single entry has more.
const MOST_ROWS: i64 = 2_000;

/// The columns of a row. `id` is the row's own number: of a transition, a message or a change.
/// `agent` and `queue` are those after a transition, or those a change is about; `object` and
/// `item` are what else a change is about. `name` is the property that changes or, for a message,
/// its kind. `rows` is the number of rows that follow the row of an entry.
const COLUMNS: [&str; 26] = [
    "seq",
    "kind",
    "at",
    "id",
    "conversation",
    "event",
    "from_state",
    "to_state",
    "from_agent",
    "agent",
    "from_queue",
    "queue",
    "customer",
    "author_kind",
    "author",
    "body",
    "reason",
    "override",
    "object",
    "item",
    "name",
    "value",
    "actor_kind",
    "actor",
    "statement",
    "rows",
];

/// The index of `at`.
const AT: usize = 2;
/// The index of `rows`.
const ROWS: usize = COLUMNS.len() - 1;

/// Selects the rows that concern the subject: ?3 is a conversation, ?4 a queue, null means any. A
/// conversation concerns a queue if the entry moves it into or out of the queue, or if it is in the
/// queue after the entry.
macro_rules! concerns {
    ($journal:literal, $conversation:literal) => {
        concat!(
            "((?3 IS NULL OR ",
            $conversation,
            " = ?3) AND (?4 IS NULL
                OR EXISTS (SELECT 1 FROM transition AS other WHERE other.conversation = ",
            $conversation,
            "
                    AND other.entry = ",
            $journal,
            " AND ?4 IN (other.from_queue, other.to_queue))
                OR ?4 = (SELECT other.to_queue FROM transition AS other WHERE other.conversation = ",
            $conversation,
            "
                    AND other.entry <= ",
            $journal,
            " ORDER BY other.seq DESC LIMIT 1)))"
        )
    };
}

const ENTRIES: &str = "SELECT seq, 'entry', at, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, actor_kind, actor, statement, NULL
    FROM entry WHERE seq >= ?1 AND seq < ?2 ORDER BY seq";

const TRANSITIONS: &str = concat!(
    "SELECT moved.entry, 'transition', moved.at, moved.seq, moved.conversation, moved.event, moved.from_state, moved.to_state,
        from_agent.name, to_agent.name, from_queue.name, to_queue.name, customer.handle, NULL, NULL, NULL, text.body, nullif(moved.override, 0),
        NULL, NULL, NULL, NULL, moved.actor_kind, moved.actor, NULL, NULL
    FROM transition AS moved
    LEFT JOIN object AS from_agent ON from_agent.kind = 'agent' AND from_agent.id = moved.from_agent
    LEFT JOIN object AS to_agent ON to_agent.kind = 'agent' AND to_agent.id = moved.to_agent
    LEFT JOIN object AS from_queue ON from_queue.kind = 'queue' AND from_queue.id = moved.from_queue
    LEFT JOIN object AS to_queue ON to_queue.kind = 'queue' AND to_queue.id = moved.to_queue
    LEFT JOIN text ON text.id = moved.reason
    LEFT JOIN opening ON opening.id = iif(moved.from_state IS NULL, moved.conversation, NULL)
    LEFT JOIN customer ON customer.id = opening.customer
    WHERE moved.seq >= ?1 AND moved.seq < ?2 AND ",
    concerns!("moved.entry", "moved.conversation"),
    " ORDER BY moved.seq"
);

const SAID: &str = concat!(
    "SELECT message.entry, 'message', message.at, message.id, message.conversation, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        message.author_kind, message.author, coalesce(message.system, text.body, switchboard_unpacked(archive.bodies, text.id)),
        NULL, NULL, NULL, NULL, message.kind, NULL, NULL, NULL, NULL, NULL
    FROM message
    LEFT JOIN text ON text.id = message.text
    LEFT JOIN message AS moved ON moved.id = text.message
    LEFT JOIN archive ON archive.conversation = moved.conversation
    WHERE message.id >= ?1 AND message.id < ?2 AND ",
    concerns!("message.entry", "message.conversation"),
    " ORDER BY message.id"
);

/// Timers are left out because they follow from other rows; SHOW TIMERS lists them. So is an
/// agent's `offline_at`.
const CHANGED: &str = concat!(
    "SELECT entry, change.kind, at, seq,
        CASE WHEN change.kind IN ('conversation', 'session', 'offer', 'participant') THEN object END,
        NULL, NULL, NULL, NULL,
        (SELECT agent.name FROM object AS agent WHERE agent.kind = 'agent'
            AND agent.id = CASE change.kind WHEN 'agent' THEN change.object WHEN 'member' THEN item WHEN 'offer' THEN item END),
        NULL,
        (SELECT queue.name FROM object AS queue WHERE queue.kind = 'queue'
            AND queue.id = CASE WHEN change.kind IN ('queue', 'member') THEN change.object END),
        NULL, NULL, NULL, NULL, NULL, NULL,
        CASE change.kind WHEN 'customer' THEN coalesce((SELECT handle FROM customer WHERE id = object), object) WHEN 'text' THEN object WHEN 'entry' THEN object WHEN 'agent' THEN NULL WHEN 'queue' THEN NULL
            ELSE (SELECT known.name FROM object AS known WHERE known.kind = change.kind AND known.id = change.object AND known.id > 0) END,
        CASE WHEN change.kind IN ('session', 'participant') THEN item END,
        name,
        CASE change.kind || '.' || name
            WHEN 'workstream.queue' THEN (SELECT queue.name FROM object AS queue WHERE queue.kind = 'queue' AND queue.id = value)
            WHEN 'workstream.lifecycle' THEN (SELECT drawn.name FROM object AS drawn WHERE drawn.kind = 'lifecycle' AND drawn.id = value)
            WHEN 'report.sql' THEN (SELECT body FROM text WHERE id = value)
            WHEN 'conversation.subject' THEN (SELECT body FROM text WHERE id = value)
            WHEN 'customer.name' THEN (SELECT body FROM text WHERE id = value)
            WHEN 'customer.merged' THEN (SELECT handle FROM customer WHERE id = value)
            ELSE iif(typeof(value) = 'blob', lower(hex(value)), value) END,
        NULL, NULL, NULL, NULL
    FROM change WHERE seq >= ?1 AND seq < ?2 AND kind <> 'timer' AND name <> 'offline_at'
        AND (?3 IS NULL AND ?4 IS NULL OR ?4 = object AND kind IN ('queue', 'member')
            OR kind = 'workstream' AND name = 'queue' AND ?4 IN (value, (SELECT earlier.value FROM change AS earlier
                WHERE earlier.kind = 'workstream' AND earlier.object = change.object AND earlier.name = 'queue' AND earlier.seq < change.seq
                ORDER BY earlier.seq DESC LIMIT 1))
            OR kind IN ('conversation', 'session', 'offer', 'participant') AND ",
    concerns!("change.entry", "change.object"),
    ") ORDER BY seq"
);

impl Snapshot<'_> {
    /// Returns the number of the last entry.
    pub fn last_entry(&self) -> Result<i64, Fault> {
        self.number("SELECT coalesce(max(seq), 0) FROM entry", [])
    }

    /// What comes next; the reply says where to go on.
    pub fn poll(&self, follow: &Follow) -> Result<Reply, Fault> {
        let last = self.last_entry()?;
        let until = self.until(follow.after, last)?;
        let mut reply = Reply::with_columns(&COLUMNS);
        reply.shape = Shape::Events;
        reply.follow = Some(Follow { after: until, more: until < last, ..*follow });
        let mut rows = Vec::new();
        for (table, sql) in [(MOVES, TRANSITIONS), (MESSAGES, SAID), (CHANGES, CHANGED)] {
            let (from, to) = self.numbers(table, follow.after, until)?;
            rows.extend(self.events(sql, from, to, follow.subject)?);
        }
        let mut entries = self.many(ENTRIES, [follow.after + 1, until + 1], event)?;
        let mut counts: HashMap<i64, i64> = HashMap::new();
        rows.iter().for_each(|row: &FollowedRow| *counts.entry(row.entry).or_default() += 1);
        entries.retain(|row| follow.subject == Subject::All || counts.contains_key(&row.entry));
        for row in &mut entries {
            row.at = i64::MIN;
            row.values[ROWS] = counts.get(&row.entry).copied().unwrap_or(0).into();
        }
        entries.append(&mut rows);
        // The sort is stable, so rows with the same timestamp stay in the order of the tables.
        entries.sort_by_key(|row| (row.entry, row.at));
        reply.rows = entries.into_iter().map(|row| row.values).collect();
        Ok(reply)
    }

    /// Returns the last entry of a pass.
    fn until(&self, after: i64, last: i64) -> Result<i64, Fault> {
        let mut until = last.min(after.saturating_add(MOST_ENTRIES)).max(after);
        while until > after + 1 && self.written(after, until)? > MOST_ROWS {
            until = after + (until - after) / 2;
        }
        Ok(until)
    }

    /// Returns the number of log rows of these entries.
    fn written(&self, after: i64, until: i64) -> Result<i64, Fault> {
        let mut count = 0;
        for table in [MOVES, MESSAGES, CHANGES] {
            let (from, to) = self.numbers(table, after, until)?;
            count += to - from;
        }
        Ok(count)
    }

    /// Returns the range of a table's row numbers that belong to these entries; the end is
    /// exclusive.
    fn numbers(&self, table: Numbered, after: i64, until: i64) -> Result<(i64, i64), Fault> {
        if until == after {
            return Ok((0, 0));
        }
        Ok((self.first_from(table, after + 1)?, self.first_from(table, until + 1)?))
    }

    fn events(&self, sql: &str, from: i64, to: i64, subject: Subject) -> Result<Vec<FollowedRow>, Fault> {
        if from >= to {
            return Ok(Vec::new());
        }
        let (conversation, queue) = match subject {
            Subject::All => (None, None),
            Subject::Conversation(id) => (Some(id), None),
            Subject::Queue(id) => (None, Some(id)),
        };
        let mut rows = self.many(sql, params![from, to, conversation, queue], event)?;
        let mut before = (0, i64::MIN);
        for row in &mut rows {
            // Keep the rows of a table in their order, whatever timestamps they have.
            row.at = if before.0 == row.entry { row.at.max(before.1) } else { row.at };
            before = (row.entry, row.at);
        }
        Ok(rows)
    }
}

/// A row with its sort key: the entry and, after the entry's own row, the timestamp.
struct FollowedRow {
    entry: i64,
    at: i64,
    values: Vec<Value>,
}

fn event(row: &Row<'_>) -> rusqlite::Result<FollowedRow> {
    let mut values =
        (0..COLUMNS.len()).map(|index| value(row, index)).collect::<rusqlite::Result<Vec<_>>>()?;
    let (entry, at) = (row.get(0)?, row.get(AT)?);
    values[AT] = Moment(at).to_string().into();
    Ok(FollowedRow { entry, at, values })
}
