//! ALTER WORKSTREAM: changes settings of a workstream.
//!
//! Invariant: after the change, every setting has an effect in the workstream's lifecycle on its
//! channel. The channel and the lifecycle of a workstream that has been used are fixed, except that
//! a newer lifecycle of the same name may replace the lifecycle.

use crate::domain::closed_lists::Channel;
use crate::domain::lifecycle::Lifecycle;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::settings::TimerSetting;
use crate::domain::workstream::Workstream;
use crate::statement::show_workstreams::WORKSTREAMS;
use crate::statement::support::settings::{self, Given};
use crate::statement::support::workstreams::{check_channel, check_meaning, known_lifecycle, set};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "ALTER WORKSTREAM <workstream> SET <settings:workstream>",
    summary: "Changes settings of a workstream. Running timers keep their due time. A timeout set to null uses that of the lifecycle.",
    example: "ALTER WORKSTREAM webchat SET queue_timeout = '20m', units = 2",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(alter),
};

fn alter(request: &Request<'_>) -> Result<Decision, Error> {
    let known = request.workstream()?;
    let given = settings::read(request.arguments, "settings", settings::WORKSTREAM)?;
    // A newer lifecycle has the same name as the one that it replaces.
    let newer = |given: &&Given| {
        given.name == "lifecycle"
            && given.value.as_text().is_some_and(|name| name.eq_ignore_ascii_case(&known.lifecycle.name))
    };
    let is_fixed = |given: &&Given| matches!(given.name, "channel" | "lifecycle");
    let fixed = given.iter().find(is_fixed);
    if let Some(fixed) = given.iter().filter(is_fixed).find(|given| !newer(given))
        && request.snapshot.is_used(known.named.id)?
    {
        return Err(Refusal::new(
            Code::InUse,
            format!("workstream {} has been used; its {} cannot be changed", known.named.name, fixed.name),
        )
        .hint("use CREATE WORKSTREAM to create another one")
        .at_setting(fixed.name)
        .into());
    }
    let word =
        |name: &str| given.iter().find(|given| given.name == name).and_then(|given| given.value.as_text());
    let lifecycle = word("lifecycle").map(|name| known_lifecycle(request, name)).transpose()?;
    let lifecycle = lifecycle.unwrap_or_else(|| known.lifecycle.clone());
    let channel = word("channel").and_then(Channel::from_name).unwrap_or(known.channel);
    check_channel(&lifecycle, channel)?;
    if let Some(fixed) = fixed {
        check_kept(&known, &given, &lifecycle, channel).map_err(|refusal| refusal.at_setting(fixed.name))?;
    }
    let changes = set(request, known.named.id, &given, &lifecycle, channel)?;
    Ok(Decision::row(changes, &WORKSTREAMS, &*known.named.name))
}

/// Checks that the settings that the statement does not mention still have an effect.
///
/// # Errors
/// `invalid_value`, if a setting has no effect in that lifecycle on that channel.
fn check_kept(
    known: &Workstream,
    given: &[Given],
    lifecycle: &Lifecycle,
    channel: Channel,
) -> Result<(), Refusal> {
    let switches = [("bot", known.switches.bot), ("wrapup", known.switches.wrapup)];
    let switches = switches.into_iter().filter(|(_, on)| *on).map(|(name, _)| (name, "on".into()));
    let reconnect = known.reconnect.map(|window| ("reconnect", window.0.into()));
    let timers = known.timers.iter().filter_map(|(timer, setting)| match setting {
        TimerSetting::For(duration) => Some((timer.name(), duration.0.into())),
        TimerSetting::Default | TimerSetting::Off => None,
    });
    for (name, value) in switches.chain(reconnect).chain(timers) {
        if !given.iter().any(|given| given.name == name) {
            check_meaning(&Given { name, value }, lifecycle, channel).map_err(|refusal| {
                let default = if matches!(name, "bot" | "wrapup" | "reconnect") { "off" } else { "null" };
                refusal.hint(format!("add SET {name} = {default} to the same statement"))
            })?;
        }
    }
    Ok(())
}
