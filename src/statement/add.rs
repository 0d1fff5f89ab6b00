//! ADD: adds agents to a queue as members.

use crate::domain::closed_lists::MemberChange;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::objects::membership;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "ADD {<agent>},... TO <queue>",
    summary: "Adds agents to a queue as members.",
    example: "ADD bob, dana TO front",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(add),
};

fn add(request: &Request<'_>) -> Result<Decision, Error> {
    membership(request, MemberChange::Joined)
}
