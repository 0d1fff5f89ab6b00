//! WITH: runs a SELECT with common table expressions.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Columns, StatementDef, Traits, support};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "WITH <rest:select>",
    summary: "Runs a SELECT with common table expressions, which cannot have the name of a view.",
    example: "WITH moves AS (SELECT conversation, count(*) AS n FROM transitions GROUP BY conversation) SELECT max(n) AS most FROM moves",
    right: Right::Anybody,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: support::queries::SELECT,
};
