//! From a refusal's place to bytes of the statement's text.

use std::ops::Range;

use super::Failure;
use crate::domain::refusal::{Error, Place, Refusal};
use crate::language::arguments::Arguments;
use crate::language::diagnostic::span_of;

/// The failure with its place in the text.
pub fn failure(error: Error, text: &str, arguments: Option<&Arguments>) -> Failure {
    let span = match &error {
        Error::Refused(refusal) => span_of(&refusal.place, text, arguments),
        Error::Fault(_) => first_word(text),
    };
    Failure { error, span }
}

fn first_word(text: &str) -> Range<usize> {
    span_of(&Place::Statement, text, None)
}

/// The same error, its place being counted from another byte: what a statement within a statement was refused.
pub fn moved(error: Error, from: usize, to: usize) -> Error {
    let place = |byte: usize| (byte + to).saturating_sub(from);
    match error {
        Error::Refused(Refusal { place: Place::Span(span), code, message, hint }) => {
            Refusal { code, message, hint, place: Place::Span(place(span.start)..place(span.end)) }.into()
        }
        other => other,
    }
}
