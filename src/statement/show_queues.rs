//! SHOW QUEUES: lists the queues: settings, number of waiting conversations and of members.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Columns, Handler, StatementDef, Traits};
use crate::store::Listing;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW QUEUES [AS OF <moment>]",
    summary: "Lists the queues: settings, number of waiting conversations and of members.",
    example: "SHOW QUEUES",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::narrow(&["queue", "priority", "method", "waiting", "members"]),
    handler: Handler::Read(|request| request.listing(&QUEUES)),
};

/// Queues.
pub(super) static QUEUES: Listing =
    Listing { select: "SELECT * FROM queues", key: "queue", order: "priority, queue" };
