//! Workstreams: how one kind of contact is handled.
//!
//! Invariant: a setting is read here and nowhere else, one line each: its name in the language and the type that the
//! rules work with.

use std::sync::Arc;

use super::closed_lists::{Channel, Phase, Presence, TimerKind};
use super::config::Named;
use super::lifecycle::{Lifecycle, Switches};
use super::moment::Duration;
use super::settings::{Settings, TimerSetting};

/// What a conversation costs during after-work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrapupCapacity {
    /// Its units, until it is closed.
    Always,
    /// Nothing.
    Never,
    /// Its units, for so long.
    For(Duration),
}

macro_rules! workstream {
    ($($(#[doc = $doc:literal])* $field:ident: $type:ty = $read:ident($name:literal),)*) => {
        /// How one kind of contact is handled.
        #[derive(Debug, Clone)]
        pub struct Workstream {
            /// Which.
            pub named: Named,
            /// Its channel decides which edges apply.
            pub channel: Channel,
            /// Its state graph.
            pub lifecycle: Arc<Lifecycle>,
            /// Where its conversations wait unless OPEN says another.
            pub queue: Named,
            /// The settings that conditions of edges test.
            pub switches: Switches,
            /// What after-work costs.
            pub wrapup_capacity: WrapupCapacity,
            /// A transfer does not ask for the presence.
            pub transfer_to_any_presence: bool,
            /// The settings of the timers.
            pub timers: Vec<(TimerKind, TimerSetting)>,
            $($(#[doc = $doc])* pub $field: $type,)*
        }

        impl Workstream {
            /// A workstream with these settings.
            pub fn new(
                named: Named,
                channel: Channel,
                lifecycle: Arc<Lifecycle>,
                queue: Named,
                settings: &Settings,
            ) -> Self {
                Workstream {
                    named,
                    channel,
                    queue,
                    switches: Switches { bot: settings.on("bot"), wrapup: settings.on("wrapup") },
                    wrapup_capacity: settings.duration("wrapup_capacity").into(),
                    transfer_to_any_presence: settings
                        .text("transfer_presences")
                        .map_or(lifecycle.options.transfer_to_any_presence, |word| word == "any"),
                    timers: TimerKind::ALL
                        .iter()
                        .filter(|kind| **kind != TimerKind::WrapupCapacity)
                        .map(|kind| (*kind, settings.duration(kind.name())))
                        .collect(),
                    lifecycle,
                    $($field: settings.$read($name),)*
                }
            }
        }
    };
}

workstream! {
    /// What a conversation costs an agent.
    units: i64 = number("units"),
    /// The presences it may be given to.
    presences: Vec<Presence> = presences("presences"),
    /// How long a customer in active may come back, where it is set.
    reconnect: Option<Duration> = duration_or_off("reconnect"),
    /// The router asks before it gives.
    offers: bool = on("offers"),
    /// The customer's last agent goes first.
    prefer_last_agent: bool = on("prefer_last_agent"),
    /// A skill that nobody online has is not asked for.
    relaxed_skills: bool = on("relaxed_skills"),
    /// Customers' messages set the sentiment.
    sentiment: bool = on("sentiment"),
    /// So many in the pool for each ready agent.
    dispatch_limit: i64 = number("dispatch_limit"),
    /// The skills of an agent must meet all that are asked.
    exact_skills: bool = exact("skills"),
    /// The router pushes; else agents pick.
    push: bool = push("mode"),
}

impl From<TimerSetting> for WrapupCapacity {
    fn from(setting: TimerSetting) -> Self {
        match setting {
            TimerSetting::Default => WrapupCapacity::Always,
            TimerSetting::Off => WrapupCapacity::Never,
            TimerSetting::For(duration) => WrapupCapacity::For(duration),
        }
    }
}

impl Workstream {
    /// Whether it may be given to somebody with that presence.
    pub fn allows(&self, presence: Presence) -> bool {
        self.presences.contains(&presence)
    }

    /// The presences that it may be given to, in words: `available, busy`.
    pub fn allowed(&self) -> String {
        self.presences.iter().map(|presence| presence.name()).collect::<Vec<_>>().join(", ")
    }

    /// How long that timer runs, given the default of the edge (or option) that it drives.
    pub fn timer(&self, kind: TimerKind, default: Option<Duration>) -> Option<Duration> {
        self.timers
            .iter()
            .find(|(timer, _)| *timer == kind)
            .map_or(default, |(_, setting)| setting.over(default))
    }

    /// What a conversation costs its agent when it enters that phase, `now` being what it costs so far
    /// (none: this agent has not had it).
    pub fn units_in(&self, phase: Phase, before: Option<(Phase, i64)>) -> i64 {
        match (phase, before) {
            _ if !phase.uses_capacity() => 0,
            (Phase::Wrapup, _) if self.wrapup_capacity == WrapupCapacity::Never => 0,
            (_, Some((was, units))) if was != Phase::Wrapup || phase == Phase::Wrapup => units,
            _ => self.units,
        }
    }
}
