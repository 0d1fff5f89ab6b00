//! SHOW SITE: shows the settings of the site.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Columns, Handler, StatementDef, Traits};
use crate::store::Listing;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW SITE [AS OF <moment>]",
    summary: "Shows the settings of the site.",
    example: "SHOW SITE",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::ALL,
    handler: Handler::Read(|request| request.listing(Listing::Site, &[])),
};
