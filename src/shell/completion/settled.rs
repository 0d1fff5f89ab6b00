//! Candidates that do not need a query: settings with their words, and the states that the
//! statement itself defines.
//!
//! Invariant: settings come from the same tables with which statements are parsed. This module
//! deliberately does not know which settings are legal together.

use super::{CandidateSource, Partial, pair, things};
use crate::domain::closed_lists::Channel;
use crate::language::grammar::SlotKind;
use crate::language::suggest::{quote_name, write_name};
use crate::language::token::{TokenKind, tokens};
use crate::statement::support::settings::{Kind, table};
use rustyline::completion::Pair;

/// Returns the names of the settings in a table, followed by `=`.
pub(super) fn names(settings: &str, partial: &Partial<'_>) -> Vec<Pair> {
    let fits = table(settings).iter().filter(|setting| partial.quote.is_none() && partial.fits(setting.name));
    fits.map(|setting| pair(setting.name, "", &format!("{} =", setting.name))).collect()
}

/// Returns the words that a setting takes, or the existing names that it can refer to.
pub(super) fn values(
    settings: &str,
    name: &str,
    partial: &Partial<'_>,
    look: CandidateSource<'_>,
) -> Vec<Pair> {
    let Some(setting) = table(settings).iter().find(|one| one.name.eq_ignore_ascii_case(name)) else {
        return Vec::new();
    };
    let words: Vec<&str> = match setting.kind {
        Kind::Choice(words) | Kind::WordOrDuration(words, ..) => words.to_vec(),
        Kind::Channel => Channel::ALL.iter().map(|channel| channel.name()).collect(),
        Kind::Name(what) => return things(&SlotKind::Name(what.to_owned()), partial, look),
        _ => Vec::new(),
    };
    let fitting = words.into_iter().filter(|word| partial.quote.is_none() && partial.fits(word));
    fitting.map(|word| pair(word, "", word)).collect()
}

/// Returns the states that the statement has defined so far.
pub(super) fn states(before: &str, partial: &Partial<'_>) -> Vec<Pair> {
    let write = if partial.quote == Some('"') { quote_name } else { write_name };
    let drawn = tokens(before).unwrap_or_default();
    let named = drawn.windows(2).filter(|two| two[0].is_keyword("STATE"));
    let names = named.map(|two| &two[1]);
    let names = names.filter(|name| matches!(name.kind, TokenKind::Word | TokenKind::QuotedName));
    let fitting = names.filter(|name| partial.quote != Some('\'') && partial.fits(&name.text));
    fitting.map(|name| pair(&name.text, "", &write(&name.text))).collect()
}
