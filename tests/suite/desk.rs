//! A desk in the middle of a day, written by plain INSERTs, and the same log written again.
//!
//! What matters: every table has rows, and every entry holds one kind of row after its openings and moves, so that
//! the log alone, written into an empty file, must give the same state.

use crate::bare::{Answer, Bare, LOG, Move};
use rusqlite::types::{Null, Value};
use rusqlite::{OptionalExtension, params_from_iter, types::ValueRef};

/// Queues 1 billing, 2 front, 3 dropped; agents 1 alice, 2 bob, 3 dropped; workstreams 1 chat on omnichannel, 2 sms on
/// unified, 3 chat on topic (bot, wrap-up), 4 voice on dispatch, 5 records. Conversations: 1 Open, 2 Active with
/// alice, 3 Waiting (sms), 4 Created, 5 On Hold with bob, 6 Dispatching, 7 a closed record whose note is archived, 8 in
/// Wrap-up with alice, 9 Active with bob. Lifecycles 5, which workstream 6 uses,
/// 6, which was dropped, and 7, which nothing uses. Conversation 6 is offered to bob, who has one unit more than the others.
pub fn desk() -> Bare {
    let desk = Bare::new();
    people(&desk);
    workstreams(&desk);
    conversations(&desk);
    details(&desk);
    archived(&desk);
    erasures(&desk);
    reports(&desk);
    desk
}

/// Report 1 has a question, report 2 waits for one.
fn reports(desk: &Bare) {
    for (id, name) in [(1, "late"), (2, "spare")] {
        desk.logged(|desk| desk.change("report", id, Null, "created", name.to_owned()));
    }
    desk.logged(|desk| desk.change("report", 1, Null, "question", 1));
}

fn people(desk: &Bare) {
    desk.logged(|desk| desk.change("site", 1, Null, "time_zone", "Europe/Berlin".to_owned()));
    for (id, name) in [(1, "billing"), (2, "front"), (3, "old")] {
        desk.logged(|desk| desk.change("queue", id, Null, "created", name.to_owned()));
    }
    for (id, name) in [(1, "alice"), (2, "bob"), (3, "gone")] {
        desk.logged(|desk| desk.change("agent", id, Null, "created", name.to_owned()));
        desk.logged(|desk| desk.change("agent", id, Null, "capacity", if id == 2 { 4 } else { 3 }));
        desk.logged(|desk| desk.change("member", 1, id, "joined", Null));
    }
    for (id, name) in [(1, "maria"), (2, "nick")] {
        desk.logged(|desk| desk.change("supervisor", id, Null, "created", name.to_owned()));
    }
    desk.logged(|desk| desk.change("service", 1, Null, "created", "web".to_owned()));
    desk.logged(|desk| desk.change("service", 2, Null, "created", "phone".to_owned()));
    desk.logged(|desk| desk.change("agent", 1, Null, "presence", "available".to_owned()));
    desk.logged(|desk| desk.change("member", 2, 1, "joined", Null));
    desk.logged(|desk| desk.change("member", 2, 1, "left", Null));
    desk.logged(|desk| desk.change("queue", 3, Null, "dropped", Null));
    desk.logged(|desk| desk.change("agent", 3, Null, "dropped", Null));
}

fn workstreams(desk: &Bare) {
    desk.logged(|desk| desk.lifecycle(5, "errand"));
    desk.logged(|desk| desk.lifecycle(6, "old"));
    desk.logged(|desk| desk.lifecycle(7, "spare"));
    desk.logged(|desk| desk.change("lifecycle", 6, Null, "dropped", Null));
    let lines = [
        (1, "chat", 1, 1),
        (2, "sms", 4, 2),
        (3, "chat", 3, 1),
        (4, "voice", 2, 2),
        (5, "record", 1, 1),
        (6, "chat", 5, 1),
    ];
    for (id, channel, lifecycle, queue) in lines {
        desk.logged(|desk| {
            desk.change("workstream", id, Null, "created", format!("{channel} {id}"))?;
            desk.change("workstream", id, Null, "channel", channel.to_owned())?;
            desk.change("workstream", id, Null, "lifecycle", lifecycle)?;
            desk.change("workstream", id, Null, "queue", queue)
        });
    }
    for name in ["bot", "wrapup"] {
        desk.logged(|desk| desk.change("workstream", 3, Null, name, "on".to_owned()));
    }
    desk.logged(|desk| desk.change("workstream", 1, Null, "queue_timeout", 60000));
}

fn conversations(desk: &Bare) {
    for handle in ["ann", "bo", "cy", "to be erased"] {
        desk.logged(|desk| desk.customer(handle));
    }
    opened(desk, 1, 1, Move::new(1, "open", "Open", 1));
    opened(desk, 1, 2, Move::new(2, "open", "Open", 1));
    opened(desk, 2, 1, Move::new(3, "open", "Open", 2));
    opened(desk, 3, 2, Move::new(4, "open", "Created", 1));
    opened(desk, 3, 3, Move::new(5, "open_queued", "Inactive", 1));
    opened(desk, 4, 3, Move::new(6, "open_queued", "Waiting", 2));
    opened(desk, 5, 1, Move::new(7, "open", "Open", 1));
    opened(desk, 1, 3, Move::new(8, "open", "Open", 1));
    opened(desk, 2, 2, Move::new(9, "open", "Open", 2));
    let moves = [
        Move::new(2, "pick", "Active", 1).with(1, 1),
        Move::new(3, "pick", "Active", 2).with(2, 1),
        Move::new(3, "close", "Waiting", 2),
        Move::new(5, "pick", "Active", 1).with(2, 1),
        Move::new(5, "hold", "On Hold", 1).with(2, 1),
        Move::new(6, "dispatch", "Dispatching", 2),
        Move::new(7, "pick", "Active", 1).with(1, 1),
        Move::new(8, "pick", "Active", 1).with(1, 1),
        Move::new(8, "end", "Wrap-up", 1).with(1, 1),
        Move::new(9, "pick", "Active", 2).with(2, 1),
    ];
    for step in &moves {
        desk.logged(|desk| desk.transition(step));
    }
}

fn opened(desk: &Bare, workstream: i64, customer: i64, first: Move) {
    desk.logged(|desk| {
        desk.opening(workstream, customer)?;
        desk.transition(&first)
    });
}

fn details(desk: &Bare) {
    for body in ["hello", "a reason", "private"] {
        desk.logged(|desk| desk.text(body));
    }
    for conversation in [1, 2, 2, 5, 9] {
        desk.logged(|desk| desk.message(conversation, 1));
    }
    desk.logged(|desk| desk.change("conversation", 2, Null, "subject", 1));
    desk.logged(|desk| desk.change("conversation", 2, Null, "sentiment", "negative".to_owned()));
    for (conversation, channel, name) in [
        (1, "chat", "connected"),
        (2, "chat", "connected"),
        (2, "sms", "connected"),
        (2, "sms", "ended"),
        (5, "chat", "connected"),
        (5, "chat", "disconnected"),
    ] {
        desk.logged(|desk| desk.change("session", conversation, channel.to_owned(), name, Null));
    }
    for (conversation, name, role) in [(2, "Bob", "consultant"), (2, "maria", "monitor"), (4, "web", "bot")] {
        desk.logged(|desk| {
            desk.change("participant", conversation, name.to_owned(), "joined", role.to_owned())
        });
    }
    desk.logged(|desk| desk.change("participant", 2, "bob".to_owned(), "left", Null));
    desk.logged(|desk| desk.change("offer", 6, 2, "made", 1));
    for (conversation, timer, name, value) in [
        (1, "queue_timeout", "started", 90_000),
        (5, "customer_timeout", "started", 90_001),
        (5, "response_timeout", "paused", 20_000),
        (8, "wrapup_timeout", "started", 90_002),
        (9, "agent_timeout", "started", 90_003),
    ] {
        desk.logged(|desk| desk.change("timer", conversation, timer.to_owned(), name, value));
    }
}

fn archived(desk: &Bare) {
    desk.logged(|desk| desk.text("to be archived"));
    desk.logged(|desk| desk.message(7, 4));
    desk.logged(|desk| desk.transition(&Move::new(7, "end", "Closed", 1)));
    desk.logged(|desk| {
        desk.change("conversation", 7, Null, "archived", 7)?;
        desk.archive(7, &[1, 2, 3])?;
        desk.pack(7)
    });
}

fn erasures(desk: &Bare) {
    desk.logged(|desk| desk.change("text", 3, Null, "erased", Null));
    desk.logged(|desk| desk.change("customer", 4, Null, "erased", Null));
    desk.logged(|desk| desk.change("entry", 1, Null, "purged", "0".repeat(64)));
}

/// What the log of a file gives when it is written again: kept, so that only what is new is written again each time.
pub struct Twin {
    file: Bare,
}

impl Twin {
    /// Writes the whole log of a file into an empty one; the state must be the same.
    pub fn of(from: &Bare) -> Self {
        let twin = Self { file: Bare::new() };
        twin.write(from, "the twin");
        twin.assert_same(from, "the twin");
        twin
    }

    /// Writes what is new in the log into the twin, compares, and takes it back.
    pub fn assert_follows(&self, from: &Bare, context: &str) {
        self.file.run("SAVEPOINT new").expect("a savepoint");
        self.write(from, context);
        self.assert_same(from, context);
        self.file.connection.execute_batch("ROLLBACK TO new; RELEASE new").expect("taken back");
    }

    fn write(&self, from: &Bare, context: &str) {
        let written = self.file.number("SELECT coalesce(max(seq), 0) FROM seal");
        for entry in written + 1..=from.number("SELECT coalesce(max(seq), 0) FROM entry") {
            for table in LOG {
                copy(from, &self.file, table, entry).unwrap_or_else(|error| {
                    panic!("{context}: entry {entry} of the log cannot be written again: {table}: {error}")
                });
            }
        }
    }

    fn assert_same(&self, from: &Bare, context: &str) {
        for ((table, here), (_, there)) in from.dump().into_iter().zip(self.file.dump()) {
            assert_eq!(here, there, "{context}: {table} is not what the log says");
        }
    }
}

/// The states and edges of a lifecycle: they stand in the log by the digest of a change, right before which they come.
fn draw(from: &Bare, to: &Bare, lifecycle: i64) -> Answer {
    let mut count = 0;
    for table in ["state", "edge"] {
        let mut rows =
            from.connection.prepare_cached(&format!("SELECT * FROM \"{table}\" WHERE lifecycle = ?1"))?;
        let columns = rows.column_count();
        let mut rows = rows.query([lifecycle])?;
        let insert = format!("INSERT INTO \"{table}\" VALUES ({})", vec!["?"; columns].join(", "));
        while let Some(row) = rows.next()? {
            let values: Vec<Value> =
                (0..columns).map(|index| row.get(index)).collect::<rusqlite::Result<_>>()?;
            count += to.connection.prepare_cached(&insert)?.execute(params_from_iter(values))?;
        }
    }
    Ok(count)
}

/// The rows of one entry; what was erased or archived since is written with a stand-in, which its change takes away
/// again, after an archived one with the archive that belongs to it.
fn copy(from: &Bare, to: &Bare, table: &str, entry: i64) -> Answer {
    let key = if matches!(table, "entry" | "seal") { "seq" } else { "journal" };
    let columns = from.columns(table);
    let mut rows = from
        .connection
        .prepare_cached(&format!("SELECT * FROM \"{table}\" WHERE \"{key}\" = ?1 ORDER BY 1"))?;
    let mut rows = rows.query([entry])?;
    let marks = vec!["?"; columns.len()].join(", ");
    let insert = format!("INSERT INTO \"{table}\" VALUES ({marks})");
    let mut count = 0;
    while let Some(row) = rows.next()? {
        if table == "change" && row.get::<_, String>("name")? == "drawn" {
            draw(from, to, row.get("subject")?)?;
        }
        let mut values = Vec::new();
        for (index, column) in columns.iter().enumerate() {
            values.push(match (column.as_str(), row.get_ref(index)?) {
                ("handle" | "body", ValueRef::Null) => {
                    Value::Text(format!("erased {}", row.get::<_, i64>(0)?))
                }
                ("salt", ValueRef::Null) => Value::Blob(vec![0; 16]),
                ("statement", ValueRef::Null) => Value::Text("SHOW".to_owned()),
                ("message", _) if table == "text" => Value::Null,
                (_, value) => Value::try_from(value)?,
            });
        }
        let archived = table == "change" && values[5] == Value::Text("archived".to_owned());
        let archive = archived.then(|| row.get::<_, i64>(3)).transpose()?;
        count += to.connection.prepare_cached(&insert)?.execute(params_from_iter(values))?;
        if let Some(conversation) = archive {
            let bodies = "SELECT bodies FROM archive WHERE conversation = ?1";
            let bodies: Option<Vec<u8>> =
                from.connection.query_row(bodies, [conversation], |row| row.get(0)).optional()?;
            if let Some(bodies) = bodies {
                to.archive(conversation, &bodies)?;
                let packed = "SELECT id, message FROM text WHERE message IN (SELECT id FROM message WHERE conversation = ?1)";
                let mut packed = from.connection.prepare_cached(packed)?;
                let mut packed = packed.query([conversation])?;
                while let Some(row) = packed.next()? {
                    let (text, message): (i64, i64) = (row.get(0)?, row.get(1)?);
                    let pack = "UPDATE text SET body = NULL, message = ?2 WHERE id = ?1";
                    to.connection.execute(pack, [text, message])?;
                }
            }
        }
    }
    Ok(count)
}
