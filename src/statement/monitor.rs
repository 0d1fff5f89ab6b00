//! MONITOR: adds a monitor to a conversation of another agent.
//!
//! Invariant: the transcript records the monitoring, so that it is never hidden.

use crate::domain::closed_lists::Role;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::language::suggest::write_name;
use crate::statement::support::guests::{admit, person};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "MONITOR <conversation> BY <name:person>",
    summary: "Adds a monitor to a conversation that another agent has or had last; the transcript records it. SHOW TRANSCRIPT and FOLLOW show the conversation.",
    example: "MONITOR 5 BY maria",
    right: Right::Supervise,
    traits: Traits::BY_PERSON,
    columns: Columns::ALL,
    handler: Handler::Write(monitor),
};

fn monitor(request: &Request<'_>) -> Result<Decision, Error> {
    let (conversation, name) = (request.conversation()?, person(request)?);
    let mut decision = admit(request, &conversation, &name, Role::Monitor, "monitored")?;
    if !decision.changes.is_empty() {
        let id = conversation.id;
        decision.notes.push(format!(
            "monitoring of {id} has started; FOLLOW {id} shows what happens, LEAVE {id} BY {} ends it",
            write_name(&name)
        ));
    }
    Ok(decision)
}
