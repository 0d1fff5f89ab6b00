//! What the router does after a statement, or after a timer: in the same entry, step by step.
//!
//! Invariant: each step is decided on the file as the steps before it have left it, and written before the next.

use crate::domain::change::Change;
use crate::domain::context::Context;
use crate::domain::moment::Moment;
use crate::domain::refusal::Error;
use crate::statement::{Router, Scope};
use crate::store::Writer;

/// What the router did, and why.
#[derive(Debug, Default)]
pub struct Routed {
    /// Rows that were written.
    pub changes: Vec<Change>,
    /// A sentence for each step.
    pub reasons: Vec<String>,
}

/// Lets the router work until nothing that can be matched is left. `begin` is called before the first row is written.
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
        for change in &step.changes {
            writer.record(change, || context.random("customer", 0))?;
        }
        routed.changes.extend(step.changes);
        routed.reasons.push(step.reason);
    }
    Ok(routed)
}
