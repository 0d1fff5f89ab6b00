//! From active onwards: WAIT, HOLD, RESUME, END, CLOSE, FORCE CLOSE.

use super::{Chapter, Decision, Handler, Request, StatementDef};
use crate::domain::change::{By, Change};
use crate::domain::closed_lists::{ActorKind, Event, TimerKind};
use crate::domain::conversation::{Conversation, Move};
use crate::domain::moment::Duration;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::timing::TimerRun;

pub(super) const STATEMENTS: &[StatementDef] = &[
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "WAIT <conversation>",
        summary: "Sets a conversation aside until the customer or the agent returns.",
        example: "WAIT 2",
        right: Right::Work,
        handler: Handler::Write(wait),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "HOLD <conversation> [FOR <duration>]",
        summary: "Puts a conversation on hold for a time (by default the workstream's hold_timeout), or until RESUME.",
        example: "HOLD 4 FOR 5m",
        right: Right::Work,
        handler: Handler::Write(hold),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "RESUME <conversation>",
        summary: "Takes a conversation off hold.",
        example: "RESUME 5",
        right: Right::Work,
        handler: Handler::Write(resume),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "END <conversation> [BY (CUSTOMER | BOT)]",
        summary: "Ends a conversation, on behalf of the agent, the customer or the bot.",
        example: "END 2",
        right: Right::Depends,
        handler: Handler::Write(end),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "CLOSE <conversation>",
        summary: "Closes a conversation: after-work is finished, or the session ends while the conversation stays open.",
        example: "CLOSE 6",
        right: Right::Work,
        handler: Handler::Write(close),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "FORCE CLOSE <conversation> [REASON <reason:text>]",
        summary: "Closes a conversation from any state and notifies its participants.",
        example: "FORCE CLOSE 1 REASON 'duplicate'",
        right: Right::Supervise,
        handler: Handler::Write(force_close),
    },
];

/// Adds what is possible from where the conversation is, as a hint, where there is no better one.
pub(super) fn possible(refusal: Refusal, conversation: &Conversation) -> Refusal {
    if refusal.hint.is_some() {
        return refusal;
    }
    let id = conversation.id;
    match refusal.code {
        Code::FinalState => refusal.hint("use OPEN to start a new conversation with the customer"),
        Code::NoEdge => {
            let statements: Vec<String> =
                conversation.possible().into_iter().filter_map(|event| typed(event, id)).collect();
            if statements.is_empty() {
                return refusal
                    .hint("the conversation is over; use OPEN to start a new one with the customer");
            }
            refusal.hint(format!("possible now: {}", statements.join(", ")))
        }
        _ => refusal,
    }
}

/// The statement that a person types for that event.
fn typed(event: Event, id: i64) -> Option<String> {
    Some(match event {
        Event::Pick => format!("PICK {id} BY …"),
        Event::Assign => format!("ASSIGN {id} TO AGENT …"),
        Event::AssignQueue => format!("ASSIGN {id} TO QUEUE …"),
        Event::TransferAgent => format!("TRANSFER {id} TO AGENT …"),
        Event::TransferQueue => format!("TRANSFER {id} TO QUEUE …"),
        Event::CustomerEnd | Event::CustomerLeave => format!("END {id} BY CUSTOMER"),
        Event::BotEnd => format!("END {id} BY BOT"),
        Event::RequestAgent => format!("ESCALATE {id}"),
        Event::StartScript => format!("SCRIPT {id} START …"),
        Event::EndScript => format!("SCRIPT {id} END"),
        Event::LeaveScript => format!("SCRIPT {id} LEAVE"),
        Event::ForceClose => format!("FORCE CLOSE {id}"),
        Event::Release
        | Event::Wait
        | Event::Close
        | Event::Revive
        | Event::Hold
        | Event::Resume
        | Event::End => {
            format!("{} {id}", event.name().to_uppercase())
        }
        _ => return None,
    })
}

/// Makes a move that changes nobody and no queue, or says what is possible instead.
pub(super) fn step(
    request: &Request<'_>,
    conversation: &mut Conversation,
    event: Event,
    by: By,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    let step = Move::new(event, by, request.now);
    conversation.advance(step, plan).map_err(|refusal| possible(refusal, conversation).at("conversation"))?;
    Ok(())
}

fn own(request: &Request<'_>, event: Event) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    request.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
    let mut plan = Vec::new();
    step(request, &mut conversation, event, request.by(), &mut plan)?;
    Ok(Decision::moves(plan))
}

fn wait(request: &Request<'_>) -> Result<Decision, Error> {
    own(request, Event::Wait)
}

fn resume(request: &Request<'_>) -> Result<Decision, Error> {
    own(request, Event::Resume)
}

fn close(request: &Request<'_>) -> Result<Decision, Error> {
    own(request, Event::Close)
}

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

fn end(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    let mut plan = Vec::new();
    if request.has("CUSTOMER") {
        request.actor.needs(Right::Serve)?;
        end_by_customer(request, &mut conversation, &mut plan)?;
    } else if request.has("BOT") {
        request.actor.needs(Right::Serve)?;
        step(request, &mut conversation, Event::BotEnd, By::kind(ActorKind::Bot), &mut plan)?;
    } else {
        request.actor.needs(Right::Work)?;
        request.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
        if conversation.may(Event::End) && conversation.lifecycle().options.ends_by_sessions {
            let mut sessions = request.snapshot.sessions(conversation.id)?;
            conversation.end_sessions(&mut sessions, request.now, &mut plan);
        }
        step(request, &mut conversation, Event::End, request.by(), &mut plan)?;
    }
    Ok(Decision::moves(plan))
}

/// customer_end, where there is an edge; else all sessions end, which is customer_leave.
fn end_by_customer(
    request: &Request<'_>,
    conversation: &mut Conversation,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    // Where neither is possible the refusal speaks of the one that the lifecycle has.
    let ends = conversation.may(Event::CustomerEnd)
        || (!conversation.may(Event::CustomerLeave)
            && (conversation.knows(Event::CustomerEnd) || !conversation.knows(Event::CustomerLeave)));
    let event = if ends { Event::CustomerEnd } else { Event::CustomerLeave };
    if !ends && conversation.may(event) {
        let mut sessions = request.snapshot.sessions(conversation.id)?;
        conversation.end_sessions(&mut sessions, request.now, plan);
    }
    step(request, conversation, event, By::kind(ActorKind::Customer), plan)
}

fn force_close(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    let mut plan = Vec::new();
    if conversation.may(Event::ForceClose) {
        conversation.tell("A supervisor has closed this conversation.", request.now, &mut plan);
    }
    let mut step = Move::new(Event::ForceClose, request.by(), request.now);
    step.reason = request.text("reason");
    conversation
        .advance(step, &mut plan)
        .map_err(|refusal| possible(refusal, &conversation).at("conversation"))?;
    Ok(Decision::moves(plan))
}
