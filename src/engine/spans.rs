//! From a refusal's place to bytes of the statement's text.

use std::ops::Range;

use super::Failure;
use crate::domain::refusal::{Error, Place};
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
