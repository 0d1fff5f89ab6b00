//! Runs read handlers, on the present state or on that of an earlier time (AS OF).
//!
//! Invariant: a query is never refused because of the clock, and it writes nothing.

use super::context::{reader, time_of_query};
use crate::domain::context::Context;
use crate::domain::moment::Moment;
use crate::domain::permissions::Actor;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::Reply;
use crate::language::arguments::Arguments;
use crate::statement::request::conversation_named;
use crate::statement::{ReadHandler, Request, StatementDef};
use crate::store::{AsOf, Snapshot};

/// Runs a read handler on the snapshot, or on the state of the file at an earlier time.
///
/// # Errors
/// What the handler returns; `invalid_value` for a time in the future.
pub fn run(
    present: &Snapshot<'_>,
    definition: &StatementDef,
    handler: ReadHandler,
    arguments: &Arguments,
    context: &Context,
) -> Result<Reply, Error> {
    let now = time_of_query(present, context)?;
    let actor = reader(present, context)?;
    let Some(moment) = arguments.moment("moment") else {
        return show(definition, handler, &request(present, arguments, &actor, now, context));
    };
    if moment > now {
        return Err(Refusal::new(Code::InvalidValue, format!("{moment} is in the future; it is now {now}"))
            .hint("AS OF takes a timestamp up to now")
            .at("moment")
            .into());
    }
    let past = AsOf::at(present, moment, conversation_named(present, arguments)?)?;
    show(definition, handler, &request(&past.snapshot(), arguments, &actor, moment, context))
}

/// Returns the request that a handler gets. It has no ids of handles and texts, which only a
/// statement that writes needs.
pub fn request<'a>(
    snapshot: &Snapshot<'a>,
    arguments: &'a Arguments,
    actor: &'a Actor,
    now: Moment,
    context: &'a Context,
) -> Request<'a> {
    Request { snapshot: snapshot.again(), arguments, actor, now, context, words: &[], returned: None }
}

fn show(definition: &StatementDef, handler: ReadHandler, request: &Request<'_>) -> Result<Reply, Error> {
    request.snapshot.set_now(request.now);
    let mut reply = handler(request)?;
    if reply.brief.is_empty() {
        reply.brief = definition.columns.narrow;
    }
    if definition.traits.reports_overdue {
        reply.notes.extend(match request.snapshot.overdue(request.now)? {
            0 => None,
            1 => Some("1 timer is overdue; run SWEEP TIMEOUTS".to_owned()),
            count => Some(format!("{count} timers are overdue; run SWEEP TIMEOUTS")),
        });
    }
    Ok(reply)
}
