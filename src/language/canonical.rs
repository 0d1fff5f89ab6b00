//! Formats a statement in its canonical form, which is stored in the journal.
//!
//! Invariant: the canonical form parses to the same arguments, and contains no personal value for
//! which the caller returned a substitute. This module deliberately does not know what is stored.

use super::arguments::{Argument, Arguments, ConversationRef, Part, SettingArgument, SettingValue};
use super::suggest::{append, quote_name, quote_text, write_name};

impl Arguments {
    /// Returns the statement with keywords in upper case, single spaces, no comments, and
    /// parameters replaced by their values.
    ///
    /// For every text, customer, key and rest, `substitute` gets the slot's name and the value, and
    /// returns the text to print instead; `None` prints the value.
    pub fn canonical(&self, substitute: &mut dyn FnMut(&str, &str) -> Option<String>) -> String {
        let mut line = String::new();
        for part in self.parts() {
            let piece = match part {
                Part::Keyword { word, .. } => word.clone(),
                Part::Symbol(symbol) => symbol.to_string(),
                Part::Argument { value: Argument::Name(name), guarded: true, .. } => quote_name(name),
                Part::Argument { slot, value, .. } => {
                    personal(value).and_then(|text| substitute(slot, text)).unwrap_or_else(|| written(value))
                }
            };
            append(&mut line, &piece);
        }
        line
    }
}

fn personal(value: &Argument) -> Option<&str> {
    match value {
        Argument::Text(text) | Argument::Customer(text) | Argument::Key(text) | Argument::Rest(text) => {
            Some(text)
        }
        _ => None,
    }
}

fn written(value: &Argument) -> String {
    match value {
        Argument::Conversation(ConversationRef::Id(id)) => id.to_string(),
        Argument::Conversation(ConversationRef::Topic(topic)) => quote_text(topic),
        Argument::Name(name) => write_name(name),
        Argument::Text(text) | Argument::Plain(text) | Argument::Customer(text) | Argument::Key(text) => {
            quote_text(text)
        }
        Argument::Integer(number) => number.to_string(),
        Argument::Duration(duration) => duration.to_string(),
        Argument::Moment(moment) => quote_text(&moment.to_string()),
        Argument::Setting(setting) => setting_written(setting),
        Argument::Rest(rest) => rest.clone(),
    }
}

fn setting_written(setting: &SettingArgument) -> String {
    let value = match &setting.value {
        // The word NULL must be quoted, because it would otherwise be read as the value `NULL`.
        SettingValue::Word(word) if word.eq_ignore_ascii_case("NULL") => quote_name(word),
        SettingValue::Word(word) => write_name(word),
        SettingValue::Text(text) => quote_text(text),
        SettingValue::Number(number) => number.clone(),
        SettingValue::Null => "NULL".to_owned(),
    };
    format!("{} = {value}", write_name(&setting.name))
}

#[cfg(test)]
#[path = "canonical/tests.rs"]
mod tests;
