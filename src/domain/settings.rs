//! The settings of one object, as the file stores them: values by name.
//!
//! Invariant: a setting that is not set reads as null. This module deliberately does not know which
//! settings exist: the language lists them in `statement/settings.rs`, the file in `change_kind`.

use super::closed_lists::Presence;
use super::moment::Duration;
use super::value::Value;

/// The settings of one object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings(pub Vec<(String, Value)>);

/// The value of a duration setting of a workstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerSetting {
    /// Not set: the default of the lifecycle applies.
    Default,
    /// The timer is off.
    Off,
    /// This duration.
    For(Duration),
}

impl TimerSetting {
    /// Returns the effective duration, given the default of the lifecycle; `None`: off.
    pub fn over(self, default: Option<Duration>) -> Option<Duration> {
        match self {
            TimerSetting::Default => default,
            TimerSetting::Off => None,
            TimerSetting::For(duration) => Some(duration),
        }
    }
}

impl Settings {
    /// Returns the value of a setting, or null if it is not set.
    pub fn value(&self, name: &str) -> &Value {
        self.0.iter().find(|(known, _)| known == name).map_or(&Value::Null, |(_, value)| value)
    }

    /// Returns the text of a setting.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).as_text()
    }

    /// Returns the integer of a setting.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.value(name).as_integer()
    }

    /// Returns the integer of a setting that always has one.
    pub fn number(&self, name: &str) -> i64 {
        self.integer(name).unwrap_or_default()
    }

    /// Returns whether a setting has this word as its value.
    pub fn is(&self, name: &str, word: &str) -> bool {
        self.text(name) == Some(word)
    }

    /// Returns whether a setting is `on`.
    pub fn on(&self, name: &str) -> bool {
        self.is(name, "on")
    }

    /// Returns whether a setting is `exact`.
    pub fn exact(&self, name: &str) -> bool {
        self.is(name, "exact")
    }

    /// Returns whether a setting is `push`.
    pub fn push(&self, name: &str) -> bool {
        self.is(name, "push")
    }

    /// Returns the presences that a setting lists.
    pub fn presences(&self, name: &str) -> Vec<Presence> {
        let words = self.text(name).unwrap_or_default().split(',');
        words.filter_map(|word| Presence::from_name(word.trim())).collect()
    }

    /// Returns a setting that is a duration in ms, `off` or `never` (off), or anything else
    /// (`always`, or not set: the default).
    pub fn duration(&self, name: &str) -> TimerSetting {
        match self.value(name) {
            Value::Integer(ms) => TimerSetting::For(Duration(*ms)),
            Value::Text(word) if word == "off" || word == "never" => TimerSetting::Off,
            _ => TimerSetting::Default,
        }
    }

    /// Returns a setting that is a duration or off.
    pub fn duration_or_off(&self, name: &str) -> Option<Duration> {
        self.duration(name).over(None)
    }
}
