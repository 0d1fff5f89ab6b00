//! Checks and changes of the settings of a workstream.
//!
//! Invariant: a setting that has no effect in the lifecycle on the channel is refused, so that
//! nobody relies on a timer that never runs.

use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::{Channel, Entity, Event};
use crate::domain::lifecycle::{Condition, Lifecycle};
use crate::domain::moment::Duration;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::validation::{self, LEAST_ROUND};
use crate::domain::value::Value;
use crate::statement::Request;
use crate::statement::support::settings::Given;

pub fn known_lifecycle(request: &Request<'_>, name: &str) -> Result<std::sync::Arc<Lifecycle>, Error> {
    request.lifecycle_named(name).map_err(|error| at_setting(error, "lifecycle"))
}

pub fn at_setting(error: Error, setting: &str) -> Error {
    match error {
        Error::Refused(refusal) => refusal.at_setting(setting).into(),
        fault => fault,
    }
}

pub fn check_channel(lifecycle: &Lifecycle, channel: Channel) -> Result<(), Refusal> {
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

pub fn set(
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

pub fn check_meaning(given: &Given, lifecycle: &Lifecycle, channel: Channel) -> Result<(), Refusal> {
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
        (_, Some(timer))
            if given
                .value
                .as_integer()
                .is_some_and(|ms| validation::spins(lifecycle, channel, timer, Duration(ms))) =>
        {
            Err(Refusal::new(
                Code::InvalidValue,
                format!(
                    "with {} = {} the router and the timeout would move a conversation back and forth",
                    given.name,
                    Duration(given.value.as_integer().unwrap_or_default())
                ),
            )
            .hint(format!("the minimum in lifecycle {} is {}", lifecycle.name, Duration(LEAST_ROUND)))
            .at_setting(given.name))
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
