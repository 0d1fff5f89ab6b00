//! SET PRESENCE: sets the presence of an agent: available, busy, dnd, away or offline.

use crate::domain::closed_lists::Presence;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::language::suggest::nearest;
use crate::statement::show_agents::AGENTS;
use crate::statement::support::agents::with_presence;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "SET PRESENCE <presence> FOR <agent>",
    summary: "Sets the presence of an agent: available, busy, dnd, away or offline. The agent keeps their conversations. An agent who left a customer unanswered is inactive, and gets no work, until the presence is set again.",
    example: "SET PRESENCE away FOR bob",
    right: Right::Depends,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(set_presence),
};

fn set_presence(request: &Request<'_>) -> Result<Decision, Error> {
    let agent = request.agent()?;
    request.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?;
    let word = request.name("presence");
    // `inactive` is set only by the program, after a missed offer or answer.
    let Some(presence) = Presence::from_name(word).filter(|presence| *presence != Presence::Inactive) else {
        let names =
            || Presence::ALL.iter().map(|presence| presence.name()).filter(|name| *name != "inactive");
        let hint = nearest(word, names())
            .map_or_else(|| names().collect::<Vec<_>>().join(", "), |near| format!("did you mean {near}?"));
        let words = match Presence::from_name(word) {
            Some(_) => format!("{word} is set only by Switchboard"),
            None => format!("unknown presence {word}"),
        };
        return Err(Refusal::new(Code::InvalidValue, words).hint(hint).at("presence").into());
    };
    Ok(Decision::row(with_presence(request, &agent, presence)?, &AGENTS, &*agent.named.name))
}
