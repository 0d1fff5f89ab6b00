//! The actor and the time of a statement, for queries, changes and timers.
//!
//! Invariant: time never goes back in a file, and a wrong clock is refused before anything is
//! written. This module deliberately does not know what the statement does.

use crate::domain::context::{Clock, Context};
use crate::domain::moment::{Duration, Moment};
use crate::domain::permissions::Actor;
use crate::domain::refusal::{Code, Error, Fault, Refusal};
use crate::statement::StatementDef;
use crate::store::{Snapshot, Writer};

/// How far a live clock may be behind the last entry before a warning is reported.
const CLOCK_BEHIND: Duration = Duration(5_000);
/// How far a live clock may be ahead of the last entry before writing is refused. One wrong clock
/// must not make a file unusable.
const CLOCK_AHEAD: Duration = Duration(400 * 86_400_000);

/// Returns the time of a query. A query is never refused because of the clock.
pub fn time_of_query(snapshot: &Snapshot<'_>, context: &Context) -> Result<Moment, Fault> {
    let clock = match context.clock {
        Clock::Given(moment) => moment,
        Clock::Live(clock) => snapshot.clock().unwrap_or_else(clock),
    };
    Ok(snapshot.last_moment()?.map_or(clock, |last| last.max(clock)))
}

/// Returns the time of a statement that writes, and a warning about the clock.
///
/// # Errors
/// `clock`, if a given time is earlier than the last entry or a live clock is far ahead of it.
pub fn time_of_change(writer: &Writer<'_>, context: &Context) -> Result<(Moment, Option<String>), Refusal> {
    // All hosts of a shared log go by one clock, that of the log.
    let clock = |host: fn() -> Moment| writer.snapshot().clock().unwrap_or_else(host);
    match (context.clock, writer.head().at) {
        (Clock::Given(moment), Some(last)) if moment < last => {
            Err(Refusal::new(Code::Clock, format!("{moment} is earlier than the last entry, {last}"))
                .hint("timestamps in a replay must not decrease"))
        }
        (Clock::Given(moment), _) => Ok((moment, None)),
        (Clock::Live(host), None) => Ok((clock(host), None)),
        (Clock::Live(host), Some(last)) => {
            let clock = clock(host);
            if clock.since(last) > CLOCK_AHEAD && !context.accept_clock {
                return Err(Refusal::new(
                    Code::Clock,
                    format!("the system clock, {clock}, is more than 400 days after the last entry, {last}"),
                )
                .hint("if the clock is right, use --accept-clock"));
            }
            let behind = last.since(clock);
            let warning = (behind > CLOCK_BEHIND).then(|| {
                let behind = Duration(behind.0 / 1000 * 1000);
                format!("the system clock is {behind} behind the last entry; using the last entry's time")
            });
            Ok((clock.max(last), warning))
        }
    }
}

/// Returns the actor, checked against their login and the right of the statement.
///
/// # Errors
/// `invalid_value`, `not_allowed`; faults of the file.
pub fn actor(snapshot: &Snapshot<'_>, definition: &StatementDef, context: &Context) -> Result<Actor, Error> {
    // A journal script has the name on a line of its own, which a line break would end.
    if context.actor.chars().any(char::is_control) {
        return Err(Refusal::new(Code::InvalidValue, "the actor's name contains a control character")
            .hint("use --as NAME to act as somebody else")
            .into());
    }
    let (actor, logins) = snapshot.actor(&context.actor)?;
    if let Some(user) = stranger(snapshot, &logins, context)? {
        return Err(Refusal::new(
            Code::NotAllowed,
            format!("{} has the login {}, but you are {user}", actor.name, logins.join(", ")),
        )
        .hint("use --as NAME to act as somebody else")
        .into());
    }
    actor.needs(definition.right)?;
    Ok(actor)
}

/// Returns the operating-system user if it is none of those logins; None if it is or there is
/// nothing to check. The login of a supervisor is always accepted.
fn stranger<'a>(
    snapshot: &Snapshot<'_>,
    logins: &[String],
    context: &'a Context,
) -> Result<Option<&'a String>, Fault> {
    let Some(user) = &context.login else { return Ok(None) };
    let is_it = logins.is_empty() || logins.contains(user) || snapshot.is_supervisors_login(user)?;
    Ok((!is_it).then_some(user))
}

/// Returns the actor of a query. Anybody may query, but without the right login the actor has no
/// rights.
pub fn reader(snapshot: &Snapshot<'_>, context: &Context) -> Result<Actor, Fault> {
    let (actor, logins) = snapshot.actor(&context.actor)?;
    Ok(match stranger(snapshot, &logins, context)? {
        Some(_) => Actor { agent: None, supervisor: false, service: false, free: false, ..actor },
        None => actor,
    })
}
