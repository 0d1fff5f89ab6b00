//! SHOW HEAD: shows the number and hash of the last entry.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Columns, Handler, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW HEAD",
    summary: "Shows the number and hash of the last entry. Kept elsewhere, it proves later that nothing before it was changed.",
    example: "SHOW HEAD",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::ALL,
    handler: Handler::Read(|request| request.query(HEAD, &[])),
};

const HEAD: &str = "SELECT seq, at, seq || ':' || hash AS head FROM journal ORDER BY seq DESC LIMIT 1";
