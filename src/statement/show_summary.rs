//! SHOW SUMMARY: shows the figures of the conversations that entered a queue in a window, or of
//! all.
//!
//! Invariant: every conversation is counted in one row, except BY AGENT, where each agent who had
//! it gets a share, and BY QUEUE, where each visit of a queue counts there. This module deliberately does not know how a figure is computed;
//! `domain::figures` does.

use crate::domain::calendar::Calendar;
use crate::domain::counting::Counted;
use crate::domain::metrics::{FIGURES, Totals};
use crate::domain::moment::Moment;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::statement::support::summary::{Grouping, Key, answer, fill_gaps, grouping, row, window};
use crate::statement::{Chapter, ColumnDef, Columns, Handler, Request, StatementDef, Traits};
use std::collections::BTreeMap;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW SUMMARY [LAST <duration> | FROM <from:moment> TO <to:moment>] [BY (QUEUE | AGENT | CHANNEL | HOUR | DAY)]",
    summary: "Shows the figures of the conversations that entered a queue in the window, or of all. BY QUEUE: every time that a conversation came to wait in that queue is counted there. BY AGENT: waits count for the agent who answered first, served and times for each agent who had the conversation; those never served are in a row without a name. Hours and days are those of the site. HELP and the name of a figure explains it.",
    example: "SHOW SUMMARY LAST 24h BY QUEUE",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns { explained: figures, narrow: NARROW },
    handler: Handler::Read(summary),
};

const NARROW: &[&str] = &[
    "queue",
    "agent",
    "channel",
    "hour",
    "day",
    "entered",
    "served",
    "abandoned",
    "average_wait_ms",
    "longest_wait_ms",
    "service_level",
    "average_handle_ms",
    "transfers",
    "requeued",
    "lost",
    "outbound",
    "contained",
    "handed_over",
];

fn figures() -> Vec<ColumnDef> {
    FIGURES.iter().map(|figure| (figure.name, figure.definition)).collect()
}

fn summary(request: &Request<'_>) -> Result<Reply, Error> {
    let (from, to) = window(request)?;
    let grouping = grouping(request);
    let calendar = Calendar::of(&request.snapshot.time_zone()?);
    let mut rows: BTreeMap<Key, (Value, Totals)> = BTreeMap::new();
    if grouping == Grouping::Whole {
        rows.insert((false, String::new(), 0), (Value::Null, Totals::default()));
    }
    let service_targets = request.snapshot.service_targets()?;
    let offers = request.snapshot.offers_refused()?;
    let mut names = Vec::new();
    for id in request.snapshot.moved_in(from, to)? {
        let timeline = request.snapshot.timeline(id, &mut names)?;
        let refused = if offers { request.snapshot.refused_offers(id)? } else { Vec::new() };
        let target = |queue, transition| service_targets.at(queue, transition);
        let counted = Counted { timeline: &timeline, target: &target, refused: &refused, now: request.now };
        let shares = match grouping {
            Grouping::Agent => counted.by_agent(),
            Grouping::Queue => counted.by_queue(),
            _ => counted.whole(),
        };
        for share in shares.iter().filter(|share| from <= share.at && (share.at < to || to == Moment::LATEST))
        {
            let (key, label) = row(request, grouping, calendar, id, share)?;
            rows.entry(key).or_insert_with(|| (label, Totals::default())).1.add(&share.totals);
        }
    }
    fill_gaps(&mut rows, grouping, calendar);
    Ok(answer(grouping, calendar, rows))
}
