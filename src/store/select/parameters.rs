//! The parameters of a user's SELECT.
//!
//! Invariant: a value never becomes syntax, and a parameter without a value is refused at its
//! position.

use rusqlite::Statement;

use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::value::Value;
use crate::store::convert::bound;
use crate::store::sqlite_error::sqlite_fault;

/// Binds the parameters of a statement whose text begins at `offset`.
pub(super) fn bind(
    statement: &mut Statement<'_>,
    parameters: &dyn Fn(&str) -> Option<Value>,
    text: &str,
    offset: usize,
) -> Result<(), Error> {
    for index in 1..=statement.parameter_count() {
        let name = statement.parameter_name(index).unwrap_or("?").to_owned();
        let Some(given) = name.strip_prefix(':').and_then(parameters) else {
            let refusal = Refusal::new(Code::UnknownParameter, format!("parameter {name} is not set"))
                .hint("set it with -p name=value");
            return Err(match text[offset..].find(&name) {
                Some(place) => refusal.at_span(offset + place..offset + place + name.len()).into(),
                None => refusal.into(),
            });
        };
        statement.raw_bind_parameter(index, bound(&canonical(given))).map_err(sqlite_fault)?;
    }
    Ok(())
}

/// Binds text that is an integer in its usual form as an integer, so that `id = :id` matches.
fn canonical(value: Value) -> Value {
    match &value {
        Value::Text(text) => match text.parse::<i64>() {
            Ok(number) if number.to_string() == *text => Value::Integer(number),
            _ => value,
        },
        _ => value,
    }
}
