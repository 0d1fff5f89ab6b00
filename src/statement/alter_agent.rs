//! ALTER AGENT: changes settings of an agent.

use crate::domain::closed_lists::{Entity, Presence};
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::show_agents::AGENTS;
use crate::statement::support::agents::with_presence;
use crate::statement::support::objects::set;
use crate::statement::support::settings::{self, Given};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "ALTER AGENT <agent> SET <settings:agent>",
    summary: "Changes settings of an agent. The agent keeps their conversations.",
    example: "ALTER AGENT bob SET capacity = 4, skills = 'billing:9'",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(alter),
};

fn alter(request: &Request<'_>) -> Result<Decision, Error> {
    let agent = request.agent()?;
    let given = settings::read(request.arguments, "settings", settings::AGENT)?;
    // Presence is more than a value: a change also withdraws offers and starts or stops the timer
    // of an agent who is disconnected.
    let (presences, given): (Vec<Given>, Vec<Given>) =
        given.into_iter().partition(|given| given.name == "presence");
    let mut changes = set(request, Entity::Agent, agent.named.id, &given)?;
    let presence = presences.first().and_then(|given| given.value.as_text()).and_then(Presence::from_name);
    if let Some(presence) = presence {
        changes.extend(with_presence(request, &agent, presence)?);
    }
    Ok(Decision::row(changes, &AGENTS, &*agent.named.name))
}
