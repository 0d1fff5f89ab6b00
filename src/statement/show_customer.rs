//! SHOW CUSTOMER: shows a customer's handles and conversations.
//!
//! Invariant: every handle has at least one row; a conversation is listed under the handle that was
//! given when it was opened.

use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::statement::support::customers::known;
use crate::statement::{Chapter, Columns, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW CUSTOMER <customer>",
    summary: "Shows a customer's handles and conversations, the newest first. A handle without conversations has a row without one.",
    example: "SHOW CUSTOMER 'ann@example.com'",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns {
        explained: || {
            vec![
                (
                    "customer",
                    "the handle by which the customer is shown: the one that they were first known by or, once that is removed, the next",
                ),
                ("handle", "the handle that was given when the conversation was opened"),
            ]
        },
        narrow: &["handle", "conversation", "workstream", "state", "agent", "opened_at"],
    },
    handler: Handler::Read(customer),
};

/// The handles and conversations of the customer ?1.
const CUSTOMER: &str = "SELECT shown.customer, shown.name, written.handle, opened.id AS conversation, opened.workstream, \
        opened.channel, opened.state, opened.queue, opened.agent, opened.subject, opened.opened_at, opened.closed_at \
    FROM handle AS own JOIN customer AS written ON written.id = own.id JOIN customers AS shown ON shown.id = own.customer \
    LEFT JOIN opening ON opening.customer = own.id LEFT JOIN conversations AS opened ON opened.id = opening.id \
    WHERE (own.id = ?1 OR own.customer = ?1 AND own.customer <> own.id) AND (own.compared IS NOT NULL OR opening.id IS NOT NULL) \
    ORDER BY opening.id IS NULL, opening.id DESC, own.id";

fn customer(request: &Request<'_>) -> Result<Reply, Error> {
    let customer = known(request, "customer")?;
    let mut reply = request.query(CUSTOMER, &[customer.into()])?;
    if let (Some(Value::Text(shown)), Some(Value::Text(name))) =
        (reply.value(0, "customer"), reply.value(0, "name"))
    {
        reply.notes.push(format!("{shown} is {name}"));
    }
    Ok(reply)
}
