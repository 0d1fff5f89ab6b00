//! SHOW LIFECYCLE: shows the edges of a lifecycle, or the lifecycle as a graph or as a statement.

use crate::domain::closed_lists::Channel;
use crate::domain::lifecycle::Lifecycle;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::statement::support::lifecycles::{charts, clauses};
use crate::statement::{Chapter, Columns, Handler, Request, StatementDef, Traits};
use crate::store::Listing;
use std::sync::Arc;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW LIFECYCLE <lifecycle> [CHANNEL <channel>] [AS (TABLE | MERMAID | DOT | SCRIPT)]",
    summary: "Shows the edges of a lifecycle: event, from, to, channels, condition and timeout; or a graph for Mermaid or Graphviz, or the statement that creates it.",
    example: "SHOW LIFECYCLE omnichannel CHANNEL chat",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::ALL,
    handler: Handler::Read(show),
};

fn show(request: &Request<'_>) -> Result<Reply, Error> {
    let lifecycle = request.lifecycle_named(request.name("lifecycle"))?;
    let channel = request.channel()?;
    let draw: fn(&Lifecycle) -> String = match ["MERMAID", "DOT", "SCRIPT"].map(|form| request.has(form)) {
        [true, ..] => charts::mermaid,
        [_, true, _] => charts::dot,
        [.., true] => clauses::script,
        _ => {
            let channel = channel.map(|channel| channel.name());
            return request.listing(Listing::Edges, &[(&*lifecycle.name).into(), channel.into()]);
        }
    };
    Ok(Reply::lines("lifecycle", &draw(&narrowed(&lifecycle, channel))))
}

/// Returns the part of a lifecycle that applies to that channel; all of it if the channel is None.
fn narrowed(lifecycle: &Arc<Lifecycle>, channel: Option<Channel>) -> Arc<Lifecycle> {
    let Some(channel) = channel else { return lifecycle.clone() };
    let mut places = vec![None; lifecycle.states.len()];
    let mut states = Vec::new();
    for (index, state) in lifecycle.states.iter().enumerate() {
        if lifecycle.uses(index, channel) {
            places[index] = Some(states.len());
            states.push(crate::domain::lifecycle::State { channels: vec![channel], ..state.clone() });
        }
    }
    let edges = lifecycle.edges().iter().filter(|edge| edge.channel == channel).filter_map(|edge| {
        let from = match edge.from {
            Some(from) => Some(places[from]?),
            None => None,
        };
        Some(crate::domain::lifecycle::Edge { from, to: places[edge.to]?, ..edge.clone() })
    });
    Arc::new(Lifecycle::new(lifecycle.id, &lifecycle.name, lifecycle.options, states, edges.collect()))
}
