//! SHOW TRANSCRIPT: shows the messages of a conversation, including notes and system messages.

use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::statement::{Chapter, Columns, Handler, Request, StatementDef, Traits};
use crate::store::Listing;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW TRANSCRIPT <conversation>",
    summary: "Shows the messages of a conversation, including notes and system messages.",
    example: "SHOW TRANSCRIPT 2",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::ALL,
    handler: Handler::Read(transcript),
};

fn transcript(request: &Request<'_>) -> Result<Reply, Error> {
    let mut reply = request.matching(&TRANSCRIPT, request.conversation()?.id)?;
    reply.prose = Some("body");
    Ok(reply)
}

/// Messages of conversations.
pub(super) static TRANSCRIPT: Listing = Listing {
    select: "SELECT at, author_kind, author, kind, coalesce(body, (SELECT change.name || ' on ' || strftime('%Y-%m-%d', change.at / 1000.0, 'unixepoch') \
        FROM message JOIN change ON change.object = message.text AND change.kind = 'text' AND change.name = 'erased' \
            OR change.object = message.conversation AND change.kind = 'conversation' AND change.name = 'purged' \
        WHERE message.id = messages.id ORDER BY change.seq LIMIT 1)) AS body FROM messages",
    key: "conversation",
    order: "id",
};
