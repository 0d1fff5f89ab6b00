//! Lifecycles: reading a definition, explaining what is wrong with it, and showing it again.
//!
//! Invariant: built-in lifecycles are shown in the same forms as those that CREATE LIFECYCLE
//! defines.

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
