//! REMOVE HANDLE: takes a handle from a customer; what comes from it later is somebody else's.
//!
//! Invariant: earlier conversations stay with the customer, and the last handle cannot be removed.

use crate::domain::closed_lists::CustomerChange;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::value::Value;
use crate::language::suggest::quote_text;
use crate::statement::support::cited::CitedKind;
use crate::statement::support::customers::{CUSTOMERS, change, handle, known, shown};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "REMOVE HANDLE <handle:customer> FROM CUSTOMER <customer>",
    summary: "Takes a handle from a customer. Their conversations stay theirs; whoever uses the handle later is a new customer.",
    example: "REMOVE HANDLE '+49 170 555 0143' FROM CUSTOMER 'fay@example.com'",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(remove_handle),
};

fn remove_handle(request: &Request<'_>) -> Result<Decision, Error> {
    let customer = known(request, "customer")?;
    let handle = handle(request, "handle")?;
    let handles = request.snapshot.handles_beside(customer)?;
    if handle.kind != CitedKind::KnownCustomer || !handles.contains(&handle.id) {
        let (text, whose) = (quote_text(&handle.text), quote_text(&shown(request, customer)?));
        return Err(Refusal::new(Code::InvalidValue, format!("{text} is not a handle of customer {whose}"))
            .hint(format!("SHOW CUSTOMER {whose} lists them"))
            .at("handle")
            .into());
    }
    if handles.len() == 1 {
        let words = format!("{} is the customer's only handle", quote_text(&handle.text));
        return Err(Refusal::new(Code::InUse, words)
            .hint(format!("ADD HANDLE … TO CUSTOMER {} first", quote_text(&handle.text)))
            .at("handle")
            .into());
    }
    let changes = vec![change(request, CustomerChange::Removed, handle.id, Value::Null)];
    Ok(Decision::row(changes, &CUSTOMERS, customer))
}
