//! A single value of a parameter or of a row.
//!
//! Invariant: this is the crate's own type; no type of the SQL library is public.

/// A value of a row or of a parameter.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// No value (`null`).
    Null,
    /// An integer; durations are in ms, timestamps in ms since 1970 UTC.
    Integer(i64),
    /// A floating-point number (a service level, or the result of a SELECT).
    Real(f64),
    /// A text.
    Text(String),
    /// Bytes (only returned by SELECT).
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

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Integer(number)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}
