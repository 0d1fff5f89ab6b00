//! Workstreams: how one kind of contact is handled.
//!
//! Invariant: settings are read only here, one line each, with the name in the language and the
//! type that the rules use.

use std::sync::Arc;

use super::closed_lists::{Channel, Phase, Presence, TimerKind};
use super::config::Named;
use super::lifecycle::{Lifecycle, Switches};
use super::moment::Duration;
use super::settings::{Settings, TimerSetting};

/// The capacity units that a conversation uses during after-work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrapupCapacity {
    /// Its units, until it is closed.
    Always,
    /// No units.
    Never,
    /// Its units, for this long.
    For(Duration),
}

macro_rules! workstream {
    ($($(#[doc = $doc:literal])* $field:ident: $type:ty = $read:ident($name:literal),)*) => {
        /// How one kind of contact is handled.
        #[derive(Debug, Clone)]
        pub struct Workstream {
            /// The id and name.
            pub named: Named,
            /// The channel; it decides which edges apply.
            pub channel: Channel,
            /// The lifecycle.
            pub lifecycle: Arc<Lifecycle>,
            /// The queue of its conversations, unless OPEN names another one.
            pub queue: Named,
            /// The settings that conditions of edges test.
            pub switches: Switches,
            /// What after-work uses of the agent's capacity.
            pub wrapup_capacity: WrapupCapacity,
            /// A transfer does not check the agent's presence.
            pub transfer_to_any_presence: bool,
            /// The duration settings of the timers.
            pub timers: Vec<(TimerKind, TimerSetting)>,
            $($(#[doc = $doc])* pub $field: $type,)*
        }

        impl Workstream {
            /// Creates a workstream from its settings.
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
    /// The capacity units that a conversation uses.
    units: i64 = number("units"),
    /// The presences that an agent may have to be assigned a conversation.
    presences: Vec<Presence> = presences("presences"),
    /// How long a customer who left an active conversation may come back; `None`: off.
    reconnect: Option<Duration> = duration_or_off("reconnect"),
    /// The router makes offers instead of assigning.
    offers: bool = on("offers"),
    /// The router prefers the customer's last agent.
    prefer_last_agent: bool = on("prefer_last_agent"),
    /// Skills that no agent who is online has are not required.
    relaxed_skills: bool = on("relaxed_skills"),
    /// The customer's messages set the sentiment.
    sentiment: bool = on("sentiment"),
    /// The maximum number of conversations in the dispatch pool per ready agent.
    dispatch_limit: i64 = number("dispatch_limit"),
    /// An agent must meet all required skills.
    exact_skills: bool = exact("skills"),
    /// The router pushes; otherwise agents pick.
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
    /// Returns whether conversations may be assigned to an agent with this presence.
    pub fn allows(&self, presence: Presence) -> bool {
        self.presences.contains(&presence)
    }

    /// Lists the allowed presences for people: `available, busy`.
    pub fn allowed(&self) -> String {
        self.presences.iter().map(|presence| presence.name()).collect::<Vec<_>>().join(", ")
    }

    /// Returns how long a timer runs, given the default of the edge or option that it drives;
    /// `None`: off.
    pub fn timer(&self, kind: TimerKind, default: Option<Duration>) -> Option<Duration> {
        self.timers
            .iter()
            .find(|(timer, _)| *timer == kind)
            .map_or(default, |(_, setting)| setting.over(default))
    }

    /// Returns the capacity units a conversation uses when it enters a phase. `before`: its phase
    /// and units so far; `None` if it was not assigned to this agent.
    pub fn units_in(&self, phase: Phase, before: Option<(Phase, i64)>) -> i64 {
        match (phase, before) {
            _ if !phase.uses_capacity() => 0,
            (Phase::Wrapup, _) if self.wrapup_capacity == WrapupCapacity::Never => 0,
            (_, Some((was, units))) if was != Phase::Wrapup || phase == Phase::Wrapup => units,
            _ => self.units,
        }
    }
}
