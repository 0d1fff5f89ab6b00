//! SHOW HISTORY: shows the transitions of a conversation: who, why and when.

use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::statement::{Chapter, Columns, Handler, Request, StatementDef, Traits};
use crate::store::Listing;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW HISTORY <conversation>",
    summary: "Shows the transitions of a conversation: who, why and when.",
    example: "SHOW HISTORY 2",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::narrow(&["at", "event", "to_state", "to_agent", "to_queue", "actor", "reason"]),
    handler: Handler::Read(history),
};

fn history(request: &Request<'_>) -> Result<Reply, Error> {
    request.matching(&TRANSITIONS, request.conversation()?.id)
}

/// Transitions of conversations.
static TRANSITIONS: Listing = Listing {
    select: "SELECT seq, journal, conversation, event, from_state, to_state, from_agent, to_agent, from_queue, to_queue, \
        actor_kind, actor, reason, override, at, applied_at FROM transitions",
    key: "conversation",
    order: "seq",
};
