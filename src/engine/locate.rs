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
        Error::Broken(_) => first_word(text),
    };
    Failure { error, span }
}

fn first_word(text: &str) -> Range<usize> {
    span_of(&Place::Statement, text, None)
}

/// The same error, its place being so many bytes further on: what a statement within a statement was refused.
pub fn shifted(error: Error, offset: usize) -> Error {
    match error {
        Error::Refused(Refusal { place: Place::Span(span), code, message, hint }) => {
            Refusal { code, message, hint, place: Place::Span(span.start + offset..span.end + offset) }.into()
        }
        other => other,
    }
}
