//! Workstreams: how one kind of contact is handled.
//!
//! Invariant: a setting that the lifecycle gives no meaning on this channel is refused, so that nobody waits for a
//! timer that never runs.

use super::queues::{already, must_be_free};
use super::settings::{self, Given};
use super::{Chapter, Decision, Handler, Request, StatementDef};
use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::{Channel, Entity, Event};
use crate::domain::lifecycle::{Condition, Lifecycle};
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::settings::TimerSetting;
use crate::domain::value::Value;
use crate::domain::workstream::Workstream;
use crate::store::Listing;

pub(super) const STATEMENTS: &[StatementDef] = &[
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "CREATE WORKSTREAM [IF NOT EXISTS] <workstream:name> WITH \"(\" <settings:workstream> \")\"",
        summary: "Creates a workstream: its channel, its lifecycle, its queue, and how its conversations are handled.",
        example: "CREATE WORKSTREAM shop WITH (channel = chat, lifecycle = unified, queue = front, wrapup_timeout = '5m')",
        right: Right::Supervise,
        handler: Handler::Write(create),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "ALTER WORKSTREAM <workstream> SET <settings:workstream>",
        summary: "Changes settings of a workstream. Running timers keep their due time. A timeout set to null uses that of the lifecycle.",
        example: "ALTER WORKSTREAM webchat SET queue_timeout = '20m', units = 2",
        right: Right::Supervise,
        handler: Handler::Write(alter),
    },
    StatementDef {
        chapter: Chapter::SettingUp,
        syntax: "DROP WORKSTREAM <workstream>",
        summary: "Drops a workstream that has no open conversation. History stays.",
        example: "DROP WORKSTREAM fax",
        right: Right::Supervise,
        handler: Handler::Write(drop_workstream),
    },
];

fn create(request: &Request<'_>) -> Result<Decision, Error> {
    let name = request.name("workstream");
    let given = settings::read(request.arguments, "settings", settings::WORKSTREAM)?;
    if let Some(known) = request.snapshot.workstream(name)? {
        return already(request, Listing::Workstream, "workstream", &known.named.name);
    }
    for required in ["channel", "lifecycle", "queue"] {
        if !given.iter().any(|given| given.name == required) {
            return Err(Refusal::new(Code::InvalidValue, format!("a workstream needs a {required}"))
                .hint("WITH (channel = chat, lifecycle = omnichannel, queue = billing)")
                .at("settings")
                .into());
        }
    }
    let word =
        |name: &str| given.iter().find(|given| given.name == name).and_then(|given| given.value.as_text());
    let lifecycle = known_lifecycle(request, word("lifecycle").unwrap_or_default())?;
    let channel = word("channel").and_then(Channel::from_name).unwrap_or(Channel::Record);
    check_channel(&lifecycle, channel)?;
    let id = request.snapshot.next_id(Entity::Workstream)?;
    let mut changes = vec![request.setting(ChangeKind::Created(Entity::Workstream), id, name)];
    changes.extend(set(request, id, &given, &lifecycle, channel)?);
    Ok(Decision::row(changes, Listing::Workstream, name))
}

fn alter(request: &Request<'_>) -> Result<Decision, Error> {
    let known = request.workstream()?;
    let given = settings::read(request.arguments, "settings", settings::WORKSTREAM)?;
    // A newer version of the lifecycle has its name.
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
    Ok(Decision::row(changes, Listing::Workstream, &*known.named.name))
}

fn known_lifecycle(request: &Request<'_>, name: &str) -> Result<std::sync::Arc<Lifecycle>, Error> {
    request.lifecycle_named(name).map_err(|error| at_setting(error, "lifecycle"))
}

fn at_setting(error: Error, setting: &str) -> Error {
    match error {
        Error::Refused(refusal) => refusal.at_setting(setting).into(),
        fault => fault,
    }
}

fn check_channel(lifecycle: &Lifecycle, channel: Channel) -> Result<(), Refusal> {
    let opens = |channel: &&Channel| {
        lifecycle.edges().iter().any(|edge| edge.channel == **channel && edge.from.is_none())
    };
    let served: Vec<&str> = Channel::ALL.iter().filter(opens).map(|channel| channel.name()).collect();
    if served.contains(&channel.name()) {
        return Ok(());
    }
    Err(Refusal::new(
        Code::InvalidValue,
        format!("lifecycle {} has no states on channel {channel}", lifecycle.name),
    )
    .hint(format!("its channels are {}", served.join(", ")))
    .at_setting("channel"))
}

fn set(
    request: &Request<'_>,
    id: i64,
    given: &[Given],
    lifecycle: &Lifecycle,
    channel: Channel,
) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for given in given {
        check_meaning(given, lifecycle, channel)?;
        let value = match (given.name, given.value.as_text()) {
            ("lifecycle", Some(_)) => Value::Integer(lifecycle.id),
            ("queue", Some(name)) => {
                request.queue_named(name).map_err(|error| at_setting(error, "queue"))?.id.into()
            }
            _ => given.value.clone(),
        };
        if !request.snapshot.is_set_to(Entity::Workstream, id, given.name, &value)? {
            changes.push(request.setting(ChangeKind::Set(Entity::Workstream, given.name), id, value));
        }
    }
    Ok(changes)
}

/// What is set already and not typed now has to mean something in another lifecycle, or on another channel, too.
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

fn check_meaning(given: &Given, lifecycle: &Lifecycle, channel: Channel) -> Result<(), Refusal> {
    let meaningless = |hint: String| {
        Err(Refusal::new(
            Code::InvalidValue,
            format!("{} has no effect in lifecycle {} on {channel}", given.name, lifecycle.name),
        )
        .hint(hint)
        .at_setting(given.name))
    };
    let on = given.value.as_text() == Some("on");
    match (given.name, Event::from_name(given.name).filter(|event| event.is_timer())) {
        (_, Some(timer)) if given.value != Value::Null && !lifecycle.knows_timer(channel, timer) => {
            let timers = Event::ALL.iter().filter(|event| event.is_timer() && **event != Event::Housekeep);
            let known = timers.filter(|timer| lifecycle.knows_timer(channel, **timer));
            let known: Vec<&str> = known.map(|timer| timer.name()).chain(["offer_timeout"]).collect();
            meaningless(format!("it has {}", known.join(", ")))
        }
        ("reconnect", _)
            if given.value.as_integer().is_some()
                && !lifecycle.knows_timer(channel, Event::CustomerTimeout) =>
        {
            meaningless("the lifecycle has no customer_timeout".into())
        }
        ("bot", _) if on && !lifecycle.tests(channel, &[Condition::Bot, Condition::NoBot]) => {
            meaningless("no edge of the lifecycle depends on a bot".into())
        }
        ("wrapup", _) if on && !lifecycle.tests(channel, &[Condition::Wrapup, Condition::NoWrapup]) => {
            meaningless("no edge of the lifecycle depends on after-work".into())
        }
        _ => Ok(()),
    }
}

fn drop_workstream(request: &Request<'_>) -> Result<Decision, Error> {
    let known = &request.workstream()?.named;
    must_be_free(request, Entity::Workstream, known.id, &known.name)?;
    let changes = vec![request.setting(ChangeKind::Dropped(Entity::Workstream), known.id, Value::Null)];
    Decision::gone(request, changes, Listing::Workstream, &known.name)
}
