//! CONSULT: asks another agent to join a conversation and write in it.
//!
//! Invariant: the conversation stays assigned to its agent, and the consulted agent uses no
//! capacity.

use crate::domain::closed_lists::Role;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::statement::support::guests::{admit, nobody_there};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "CONSULT <conversation> WITH <agent>",
    summary: "Asks another agent to join a conversation and write in it; it uses no capacity, and the transcript records it.",
    example: "CONSULT 5 WITH bob",
    right: Right::Work,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(consult),
};

fn consult(request: &Request<'_>) -> Result<Decision, Error> {
    let conversation = request.conversation()?;
    request.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
    let agent = request.agent()?;
    if conversation.agent.as_ref() == Some(&agent.named) {
        let words = format!("{} already has conversation {}", agent.named.name, conversation.id);
        return Err(Refusal::new(Code::SameAgent, words).hint("consult another agent").at("agent").into());
    }
    if !conversation.phase().holds_agent() {
        return Err(nobody_there(&conversation, "consulted about").into());
    }
    admit(request, &conversation, &agent.named.name, Role::Consultant, "consulted about")
}
