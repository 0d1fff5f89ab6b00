//! Layer 1: from text to arguments. Tokens, statements of a stream, syntax lines and what they
//! match.
//!
//! Invariant: this layer knows no particular statement. It interprets the syntax lines that it is
//! given, and everything it reports (errors, completion, hints) comes from these lines. It
//! deliberately does not know storage, terminals or what any argument means.

pub mod arguments;
mod canonical;
pub mod catalogue;
pub mod complete;
pub mod diagnostic;
mod expected;
pub mod grammar;
#[cfg(test)]
mod hostile;
mod lines;
mod matcher;
mod program;
mod reading;
pub mod script;
mod slot;
mod source;
pub mod suggest;
pub mod token;
