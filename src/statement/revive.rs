//! REVIVE: takes back a conversation that was set aside.
//!
//! Invariant: without BY it goes to its last agent. The last agent need not be a member of the
//! queue any more; any other agent must be one.

use crate::domain::closed_lists::Event;
use crate::domain::eligibility::AssignmentKind;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::statement::support::assignment::{Assignee, take};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "REVIVE <conversation> [BY <agent>]",
    summary: "Takes back a conversation that was set aside: for the agent who had it, or the one given with BY.",
    example: "REVIVE 3",
    right: Right::Work,
    traits: Traits::BY_AGENT,
    columns: Columns::ALL,
    handler: Handler::Write(revive),
};

fn revive(request: &Request<'_>) -> Result<Decision, Error> {
    let mut conversation = request.conversation()?;
    let agent = match (request.arguments.name("agent"), &conversation.last_agent) {
        (Some(_), _) => request.agent()?,
        (None, Some(last)) if conversation.agent.is_some() || conversation.may(Event::Revive) => {
            let known = request.snapshot.agent(&last.name)?.filter(|agent| agent.named == *last);
            known.ok_or_else(|| {
                Refusal::new(Code::UnknownAgent, format!("{} was dropped", last.name))
                    .hint(format!("use REVIVE {} BY another agent", conversation.id))
                    .at("conversation")
            })?
        }
        (None, _) => {
            return Err(crate::statement::support::moves::possible(
                conversation.no_edge(Event::Revive),
                &conversation,
            )
            .at("conversation")
            .into());
        }
    };
    let place = if request.arguments.name("agent").is_some() { "agent" } else { "conversation" };
    request.actor.must_be(&agent.named.name).map_err(|refusal| match place {
        "conversation" if request.actor.agent.is_some() => {
            refusal.hint(format!("REVIVE {} BY {}", conversation.id, request.actor.name)).at(place)
        }
        _ => refusal.at(place),
    })?;
    let mut plan = Vec::new();
    take(
        request,
        &mut conversation,
        Event::Revive,
        AssignmentKind::Revive,
        &Assignee::new(&agent),
        &mut plan,
    )?;
    Ok(Decision::moves(plan))
}
