//! SHOW LIFECYCLES and SHOW LIFECYCLE: the state graphs, from their rows.

use super::{Act, Asked, Chapter, Page};
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::domain::rights::Right;
use crate::store::Report;

pub(super) const PAGES: &[Page] = &[
    Page {
        chapter: Chapter::Looking,
        syntax: "SHOW LIFECYCLES",
        summary: "The lifecycles and their options.",
        example: "SHOW LIFECYCLES",
        right: Right::Anybody,
        act: Act::Look(|asked| asked.report(Report::Lifecycles, &[])),
    },
    Page {
        chapter: Chapter::Looking,
        syntax: "SHOW LIFECYCLE <lifecycle> [CHANNEL <channel>]",
        summary: "The moves that a lifecycle allows: event, from, to, channels, condition, and after how long by itself.",
        example: "SHOW LIFECYCLE omnichannel CHANNEL chat",
        right: Right::Anybody,
        act: Act::Look(lifecycle),
    },
];

fn lifecycle(asked: &Asked<'_>) -> Result<Reply, Error> {
    let lifecycle = asked.lifecycle_named(asked.name("lifecycle"))?;
    let channel = asked.channel()?;
    asked.report(Report::Edges, &[(&*lifecycle.name).into(), channel.map(|channel| channel.name()).into()])
}
