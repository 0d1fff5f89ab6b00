//! HOLD: puts a conversation on hold, for a time or until RESUME.
//!
//! Invariant: a hold with a time limit has a hold_timeout timer; FOR is refused in a lifecycle in
//! which that timer would have no effect.

use crate::domain::closed_lists::{Event, TimerKind};
use crate::domain::conversation::Conversation;
use crate::domain::moment::Duration;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::timer::TimerRun;
use crate::statement::support::moves::step;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "HOLD <conversation> [FOR <duration>]",
    summary: "Puts a conversation on hold for a time (by default the workstream's hold_timeout), or until RESUME.",
    example: "HOLD 4 FOR 5m",
    right: Right::Work,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(hold),
};

fn hold(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    request.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
    let mut plan = Vec::new();
    step(request, &mut conversation, Event::Hold, request.by(), &mut plan)?;
    let typed = request.arguments.duration("duration");
    if let Some(duration) = typed {
        check_hold(&conversation, duration)?;
    }
    let usual = conversation.state.and_then(|held| conversation.duration_of(TimerKind::HoldTimeout, held));
    if let Some(duration) = typed.or(usual) {
        let due = request.now.plus(duration);
        conversation.set_timer(TimerKind::HoldTimeout, TimerRun::Until(due), request.now, &mut plan);
    }
    Ok(Decision::moves(plan))
}

fn check_hold(conversation: &Conversation, duration: Duration) -> Result<(), Refusal> {
    let refused = |words: String| Err(Refusal::new(Code::InvalidValue, words).at("duration"));
    if duration.0 < 1_000 {
        return refused("a hold must last at least 1s".to_owned());
    }
    if !conversation.may(Event::HoldTimeout) {
        let (name, id) = (&conversation.lifecycle().name, conversation.id);
        return refused(format!("lifecycle {name} has no hold_timeout; use HOLD {id} without FOR"));
    }
    Ok(())
}
