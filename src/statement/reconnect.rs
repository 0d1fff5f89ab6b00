//! RECONNECT: records that a customer's session or an agent is connected again.
//!
//! Invariant: a customer can reconnect only while the conversation is open and they have not left
//! it for good. An agent gets back the presence that a timer replaced.

use crate::domain::closed_lists::SessionStatus;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::show_agents::AGENTS;
use crate::statement::support::sessions::SESSIONS;
use crate::statement::support::sessions::{
    agent, channel, connect, held_follow, must_be_in_time, no_session,
};
use crate::statement::{Answer, Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "RECONNECT (<conversation> [CHANNEL <channel>] | AGENT <agent>)",
    summary: "Records that the customer's session or the agent is connected again; the agent gets the previous presence back.",
    example: "RECONNECT 7",
    right: Right::Depends,
    traits: Traits::CONNECTION,
    columns: Columns::ALL,
    handler: Handler::Write(reconnect),
};

fn reconnect(request: &Request<'_>) -> Result<Decision, Error> {
    if request.has("AGENT") {
        return reconnect_agent(request);
    }
    request.actor.needs(Right::Serve)?;
    let mut conversation = request.conversation()?;
    must_be_in_time(&conversation)?;
    let sessions = request.snapshot.sessions(conversation.id)?;
    let channel = channel(request, &conversation, &sessions, SessionStatus::Disconnected)?;
    if sessions.on(channel).is_none() {
        let refusal = no_session(request, &conversation, channel, &sessions);
        let attach = format!("ATTACH {} CHANNEL {channel}", conversation.id);
        return Err(if channel.messaging() { refusal.hint(attach) } else { refusal }.into());
    }
    let mut plan = Vec::new();
    connect(request, &mut conversation, channel, &mut plan)?;
    Ok(Decision::moves_or(plan, Answer::Rows(&SESSIONS, Some(conversation.id.into()))))
}

fn reconnect_agent(request: &Request<'_>) -> Result<Decision, Error> {
    let agent = agent(request)?;
    let mut plan = Vec::new();
    if !agent.connected {
        plan = agent.comes_back(request.snapshot.presence_before(agent.named.id)?, request.now);
        held_follow(request, &agent, true, &mut plan)?;
    }
    Ok(Decision::row(plan, &AGENTS, &*agent.named.name))
}
