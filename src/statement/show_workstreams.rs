//! SHOW WORKSTREAMS: lists the workstreams.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Handler, StatementDef};
use crate::store::Listing;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW WORKSTREAMS [AS OF <moment>]",
    summary: "Lists the workstreams. SELECT * FROM workstreams shows every setting.",
    example: "SHOW WORKSTREAMS",
    right: Right::Anybody,
    handler: Handler::Read(|request| request.listing(Listing::Workstreams, &[])),
};
