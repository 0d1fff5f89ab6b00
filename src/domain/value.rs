//! A single value of a parameter or of a row.
//!
//! Invariant: this is the crate's own type; no type of the SQL library is public.

use super::moment::Moment;

/// A value of a row or of a parameter.
///
/// What a statement accepts as a parameter is listed at [`Parameters`](crate::Parameters).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// No value (`null`).
    Null,
    /// An integer: an id, a number, or the value of a column whose name ends in `_ms`. Such a column
    /// holds a duration in ms or, if it ends in `at_ms` or `since_ms`, a timestamp in ms since 1970
    /// UTC.
    Integer(i64),
    /// A floating-point number (a service level, or the result of a SELECT).
    Real(f64),
    /// A text: a name, a message, `on` or `off`, or a timestamp as RFC 3339 in UTC, e.g.
    /// `2026-03-02T09:15:31.204Z`.
    Text(String),
    /// Bytes (only in SELECT).
    Blob(Vec<u8>),
}

impl Value {
    /// Returns the text, if the value is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the integer, if the value is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Value::Text(text.clone())
    }
}

/// The timestamp as RFC 3339 text.
impl From<Moment> for Value {
    fn from(moment: Moment) -> Self {
        Value::Text(moment.to_string())
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Value::Integer(number.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Integer(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Real(number)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Value::Blob(bytes)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}
