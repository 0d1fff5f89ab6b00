//! A look: at the file as it stands, or, with AS OF, as it was.
//!
//! Invariant: a page cannot tell which of the two it is shown, so every SHOW that takes AS OF answers of the past what
//! it answered then. It deliberately does not know any single look.

use super::acts::onlooker;
use crate::domain::context::{Clock, Context};
use crate::domain::moment::Moment;
use crate::domain::refusal::{Broken, Code, Error, Refusal};
use crate::domain::reply::Reply;
use crate::domain::rights::Actor;
use crate::language::arguments::Arguments;
use crate::statement::asked::conversation_named;
use crate::statement::{Asked, Page};
use crate::store::{Look, Past};

type Looking = fn(&Asked<'_>) -> Result<Reply, Error>;

/// The moment of a look: never refused for the clock.
pub fn moment_of_look(look: &Look<'_>, context: &Context) -> Result<Moment, Broken> {
    let clock = match context.clock {
        Clock::Given(moment) => moment,
        Clock::Live(clock) => clock(),
    };
    Ok(look.last_moment()?.map_or(clock, |last| last.max(clock)))
}

/// Runs a look.
pub fn look(
    present: &Look<'_>,
    page: &Page,
    act: Looking,
    arguments: &Arguments,
    context: &Context,
) -> Result<Reply, Error> {
    let now = moment_of_look(present, context)?;
    let actor = onlooker(present, context)?;
    let Some(moment) = arguments.moment("moment") else {
        return show(page, act, &asked(present, arguments, &actor, now, context));
    };
    if moment > now {
        return Err(Refusal::new(Code::InvalidValue, format!("{moment} is still to come: it is {now}"))
            .hint("AS OF looks at the present, or back")
            .at("moment")
            .into());
    }
    let past = Past::at(present, moment, conversation_named(present, arguments)?)?;
    show(page, act, &asked(&past.look(), arguments, &actor, moment, context))
}

/// A look as a page is given it.
pub fn asked<'a>(
    look: &Look<'a>,
    arguments: &'a Arguments,
    actor: &'a Actor,
    now: Moment,
    context: &'a Context,
) -> Asked<'a> {
    Asked { look: look.again(), arguments, actor, now, context, words: &[] }
}

fn show(page: &Page, act: Looking, asked: &Asked<'_>) -> Result<Reply, Error> {
    asked.look.set_now(asked.now);
    let mut reply = act(asked)?;
    if page.syntax.starts_with("SHOW") {
        reply.notes.extend(match asked.look.overdue(asked.now)? {
            0 => None,
            1 => Some("1 timer is overdue: SWEEP TIMEOUTS lets it happen".to_owned()),
            count => Some(format!("{count} timers are overdue: SWEEP TIMEOUTS lets them happen")),
        });
    }
    Ok(reply)
}
