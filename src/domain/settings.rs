//! The settings of one object, as the file keeps them: a value by name.
//!
//! Invariant: a name that is not set reads as nothing. It deliberately does not know which names there are: the language
//! lists them in `statement/settings.rs`, the file in `change_kind`.

use super::closed_lists::Presence;
use super::moment::Duration;
use super::value::Value;

/// The settings of one object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings(pub Vec<(String, Value)>);

/// What a time setting of a workstream says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerSetting {
    /// What the lifecycle says.
    Default,
    /// Off.
    Off,
    /// So long.
    For(Duration),
}

impl TimerSetting {
    /// The duration in force, given the lifecycle's default.
    pub fn over(self, default: Option<Duration>) -> Option<Duration> {
        match self {
            TimerSetting::Default => default,
            TimerSetting::Off => None,
            TimerSetting::For(duration) => Some(duration),
        }
    }
}

impl Settings {
    /// The value of that setting; null, where it has none.
    pub fn value(&self, name: &str) -> &Value {
        self.0.iter().find(|(known, _)| known == name).map_or(&Value::Null, |(_, value)| value)
    }

    /// The text of that setting.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).as_text()
    }

    /// The whole number of that setting.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.value(name).as_integer()
    }

    /// The whole number of a setting that always has one.
    pub fn number(&self, name: &str) -> i64 {
        self.integer(name).unwrap_or_default()
    }

    /// Whether that setting is that word.
    pub fn is(&self, name: &str, word: &str) -> bool {
        self.text(name) == Some(word)
    }

    /// Whether that setting is on.
    pub fn on(&self, name: &str) -> bool {
        self.is(name, "on")
    }

    /// Whether that setting is `exact`.
    pub fn exact(&self, name: &str) -> bool {
        self.is(name, "exact")
    }

    /// Whether that setting is `push`.
    pub fn push(&self, name: &str) -> bool {
        self.is(name, "push")
    }

    /// The presences that a setting lists.
    pub fn presences(&self, name: &str) -> Vec<Presence> {
        let words = self.text(name).unwrap_or_default().split(',');
        words.filter_map(|word| Presence::from_name(word.trim())).collect()
    }

    /// A setting that is a duration in ms, a word (`off`, `never`: off), or nothing (`always`: the default).
    pub fn duration(&self, name: &str) -> TimerSetting {
        match self.value(name) {
            Value::Integer(ms) => TimerSetting::For(Duration(*ms)),
            Value::Text(word) if word == "off" || word == "never" => TimerSetting::Off,
            _ => TimerSetting::Default,
        }
    }

    /// A setting that is a duration, or off.
    pub fn duration_or_off(&self, name: &str) -> Option<Duration> {
        self.duration(name).over(None)
    }
}
