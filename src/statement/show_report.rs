//! SHOW REPORT: shows a report of the site for the time up to now (LAST sets :since; otherwise it covers everything). If a column is named conversation, the possible actions are added.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Handler, StatementDef};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW REPORT <report> [LAST <duration>]",
    summary: "Shows a report of the site for the time up to now (LAST sets :since; otherwise it covers everything). If a column is named conversation, the possible actions are added.",
    example: "SHOW REPORT queues_now",
    right: Right::Anybody,
    handler: Handler::Report,
};
