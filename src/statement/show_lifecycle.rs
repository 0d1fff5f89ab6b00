//! SHOW LIFECYCLE: shows the edges of a lifecycle, or the lifecycle as a graph or as a statement.

use crate::domain::closed_lists::Channel;
use crate::domain::lifecycle::Lifecycle;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::statement::support::lifecycles::{charts, clauses};
use crate::statement::{Chapter, Columns, Handler, Request, StatementDef, Traits};
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

/// The edges, one row for all channels of an edge. Parameters: lifecycle; channel, or NULL.
const EDGES: &str = "SELECT event, from_state, to_state, group_concat(channel, ', ') AS channels, condition, after_ms
    FROM (SELECT edges.*, event.position AS place, coalesce(state.position, 0) AS state_place, channel_place.rowid AS channel_place
        FROM edges JOIN event USING (event)
        LEFT JOIN (SELECT DISTINCT lifecycle, state, position FROM states) AS state
            ON state.lifecycle = edges.lifecycle AND state.state = edges.from_state
        JOIN (SELECT 1 AS rowid, 'chat' AS channel UNION ALL VALUES (2, 'sms'), (3, 'social'), (4, 'email'), (5, 'voice'), (6, 'record'))
            AS channel_place USING (channel)
        WHERE edges.lifecycle = ?1 AND (?2 IS NULL OR edges.channel = ?2) ORDER BY channel_place)
    GROUP BY event, from_state, to_state, condition, after_ms
    ORDER BY state_place, place, condition, min(channel_place)";

fn show(request: &Request<'_>) -> Result<Reply, Error> {
    let lifecycle = request.lifecycle_named(request.name("lifecycle"))?;
    let channel = request.channel()?;
    let draw: fn(&Lifecycle) -> String = match ["MERMAID", "DOT", "SCRIPT"].map(|form| request.has(form)) {
        [true, ..] => charts::mermaid,
        [_, true, _] => charts::dot,
        [.., true] => clauses::script,
        _ => {
            let channel = channel.map(|channel| channel.name());
            return request.query(EDGES, &[(&*lifecycle.name).into(), channel.into()]);
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
