//! CREATE WORKSTREAM: creates a workstream with its channel, lifecycle, queue and other settings.

use crate::domain::change::ChangeKind;
use crate::domain::closed_lists::{Channel, Entity};
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::statement::show_workstreams::WORKSTREAMS;
use crate::statement::support::objects::already;
use crate::statement::support::settings::{self};
use crate::statement::support::workstreams::{check_channel, known_lifecycle, set};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "CREATE WORKSTREAM [IF NOT EXISTS] <workstream:name> WITH \"(\" <settings:workstream> \")\"",
    summary: "Creates a workstream: its channel, its lifecycle, its queue, and how its conversations are handled.",
    example: "CREATE WORKSTREAM shop WITH (channel = chat, lifecycle = unified, queue = front, wrapup_timeout = '5m')",
    right: Right::Supervise,
    traits: Traits::CREATE,
    columns: Columns::ALL,
    handler: Handler::Write(create),
};

fn create(request: &Request<'_>) -> Result<Decision, Error> {
    let name = request.new_name("workstream")?;
    let given = settings::read(request.arguments, "settings", settings::WORKSTREAM)?;
    if let Some(known) = request.snapshot.workstream(name)? {
        return already(request, &WORKSTREAMS, "workstream", &known.named.name);
    }
    for required in ["channel", "lifecycle", "queue"] {
        if !given.iter().any(|given| given.name == required) {
            return Err(Refusal::new(Code::InvalidValue, format!("a workstream needs a {required}"))
                .hint("WITH (channel = chat, lifecycle = omnichannel, queue = billing)")
                .at("settings")
                .into());
        }
    }
    let word =
        |name: &str| given.iter().find(|given| given.name == name).and_then(|given| given.value.as_text());
    let lifecycle = known_lifecycle(request, word("lifecycle").unwrap_or_default())?;
    let channel = word("channel").and_then(Channel::from_name).unwrap_or(Channel::Record);
    check_channel(&lifecycle, channel)?;
    let id = request.snapshot.next_id(Entity::Workstream)?;
    let mut changes = vec![request.setting(ChangeKind::Created(Entity::Workstream), id, name)];
    changes.extend(set(request, id, &given, &lifecycle, channel)?);
    Ok(Decision::row(changes, &WORKSTREAMS, name))
}
