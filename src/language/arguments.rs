//! What a statement was given: parameters on the way in, arguments on the way out.
//!
//! Invariant: an argument has been read by its slot's own rules; whoever takes it from here need
//! not look at the text again. It deliberately does not know whether a name names anything.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::domain::moment::{Duration, Moment};
use crate::domain::value::Value;

/// The values for `:name`; names compare without ASCII case.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parameters(BTreeMap<String, Value>);

impl Parameters {
    /// No parameters.
    pub fn new() -> Self {
        Parameters::default()
    }

    /// Gives a parameter a value, in place of any it had.
    pub fn insert(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_ascii_lowercase(), value.into());
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(&name.to_ascii_lowercase())
    }

    /// The names, in lower case and in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Which conversation is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConversationRef {
    /// Its number in the file, from 1.
    Id(i64),
    /// Its topic id: a UUID in lower case.
    Topic(String),
}

/// `name = value` out of a list of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingArgument {
    /// The name as it was written.
    pub name: String,
    /// The value, not yet judged.
    pub value: SettingValue,
    /// Where it stands in the statement, from the name to the value.
    pub span: Range<usize>,
}

/// The value of a setting, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingValue {
    /// A bare word or a quoted name.
    Word(String),
    /// Quoted text.
    Text(String),
    /// A number, maybe with letters or a unit word (`3`, `20s`, `90 SECONDS`).
    Number(String),
    /// `NULL`.
    Null,
}

/// The value of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A conversation.
    Conversation(ConversationRef),
    /// A name.
    Name(String),
    /// Text that may be personal.
    Text(String),
    /// Text that is not personal.
    Plain(String),
    /// A customer.
    Customer(String),
    /// A whole number.
    Integer(i64),
    /// A duration.
    Duration(Duration),
    /// A moment.
    Moment(Moment),
    /// One setting.
    Setting(SettingArgument),
    /// The rest of the statement, raw.
    Rest(String),
}

/// A part of a statement, in the order in which it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A keyword, in upper case.
    Keyword {
        /// The word.
        word: String,
        /// Where it stands.
        span: Range<usize>,
    },
    /// A symbol of the grammar.
    Symbol(char),
    /// The value of a slot.
    Argument {
        /// The slot's name.
        slot: String,
        /// What it was given.
        value: Argument,
        /// Where it stands.
        span: Range<usize>,
        /// Whether a name must be quoted in order not to read as a keyword.
        guarded: bool,
    },
}

/// The arguments of a statement, by the names of its slots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    parts: Vec<Part>,
    names: BTreeMap<String, Vec<String>>,
    settings: BTreeMap<String, Vec<SettingArgument>>,
}

macro_rules! argument_of {
    ($($(#[$document:meta])* $method:ident $variant:ident $type:ty = $convert:expr;)*) => {
        $($(#[$document])*
        pub fn $method(&self, slot: &str) -> Option<$type> {
            match self.argument(slot)? {
                Argument::$variant(value) => Some($convert(value)),
                _ => None,
            }
        })*
    };
}

impl Arguments {
    pub(super) fn new(parts: Vec<Part>) -> Self {
        let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut settings: BTreeMap<String, Vec<SettingArgument>> = BTreeMap::new();
        for part in &parts {
            match part {
                Part::Argument { slot, value: Argument::Name(name), .. } => {
                    names.entry(slot.clone()).or_default().push(name.clone());
                }
                Part::Argument { slot, value: Argument::Setting(setting), .. } => {
                    settings.entry(slot.clone()).or_default().push(setting.clone());
                }
                _ => {}
            }
        }
        Arguments { parts, names, settings }
    }

    /// Whether that keyword of the syntax was typed.
    pub fn has(&self, word: &str) -> bool {
        self.keyword(word).is_some()
    }

    /// Everything in the order in which it was typed: for lists whose elements have several parts.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    argument_of! {
        /// The conversation in that slot.
        conversation Conversation ConversationRef = Clone::clone;
        /// The name in that slot; the first, if there are several.
        name Name &str = String::as_str;
        /// The integer in that slot.
        integer Integer i64 = |value: &i64| *value;
        /// The duration in that slot.
        duration Duration Duration = |value: &Duration| *value;
        /// The moment in that slot.
        moment Moment Moment = |value: &Moment| *value;
        /// The customer in that slot.
        customer Customer &str = String::as_str;
        /// The raw rest of the statement in that slot.
        rest Rest &str = String::as_str;
    }

    /// The text in that slot, personal or plain.
    pub fn text(&self, slot: &str) -> Option<&str> {
        match self.argument(slot)? {
            Argument::Text(text) | Argument::Plain(text) => Some(text),
            _ => None,
        }
    }

    /// The names in that slot, in order.
    pub fn names(&self, slot: &str) -> &[String] {
        self.names.get(slot).map_or(&[], Vec::as_slice)
    }

    /// The settings in that slot, in order.
    pub fn settings(&self, slot: &str) -> &[SettingArgument] {
        self.settings.get(slot).map_or(&[], Vec::as_slice)
    }

    /// Where the raw rest begins in the statement's text.
    pub fn rest_offset(&self, slot: &str) -> Option<usize> {
        self.rest(slot)?;
        self.span(slot).map(|span| span.start)
    }

    /// Where the first argument of that slot, or else that keyword, stands in the statement.
    pub fn span(&self, slot: &str) -> Option<Range<usize>> {
        let argument = self.parts.iter().find_map(|part| match part {
            Part::Argument { slot: name, span, .. } if name == slot => Some(span.clone()),
            _ => None,
        });
        argument.or_else(|| self.keyword(slot))
    }

    /// Where the setting of that name stands in the statement.
    pub fn setting_span(&self, name: &str) -> Option<Range<usize>> {
        let mut settings = self.settings.values().flatten();
        settings.find(|setting| setting.name.eq_ignore_ascii_case(name)).map(|setting| setting.span.clone())
    }

    fn keyword(&self, wanted: &str) -> Option<Range<usize>> {
        self.parts.iter().find_map(|part| match part {
            Part::Keyword { word, span } if word.eq_ignore_ascii_case(wanted) => Some(span.clone()),
            _ => None,
        })
    }

    fn argument(&self, wanted: &str) -> Option<&Argument> {
        self.parts.iter().find_map(|part| match part {
            Part::Argument { slot, value, .. } if slot == wanted => Some(value),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_compare_without_case() {
        let mut parameters = Parameters::new();
        parameters.insert("Who", "ann");
        assert_eq!(parameters.get("WHO"), Some(&Value::from("ann")));
        assert_eq!(parameters.names().collect::<Vec<_>>(), ["who"]);
    }

    #[test]
    fn arguments_are_found_by_slot() {
        let argument = |slot: &str, value, span: Range<usize>| Part::Argument {
            slot: slot.into(),
            value,
            span,
            guarded: false,
        };
        let arguments = Arguments::new(vec![
            Part::Keyword { word: "ADD".into(), span: 0..3 },
            argument("agent", Argument::Name("a".into()), 4..5),
            argument("agent", Argument::Name("b".into()), 7..8),
            argument("rest", Argument::Rest("x".into()), 9..10),
        ]);
        assert!(arguments.has("add") && !arguments.has("agent"));
        assert_eq!(arguments.names("agent"), ["a", "b"]);
        assert_eq!(arguments.name("agent"), Some("a"));
        assert_eq!(arguments.span("agent"), Some(4..5));
        assert_eq!(arguments.span("ADD"), Some(0..3));
        assert_eq!(arguments.rest_offset("rest"), Some(9));
        assert_eq!(arguments.text("agent"), None);
        assert!(arguments.settings("settings").is_empty());
    }
}
