//! JOIN: adds a participant who may write in the conversation beside its agent.

use crate::domain::closed_lists::Role;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::guests::{admit, person};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "JOIN <conversation> BY <name:person>",
    summary: "Adds a participant who may write in the conversation beside its agent; the transcript records it.",
    example: "JOIN 5 BY maria",
    right: Right::Supervise,
    traits: Traits::BY_PERSON,
    columns: Columns::ALL,
    handler: Handler::Write(join),
};

fn join(request: &Request<'_>) -> Result<Decision, Error> {
    let (conversation, name) = (request.conversation()?, person(request)?);
    admit(request, &conversation, &name, Role::Consultant, "joined")
}
