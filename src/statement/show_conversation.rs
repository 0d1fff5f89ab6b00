//! SHOW CONVERSATION: shows one conversation with all its columns.

use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::statement::{Chapter, Columns, Handler, Request, StatementDef, Traits};
use crate::store::Listing;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW CONVERSATION <conversation> [AS OF <moment>]",
    summary: "Shows one conversation with all its columns.",
    example: "SHOW CONVERSATION 1",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::ALL,
    handler: Handler::Read(conversation),
};

fn conversation(request: &Request<'_>) -> Result<Reply, Error> {
    request.matching(&CONVERSATIONS, request.conversation()?.id)
}

/// Conversations.
pub(super) static CONVERSATIONS: Listing = Listing {
    select: "SELECT id, topic, workstream, channel, lifecycle, state, phase, customer, subject, queue, agent, last_agent, \
        priority, skills, sentiment, opened_at, state_since, first_assigned_at, ended_at, closed_at, predecessor \
        FROM conversations",
    key: "id",
    order: "id",
};
