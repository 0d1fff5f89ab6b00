//! Lifecycles: drawn by CREATE LIFECYCLE, dropped, and shown as a table, a picture or the statement that makes them.
//!
//! Invariant: nothing that fails a check is written, and one that is written never changes. Those that are built in
//! are shown and used in the same ways.

pub mod charts;
pub mod clauses;
pub mod definition;
pub mod gallery;
pub mod unsound;
pub mod vocabulary;

use crate::domain::lifecycle::LifecycleOptions;
use crate::domain::moment::Duration;
use crate::domain::value::Value;
use crate::statement::support::settings::Given;

pub fn options(given: &[Given]) -> LifecycleOptions {
    let value = |name: &str| given.iter().find(|given| given.name == name).map(|given| &given.value);
    let is = |name: &str, word: &str| value(name).and_then(Value::as_text) == Some(word);
    LifecycleOptions {
        one_per_customer: is("one_per_customer", "on"),
        ends_by_sessions: is("ends_by_sessions", "on"),
        customer_timeout: value("customer_timeout").and_then(Value::as_integer).map(Duration),
        transfer_to_any_presence: is("transfer_presences", "any"),
    }
}
