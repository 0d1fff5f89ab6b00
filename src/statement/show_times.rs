//! SHOW TIMES: shows how often each state was entered and the total time in it.

use crate::domain::moment::Moment;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::domain::timeline::{Interval, Timeline};
use crate::statement::{Chapter, ColumnDef, Columns, Handler, Request, StatementDef, Traits};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW TIMES [<conversation>] [LAST <duration>]",
    summary: "Shows how often each state was entered and the total time in it, up to now, for one conversation or all. LAST: only within that time.",
    example: "SHOW TIMES 1",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns { explained: || EXPLAINED.to_vec(), narrow: &[] },
    handler: Handler::Read(times),
};

const EXPLAINED: [ColumnDef; 2] = [
    ("visits", "how often the state was entered; a transition from the state to itself is not a new visit"),
    ("total_ms", "the time in the state, up to the end of the conversation or to now"),
];

/// By name of the state: its position in the reply, its visits, and the total time in ms.
type Times = BTreeMap<Arc<str>, (usize, i64, i64)>;

fn times(request: &Request<'_>) -> Result<Reply, Error> {
    let since = match request.arguments.duration("duration") {
        Some(last) => Moment(request.now.0.saturating_sub(last.0)),
        None => Moment::EARLIEST,
    };
    let ids = match request.arguments.conversation("conversation") {
        Some(_) => vec![request.conversation()?.id],
        None if since > Moment::EARLIEST => request.snapshot.going_on_in(since, Moment::LATEST)?,
        None => request.snapshot.all_conversations()?,
    };
    let mut times = Times::new();
    let mut names = Vec::new();
    for id in ids {
        add_times(&mut times, &request.snapshot.timeline(id, &mut names)?, since, request.now);
    }
    let mut rows: Vec<_> = times.into_iter().collect();
    rows.sort_by_key(|(_, (place, ..))| *place);
    let mut reply = Reply::with_columns(&["state", "visits", "total_ms"]);
    reply.rows = rows
        .into_iter()
        .map(|(state, (_, visits, total))| vec![(&*state).into(), visits.into(), total.into()])
        .collect();
    Ok(reply)
}

/// Adds the visits and times of one conversation after `since`.
///
/// States keep the order in which they were first seen.
fn add_times(times: &mut Times, timeline: &Timeline, since: Moment, now: Moment) {
    let lies_within = |interval: &Interval<'_>| interval.until > since || interval.step.at >= since;
    for (index, interval) in timeline.intervals(now).filter(lies_within).enumerate() {
        let place = times.len();
        let (_, visits, total) = times.entry(interval.step.state.clone()).or_insert((place, 0, 0));
        // A transition to the same state is no new visit, except when it is the first step in the
        // window: the visit then began before it.
        *visits += i64::from(interval.step.enters || index == 0);
        *total += interval.until.since(interval.step.at.max(since)).0;
    }
}
