//! A copy of a file that is made by writing its log again, row by row, into an empty file: it must have the same
//! state.
//!
//! The rules of the schema apply to the copy, too. So a log that they would not have accepted is found, as well
//! as a state that does not follow from the log. Hashes are not compared.

use crate::schema_fixture::{Answer, SchemaFixture};
use crate::support::derived::is_derived;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{OptionalExtension, params_from_iter};

/// What the log of a file gives when it is written again: kept, so that only what is new is written again each time.
pub struct LogCopy {
    file: SchemaFixture,
}

impl LogCopy {
    /// Writes the whole log of a file into an empty one; the state must be the same.
    pub fn of(from: &SchemaFixture) -> Self {
        let twin = Self { file: SchemaFixture::new() };
        twin.write(from, "the twin");
        twin.assert_same(from, "the twin");
        twin
    }

    /// Writes what is new in the log into the twin, that of the open entry included, compares, and takes it back.
    pub fn assert_follows(&self, from: &SchemaFixture, context: &str) {
        self.file.run("SAVEPOINT new").expect("a savepoint");
        self.write(from, context);
        self.assert_same(from, context);
        self.file.connection.execute_batch("ROLLBACK TO new; RELEASE new").expect("rolled back");
    }

    /// The columns of conversations that are not what the log gives; nothing else may differ.
    pub fn differs_in(&self, from: &SchemaFixture, context: &str) -> Vec<String> {
        self.file.run("SAVEPOINT new").expect("a savepoint");
        self.write(from, context);
        let mut columns = Vec::new();
        for ((table, here), (_, there)) in from.dump().into_iter().zip(self.file.dump()) {
            if table == "conversation" {
                columns = differing(&from.columns(&table), &here, &there);
            } else {
                assert_equal(&here, &there, &format!("{context}: {table}"));
            }
        }
        self.file.connection.execute_batch("ROLLBACK TO new; RELEASE new").expect("rolled back");
        columns
    }

    /// Why the log, written again, does not give the state, but for what is derived of conversations.
    pub fn fault(&self, from: &SchemaFixture) -> Option<String> {
        let open = "SELECT coalesce(max(seq), 0) + 1 FROM entry";
        self.file.run("SAVEPOINT new").expect("a savepoint");
        let written = (self.file.number(open)..from.number(open))
            .try_for_each(|entry| self.entry(from, entry).map(drop));
        let mut fault = written.err().map(|error| format!("it cannot be written again: {error}"));
        for ((table, here), (_, there)) in from.dump().into_iter().zip(self.file.dump()) {
            let guarded = |columns: Vec<String>| {
                columns.into_iter().filter(|column| !is_derived(&table, column)).collect::<Vec<_>>()
            };
            if fault.is_none() && here != there {
                let columns = from.columns(&table);
                let alike = here.lines().count() == there.lines().count();
                let differing = if alike { guarded(differing(&columns, &here, &there)) } else { columns };
                fault =
                    (!differing.is_empty()).then(|| format!("{table} differs in {}", differing.join(", ")));
            }
        }
        self.file.connection.execute_batch("ROLLBACK TO new; RELEASE new").expect("rolled back");
        fault
    }

    fn write(&self, from: &SchemaFixture, context: &str) {
        let open = "SELECT coalesce(max(seq), 0) + 1 FROM entry";
        for entry in self.file.number(open)..=from.number(open) {
            self.entry(from, entry).unwrap_or_else(|error| {
                panic!("{context}: entry {entry} of the log cannot be written again: {error}")
            });
        }
    }

    /// Writes the rows of one entry in their order: moves and changes have one, and a message may have come before any
    /// of them, if its conversation was there.
    fn entry(&self, from: &SchemaFixture, entry: i64) -> Answer {
        let of = format!("entry = {entry}");
        let opens = from.number(&format!("SELECT count(*) FROM opening WHERE {of}")) > 0;
        let copy = |table: &str, condition: &str| copy(from, &self.file, table, condition);
        for table in ["key", "customer", "text"] {
            copy(table, &of)?;
            if table == "customer" {
                handles(from, &self.file, entry)?;
            }
        }
        copy("opening", &of)?;
        if !opens {
            copy("message", &of)?;
        }
        let mut moves =
            from.connection.prepare_cached("SELECT seq FROM transition WHERE entry = ?1 ORDER BY seq")?;
        let moves =
            moves.query_map([entry], |row| row.get::<_, i64>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
        let mut before = 0;
        for seq in moves {
            copy("change", &format!("{of} AND after_transition >= {before} AND after_transition < {seq}"))?;
            copy("transition", &format!("seq = {seq}"))?;
            before = seq;
        }
        copy("change", &format!("{of} AND after_transition >= {before}"))?;
        if opens {
            copy("message", &of)?;
        }
        copy("entry", &format!("seq = {entry}"))
    }

    fn assert_same(&self, from: &SchemaFixture, context: &str) {
        for ((table, here), (_, there)) in from.dump().into_iter().zip(self.file.dump()) {
            assert_equal(&here, &there, &format!("{context}: {table}"));
        }
    }
}

/// Two dumps of a table are the same; if not, the first rows that differ are reported.
fn assert_equal(here: &str, there: &str, what: &str) {
    let different = here.lines().zip(there.lines()).find(|(one, other)| one != other);
    assert!(here == there, "{what} is not what the log says: {different:?}");
}

/// The columns in which two dumps of a table differ.
fn differing(columns: &[String], here: &str, there: &str) -> Vec<String> {
    assert_eq!(here.lines().count(), there.lines().count(), "as many rows");
    let cells = |dump: &str| -> Vec<Vec<String>> {
        dump.lines().map(|row| row.split('\u{2}').map(str::to_owned).collect()).collect()
    };
    let (here, there) = (cells(here), cells(there));
    let differs = |at: usize| here.iter().zip(&there).any(|(one, other)| one[at] != other[at]);
    (0..columns.len()).filter(|at| differs(*at)).map(|at| columns[at].clone()).collect()
}

/// The states and edges of a lifecycle: they stand in the log by the digest of a change, right before which they come.
fn draw(from: &SchemaFixture, to: &SchemaFixture, lifecycle: i64) -> Answer {
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

/// The handles of an entry as they began. What is compared is kept in the file; what was taken from it since has a
/// stand-in.
fn handles(from: &SchemaFixture, to: &SchemaFixture, entry: i64) -> Answer {
    let sql =
        "SELECT handle.id, coalesce(compared, 'gone ' || handle.id) FROM handle JOIN customer USING (id)
        WHERE entry = ?1 ORDER BY 1";
    let mut rows = from.connection.prepare_cached(sql)?;
    let mut rows = rows.query([entry])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let (id, compared): (i64, String) = (row.get(0)?, row.get(1)?);
        count += to.connection.execute("INSERT INTO handle VALUES (?1, ?1, ?2, 0)", (id, compared))?;
    }
    Ok(count)
}

/// Some rows of a table; what was erased or archived since is written with a stand-in, which its change takes away
/// again, after an archived one with the archive that belongs to it.
fn copy(from: &SchemaFixture, to: &SchemaFixture, table: &str, condition: &str) -> Answer {
    let columns = from.columns(table);
    let mut rows =
        from.connection.prepare_cached(&format!("SELECT * FROM \"{table}\" WHERE {condition} ORDER BY 1"))?;
    let mut rows = rows.query([])?;
    let marks = vec!["?"; columns.len()].join(", ");
    let insert = format!("INSERT INTO \"{table}\" VALUES ({marks})");
    let mut count = 0;
    while let Some(row) = rows.next()? {
        if table == "change" && row.get::<_, String>("name")? == "digest" {
            draw(from, to, row.get("object")?)?;
        }
        let mut values = Vec::new();
        for (index, column) in columns.iter().enumerate() {
            values.push(match (column.as_str(), row.get_ref(index)?) {
                ("handle" | "body" | "key", ValueRef::Null) if table != "entry" => {
                    Value::Text(format!("erased {}", row.get::<_, i64>(0)?))
                }
                ("salt" | "lookup", ValueRef::Null) => Value::Blob(vec![0; 16]),
                ("statement", ValueRef::Null) => Value::Text("SHOW".to_owned()),
                ("digest", _) => Value::Null,
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
