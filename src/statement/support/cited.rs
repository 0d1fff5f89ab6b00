//! The handles, texts and keys of a statement, which the journal cites by id.
//!
//! Invariant: an entry of the journal holds no handle, text or key itself, so that they can be
//! erased without a change of the chain. Knows no statement: the engine finds the values in the
//! arguments and gives them their ids.

/// A handle, a text or a key in a statement, with the id by which the journal cites it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitedText {
    /// The name of the argument.
    pub slot: String,
    /// The handle, the text or the key itself.
    pub text: String,
    /// The id in `customer` or in `text`, or the number of the entry.
    pub id: i64,
    /// In which table the id is, and whether the row exists.
    pub kind: CitedKind,
}

/// The kinds of handles, texts and keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CitedKind {
    /// The handle of a customer in the file.
    KnownCustomer,
    /// The handle of a customer who is not in the file yet.
    NewCustomer,
    /// The KEY of the statement; its id is the number of the entry.
    Key,
    /// A text, such as a message or a subject.
    Text,
    /// A SELECT that is stored; it is treated as a text, since it may name people.
    Select,
}

impl CitedKind {
    /// Returns the prefix by which the journal cites it, e.g. `text` in `:text_17`.
    pub fn cited(self) -> &'static str {
        match self {
            CitedKind::KnownCustomer | CitedKind::NewCustomer => "customer",
            CitedKind::Key => "key",
            CitedKind::Text => "text",
            CitedKind::Select => "select",
        }
    }

    /// Whether it is stored in `text`.
    pub fn is_text(self) -> bool {
        matches!(self, CitedKind::Text | CitedKind::Select)
    }

    /// Whether it is the handle of a customer.
    pub fn is_customer(self) -> bool {
        matches!(self, CitedKind::KnownCustomer | CitedKind::NewCustomer)
    }
}
