//! MERGE CUSTOMER: makes two customers one, with the handles and conversations of both.
//!
//! Invariant: no customer ends up with two open conversations of a lifecycle that allows one.

use crate::domain::closed_lists::CustomerChange;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::language::suggest::quote_text;
use crate::statement::support::customers::{CUSTOMERS, change, known, shown};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "MERGE CUSTOMER <customer> INTO <into:customer>",
    summary: "Makes two customers one: all handles and conversations of the first belong to the second. It cannot be undone.",
    example: "MERGE CUSTOMER 'eve@example.com' INTO 'ann@example.com'",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(merge_customer),
};

fn merge_customer(request: &Request<'_>) -> Result<Decision, Error> {
    let (customer, into) = (known(request, "customer")?, known(request, "into")?);
    if customer == into {
        let words = format!("{} already is that customer", quote_text(&shown(request, into)?));
        return Err(Refusal::new(Code::InvalidValue, words).at("into").into());
    }
    let (first, second) =
        (request.snapshot.only_conversations(customer)?, request.snapshot.only_conversations(into)?);
    let both = first.iter().find_map(|(lifecycle, one)| {
        second.iter().find(|(other, _)| other == lifecycle).map(|(_, other)| (one, other))
    });
    if let Some((one, other)) = both {
        let words = format!(
            "both customers have an open conversation of a lifecycle that allows one: {one} and {other}"
        );
        return Err(Refusal::new(Code::InUse, words)
            .hint(format!("end one of them first; SHOW ACTIONS {one} lists what is possible"))
            .at("customer")
            .into());
    }
    let mut changes = vec![change(request, CustomerChange::Merged, customer, into)];
    let name = |of| request.snapshot.name_of_customer(of);
    if let (Some(text), None) = (name(customer)?, name(into)?) {
        changes.push(change(request, CustomerChange::Name, into, text));
    }
    Ok(Decision::row(changes, &CUSTOMERS, into))
}
