//! LEAVE: removes a monitor, participant or consultant.
//!
//! Invariant: the agent to whom the conversation is assigned cannot leave it this way.

use crate::domain::closed_lists::Phase;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::statement::support::guests::PARTICIPANTS;
use crate::statement::support::guests::{person, remove};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "LEAVE <conversation> BY <name:person>",
    summary: "Removes a monitor, participant or consultant. The assigned agent leaves by TRANSFER or RELEASE.",
    example: "LEAVE 5 BY dana",
    right: Right::Work,
    traits: Traits::BY_PERSON,
    columns: Columns::ALL,
    handler: Handler::Write(leave),
};

fn leave(request: &Request<'_>) -> Result<Decision, Error> {
    let (conversation, name) = (request.conversation()?, person(request)?);
    let id = conversation.id;
    request.actor.must_be(&name).map_err(|refusal| refusal.at("name"))?;
    let has_it = conversation.agent.as_ref().is_some_and(|agent| agent.name.eq_ignore_ascii_case(&name));
    let is_guest = !has_it && conversation.phase() != Phase::Closed;
    let role = request.snapshot.role_in(id, &name)?.filter(|_| is_guest);
    let Some(role) = role else {
        let refusal =
            Refusal::new(Code::NotParticipant, format!("{name} is not a guest of conversation {id}"))
                .at("name");
        return Err(match has_it {
            true => refusal.hint(format!("it is assigned to {name}: use TRANSFER {id} TO … or RELEASE {id}")),
            false => refusal.hint("SELECT * FROM participants shows who is where"),
        }
        .into());
    };
    let mut plan = Vec::new();
    remove(request, &conversation, &name, role, &mut plan);
    Ok(Decision::row(plan, &PARTICIPANTS, id))
}
