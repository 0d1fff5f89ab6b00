//! The inputs and outputs of parsing: parameters and arguments.
//!
//! Invariant: an argument has been parsed by the rules of its slot, so its text need not be
//! examined again. This module deliberately does not know whether the object with a name exists.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::domain::moment::{Duration, Moment};
use crate::domain::value::Value;

/// The values for the parameters of a statement.
///
/// A parameter is written `:name` in the statement and inserted without the colon; names are
/// compared without ASCII case. It can stand for any value, name or id, and never becomes syntax.
/// Its value is read by the rules of its place:
///
/// | in place of | value |
/// |---|---|
/// | a name, a customer's handle, a text | text |
/// | the id of a conversation | an integer, its text, or its topic id as text |
/// | a number | an integer or its text |
/// | a timestamp | a [`Moment`](crate::Moment), or RFC 3339 text: `2026-03-02T09:15:00Z` |
/// | a duration | text: `2h`, `90s`, `1h30m` |
/// | the value of a setting | text (`on`, `available`, `20s`), an integer, or null for NULL |
/// | an operand in SELECT | any [`Value`](crate::Value); text in the form of an integer is bound as one |
///
/// Other values are refused with `invalid_value`, a parameter that is not set with
/// `unknown_parameter`. Parameters that the statement does not use are ignored.
///
/// ```
/// use switchboard::{Parameters, Value};
///
/// let one = Parameters::from([("who", "ann@example.com")]);
/// let mut several = Parameters::from([("id", Value::from(12)), ("text", Value::from("Hello"))]);
/// several.insert("for", "2h");
/// # assert_eq!((one.names().count(), several.names().count()), (1, 3));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parameters(BTreeMap<String, Value>);

impl Parameters {
    /// Creates an empty set of parameters.
    pub fn new() -> Self {
        Parameters::default()
    }

    /// Sets a parameter, replacing its previous value. The name is given without the colon; if it
    /// begins with one, that is left out.
    pub fn insert(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(key(name), value.into());
    }

    /// Returns the value of a parameter, named as for [`Parameters::insert`].
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(&key(name))
    }

    /// Returns the names, in lower case and sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn key(name: &str) -> String {
    name.strip_prefix(':').unwrap_or(name).to_ascii_lowercase()
}

impl<K: AsRef<str>, V: Into<Value>, const N: usize> From<[(K, V); N]> for Parameters {
    /// As [`Parameters::insert`] for each pair; of equal names the last one counts.
    fn from(pairs: [(K, V); N]) -> Self {
        let mut parameters = Parameters::new();
        for (name, value) in pairs {
            parameters.insert(name.as_ref(), value);
        }
        parameters
    }
}

/// A reference to a conversation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConversationRef {
    /// Its id in the file, from 1.
    Id(i64),
    /// Its topic id: a UUID in lower case.
    Topic(String),
}

/// One `name = value` of a list of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingArgument {
    /// The name as written.
    pub name: String,
    /// The value, not validated yet.
    pub value: SettingValue,
    /// The byte range in the statement, from the name to the value.
    pub span: Range<usize>,
}

/// The value of a setting as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingValue {
    /// A bare word or a quoted name.
    Word(String),
    /// Quoted text.
    Text(String),
    /// A number, possibly with letters or a unit word (`3`, `20s`, `90 SECONDS`).
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
    /// A customer's handle.
    Customer(String),
    /// The KEY of the statement.
    Key(String),
    /// An integer.
    Integer(i64),
    /// A duration.
    Duration(Duration),
    /// A timestamp.
    Moment(Moment),
    /// A setting.
    Setting(SettingArgument),
    /// The unparsed rest of the statement.
    Rest(String),
}

/// A part of a statement, in the order in which it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A keyword, in upper case.
    Keyword {
        /// The keyword.
        word: String,
        /// The byte range in the statement.
        span: Range<usize>,
    },
    /// A symbol of the grammar.
    Symbol(char),
    /// The value of a slot.
    Argument {
        /// The name of the slot.
        slot: String,
        /// The value.
        value: Argument,
        /// The byte range in the statement.
        span: Range<usize>,
        /// Whether a name must be quoted, because it would otherwise be read as a keyword.
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

    /// Returns whether a keyword of the syntax was typed.
    pub fn has(&self, word: &str) -> bool {
        self.keyword(word).is_some()
    }

    /// Returns all parts in the order in which they were typed, for lists whose elements have
    /// several parts.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    argument_of! {
        /// Returns the conversation in a slot.
        conversation Conversation ConversationRef = Clone::clone;
        /// Returns the name in a slot; the first, if there are several.
        name Name &str = String::as_str;
        /// Returns the integer in a slot.
        integer Integer i64 = |value: &i64| *value;
        /// Returns the duration in a slot.
        duration Duration Duration = |value: &Duration| *value;
        /// Returns the timestamp in a slot.
        moment Moment Moment = |value: &Moment| *value;
        /// Returns the customer's handle in a slot.
        customer Customer &str = String::as_str;
        /// Returns the unparsed rest of the statement in a slot.
        rest Rest &str = String::as_str;
    }

    /// Returns the text in a slot, personal or not.
    pub fn text(&self, slot: &str) -> Option<&str> {
        match self.argument(slot)? {
            Argument::Text(text) | Argument::Plain(text) | Argument::Key(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the names in a slot, in order.
    pub fn names(&self, slot: &str) -> &[String] {
        self.names.get(slot).map_or(&[], Vec::as_slice)
    }

    /// Returns the settings in a slot, in order.
    pub fn settings(&self, slot: &str) -> &[SettingArgument] {
        self.settings.get(slot).map_or(&[], Vec::as_slice)
    }

    /// Returns the byte offset at which the unparsed rest begins.
    pub fn rest_offset(&self, slot: &str) -> Option<usize> {
        self.rest(slot)?;
        self.span(slot).map(|span| span.start)
    }

    /// Returns the byte range of the first argument of a slot or, if there is none, of the keyword
    /// with that name.
    pub fn span(&self, slot: &str) -> Option<Range<usize>> {
        let argument = self.parts.iter().find_map(|part| match part {
            Part::Argument { slot: name, span, .. } if name == slot => Some(span.clone()),
            _ => None,
        });
        argument.or_else(|| self.keyword(slot))
    }

    /// Returns the byte range of the setting with a name.
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
    fn parameters_come_from_pairs_with_or_without_the_colon() {
        let parameters = Parameters::from([(":Who", "ann"), ("text", "x"), ("TEXT", "y")]);
        assert_eq!(parameters.get("who"), Some(&Value::from("ann")));
        assert_eq!(parameters.get("text"), Some(&Value::from("y")));
        assert_eq!(parameters.names().count(), 2);
        let mut twice = Parameters::new();
        twice.insert("::who", 1);
        assert_eq!(twice.names().collect::<Vec<_>>(), [":who"], "one colon only");
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
