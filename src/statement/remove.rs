//! REMOVE: removes agents from a queue.

use crate::domain::closed_lists::MemberChange;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::objects::membership;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "REMOVE {<agent>},... FROM <queue>",
    summary: "Removes agents from a queue. They keep their conversations.",
    example: "REMOVE bob FROM billing",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(remove),
};

fn remove(request: &Request<'_>) -> Result<Decision, Error> {
    membership(request, MemberChange::Left)
}
