//! The tables of settings: name, kind, default and one line of help. They drive WITH, ALTER … SET,
//! HELP and the docs.
//!
//! Invariant: these tables equal the rows of `change_kind` in schema.sql, defaults included; a test
//! compares them. This module deliberately does not know what a setting does.

use crate::domain::closed_lists::{Channel, Presence};
use crate::domain::moment::Duration;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::skills;
use crate::domain::value::Value;
use crate::language::arguments::{Arguments, SettingValue};
use crate::language::suggest::nearest;

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number in that range.
    Integer(i64, i64),
    /// A duration in that range, in ms.
    Duration(i64, i64),
    /// One of these words, or a duration in that range, in ms.
    WordOrDuration(&'static [&'static str], i64, i64),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Text of at most that many characters.
    Text(usize),
    /// A list of skills, e.g. `billing:4, spanish`.
    Skills,
    /// A list of presences, e.g. `available, busy`.
    Presences,
    /// A channel.
    Channel,
    /// The name of an object of that kind: a queue or a lifecycle.
    Name(&'static str),
    /// An IANA time zone.
    TimeZone,
}

/// The definition of a setting.
#[derive(Debug, Clone, Copy)]
pub struct SettingDef {
    /// The name, as it is typed and stored.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// The default, as it would be typed; empty: null.
    pub default: &'static str,
    /// What it is for, in one line.
    pub help: &'static str,
}

const DAY: i64 = 86_400_000;
const LONGEST: i64 = Duration::LONGEST.0;
const MILLION: i64 = 1_000_000;
const OFF_ON: Kind = Kind::Choice(&["off", "on"]);
const TIMEOUT: Kind = Kind::WordOrDuration(&["off"], 1_000, LONGEST);

const fn setting(name: &'static str, kind: Kind, default: &'static str, help: &'static str) -> SettingDef {
    SettingDef { name, kind, default, help }
}

/// The settings of a queue.
pub const QUEUE: &[SettingDef] = &[
    setting("priority", Kind::Integer(-MILLION, MILLION), "100", "smaller first"),
    setting(
        "service_level",
        Kind::Duration(0, DAY),
        "'20s'",
        "the longest wait that is within the service level",
    ),
    setting(
        "short_abandon",
        Kind::Duration(0, DAY),
        "'5s'",
        "a wait shorter than this is not counted as abandoned",
    ),
    setting(
        "method",
        Kind::Choice(&["highest_capacity", "round_robin", "least_active"]),
        "highest_capacity",
        "which agent gets the next conversation: the most free units; the longest without one of this queue; the fewest units in use, then the longest idle",
    ),
];

/// The settings of an agent.
pub const AGENT: &[SettingDef] = &[
    setting("name", Kind::Text(200), "", "display name"),
    setting("capacity", Kind::Integer(0, MILLION), "3", "the most work at the same time, in units"),
    setting(
        "presence",
        Kind::Choice(&["available", "busy", "dnd", "away", "offline"]),
        "offline",
        "whether available for work",
    ),
    setting("skills", Kind::Skills, "", "with levels 1 to 10: 'billing:4, spanish'"),
    setting("login", Kind::Text(64), "", "the operating-system user who may act as this agent"),
];

/// The settings of a supervisor.
pub const SUPERVISOR: &[SettingDef] = &[
    setting("name", Kind::Text(200), "", "display name"),
    setting("login", Kind::Text(64), "", "the operating-system user who may act as this supervisor"),
];

/// The settings of a service.
pub const SERVICE: &[SettingDef] =
    &[setting("login", Kind::Text(64), "", "the operating-system user who may act as this service")];

/// The settings of a site.
pub const SITE: &[SettingDef] = &[
    setting("time_zone", Kind::TimeZone, "UTC", "the zone of hours and days in reports"),
    setting(
        "retention",
        Kind::WordOrDuration(&["off"], 30 * DAY, LONGEST),
        "off",
        "SWEEP purges conversations that closed longer ago, as PURGE does; at least 30d",
    ),
];

/// The options of a lifecycle.
pub const LIFECYCLE: &[SettingDef] = &[
    setting("one_per_customer", OFF_ON, "off", "a customer joins their open conversation"),
    setting(
        "ends_by_sessions",
        OFF_ON,
        "off",
        "END and inactivity end the sessions, and the end of the last one is customer_leave",
    ),
    setting(
        "customer_timeout",
        Kind::Duration(1_000, LONGEST),
        "",
        "with ends_by_sessions: how long a customer may stay disconnected",
    ),
    setting(
        "transfer_presences",
        Kind::Choice(&["allowed", "any"]),
        "allowed",
        "the presences to which a transfer is allowed",
    ),
];

/// The settings of a workstream.
pub const WORKSTREAM: &[SettingDef] = &[
    setting(
        "channel",
        Kind::Channel,
        "",
        "required: chat, sms, social, email, voice or record; fixed once used",
    ),
    setting("lifecycle", Kind::Name("lifecycle"), "", "required: the state graph; fixed once used"),
    setting("queue", Kind::Name("queue"), "", "required: the queue in which conversations wait"),
    setting("mode", Kind::Choice(&["pick", "push"]), "pick", "whether agents pick or the router pushes"),
    setting("units", Kind::Integer(0, MILLION), "1", "the units of capacity that a conversation uses"),
    setting("bot", OFF_ON, "off", "whether conversations start with a bot"),
    setting(
        "presences",
        Kind::Presences,
        "'available, busy'",
        "the presences to which assignment is allowed",
    ),
    setting("skills", Kind::Choice(&["exact", "closest"]), "exact", "how required skills are matched"),
    setting("wrapup", OFF_ON, "off", "whether there is after-work"),
    setting(
        "wrapup_capacity",
        Kind::WordOrDuration(&["always", "never"], 1_000, LONGEST),
        "always",
        "how long after-work uses units",
    ),
    setting(
        "reconnect",
        TIMEOUT,
        "off",
        "how long a customer may stay disconnected while active; off: customer_timeout",
    ),
    setting("prefer_last_agent", OFF_ON, "off", "prefer the customer's last agent"),
    setting("relaxed_skills", OFF_ON, "off", "ignore a skill that nobody online has"),
    setting("offers", OFF_ON, "off", "offer conversations instead of assigning them"),
    setting("dispatch_limit", Kind::Integer(0, MILLION), "3", "the size of the pool, per ready agent"),
    setting(
        "transfer_presences",
        Kind::Choice(&["allowed", "any"]),
        "",
        "the presences to which a transfer is allowed; default: that of the lifecycle",
    ),
    setting(
        "sentiment",
        Kind::Choice(&["on", "off"]),
        "on",
        "detect the sentiment of what customers write (English and emoji); off: only ALTER CONVERSATION sets it",
    ),
    setting("queue_timeout", TIMEOUT, "", "how long a conversation may wait"),
    setting("customer_timeout", TIMEOUT, "", "how long a customer may stay disconnected"),
    setting("agent_timeout", TIMEOUT, "", "how long an agent may stay disconnected"),
    setting(
        "response_timeout",
        TIMEOUT,
        "",
        "how long an agent may leave a customer unanswered before they become inactive",
    ),
    setting(
        "inactivity_timeout",
        TIMEOUT,
        "",
        "how long nobody may write; stands still while the customer waits for an answer",
    ),
    setting("hold_timeout", TIMEOUT, "", "how long a hold may last"),
    setting("waiting_timeout", TIMEOUT, "", "how long a conversation may be set aside"),
    setting("wrapup_timeout", TIMEOUT, "", "how long after-work may take"),
    setting("offer_timeout", TIMEOUT, "'120s'", "how long an offer is open"),
];

/// Returns the table of that name, as syntax lines refer to it.
pub fn table(name: &str) -> &'static [SettingDef] {
    match name {
        "queue" => QUEUE,
        "agent" => AGENT,
        "supervisor" => SUPERVISOR,
        "service" => SERVICE,
        "site" => SITE,
        "workstream" => WORKSTREAM,
        "lifecycle" => LIFECYCLE,
        _ => &[],
    }
}

/// A setting that was typed, with its value parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The name, spelled as in the table.
    pub name: &'static str,
    /// The value as the file stores it; durations are in ms.
    pub value: Value,
}

/// Reads the settings of a statement against their table.
///
/// # Errors
/// `invalid_value`, with the setting and what it takes.
pub fn read(arguments: &Arguments, slot: &str, table: &'static [SettingDef]) -> Result<Vec<Given>, Error> {
    let mut given = Vec::new();
    for typed in arguments.settings(slot) {
        let Some(setting) = table.iter().find(|setting| setting.name.eq_ignore_ascii_case(&typed.name))
        else {
            return Err(unknown(&typed.name, table).into());
        };
        let value = setting.read(&typed.value).map_err(|words| {
            Refusal::new(Code::InvalidValue, format!("{}: {words}", setting.name))
                .hint(format!("{} takes {}", setting.name, setting.kind.takes()))
                .at_setting(&typed.name)
        })?;
        given.push(Given { name: setting.name, value });
    }
    Ok(given)
}

fn unknown(name: &str, table: &'static [SettingDef]) -> Refusal {
    let refusal = Refusal::new(Code::InvalidValue, format!("unknown setting {name}")).at_setting(name);
    match nearest(name, table.iter().map(|setting| setting.name)) {
        Some(near) => refusal.hint(format!("did you mean {near}?")),
        None => {
            let names: Vec<&str> = table.iter().map(|setting| setting.name).collect();
            refusal.hint(format!("expected one of {}", names.join(", ")))
        }
    }
}

impl SettingDef {
    fn read(&self, value: &SettingValue) -> Result<Value, String> {
        let words = match value {
            SettingValue::Null if self.default.is_empty() => return Ok(Value::Null),
            SettingValue::Null => return Err("it cannot be null".into()),
            SettingValue::Word(words) | SettingValue::Text(words) | SettingValue::Number(words) => {
                words.as_str()
            }
        };
        self.kind.read(words)
    }
}

impl Kind {
    fn read(self, words: &str) -> Result<Value, String> {
        match self {
            Kind::Integer(least, most) => match words.parse::<i64>() {
                Ok(number) if (least..=most).contains(&number) => Ok(number.into()),
                _ => Err(format!("'{words}' is not a whole number from {least} to {most}")),
            },
            Kind::Duration(least, most) => duration(words, least, most),
            Kind::WordOrDuration(choices, least, most) => match choice(words, choices) {
                Some(word) => Ok(word.into()),
                None => duration(words, least, most),
            },
            Kind::Choice(choices) => choice(words, choices)
                .map(Value::from)
                .ok_or_else(|| format!("'{words}' is not one of the choices")),
            Kind::Channel => Channel::from_name(words)
                .map(|channel| channel.name().into())
                .ok_or_else(|| format!("unknown channel {words}")),
            Kind::Text(most) => text(words, most),
            Kind::Skills => text(words, 1000).and_then(|_| Ok(skills::normal(&skills::parse(words)?).into())),
            Kind::Presences => presences(words),
            Kind::Name(_) => Ok(words.into()),
            Kind::TimeZone => match words.parse::<chrono_tz::Tz>() {
                Ok(zone) => Ok(zone.name().into()),
                Err(_) => Err(format!("unknown time zone '{words}'")),
            },
        }
    }

    /// Describes what values it takes.
    pub fn takes(self) -> String {
        match self {
            Kind::Integer(least, most) => format!("a whole number from {least} to {most}"),
            Kind::Duration(least, most) => {
                format!("a duration from {} to {}", Duration(least), Duration(most))
            }
            Kind::WordOrDuration(words, least, _) => {
                format!("{}, or a duration of at least {}", words.join(", "), Duration(least))
            }
            Kind::Choice(words) => words.join(", "),
            Kind::Channel => Channel::ALL.iter().map(|channel| channel.name()).collect::<Vec<_>>().join(", "),
            Kind::Text(most) => format!("text of up to {most} characters"),
            Kind::Skills => "a list of skills such as 'billing:4, spanish'".into(),
            Kind::Presences => "a list of presences such as 'available, busy'".into(),
            Kind::Name(kind) => format!("the name of a {kind}"),
            Kind::TimeZone => "a time zone such as 'Europe/Berlin'".into(),
        }
    }
}

fn choice(words: &str, choices: &'static [&'static str]) -> Option<&'static str> {
    choices.iter().copied().find(|choice| choice.eq_ignore_ascii_case(words))
}

fn duration(words: &str, least: i64, most: i64) -> Result<Value, String> {
    let duration = Duration::parse(words)?;
    if !(least..=most).contains(&duration.0) {
        return Err(format!("{duration} is not between {} and {}", Duration(least), Duration(most)));
    }
    Ok(duration.0.into())
}

fn text(words: &str, most: usize) -> Result<Value, String> {
    match words.chars().count() {
        0 => Ok(Value::Null),
        count if count > most => Err(format!("it has {count} characters; the limit is {most}")),
        _ => Ok(words.into()),
    }
}

fn presences(words: &str) -> Result<Value, String> {
    let mut found = Vec::new();
    for word in words.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let presence = Presence::from_name(word).ok_or_else(|| format!("unknown presence '{word}'"))?;
        if !found.contains(&presence.name()) {
            found.push(presence.name());
        }
    }
    if found.is_empty() {
        return Err("the list is empty".into());
    }
    Ok(found.join(", ").into())
}
