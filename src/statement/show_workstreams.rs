//! SHOW WORKSTREAMS: lists the workstreams.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Columns, Handler, StatementDef, Traits};
use crate::store::Listing;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW WORKSTREAMS [AS OF <moment>]",
    summary: "Lists the workstreams. SELECT * FROM workstreams shows every setting.",
    example: "SHOW WORKSTREAMS",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::narrow(&["workstream", "channel", "lifecycle", "queue", "mode", "units"]),
    handler: Handler::Read(|request| request.listing(&WORKSTREAMS)),
};

/// Workstreams, with the settings that people need most.
pub(super) static WORKSTREAMS: Listing = Listing {
    select: "SELECT workstream, channel, lifecycle, queue, mode, units, bot, wrapup, presences FROM workstreams",
    key: "workstream",
    order: "workstream",
};
