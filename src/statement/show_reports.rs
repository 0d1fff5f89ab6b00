//! SHOW REPORTS: lists the reports of the site.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Columns, Handler, StatementDef, Traits};
use crate::store::Listing;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW REPORTS [AS OF <moment>]",
    summary: "Lists the reports of the site.",
    example: "SHOW REPORTS",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::ALL,
    handler: Handler::Read(|request| request.listing(&REPORTS)),
};

/// The site's own reports.
pub(super) static REPORTS: Listing =
    Listing { select: "SELECT report, sql FROM reports", key: "report", order: "report" };
