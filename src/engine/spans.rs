//! Converts the place of a refusal to a range of bytes in the statement's text.

use std::ops::Range;

use crate::domain::failure::Failure;
use crate::domain::refusal::{Error, Place};
use crate::language::arguments::Arguments;
use crate::language::diagnostic::span_of;

/// Adds the place in the text to an error. A fault points at the first word.
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
