//! Rows of a reply, read by column name and type.
//!
//! Invariant: a value is never converted silently: a column that does not exist or holds another type
//! is an error.

use super::refusal::{Code, Refusal};
use super::reply::Reply;
use super::value::Value;

/// A row of a [`Reply`].
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    reply: &'a Reply,
    values: &'a [Value],
}

impl<'a> Row<'a> {
    /// The value of a column; names are those of docs/STATEMENTS.md.
    ///
    /// # Errors
    /// `invalid_value` if there is no such column, or its value has another type. Read a column that
    /// may be null as `Option<T>`.
    pub fn get<T: FromValue<'a>>(&self, column: &str) -> Result<T, Refusal> {
        let index = self.reply.columns.iter().position(|candidate| candidate.name == column);
        let value = index
            .and_then(|index| self.values.get(index))
            .ok_or_else(|| Refusal::new(Code::InvalidValue, format!("the reply has no column {column}")))?;
        T::from_value(value).ok_or_else(|| {
            Refusal::new(Code::InvalidValue, format!("column {column} does not hold {}", T::EXPECTED))
        })
    }

    /// The values, in the order of the reply's columns.
    pub fn values(&self) -> &'a [Value] {
        self.values
    }
}

/// The rows of a reply, in order.
#[derive(Debug, Clone)]
pub struct Rows<'a> {
    reply: &'a Reply,
    rows: std::slice::Iter<'a, Vec<Value>>,
}

impl<'a> Iterator for Rows<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        let values = self.rows.next()?;
        Some(Row { reply: self.reply, values })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

impl ExactSizeIterator for Rows<'_> {}

impl<'a> IntoIterator for &'a Reply {
    type Item = Row<'a>;
    type IntoIter = Rows<'a>;

    fn into_iter(self) -> Rows<'a> {
        Rows { reply: self, rows: self.rows.iter() }
    }
}

/// A type that a value can be read as.
pub trait FromValue<'a>: Sized {
    /// What the value must be, for errors.
    const EXPECTED: &'static str;

    /// The value as this type; none if it is of another type.
    fn from_value(value: &'a Value) -> Option<Self>;
}

macro_rules! from_value {
    ($($type:ty, $expected:literal, $pattern:pat => $result:expr;)*) => {$(
        impl<'a> FromValue<'a> for $type {
            const EXPECTED: &'static str = $expected;

            fn from_value(value: &'a Value) -> Option<Self> {
                match value { $pattern => Some($result), _ => None }
            }
        }
    )*};
}

from_value! {
    i64, "an integer", Value::Integer(number) => *number;
    f64, "a number", Value::Real(number) => *number;
    &'a str, "text", Value::Text(text) => text;
    String, "text", Value::Text(text) => text.clone();
    &'a [u8], "bytes", Value::Blob(bytes) => bytes;
    Vec<u8>, "bytes", Value::Blob(bytes) => bytes.clone();
}

impl<'a> FromValue<'a> for Value {
    const EXPECTED: &'static str = "a value";

    fn from_value(value: &'a Value) -> Option<Self> {
        Some(value.clone())
    }
}

impl<'a, T: FromValue<'a>> FromValue<'a> for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_value(value: &'a Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_by_name_and_type() {
        let mut reply = Reply::rows(&["id", "agent", "share"]);
        reply.rows.push(vec![7.into(), Value::Null, Value::Real(0.5)]);
        let row = (&reply).into_iter().next().unwrap();
        assert_eq!(row.get::<i64>("id"), Ok(7));
        assert_eq!(row.get::<Option<&str>>("agent"), Ok(None));
        assert_eq!(row.get::<f64>("share"), Ok(0.5));
        let message = |error: Refusal| error.message;
        assert_eq!(row.get::<&str>("agent").map_err(message), Err("column agent does not hold text".into()));
        assert_eq!(row.get::<i64>("state").map_err(message), Err("the reply has no column state".into()));
    }
}
