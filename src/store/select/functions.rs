//! SQL functions whose built-in versions take time that grows with the product of their arguments'
//! lengths: `instr`, `replace`, and `trim` with a set of characters.
//!
//! Invariant: they return what the built-in ones return, in linear time. SQLite cannot interrupt a
//! function, so two texts of a megabyte would otherwise keep a SELECT running past Ctrl-C and the
//! time limit.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashSet;

use memchr::memmem;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Result};

/// Replaces the built-in functions on a connection. The triggers of the file use some of them, too.
pub(super) fn add(connection: &Connection) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS | FunctionFlags::SQLITE_DETERMINISTIC;
    connection
        .create_scalar_function("instr", 2, flags, |call| Ok(instr(call.get_raw(0), call.get_raw(1))))?;
    connection.create_scalar_function("replace", 3, flags, replace)?;
    for (name, at_start, at_end) in [("trim", true, true), ("ltrim", true, false), ("rtrim", false, true)] {
        connection.create_scalar_function(name, 2, flags, move |call| {
            Ok(trim(call.get_raw(0), call.get_raw(1), at_start, at_end))
        })?;
    }
    Ok(())
}

/// The position of a text in another, from 1; 0 if it is not there.
fn instr(haystack: ValueRef<'_>, needle: ValueRef<'_>) -> Option<i64> {
    let (whole, part) = (bytes(haystack)?, bytes(needle)?);
    let in_bytes = matches!((haystack, needle), (ValueRef::Blob(_), ValueRef::Blob(_)));
    let found = memmem::find(&whole, &part).map(|at| match in_bytes {
        true => at,
        false => whole[..at].iter().filter(|byte| !is_continuation(**byte)).count(),
    });
    Some(found.map_or(0, |at| i64::try_from(at + 1).unwrap_or(i64::MAX)))
}

/// Replaces every occurrence of a text.
fn replace(call: &Context<'_>) -> Result<ToSqlOutput<'static>> {
    let nothing = || ToSqlOutput::Owned(Value::Null);
    let (Some(text), Some(pattern)) = (bytes(call.get_raw(0)), bytes(call.get_raw(1))) else {
        return Ok(nothing());
    };
    // A pattern that is empty, or begins with a NUL, is nowhere.
    if pattern.first().is_none_or(|byte| *byte == 0) {
        return Ok(ToSqlOutput::Owned(Value::Text(lossy(text.into_owned()))));
    }
    let Some(with) = bytes(call.get_raw(2)) else { return Ok(nothing()) };
    let (mut made, mut done) = (Vec::new(), 0);
    for at in memmem::find_iter(&text, &pattern) {
        made.extend_from_slice(&text[done..at]);
        made.extend_from_slice(&with);
        done = at + pattern.len();
        if made.len() > super::limits::LONGEST_VALUE as usize {
            // SQLite refuses a result of this length.
            break;
        }
    }
    made.extend_from_slice(&text[done..]);
    Ok(ToSqlOutput::Owned(Value::Text(lossy(made))))
}

/// Removes characters of a set from the ends.
fn trim(text: ValueRef<'_>, set: ValueRef<'_>, at_start: bool, at_end: bool) -> Option<String> {
    let (text, set) = (lossy(bytes(text)?.into_owned()), lossy(bytes(set)?.into_owned()));
    let set: HashSet<char> = set.chars().take_while(|character| *character != '\0').collect();
    let mut rest = text.as_str();
    if at_start {
        rest = rest.trim_start_matches(|character| set.contains(&character));
    }
    if at_end {
        rest = rest.trim_end_matches(|character| set.contains(&character));
    }
    Some(rest.to_owned())
}

/// Returns the bytes of a value as text; None: it is null.
fn bytes(value: ValueRef<'_>) -> Option<Cow<'_, [u8]>> {
    Some(match value {
        ValueRef::Null => return None,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Cow::Borrowed(bytes),
        ValueRef::Integer(number) => Cow::Owned(number.to_string().into_bytes()),
        ValueRef::Real(number) => Cow::Owned(real(number).into_bytes()),
    })
}

/// Writes a number as SQLite does: with 15 significant digits if they are enough, or else 17, and
/// always with a decimal point. SQLite itself is not exact in the last of them, so that one may
/// differ.
fn real(number: f64) -> String {
    if !number.is_finite() {
        return if number > 0.0 { "Inf" } else { "-Inf" }.to_owned();
    }
    let short = format!("{number:.14e}");
    let written = if short.parse() == Ok(number) { short } else { format!("{number:.16e}") };
    let (digits, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let places = i32::try_from(digits.trim_start_matches('-').len() - 2).unwrap_or_default();
    if (-4..17).contains(&exponent) {
        let decimals = usize::try_from(places - exponent).unwrap_or(1).max(1);
        return trimmed(&format!("{number:.decimals$}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trimmed(digits), exponent.abs())
}

/// Removes zeros at the end of a fraction, except the first one.
fn trimmed(text: &str) -> String {
    let text = text.trim_end_matches('0');
    if text.ends_with('.') { format!("{text}0") } else { text.to_owned() }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned())
}
