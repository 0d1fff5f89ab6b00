//! Listings: the rows of a view, all of them or those of one key.
//!
//! Invariant: a listing reads columns of a public view only; which columns and in which order stands
//! with the statement that shows them.

use super::convert::{bound, value};
use super::snapshot::Snapshot;
use super::sqlite_error::sqlite_fault;
use crate::domain::moment::Moment;
use crate::domain::refusal::Fault;
use crate::domain::reply::{Column, ColumnKind, Reply};
use crate::domain::value::Value;

/// The rows of a view: its columns, the column that selects some of them, and their order.
#[derive(Debug, PartialEq)]
pub struct Listing {
    /// The SELECT up to and including FROM.
    pub select: &'static str,
    /// The column that `matching` compares.
    pub key: &'static str,
    /// The ORDER BY expressions.
    pub order: &'static str,
}

impl Snapshot<'_> {
    /// Returns all rows of a listing.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn listing(&self, listing: &Listing) -> Result<Reply, Fault> {
        self.query(&format!("{} ORDER BY {}", listing.select, listing.order), &[])
    }

    /// Returns the rows of a listing whose key column has that value.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn matching(&self, listing: &Listing, key: &Value) -> Result<Reply, Fault> {
        let Listing { select, key: column, order } = listing;
        self.query(&format!("{select} WHERE {column} = ?1 ORDER BY {order}"), std::slice::from_ref(key))
    }

    /// Returns the rows of a query over the public views.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn query(&self, sql: &str, parameters: &[Value]) -> Result<Reply, Fault> {
        let mut statement = self.connection().prepare_cached(sql).map_err(sqlite_fault)?;
        let mut reply = Reply::with_columns(&[]);
        reply.columns = statement.column_names().map(Column::new).collect();
        let count = reply.columns.len();
        let mut rows = statement
            .query(rusqlite::params_from_iter(parameters.iter().map(bound)))
            .map_err(sqlite_fault)?;
        while let Some(row) = rows.next().map_err(sqlite_fault)? {
            let mut values: Vec<Value> = (0..count)
                .map(|index| value(row, index))
                .collect::<rusqlite::Result<_>>()
                .map_err(sqlite_fault)?;
            for (column, value) in reply.columns.iter().zip(&mut values) {
                // Formatting the timestamp here takes next to no time; in SQLite it was the slowest
                // part of the query.
                if let (ColumnKind::Moment, Value::Integer(ms)) = (column.kind, &*value) {
                    *value = Value::Text(Moment(*ms).to_string());
                }
            }
            reply.rows.push(values);
        }
        Ok(reply)
    }
}
