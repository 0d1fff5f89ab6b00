//! SHOW SERVICES: lists the services.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Columns, Handler, StatementDef, Traits};
use crate::store::Listing;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW SERVICES [AS OF <moment>]",
    summary: "Lists the services.",
    example: "SHOW SERVICES",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::ALL,
    handler: Handler::Read(|request| request.listing(&SERVICES)),
};

/// Services.
pub(super) static SERVICES: Listing =
    Listing { select: "SELECT service, login FROM services", key: "service", order: "service" };
