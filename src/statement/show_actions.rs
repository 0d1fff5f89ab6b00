//! SHOW ACTIONS: shows what can be done with a conversation now, as the statements that do it.

use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::statement::support::actions::of;
use crate::statement::{Chapter, ColumnDef, Columns, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW ACTIONS <conversation>",
    summary: "Shows what you can do with a conversation now, for each agent and queue, as the statement that does it. EXPLAIN tells why any other statement is refused.",
    example: "SHOW ACTIONS 1",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns { explained: || EXPLAINED.to_vec(), narrow: &[] },
    handler: Handler::Read(show),
};

const EXPLAINED: [ColumnDef; 2] = [
    (
        "action",
        "what can be done now: without an agent, assign and force close; with one, or a last one, transfer, monitor and force close",
    ),
    ("statement", "the statement that does it, ready to paste; it would not be refused"),
];

fn show(request: &Request<'_>) -> Result<Reply, Error> {
    let id = request.conversation()?.id;
    let mut reply = Reply::with_columns(&["action", "statement"]);
    for (action, statement) in of(request, id)? {
        reply.rows.push(vec![action.into(), statement.as_str().into()]);
    }
    if reply.rows.is_empty() && request.actor.needs(Right::Supervise).is_err() {
        reply.notes.push(format!(
            "{} may do none of these; use --as NAME to act as somebody else",
            request.actor.name
        ));
    }
    Ok(reply)
}
