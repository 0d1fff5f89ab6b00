//! SHOW CANDIDATES: lists every agent, with the reasons why the router would not choose them.

use crate::domain::permissions::Right;
use crate::statement::support::router::explained;
use crate::statement::{Chapter, Columns, Handler, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW CANDIDATES <conversation>",
    summary: "Lists every agent, with each reason why the router would not assign the conversation to them.",
    example: "SHOW CANDIDATES 1",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::ALL,
    handler: Handler::Read(explained::show),
};
