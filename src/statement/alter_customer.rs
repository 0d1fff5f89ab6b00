//! ALTER CUSTOMER: sets the name of a customer.
//!
//! Invariant: the name is a text, beside the chain, like the handles.

use crate::domain::closed_lists::CustomerChange;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::statement::support::customers::{CUSTOMERS, change, known};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

/// The maximum length of a name, in characters.
const LONGEST_NAME: usize = 200;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "ALTER CUSTOMER <customer> SET NAME \"=\" (<name:text> | NULL)",
    summary: "Sets the name of a customer. NULL: none.",
    example: "ALTER CUSTOMER 'ann@example.com' SET name = 'Ann Lee'",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(alter_customer),
};

fn alter_customer(request: &Request<'_>) -> Result<Decision, Error> {
    let customer = known(request, "customer")?;
    if let Some(name) = request.arguments.text("name") {
        let length = name.chars().count();
        if name.trim().is_empty() || length > LONGEST_NAME {
            let words = match length {
                ..=LONGEST_NAME => "the name is blank".to_owned(),
                _ => format!("a name has at most {LONGEST_NAME} characters; this one has {length}"),
            };
            return Err(Refusal::new(Code::InvalidValue, words).at("name").into());
        }
    }
    let changes = vec![change(request, CustomerChange::Name, customer, request.text("name"))];
    Ok(Decision::row(changes, &CUSTOMERS, customer))
}
