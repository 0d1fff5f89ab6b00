//! The reply of a sweep.

use crate::domain::change::Transition;
use crate::domain::closed_lists::Event;
use crate::domain::reply::Reply;

/// The statement under which the journal stores the timers that fired before or after another
/// statement.
pub const SWEEP: &str = "SWEEP TIMEOUTS";

/// Returns the reply of a sweep: how many conversations made each transition.
pub fn sweep_reply(moves: &[Transition]) -> Reply {
    let mut reply = Reply::with_columns(&["event", "from_state", "to_state", "conversations"]);
    reply.tells_change = true;
    let mut counts: Vec<((Event, &str, &str), i64)> = Vec::new();
    for moved in moves {
        let key = (moved.event, moved.from_state.as_deref().unwrap_or_default(), &*moved.to_state);
        match counts.iter_mut().find(|(known, _)| *known == key) {
            Some((_, count)) => *count += 1,
            None => counts.push((key, 1)),
        }
    }
    counts.sort();
    for ((event, from, to), count) in counts {
        reply.rows.push(vec![event.name().into(), from.into(), to.into(), count.into()]);
    }
    reply
}
