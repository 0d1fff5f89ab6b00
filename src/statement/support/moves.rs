//! Statements that only drive an event, and the hint of those that cannot.

use crate::domain::change::{By, Change};
use crate::domain::closed_lists::Event;
use crate::domain::conversation::{Conversation, Move};
use crate::domain::refusal::{Code, Error, Refusal};
use crate::statement::{Decision, Request};

/// Adds the statements that are possible now as the hint, unless the refusal has one.
pub fn possible(refusal: Refusal, conversation: &Conversation) -> Refusal {
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

/// Returns the statement that drives an event, if people can type one.
pub fn typed(event: Event, id: i64) -> Option<String> {
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

/// Drives an event that sets neither the agent nor the queue.
///
/// # Errors
/// Those of the lifecycle, with what is possible as the hint.
pub fn step(
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

/// Decides a statement that only drives an event, for an actor who may work on the conversation.
pub fn drive(request: &Request<'_>, event: Event) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    request.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
    let mut plan = Vec::new();
    step(request, &mut conversation, event, request.by(), &mut plan)?;
    Ok(Decision::moves(plan))
}
