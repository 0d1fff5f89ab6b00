//! Rows of a reply, read by column name and type.
//!
//! Invariant: a value is never converted silently: a column that does not exist or holds another type
//! is an error.

use super::failure::Failure;
use super::moment::Moment;
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
    /// Returns the value of a column; names are those of docs/STATEMENTS.md. [`FromValue`] lists the
    /// types.
    ///
    /// # Errors
    /// `invalid_value` if there is no such column, or its value has another type. Read a column that
    /// may be null as `Option<T>`.
    pub fn get<T: FromValue<'a>>(&self, column: &str) -> Result<T, Failure> {
        let index = self.reply.columns.iter().position(|candidate| candidate.name == column);
        let value = index
            .and_then(|index| self.values.get(index))
            .ok_or_else(|| invalid(format!("the reply has no column {column}")))?;
        T::from_value(value).ok_or_else(|| match value {
            Value::Null => invalid(format!("column {column} is null; read it as Option")),
            _ => invalid(format!("column {column} does not hold {}", T::EXPECTED)),
        })
    }

    /// Returns the values, in the order of the reply's columns.
    pub fn values(&self) -> &'a [Value] {
        self.values
    }
}

fn invalid(message: String) -> Failure {
    Refusal::new(Code::InvalidValue, message).into()
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

impl Reply {
    /// Returns the rows, in order.
    pub fn iter(&self) -> Rows<'_> {
        Rows { reply: self, rows: self.rows.iter() }
    }

    /// Returns the first row.
    pub fn first(&self) -> Option<Row<'_>> {
        self.iter().next()
    }
}

impl<'a> IntoIterator for &'a Reply {
    type Item = Row<'a>;
    type IntoIter = Rows<'a>;

    fn into_iter(self) -> Rows<'a> {
        self.iter()
    }
}

/// A type that a value can be read as.
///
/// | type | reads |
/// |---|---|
/// | `i64` | an integer |
/// | `f64` | a number; an integer is converted |
/// | `&str`, `String` | text; settings that are `on` or `off` are text |
/// | [`Moment`] | a timestamp: RFC 3339 text, or an integer in ms since 1970 UTC |
/// | `&[u8]`, `Vec<u8>` | bytes |
/// | [`Value`] | any value |
/// | `Option<T>` | null, or what `T` reads |
pub trait FromValue<'a>: Sized {
    /// What the value must be, for errors.
    const EXPECTED: &'static str;

    /// Returns the value as this type; `None` if it is of another type.
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
    &'a str, "text", Value::Text(text) => text;
    String, "text", Value::Text(text) => text.clone();
    &'a [u8], "bytes", Value::Blob(bytes) => bytes;
    Vec<u8>, "bytes", Value::Blob(bytes) => bytes.clone();
}

impl<'a> FromValue<'a> for f64 {
    const EXPECTED: &'static str = "a number";

    fn from_value(value: &'a Value) -> Option<Self> {
        match value {
            Value::Real(number) => Some(*number),
            Value::Integer(number) => Some(*number as f64),
            _ => None,
        }
    }
}

impl<'a> FromValue<'a> for Moment {
    const EXPECTED: &'static str = "a timestamp";

    fn from_value(value: &'a Value) -> Option<Self> {
        match value {
            Value::Text(text) => Moment::parse(text).ok(),
            Value::Integer(ms) => {
                Some(Moment(*ms)).filter(|moment| (Moment::EARLIEST..=Moment::LATEST).contains(moment))
            }
            _ => None,
        }
    }
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

    fn reply() -> Reply {
        let mut reply = Reply::with_columns(&["id", "agent", "share", "at"]);
        reply.rows.push(vec![7.into(), Value::Null, Value::Real(0.5), "2026-03-02T09:15:00.250Z".into()]);
        reply
    }

    #[test]
    fn values_are_read_by_name_and_type() {
        let reply = reply();
        let row = reply.first().unwrap();
        assert_eq!(row.get::<i64>("id"), Ok(7));
        assert_eq!(row.get::<Option<&str>>("agent"), Ok(None));
        assert_eq!(row.get::<f64>("share"), Ok(0.5));
        assert_eq!(row.get::<f64>("id"), Ok(7.0));
        assert_eq!(row.get::<Moment>("at"), Ok(Moment(1_772_442_900_250)));
        assert_eq!(row.get::<Moment>("id"), Ok(Moment(7)));
        assert!(Reply::with_columns(&["id"]).first().is_none());
    }

    #[test]
    fn another_type_null_and_a_missing_column_have_errors_of_their_own() {
        let reply = reply();
        let row = reply.first().unwrap();
        let message = |failure: Failure| failure.message().to_owned();
        assert_eq!(row.get::<&str>("id").map_err(message), Err("column id does not hold text".into()));
        assert_eq!(
            row.get::<Moment>("share").map_err(message),
            Err("column share does not hold a timestamp".into())
        );
        assert_eq!(
            row.get::<&str>("agent").map_err(message),
            Err("column agent is null; read it as Option".into())
        );
        assert_eq!(row.get::<i64>("state").map_err(message), Err("the reply has no column state".into()));
    }
}
