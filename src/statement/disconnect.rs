//! DISCONNECT: records that a customer's session or an agent has lost the connection.
//!
//! Invariant: an agent who disconnects has no open offer afterwards, and the agent_timeout of each
//! conversation that is assigned to them starts. Disconnecting twice changes nothing. This module
//! deliberately does not know how long the timeouts are.

use crate::domain::closed_lists::SessionStatus;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::show_agents::AGENTS;
use crate::statement::support::offers;
use crate::statement::support::sessions::SESSIONS;
use crate::statement::support::sessions::{agent, channel, ended, held_follow, no_session};
use crate::statement::{Answer, Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "DISCONNECT (<conversation> [CHANNEL <channel>] | AGENT <agent>)",
    summary: "Records that the customer's session or the agent has lost the connection, and starts the timers for it. A customer's message connects the session again.",
    example: "DISCONNECT 1",
    right: Right::Depends,
    traits: Traits::CONNECTION,
    columns: Columns::ALL,
    handler: Handler::Write(disconnect),
};

fn disconnect(request: &Request<'_>) -> Result<Decision, Error> {
    if request.has("AGENT") {
        return disconnect_agent(request);
    }
    request.actor.needs(Right::Serve)?;
    let mut conversation = request.conversation()?;
    if conversation.phase().is_over() {
        return Err(ended(&conversation).into());
    }
    let mut sessions = request.snapshot.sessions(conversation.id)?;
    let channel = channel(request, &conversation, &sessions, SessionStatus::Connected)?;
    let mut plan = Vec::new();
    match sessions.on(channel) {
        Some(SessionStatus::Disconnected) => {}
        Some(SessionStatus::Connected) => {
            conversation.set_session(
                &mut sessions,
                channel,
                SessionStatus::Disconnected,
                request.now,
                &mut plan,
            );
        }
        Some(SessionStatus::Ended) | None => {
            return Err(no_session(request, &conversation, channel, &sessions).into());
        }
    }
    Ok(Decision {
        changes: plan,
        answer: Answer::Rows(&SESSIONS, Some(conversation.id.into())),
        notes: Vec::new(),
    })
}

fn disconnect_agent(request: &Request<'_>) -> Result<Decision, Error> {
    let agent = agent(request)?;
    let mut plan = Vec::new();
    if agent.connected {
        plan = agent.loses_connection(request.now);
        offers::withdraw(&request.snapshot, agent.named.id, |_| false, request.now, &mut plan)?;
        held_follow(request, &agent, false, &mut plan)?;
    }
    Ok(Decision::row(plan, &AGENTS, &*agent.named.name))
}
