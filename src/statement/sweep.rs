//! SWEEP: fires the timers that are due, and archives when none is left.
//!
//! Invariant: each timer takes effect at its due time, so sweeping more often changes nothing. This
//! module deliberately does not know what a timer does or what is archived; the engine and
//! `support::timers` do.

use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::Reply;
use crate::statement::definition::Services;
use crate::statement::support::explanation::would;
use crate::statement::support::sweep::sweep_reply;
use crate::statement::{Call, Chapter, Columns, Handler, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Running,
    syntax: "SWEEP [TIMEOUTS] [LIMIT <limit:integer>]",
    summary: "Fires every timer that is due, each at its due time; at most LIMIT of them, the earliest first. When none is left, archives messages of conversations that closed a day ago, a batch at a time. Meant for cron.",
    example: "SWEEP TIMEOUTS",
    right: Right::Anybody,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Direct { run: sweep, explain: Some(explain), writes: true },
};

fn sweep(services: &mut dyn Services, call: &Call<'_>) -> Result<Reply, Error> {
    fired(services, call, false)
}

/// Shows what the timers would do. Archiving is not shown, since it moves no conversation.
fn explain(services: &mut dyn Services, call: &Call<'_>) -> Result<Reply, Error> {
    let mut reply = fired(services, call, true)?;
    if reply.rows.is_empty() {
        return Ok(would(&[], &reply.notes));
    }
    reply.tells_change = false;
    reply.notes.push("nothing was written".to_owned());
    Ok(reply)
}

fn fired(services: &mut dyn Services, call: &Call<'_>, dry_run: bool) -> Result<Reply, Error> {
    let limit = call.arguments.integer("limit");
    if limit.is_some_and(|limit| limit < 1) {
        return Err(Refusal::new(Code::InvalidValue, "LIMIT must be at least 1").at("limit").into());
    }
    let fired = services.fire_timers(call, limit, dry_run)?;
    let mut reply = sweep_reply(&fired.transitions);
    reply.changed = fired.changed;
    reply.notes.extend(fired.warning);
    Ok(reply)
}
