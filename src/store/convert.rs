//! Rows of the file as fields of the chain and as values of a reply.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::domain::journal::{Changes, Field, Table};
use crate::domain::value::Value;

/// A row that is read often: its fields and the columns of its SELECT are one list, so that none can be taken for
/// another, and no name is looked up for each row.
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

/// Adds the columns of a row, from the one given on, to an entry's changes.
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

/// A column as a value.
pub fn value(row: &Row<'_>, index: usize) -> rusqlite::Result<Value> {
    Ok(match row.get_ref(index)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    })
}

/// A value as SQLite takes it.
pub fn bound(value: &Value) -> rusqlite::types::Value {
    match value {
        Value::Null => rusqlite::types::Value::Null,
        Value::Integer(number) => rusqlite::types::Value::Integer(*number),
        Value::Real(number) => rusqlite::types::Value::Real(*number),
        Value::Text(text) => rusqlite::types::Value::Text(text.clone()),
        Value::Blob(bytes) => rusqlite::types::Value::Blob(bytes.clone()),
    }
}

/// A value of the log as a field of the chain. The log holds no fractions.
pub fn field(value: &Value) -> Field<'_> {
    match value {
        Value::Integer(number) => Field::Integer(*number),
        Value::Text(text) => Field::Text(text),
        Value::Blob(bytes) => Field::Blob(bytes),
        Value::Null | Value::Real(_) => Field::Null,
    }
}
