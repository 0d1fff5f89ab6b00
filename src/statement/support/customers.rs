//! Customers: finding the one that a statement names, and the columns that are shown of them.
//!
//! Invariant: a customer is named by any of their handles. This module deliberately does not know how
//! handles are compared.

use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::CustomerChange;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::value::Value;
use crate::language::suggest::quote_text;
use crate::statement::Request;
use crate::statement::support::cited::CitedText;
use crate::store::Listing;

/// Customers with all their handles.
pub static CUSTOMERS: Listing = Listing {
    select: "SELECT customer, name, handles, conversations FROM customers",
    key: "id",
    order: "id",
};

/// Returns the customer whose handle is in a slot.
///
/// # Errors
/// `unknown_customer`; faults of the file.
pub fn known(request: &Request<'_>, slot: &'static str) -> Result<i64, Error> {
    let handle = request.arguments.customer(slot).unwrap_or_default();
    match request.snapshot.handle_named(handle)? {
        Some(id) => Ok(request.snapshot.customer_of(id)?),
        None => Err(Refusal::new(
            Code::UnknownCustomer,
            format!("customer {} does not exist", quote_text(handle)),
        )
        .hint("SELECT customer, handles FROM customers lists them; OPEN and MESSAGE ON create them")
        .at(slot)
        .into()),
    }
}

/// Returns the handle in a slot, which the syntax line requires.
pub fn handle<'a>(request: &'a Request<'_>, slot: &'static str) -> Result<&'a CitedText, Refusal> {
    request.cited(slot).ok_or_else(|| Refusal::new(Code::UnknownCustomer, "a handle is required").at(slot))
}

/// Returns the handle by which a customer is shown.
///
/// # Errors
/// Faults of the file.
pub fn shown(request: &Request<'_>, customer: i64) -> Result<String, Error> {
    Ok(request.snapshot.shown_handle(customer)?.unwrap_or_default())
}

/// Returns a change of a customer.
pub fn change(request: &Request<'_>, kind: CustomerChange, customer: i64, value: impl Into<Value>) -> Change {
    request.setting(ChangeKind::Customer(kind), customer, value)
}
