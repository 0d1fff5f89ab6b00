//! SWEEP: fires every timer that is due, each at its due time; at most LIMIT of them, the earliest first.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Handler, StatementDef};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Running,
    syntax: "SWEEP [TIMEOUTS] [LIMIT <limit:integer>]",
    summary: "Fires every timer that is due, each at its due time; at most LIMIT of them, the earliest first. When none is left, archives messages of conversations that closed a day ago, a batch at a time. Meant for cron.",
    example: "SWEEP TIMEOUTS",
    right: Right::Anybody,
    handler: Handler::Sweep,
};
