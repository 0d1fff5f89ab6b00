//! A look: at the file as it stands, or, with AS OF, as it was.
//!
//! Invariant: a page cannot tell which of the two it is shown, so every SHOW that takes AS OF answers of the past what
//! it answered then. It deliberately does not know any single look.

use super::execute::reader;
use crate::domain::context::{Clock, Context};
use crate::domain::moment::Moment;
use crate::domain::permissions::Actor;
use crate::domain::refusal::{Code, Error, Fault, Refusal};
use crate::domain::reply::Reply;
use crate::language::arguments::Arguments;
use crate::statement::request::conversation_named;
use crate::statement::{Request, StatementDef};
use crate::store::{AsOf, Snapshot};

type ReadHandler = fn(&Request<'_>) -> Result<Reply, Error>;

/// The moment of a look: never refused for the clock.
pub fn time_of_query(snapshot: &Snapshot<'_>, context: &Context) -> Result<Moment, Fault> {
    let clock = match context.clock {
        Clock::Given(moment) => moment,
        Clock::Live(clock) => clock(),
    };
    Ok(snapshot.last_moment()?.map_or(clock, |last| last.max(clock)))
}

/// Runs a look.
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

/// A look as a page is given it.
pub fn request<'a>(
    snapshot: &Snapshot<'a>,
    arguments: &'a Arguments,
    actor: &'a Actor,
    now: Moment,
    context: &'a Context,
) -> Request<'a> {
    Request { snapshot: snapshot.again(), arguments, actor, now, context, words: &[] }
}

fn show(definition: &StatementDef, handler: ReadHandler, request: &Request<'_>) -> Result<Reply, Error> {
    request.snapshot.set_now(request.now);
    let mut reply = handler(request)?;
    if definition.syntax.starts_with("SHOW") {
        reply.notes.extend(match request.snapshot.overdue(request.now)? {
            0 => None,
            1 => Some("1 timer is overdue; run SWEEP TIMEOUTS".to_owned()),
            count => Some(format!("{count} timers are overdue; run SWEEP TIMEOUTS")),
        });
    }
    Ok(reply)
}
