//! SHOW LIFECYCLES: lists the lifecycles and their options.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Columns, Handler, StatementDef, Traits};
use crate::store::Listing;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW LIFECYCLES [AS OF <moment>]",
    summary: "Lists the lifecycles and their options.",
    example: "SHOW LIFECYCLES",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::ALL,
    handler: Handler::Read(|request| request.listing(&LIFECYCLES)),
};

/// Lifecycles, the built-in ones first.
pub(super) static LIFECYCLES: Listing =
    Listing { select: "SELECT * FROM lifecycles", key: "lifecycle", order: "built_in DESC, lifecycle" };
