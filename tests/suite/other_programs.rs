//! What another SQLite program cannot do, for every table, every unique key and every column of the file.
//!
//! The attempts are made from the catalogue, so a new table, index or column is included; after each, the whole
//! file is compared. Which trigger refuses an attempt does not matter here.
//!
//! Accepted is an INSERT of a new log row that the program itself could write, with the next number, into the
//! open entry (a customer, a text, a message, a change that takes effect, or an opening, after which no entry can
//! be closed without the first move), or of the entry that closes. Then nothing but that row is new in the log,
//! and the state follows from the log. Also accepted is an UPDATE of a derived column of a conversation
//! (`support::derived`), which then differs from what the log gives. No row that collides, no other UPDATE and no
//! DELETE is ever accepted.

use crate::desk_fixture::desk;
use crate::log_copy::LogCopy;
use crate::schema_fixture::{LOG, Move, SchemaFixture};
use crate::support::derived::{DERIVED, is_derived};
use rusqlite::params_from_iter;
use rusqlite::types::Value;
use std::collections::BTreeSet;

/// The moment of the open entry.
const MOMENT: i64 = 80_000;

/// How many rows of a table are attacked: the first, the last, and some between.
const ROWS: usize = 3;

/// A table as the catalogue knows it.
struct Table {
    name: String,
    columns: Vec<String>,
    types: Vec<String>,
    /// Every unique key, the primary one first, as places in `columns`.
    keys: Vec<Vec<usize>>,
    rows: Vec<Vec<Value>>,
}

/// A statement, and whether it tries to add a row that collides with none, or to change which single column.
struct Attempt {
    sql: String,
    values: Vec<Value>,
    fresh: bool,
    column: Option<String>,
}

impl Table {
    fn read(file: &SchemaFixture, name: &str) -> Self {
        let columns = file.columns(name);
        let place = |column: &String| columns.iter().position(|known| known == column).expect("a column");
        let primary = strings(file, "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk", name);
        let mut keys = vec![primary.iter().map(place).collect::<Vec<_>>()];
        let unique = "SELECT name FROM pragma_index_list(?1) WHERE \"unique\" = 1 AND origin <> 'pk'";
        for index in strings(file, unique, name) {
            let parts = strings(file, "SELECT name FROM pragma_index_info(?1) ORDER BY seqno", &index);
            keys.push(parts.iter().map(place).collect());
        }
        let types = strings(file, "SELECT type FROM pragma_table_info(?1) ORDER BY cid", name);
        let rows = sample(file, name, columns.len());
        Self { name: name.to_owned(), columns, types, keys, rows }
    }

    /// `"a" = ? AND "b" = ?` over the primary key.
    fn place(&self, row: &[Value]) -> (String, Vec<Value>) {
        let parts: Vec<_> =
            self.keys[0].iter().map(|place| format!("\"{}\" = ?", self.columns[*place])).collect();
        (parts.join(" AND "), self.keys[0].iter().map(|place| row[*place].clone()).collect())
    }

    /// Other values for a column: what other rows hold, one more, one less, longer, null.
    fn others(&self, column: usize, old: &Value) -> Vec<Value> {
        let mut others: Vec<Value> = match old {
            Value::Integer(number) => {
                vec![Value::Integer(number.wrapping_add(1)), Value::Integer(number.wrapping_sub(1))]
            }
            Value::Text(text) => vec![Value::Text(format!("{text}x")), Value::Text(text.to_uppercase())],
            Value::Blob(bytes) => vec![Value::Blob(bytes.iter().map(|byte| byte ^ 1).collect())],
            Value::Real(_) => panic!("there are no fractions in this file"),
            Value::Null => match self.types[column].as_str() {
                "TEXT" => vec![Value::Text("new".to_owned())],
                "BLOB" => vec![Value::Blob(vec![7; 16])],
                _ => vec![Value::Integer(1)],
            },
        };
        others.extend(self.rows.iter().map(|row| row[column].clone()));
        others.push(Value::Null);
        others.retain(|value| value != old);
        let mut seen: Vec<Value> = Vec::new();
        for value in others {
            if !seen.contains(&value) {
                seen.push(value);
            }
        }
        seen.truncate(4);
        seen
    }

    /// Rows that collide with a row on one key and differ from it everywhere else.
    fn colliding(&self, row: &[Value]) -> Vec<Vec<Value>> {
        let collide = |key: &Vec<usize>| {
            let other = |(column, old): (usize, &Value)| match key.contains(&column) {
                true => old.clone(),
                false => self.others(column, old).first().cloned().unwrap_or(Value::Null),
            };
            row.iter().enumerate().map(other).collect()
        };
        self.keys.iter().map(collide).collect()
    }

    /// The row under the next numbers and new names, in the open entry and at its moment.
    fn fresh(&self, file: &SchemaFixture, row: &[Value]) -> Vec<Value> {
        let open = file.number("SELECT max(seq) + 1 FROM entry");
        let next = |column: &String| {
            Value::Integer(
                file.number(&format!("SELECT coalesce(max(\"{column}\"), 0) + 1 FROM \"{}\"", self.name)),
            )
        };
        let keyed = |place: usize| self.keys.iter().any(|key| key.contains(&place));
        let value = |(place, old): (usize, &Value)| match (self.columns[place].as_str(), old) {
            ("entry", _) => Value::Integer(open),
            ("at", _) => Value::Integer(MOMENT),
            (_, Value::Integer(_)) if keyed(place) => next(&self.columns[place]),
            (_, Value::Text(text)) if keyed(place) => Value::Text(format!("{text} the second")),
            (_, Value::Blob(bytes)) if keyed(place) => {
                Value::Blob(bytes.iter().map(|byte| byte ^ 170).collect())
            }
            (_, old) => old.clone(),
        };
        row.iter().enumerate().map(value).collect()
    }

    fn insert(&self, how: &str, values: Vec<Value>, then: &str, fresh: bool) -> Attempt {
        let marks = vec!["?"; self.columns.len()].join(", ");
        Attempt {
            sql: format!("{how} INTO \"{}\" VALUES ({marks}){then}", self.name),
            values,
            fresh,
            column: None,
        }
    }

    /// An upsert's second half, over every column.
    fn upsert(&self) -> String {
        let parts: Vec<_> =
            self.columns.iter().map(|column| format!("\"{column}\" = excluded.\"{column}\"")).collect();
        format!(" ON CONFLICT DO UPDATE SET {}", parts.join(", "))
    }

    fn inserts(&self, file: &SchemaFixture, row: &[Value]) -> Vec<Attempt> {
        let mut attempts = Vec::new();
        for values in self.colliding(row) {
            attempts.push(self.insert("INSERT OR REPLACE", values.clone(), "", false));
            attempts.push(self.insert("INSERT OR IGNORE", values.clone(), "", false));
            attempts.push(self.insert("INSERT", values, &self.upsert(), false));
        }
        let fresh = self.fresh(file, row);
        for how in ["INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE", "INSERT OR FAIL"] {
            attempts.push(self.insert(how, fresh.clone(), "", true));
        }
        attempts.push(self.insert("INSERT", fresh, &self.upsert(), true));
        attempts
    }

    /// Each column to other values, and the row onto the keys of other rows.
    fn updates(&self, row: &[Value]) -> Vec<Attempt> {
        let (place, at) = self.place(row);
        let mut attempts = Vec::new();
        for (column, name) in self.columns.iter().enumerate() {
            for value in self.others(column, &row[column]) {
                for how in ["UPDATE", "UPDATE OR REPLACE", "UPDATE OR IGNORE"] {
                    let sql = format!("{how} \"{}\" SET \"{name}\" = ? WHERE {place}", self.name);
                    let values = std::iter::once(value.clone()).chain(at.clone()).collect();
                    attempts.push(Attempt { sql, values, fresh: false, column: Some(name.clone()) });
                }
            }
        }
        for (key, other) in self.keys.iter().flat_map(|key| self.rows.iter().map(move |other| (key, other))) {
            if key.iter().all(|place| other[*place] == row[*place]) {
                continue;
            }
            let sets: Vec<_> = key.iter().map(|place| format!("\"{}\" = ?", self.columns[*place])).collect();
            let sql = format!("UPDATE OR REPLACE \"{}\" SET {} WHERE {place}", self.name, sets.join(", "));
            let values = key.iter().map(|place| other[*place].clone()).chain(at.clone()).collect();
            attempts.push(Attempt { sql, values, fresh: false, column: None });
        }
        attempts
    }

    fn attempts(&self, file: &SchemaFixture) -> Vec<Attempt> {
        let mut attempts = Vec::new();
        for row in &self.rows {
            attempts.extend(self.inserts(file, row));
            attempts.extend(self.updates(row));
            let (place, values) = self.place(row);
            let sql = format!("DELETE FROM \"{}\" WHERE {place}", self.name);
            attempts.push(Attempt { sql, values, fresh: false, column: None });
        }
        let sql = format!("DELETE FROM \"{}\"", self.name);
        attempts.push(Attempt { sql, values: Vec::new(), fresh: false, column: None });
        attempts
    }
}

fn strings(file: &SchemaFixture, sql: &str, about: &str) -> Vec<String> {
    let mut statement = file.connection.prepare_cached(sql).expect(sql);
    let rows = statement.query_map([about], |row| row.get(0)).expect(sql);
    rows.collect::<rusqlite::Result<_>>().expect(sql)
}

/// Rows from all over a table.
fn sample(file: &SchemaFixture, table: &str, columns: usize) -> Vec<Vec<Value>> {
    let sql = format!("SELECT * FROM \"{table}\"");
    let mut statement = file.connection.prepare(&sql).expect("a table is read");
    let rows = statement
        .query_map([], |row| (0..columns).map(|place| row.get(place)).collect::<rusqlite::Result<_>>())
        .expect("a table is read");
    let rows: Vec<Vec<Value>> = rows.collect::<rusqlite::Result<_>>().expect("a table is read");
    assert!(!rows.is_empty(), "{table} has no rows to attack: the desk needs some");
    let step = rows.len().div_ceil(ROWS - 1).max(1);
    let last = rows.last().cloned();
    let mut some: Vec<_> = rows.into_iter().step_by(step).collect();
    some.extend(last.filter(|last| !some.contains(last)));
    some
}

/// Whether what changed is one new row of the log, at its table's end, that the state follows.
fn legal(
    file: &SchemaFixture,
    twin: &LogCopy,
    table: &str,
    before: &[(String, String)],
    context: &str,
) -> bool {
    for ((name, old), (_, new)) in before.iter().zip(file.dump()) {
        let one_more = new.strip_prefix(old.as_str()).is_some_and(|rest| rest.lines().count() == 1);
        let as_it_was = *old == new;
        let in_the_log = LOG.contains(&name.as_str());
        if in_the_log && if name == table { !one_more } else { !as_it_was } {
            return false;
        }
        if !in_the_log && !matches!(table, "opening" | "transition" | "change" | "message") && !as_it_was {
            return false;
        }
    }
    twin.assert_follows(file, context);
    true
}

/// Whether what changed is that derived column of some conversations, and no more: the log gives another one.
fn derived(
    file: &SchemaFixture,
    twin: &LogCopy,
    table: &str,
    column: &str,
    before: &[(String, String)],
) -> bool {
    let alone = before.iter().zip(file.dump()).all(|((name, old), (_, new))| name == table || *old == new);
    is_derived(table, column) && alone && twin.differs_in(file, column) == [column]
}

/// What an attack has let through: the tables of new rows, and the derived columns.
#[derive(Default)]
struct Passed {
    rows: BTreeSet<String>,
    columns: BTreeSet<String>,
}

/// Makes every attempt, each rolled back, and gives their number; `passed` learns what was added.
fn attack(file: &SchemaFixture, twin: &LogCopy, state: &str, passed: &mut Passed) -> usize {
    let before = file.dump();
    let mut count = 0;
    for name in file.tables() {
        let table = Table::read(file, &name);
        for attempt in table.attempts(file) {
            count += 1;
            file.run("SAVEPOINT attempt").expect("a savepoint");
            let answer = (file.connection.prepare_cached(&attempt.sql))
                .and_then(|mut statement| statement.execute(params_from_iter(attempt.values.iter())));
            if file.dump() != before {
                let context = format!("{} {:?} {state}: {answer:?}", attempt.sql, attempt.values);
                assert!(answer.is_ok(), "{context}: something is left");
                match &attempt.column {
                    Some(column) if derived(file, twin, &name, column, &before) => {
                        passed.columns.insert(column.clone());
                    }
                    _ => {
                        let allowed = attempt.fresh && legal(file, twin, &name, &before, &context);
                        assert!(allowed, "{context}: the file is not what it was");
                        passed.rows.insert(name.clone());
                    }
                }
            }
            let back = file.connection.execute_batch("ROLLBACK TO attempt; RELEASE attempt");
            back.expect("an attempt is rolled back");
        }
    }
    assert_eq!(file.dump(), before, "every attempt is rolled back");
    count
}

/// Attacks the file and says what may pass.
fn assert_nothing_passes_but_rows_of_the_log(file: &SchemaFixture, twin: &LogCopy, state: &str) {
    let mut passed = Passed::default();
    let count = attack(file, twin, state, &mut passed);
    println!("{count} attempts {state}; added: {:?}; changed: {:?}", passed.rows, passed.columns);
    let additions = ["change", "customer", "entry", "key", "message", "opening", "text"].map(str::to_owned);
    assert_eq!(passed.rows, BTreeSet::from(additions));
    assert_eq!(passed.columns, BTreeSet::from(DERIVED.map(str::to_owned)), "each of them, and no other");
}

#[test]
fn only_new_log_rows_are_accepted_while_no_entry_is_open() {
    let file = desk();
    let twin = LogCopy::of(&file);
    file.run("BEGIN IMMEDIATE").expect("a transaction");
    assert_nothing_passes_but_rows_of_the_log(&file, &twin, "while no entry is open");
}

#[test]
fn only_new_log_rows_are_accepted_while_an_entry_is_open() {
    let file = desk();
    let twin = LogCopy::of(&file);
    file.run("BEGIN IMMEDIATE").expect("a transaction");
    file.begin(MOMENT);
    file.text("words").expect("an entry is open");
    file.transition(&Move::new(1, "pick", "Active", 1).with(1, 1)).expect("with a move");
    file.change("queue", 2, Value::Null, "priority", 7).expect("and a change, which could be cited");
    assert_nothing_passes_but_rows_of_the_log(&file, &twin, "while an entry is open");
}

#[test]
fn the_log_of_the_desk_written_again_gives_the_desk() {
    let file = desk();
    LogCopy::of(&file).assert_follows(&file, "the desk");
}
