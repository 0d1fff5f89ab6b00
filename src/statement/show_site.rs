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
    handler: Handler::Read(|request| request.listing(&SITE_ROW)),
};

/// The site's settings, a single row.
pub(super) static SITE_ROW: Listing = Listing { select: "SELECT * FROM site", key: "", order: "1" };
