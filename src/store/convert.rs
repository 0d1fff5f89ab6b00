//! Converts rows of the file to fields of the hash chain and to values of a reply.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::domain::journal::{Changes, Field, Table};
use crate::domain::value::Value;

/// A row that is read often. Its fields and the columns of its SELECT are a single list, so they
/// cannot be confused, and no column is looked up by name for each row.
macro_rules! row {
    ($name:ident $from:literal { $($field:ident: $type:ty = $column:literal,)* }) => {
        struct $name { $($field: $type,)* }

        impl $name {
            const SQL: &str = concat!("SELECT ", $($column, ", ",)* "NULL ", $from);

            fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
                let mut columns = 0..;
                let mut next = || columns.next().unwrap_or_default();
                Ok($name { $($field: row.get(next())?,)* })
            }
        }
    };
}
pub(crate) use row;

/// Adds the columns of a row, starting at `from`, to the changes of an entry.
pub fn add_fields(changes: &mut Changes, table: Table, row: &Row<'_>, from: usize) -> rusqlite::Result<()> {
    let count = row.as_ref().column_count();
    let mut fields = Vec::with_capacity(count);
    for index in from..count {
        fields.push(match row.get_ref(index)? {
            ValueRef::Null => Field::Null,
            ValueRef::Integer(number) => Field::Integer(number),
            ValueRef::Text(text) => Field::Text(std::str::from_utf8(text)?),
            ValueRef::Blob(bytes) => Field::Blob(bytes),
            ValueRef::Real(_) => Field::Text("a fraction, which the log never holds"),
        });
    }
    changes.add(table, &fields);
    Ok(())
}

/// Returns a column as a value.
pub fn value(row: &Row<'_>, index: usize) -> rusqlite::Result<Value> {
    Ok(match row.get_ref(index)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    })
}

/// Converts a value for binding to an SQLite parameter.
pub fn bound(value: &Value) -> rusqlite::types::Value {
    match value {
        Value::Null => rusqlite::types::Value::Null,
        Value::Integer(number) => rusqlite::types::Value::Integer(*number),
        Value::Real(number) => rusqlite::types::Value::Real(*number),
        Value::Text(text) => rusqlite::types::Value::Text(text.clone()),
        Value::Blob(bytes) => rusqlite::types::Value::Blob(bytes.clone()),
    }
}
