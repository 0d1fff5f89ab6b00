//! SHOW SUPERVISORS: lists the supervisors.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Columns, Handler, StatementDef, Traits};
use crate::store::Listing;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW SUPERVISORS [AS OF <moment>]",
    summary: "Lists the supervisors.",
    example: "SHOW SUPERVISORS",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::ALL,
    handler: Handler::Read(|request| request.listing(&SUPERVISORS)),
};

/// Supervisors.
pub(super) static SUPERVISORS: Listing = Listing {
    select: "SELECT supervisor, name, login FROM supervisors",
    key: "supervisor",
    order: "supervisor",
};
