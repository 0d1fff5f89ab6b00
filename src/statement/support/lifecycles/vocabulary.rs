//! The explanations of phases and events, for HELP and the documents.
//!
//! Invariant: every phase and every event has one; the compiler checks it.

use crate::domain::closed_lists::{Event, Phase};

/// Returns the phases, each with its meaning.
pub fn phases() -> Vec<(&'static str, &'static str)> {
    Phase::ALL.iter().map(|phase| (phase.name(), meaning(*phase))).collect()
}

/// Returns the events, each with what causes it.
pub fn events() -> Vec<(&'static str, &'static str)> {
    Event::ALL.iter().map(|event| (event.name(), made_by(*event))).collect()
}

fn meaning(phase: Phase) -> &'static str {
    match phase {
        Phase::Bot => "served by a bot or a script",
        Phase::Queued => "waiting for an agent",
        Phase::Dispatching => "waiting, in the pool that the router takes from",
        Phase::Active => "served by an agent",
        Phase::Held => "on hold",
        Phase::Parked => "set aside until the customer or the agent returns",
        Phase::Departed => "the customer has left; the agent is still there",
        Phase::Wrapup => "after-work; uses units as set by wrapup_capacity of the workstream",
        Phase::Closing => "finished; housekeeping is due immediately",
        Phase::Closed => "final; no edge leaves it",
    }
}

fn made_by(event: Event) -> &'static str {
    match event {
        Event::Open => "OPEN, or a customer's first message",
        Event::OpenQueued => "the same, without a bot",
        Event::Pick => "PICK; OPEN … BY",
        Event::Accept => "ACCEPT",
        Event::Release => "RELEASE",
        Event::Wait => "WAIT",
        Event::Close => "CLOSE",
        Event::Revive => "REVIVE",
        Event::Hold => "HOLD",
        Event::Resume => "RESUME",
        Event::End => "END",
        Event::Assign => "ASSIGN … TO AGENT",
        Event::AssignQueue => "ASSIGN … TO QUEUE",
        Event::TransferAgent => "TRANSFER … TO AGENT",
        Event::TransferQueue => "TRANSFER … TO QUEUE",
        Event::ForceClose => "FORCE CLOSE",
        Event::Push => "the router gives it to an agent",
        Event::Dispatch => "the router puts it into the pool",
        Event::Requeue => "the router takes it out of the pool",
        Event::CustomerEnd => "END … BY CUSTOMER",
        Event::CustomerLeave => {
            "the customer's last session ends; END … BY CUSTOMER, where there is no customer_end"
        }
        Event::CustomerReturn => "the customer writes, or connects: MESSAGE, RECONNECT, ATTACH",
        Event::StartScript => "SCRIPT … START",
        Event::EndScript => "SCRIPT … END",
        Event::LeaveScript => "SCRIPT … LEAVE",
        Event::RequestAgent => "ESCALATE",
        Event::BotEnd => "END … BY BOT",
        Event::QueueTimeout => "it waited too long",
        Event::CustomerTimeout => "the customer was disconnected too long",
        Event::AgentTimeout => "its agent was disconnected too long",
        Event::ResponseTimeout => "its agent left the customer unanswered, and becomes inactive",
        Event::InactivityTimeout => "the customer did not write",
        Event::HoldTimeout => "the hold ended",
        Event::WaitingTimeout => "it was set aside too long",
        Event::WrapupTimeout => "after-work, or an agent whose customer has left, took too long",
        Event::Housekeep => "immediately in phase closing",
    }
}
