//! ADD HANDLE: gives a customer another handle, so that what comes from it belongs to them.
//!
//! Invariant: a handle names one customer. One that already names somebody is not moved; MERGE
//! CUSTOMER joins the two.

use crate::domain::change::Change;
use crate::domain::closed_lists::CustomerChange;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::language::suggest::quote_text;
use crate::statement::support::cited::CitedKind;
use crate::statement::support::customers::{CUSTOMERS, change, handle, known, shown};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "ADD HANDLE <handle:customer> TO CUSTOMER <customer>",
    summary: "Gives a customer another handle, such as a phone number besides an e-mail address: what comes from it belongs to them. Handles are compared without case and without spaces around them, phone numbers by their digits.",
    example: "ADD HANDLE '+49 170 555 0142' TO CUSTOMER 'ann@example.com'",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(add_handle),
};

fn add_handle(request: &Request<'_>) -> Result<Decision, Error> {
    let customer = known(request, "customer")?;
    let handle = handle(request, "handle")?;
    if handle.kind == CitedKind::KnownCustomer {
        let owner = request.snapshot.customer_of(handle.id)?;
        let text = quote_text(&handle.text);
        let refusal = match owner == customer {
            true => Refusal::new(Code::Exists, format!("{text} is already a handle of that customer")),
            false => {
                let (other, this) =
                    (quote_text(&shown(request, owner)?), quote_text(&shown(request, customer)?));
                Refusal::new(Code::Exists, format!("{text} is a handle of customer {other}"))
                    .hint(format!("MERGE CUSTOMER {other} INTO {this} makes the two one customer"))
            }
        };
        return Err(refusal.at("handle").into());
    }
    let changes = vec![
        Change::Customer { id: handle.id, handle: handle.text.clone() },
        change(request, CustomerChange::Merged, handle.id, customer),
    ];
    Ok(Decision::row(changes, &CUSTOMERS, customer))
}
