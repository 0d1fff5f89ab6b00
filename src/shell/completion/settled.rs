//! What can be offered without a look at the file: settings with the words that they take, and the states that the
//! statement itself has drawn.
//!
//! Invariant: settings come from the tables by which they are read. It deliberately does not know which are legal
//! together.

use super::{CandidateSource, Partial, pair, things};
use crate::domain::closed_lists::Channel;
use crate::language::grammar::SlotKind;
use crate::language::suggest::{quote_name, write_name};
use crate::language::token::{TokenKind, tokens};
use crate::statement::support::settings::{Kind, table};
use rustyline::completion::Pair;

/// The names of a table's settings, to be followed by their value.
pub(super) fn names(settings: &str, partial: &Partial<'_>) -> Vec<Pair> {
    let fits = table(settings).iter().filter(|setting| partial.quote.is_none() && partial.fits(setting.name));
    fits.map(|setting| pair(setting.name, "", &format!("{} =", setting.name))).collect()
}

/// The words that a setting takes, or the live things that it names.
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

/// The states that stand in the statement so far.
pub(super) fn states(before: &str, partial: &Partial<'_>) -> Vec<Pair> {
    let write = if partial.quote == Some('"') { quote_name } else { write_name };
    let drawn = tokens(before).unwrap_or_default();
    let named = drawn.windows(2).filter(|two| two[0].is_keyword("STATE"));
    let names = named.map(|two| &two[1]);
    let names = names.filter(|name| matches!(name.kind, TokenKind::Word | TokenKind::QuotedName));
    let fitting = names.filter(|name| partial.quote != Some('\'') && partial.fits(&name.text));
    fitting.map(|name| pair(&name.text, "", &write(&name.text))).collect()
}
