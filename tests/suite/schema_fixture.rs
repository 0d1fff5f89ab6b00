//! A file that is written without the program: `schema.sql` on a plain connection, rows by plain INSERTs.
//!
//! The connection has SQLite's own defaults (no foreign keys, no recursive triggers, not defensive), as that of
//! any other program. An entry is open as soon as a row names it; its own row, written last, closes it. The hash
//! is a dummy.

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, params};
use std::cell::{Cell, OnceCell};
use std::path::PathBuf;
use tempfile::TempDir;

/// The file's format.
pub const SCHEMA: &str = include_str!("../../schema.sql");

/// A schema with that piece of it replaced. The piece stands there once, however its words are spaced.
pub fn schema_with(schema: &str, piece: &str, replacement: &str) -> String {
    let words: Vec<&str> = piece.split_whitespace().collect();
    let ends: Vec<(usize, usize)> = schema
        .match_indices(words[0])
        .filter_map(|(at, _)| Some((at, end_of(schema, at, &words)?)))
        .collect();
    let [(begin, end)] = ends[..] else {
        panic!("{piece} stands {} times in the schema, not once", ends.len());
    };
    [&schema[..begin], replacement, &schema[end..]].concat()
}

/// Where these words end that begin there with any white space between them; none: other words stand there.
fn end_of(schema: &str, begin: usize, words: &[&str]) -> Option<usize> {
    let (first, others) = words.split_first()?;
    let rest = schema[begin..].strip_prefix(first)?;
    others
        .iter()
        .try_fold(rest, |rest, word| {
            rest.starts_with(char::is_whitespace).then(|| rest.trim_start().strip_prefix(word))?
        })
        .map(|rest| schema.len() - rest.len())
}

/// The tables of the log, in the order in which an entry's rows can be written again.
pub const LOG: [&str; 8] = ["key", "customer", "text", "opening", "transition", "change", "message", "entry"];

/// The entry that rows of the log name: the open one, in SQL.
pub const OPEN: &str = "(SELECT coalesce(max(seq), 0) + 1 FROM main.entry)";

/// What SQLite answered.
pub type Answer = rusqlite::Result<usize>;

/// A fresh file in a folder of its own and a connection to it.
pub struct SchemaFixture {
    /// The plain connection.
    pub connection: Connection,
    /// The moment of the open entry.
    moment: Cell<i64>,
    /// Each table and the query that reads all of it as text.
    reads: OnceCell<Vec<(String, String)>>,
    /// Goes, with the file, when this goes.
    _folder: TempDir,
}

/// A move that is to be made from where its conversation is.
pub struct Move {
    pub conversation: i64,
    pub event: &'static str,
    pub to_state: &'static str,
    pub to_agent: Option<i64>,
    pub to_queue: i64,
    pub units: i64,
}

impl Move {
    /// A move with its four usual parts and no units.
    pub fn new(conversation: i64, event: &'static str, to_state: &'static str, to_queue: i64) -> Self {
        Self { conversation, event, to_state, to_agent: None, to_queue, units: 0 }
    }

    /// The same to an agent, whom it costs so much.
    pub fn with(self, agent: i64, units: i64) -> Self {
        Self { to_agent: Some(agent), units, ..self }
    }
}

impl SchemaFixture {
    /// An empty file with a dummy digest.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let connection = plain(&folder.path().join("desk.db"));
        connection.execute_batch(SCHEMA).expect("schema.sql runs");
        connection.execute("INSERT INTO genesis VALUES (1, zeroblob(32))", []).expect("it is born");
        Self { connection, moment: Cell::new(1000), reads: OnceCell::new(), _folder: folder }
    }

    /// Runs one statement.
    pub fn run(&self, sql: &str) -> Answer {
        self.connection.execute(sql, [])
    }

    /// Runs one statement about a number, prepared once.
    pub fn forge(&self, sql: &str, number: i64) -> Answer {
        self.connection.prepare_cached(sql)?.execute([number])
    }

    /// One number.
    pub fn number(&self, sql: &str) -> i64 {
        self.connection.query_row(sql, [], |row| row.get(0)).expect(sql)
    }

    /// From now on rows are of that moment, and so is the entry that closes over them.
    pub fn begin(&self, at: i64) {
        self.moment.set(at);
    }

    /// Closes the open entry at its moment, under a dummy hash.
    pub fn close(&self) -> Answer {
        self.close_at(self.moment.get())
    }

    /// Closes it at another moment.
    pub fn close_at(&self, at: i64) -> Answer {
        self.connection.execute(
            "INSERT INTO entry (seq, at, actor_kind, actor, statement, hash)
             VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM entry), ?1, 'supervisor', 'maria', 'SHOW', zeroblob(32))",
            [at],
        )
    }

    /// Does something in an entry of its own.
    pub fn logged(&self, work: impl FnOnce(&Self) -> Answer) {
        self.begin(self.number("SELECT coalesce(max(at), 999) + 1 FROM entry"));
        work(self).expect("the entry takes its rows");
        self.close().expect("the entry is closed");
    }

    /// A change at the open entry's moment.
    pub fn change(
        &self,
        kind: &str,
        object: i64,
        item: impl Into<Value>,
        name: &str,
        value: impl Into<Value>,
    ) -> Answer {
        self.connection.execute(
            "INSERT INTO change (seq, entry, kind, object, item, name, value, at, after_transition)
             VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM change), (SELECT coalesce(max(seq), 0) + 1 FROM entry),
                 ?1, ?2, ?3, ?4, ?5, ?6, (SELECT coalesce(max(seq), 0) FROM transition))",
            params![kind, object, item.into(), name, value.into(), self.moment.get()],
        )
    }

    /// A state, on chat.
    pub fn state(&self, lifecycle: i64, state: &str, phase: &str, position: i64) -> Answer {
        let sql = "INSERT INTO state VALUES (?1, ?2, 'chat', ?3, ?4)";
        self.connection.execute(sql, params![lifecycle, state, phase, position])
    }

    /// An edge, on chat; into a state that there is not as if it were queued.
    pub fn edge(&self, lifecycle: i64, from_state: &str, event: &str, to_state: &str) -> Answer {
        let sql = "INSERT INTO edge VALUES (?1, 'chat', ?2, ?3, '', ?4,
            coalesce((SELECT phase FROM state WHERE lifecycle = ?1 AND state = ?4 AND channel = 'chat'), 'queued'), NULL)";
        self.connection.execute(sql, params![lifecycle, from_state, event, to_state])
    }

    /// A lifecycle with two states, created and defined, under a dummy digest.
    pub fn lifecycle(&self, id: i64, name: &str) -> Answer {
        self.change("lifecycle", id, Value::Null, "created", name.to_owned())?;
        self.state(id, "Here", "queued", 1)?;
        self.state(id, "Gone", "closed", 2)?;
        self.edge(id, "", "open", "Here")?;
        self.edge(id, "Here", "force_close", "Gone")?;
        self.change("lifecycle", id, Value::Null, "digest", digest(0))
    }

    /// A customer.
    pub fn customer(&self, handle: &str) -> Answer {
        self.connection.execute(
            "INSERT INTO customer (id, entry, salt, handle)
             VALUES ((SELECT coalesce(max(id), 0) + 1 FROM customer), (SELECT coalesce(max(seq), 0) + 1 FROM entry), zeroblob(16), ?1)",
            [handle],
        )?;
        self.connection.execute(
            "INSERT INTO handle (id, customer, compared, change) SELECT max(id), max(id), lower(?1), 0 FROM customer",
            [handle],
        )
    }

    /// The key of the open entry; its digest for looking up is its length.
    pub fn key(&self, key: &str) -> Answer {
        self.connection.execute(
            "INSERT INTO key (entry, salt, key, lookup)
             VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM entry), zeroblob(16), ?1, CAST(printf('%016d', length(?1)) AS BLOB))",
            [key],
        )
    }

    /// A text.
    pub fn text(&self, body: &str) -> Answer {
        self.connection.execute(
            "INSERT INTO text (id, entry, salt, body)
             VALUES ((SELECT coalesce(max(id), 0) + 1 FROM text), (SELECT coalesce(max(seq), 0) + 1 FROM entry), zeroblob(16), ?1)",
            [body],
        )
    }

    /// The birth of a conversation, without its first move.
    pub fn opening(&self, workstream: i64, customer: i64) -> Answer {
        self.connection.execute(
            "INSERT INTO opening (id, entry, topic, workstream, lifecycle, customer, subject, priority, skills, predecessor, at)
             VALUES ((SELECT coalesce(max(id), 0) + 1 FROM opening), (SELECT coalesce(max(seq), 0) + 1 FROM entry), randomblob(16), ?1,
                 coalesce((SELECT value FROM setting WHERE kind = 'workstream' AND object = ?1 AND name = 'lifecycle'), 0),
                 ?2, NULL, 5, 'spanish', NULL, ?3)",
            [workstream, customer, self.moment.get()],
        )
    }

    /// A move at the open entry's moment.
    pub fn transition(&self, step: &Move) -> Answer {
        self.transition_by(step, "INSERT")
    }

    /// The same, inserted in another way (`INSERT OR IGNORE`).
    pub fn transition_by(&self, step: &Move, insert: &str) -> Answer {
        let sql = format!(
            "{insert} INTO transition (seq, entry, conversation, event, from_state, to_state, to_phase, from_agent, to_agent,
                 from_queue, to_queue, units, actor_kind, actor, reason, override, at)
             SELECT (SELECT coalesce(max(seq), 0) + 1 FROM transition), {OPEN}, ?1, ?2, nullif(conversation.state, ''), ?3, {},
                 conversation.agent, ?4, conversation.queue, ?5, ?6, 'agent', 'alice', NULL, 0, ?7
             FROM (SELECT 1) LEFT JOIN conversation ON conversation.id = ?1",
            phase_of("?1", "?3")
        );
        let Move { conversation, event, to_state, to_agent, to_queue, units } = step;
        let values = params![conversation, event, to_state, to_agent, to_queue, units, self.moment.get()];
        self.connection.execute(&sql, values)
    }

    /// A note in a conversation.
    pub fn message(&self, conversation: i64, text: i64) -> Answer {
        self.connection.execute(
            "INSERT INTO message (id, entry, conversation, author_kind, author, kind, text, system, at)
             VALUES ((SELECT coalesce(max(id), 0) + 1 FROM message), (SELECT coalesce(max(seq), 0) + 1 FROM entry),
                 ?1, 'agent', 'alice', 'note', ?2, NULL, ?3)",
            [conversation, text, self.moment.get()],
        )
    }

    /// The archive of a conversation, under the newest change.
    pub fn archive(&self, conversation: i64, bodies: &[u8]) -> Answer {
        let sql = "INSERT INTO archive (conversation, bodies, change) SELECT ?1, ?2, max(seq) FROM change";
        self.connection.execute(sql, params![conversation, bodies])
    }

    /// The bodies of a conversation leave their texts.
    pub fn pack(&self, conversation: i64) -> Answer {
        self.connection.execute(
            "UPDATE text SET body = NULL, message = (SELECT min(id) FROM message WHERE conversation = ?1 AND message.text = text.id)
             WHERE body IS NOT NULL AND id IN (SELECT text FROM message WHERE conversation = ?1)",
            [conversation],
        )
    }

    /// The names of the file's tables.
    pub fn tables(&self) -> Vec<String> {
        // Not `replica`, which says where a copy of the file belongs: it is no part of the state.
        let sql =
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
            AND name <> 'replica' ORDER BY name";
        let mut statement = self.connection.prepare_cached(sql).expect(sql);
        let names = statement.query_map([], |row| row.get(0)).expect(sql);
        names.collect::<rusqlite::Result<_>>().expect(sql)
    }

    /// The names of a table's columns.
    pub fn columns(&self, table: &str) -> Vec<String> {
        let sql = "SELECT name FROM pragma_table_info(?1) ORDER BY cid";
        let mut statement = self.connection.prepare_cached(sql).expect(sql);
        let names = statement.query_map([table], |row| row.get(0)).expect(sql);
        names.collect::<rusqlite::Result<_>>().expect(sql)
    }

    /// Everything that the file holds: each table with its rows as text, one a line.
    pub fn dump(&self) -> Vec<(String, String)> {
        let reads = self.reads.get_or_init(|| {
            self.tables().into_iter().map(|table| (table.clone(), self.read(&table))).collect()
        });
        let rows = |(table, sql): &(String, String)| {
            let mut statement = self.connection.prepare_cached(sql).expect("a table is read");
            (table.clone(), statement.query_row([], |row| row.get(0)).expect("a table is read"))
        };
        reads.iter().map(rows).collect()
    }

    /// The query that reads a table as one text. Null is a character that stands nowhere else.
    fn read(&self, table: &str) -> String {
        let sql = "SELECT iif(type IN ('INTEGER', 'TEXT'), printf('coalesce(\"%w\", char(1))', name), printf('quote(\"%w\")', name))
                   FROM pragma_table_info(?1) ORDER BY cid";
        let mut statement = self.connection.prepare_cached(sql).expect(sql);
        let parts = statement.query_map([table], |row| row.get(0)).expect(sql);
        let parts: Vec<String> = parts.collect::<rusqlite::Result<_>>().expect(sql);
        let row = parts.join(" || char(2) || ");
        format!("SELECT coalesce(group_concat({row}, char(10)) || char(10), '') FROM main.\"{table}\"")
    }
}

/// A connection with SQLite's own defaults, whatever the library was built with.
fn plain(path: &PathBuf) -> Connection {
    let connection = Connection::open(path).expect("the file opens");
    connection.set_prepared_statement_cache_capacity(2000);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false).expect("a setting");
    let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = OFF";
    connection.execute_batch(settings).expect("settings");
    // What SQLite keeps in order to roll back a failed statement would go into a file each time; no rule sees where it is.
    connection.execute_batch("PRAGMA temp_store = MEMORY").expect("a setting");
    connection
}

/// The code of a refusal (`no_edge`), or what SQLite itself said.
pub fn code(answer: &Answer) -> String {
    match answer {
        Ok(_) => "accepted".to_owned(),
        Err(rusqlite::Error::SqliteFailure(failure, Some(words))) if failure.extended_code == 1811 => {
            words.split(':').next().unwrap_or_default().to_owned()
        }
        Err(other) => format!("not by a trigger ({other})"),
    }
}

/// A digest, as an erasure or a drawing carries it.
pub fn digest(byte: u8) -> Vec<u8> {
    vec![byte; 32]
}

/// The phase of a state of that conversation's lifecycle, in SQL; a state that there is not counts as queued.
pub fn phase_of(conversation: &str, state: &str) -> String {
    format!(
        "coalesce((SELECT state.phase FROM opening
             JOIN setting ON setting.kind = 'workstream' AND setting.object = opening.workstream AND setting.name = 'channel'
             JOIN state ON state.lifecycle = opening.lifecycle AND state.channel = setting.value
             WHERE opening.id = {conversation} AND state.state = {state}), 'queued')"
    )
}

#[test]
fn a_piece_of_the_schema_is_found_with_any_spacing() {
    let schema = "CREATE TABLE a (\n    one   TEXT,\n    two TEXT\n);";
    let expected = "CREATE TABLE a (\n    one   TEXT,\n    three TEXT\n);";
    for piece in ["two TEXT", "two   TEXT", "\n    two\nTEXT"] {
        assert_eq!(schema_with(schema, piece, "three TEXT"), expected, "{piece}");
    }
    let twice = std::panic::catch_unwind(|| schema_with(schema, "TEXT", "INTEGER"));
    assert!(twice.is_err(), "a piece that occurs twice is replaced nowhere");
}
