//! SELECT: runs a read-only SELECT of SQLite over the views.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Columns, StatementDef, Traits, support};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SELECT <rest:select>",
    summary: "Runs a read-only SELECT of SQLite over the views. Parameters are written :name.",
    example: "SELECT state, count(*) AS conversations FROM conversations GROUP BY state",
    right: Right::Anybody,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: support::queries::SELECT,
};
