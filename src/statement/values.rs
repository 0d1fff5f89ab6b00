//! VALUES: returns literal rows.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Columns, StatementDef, Traits, support};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "VALUES <rest:select>",
    summary: "Returns literal rows.",
    example: "VALUES (1, 'one'), (2, 'two')",
    right: Right::Anybody,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: support::queries::SELECT,
};
