//! Runs the router after a statement or a timer, within the same entry.
//!
//! Invariant: each step is decided on the file as the previous steps left it, and written before
//! the next one. This module deliberately does not know how the router chooses.

use crate::domain::change::Change;
use crate::domain::context::Context;
use crate::domain::moment::Moment;
use crate::domain::refusal::Error;
use crate::statement::{self, Router, Scope};
use crate::store::Writer;

/// What the router did.
#[derive(Debug, Default)]
pub struct Routed {
    /// The rows that were written.
    pub changes: Vec<Change>,
    /// One sentence for each step.
    pub reasons: Vec<String>,
}

/// Runs the router until nothing that can be matched is left.
///
/// `before` is what has just changed. `begin` is called before the first row is written.
///
/// # Errors
/// Faults of the file; what `begin` returns.
pub fn route(
    writer: &mut Writer<'_>,
    scope: &Scope,
    now: Moment,
    before: &[&[Change]],
    context: &Context,
    mut begin: impl FnMut(&mut Writer<'_>) -> Result<(), Error>,
) -> Result<Routed, Error> {
    let mut routed = Routed::default();
    let Some(mut router) = Router::new(writer.snapshot(), scope, now, before)? else { return Ok(routed) };
    while let Some(step) = router.step()? {
        if routed.reasons.is_empty() {
            begin(writer)?;
        }
        let changes = statement::with_departures(&writer.snapshot(), step.changes)?;
        for change in &changes {
            writer.record(change, || context.random("customer", 0))?;
        }
        routed.changes.extend(changes);
        routed.reasons.push(step.reason);
    }
    Ok(routed)
}
