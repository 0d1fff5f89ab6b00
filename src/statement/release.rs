//! RELEASE: returns a conversation, or all conversations of an agent, to their queues.
//!
//! Invariant: RELEASE ALL releases every conversation that can be released, and its reply names the
//! others.

use crate::domain::closed_lists::Event;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::statement::support::moves::step;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "RELEASE (<conversation> | ALL OF <agent>)",
    summary: "Returns a conversation to its queue, or all of an agent's that can be returned.",
    example: "RELEASE ALL OF bob",
    right: Right::Work,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(release),
};

fn release(request: &Request<'_>) -> Result<Decision, Error> {
    let mut plan = Vec::new();
    if !request.has("ALL") {
        let mut conversation = request.conversation()?;
        request.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
        step(request, &mut conversation, Event::Release, request.by(), &mut plan)?;
        return Ok(Decision::moves(plan));
    }
    let agent = request.agent()?;
    request.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?;
    let mut left = Vec::new();
    for id in request.snapshot.held_by(agent.named.id)? {
        let Some(mut conversation) = request.conversation_of(id)? else { continue };
        if conversation.may(Event::Release) {
            step(request, &mut conversation, Event::Release, request.by(), &mut plan)?;
        } else {
            left.push(format!("{id} ({})", conversation.state_name()));
        }
    }
    if plan.is_empty() {
        return Err(nothing_to_release(&agent.named.name, &left).at("agent").into());
    }
    let mut decision = Decision::moves(plan);
    if !left.is_empty() {
        decision.notes.push(format!(
            "{} keeps {}: it cannot be released in this state",
            agent.named.name,
            left.join(", ")
        ));
    }
    Ok(decision)
}

fn nothing_to_release(agent: &str, left: &[String]) -> Refusal {
    if left.is_empty() {
        return Refusal::new(Code::NoEdge, format!("{agent} has no conversation that could be released"))
            .hint(format!("SHOW ONGOING AGENT {agent} lists the agent's conversations"));
    }
    Refusal::new(
        Code::NoEdge,
        format!("{agent} keeps {}: they cannot be released in their state", left.join(", ")),
    )
    .hint("use END, CLOSE or FORCE CLOSE on each")
}
