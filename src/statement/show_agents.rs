//! SHOW AGENTS: lists the agents: presence, load and capacity, skills, queues.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Columns, Handler, StatementDef, Traits};
use crate::store::Listing;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW AGENTS [AS OF <moment>]",
    summary: "Lists the agents: presence, load and capacity, skills, queues.",
    example: "SHOW AGENTS",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::narrow(&["agent", "presence", "load", "capacity", "skills", "queues"]),
    handler: Handler::Read(|request| request.listing(&AGENTS)),
};

/// Agents.
pub(super) static AGENTS: Listing = Listing {
    select: "SELECT agent, name, presence, load, capacity, skills, queues, connected FROM agents",
    key: "agent",
    order: "agent",
};
