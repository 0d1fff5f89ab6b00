//! ALTER SITE: changes settings of the site.

use super::show_site::SITE_ROW;
use crate::domain::closed_lists::Entity;
use crate::domain::config::SITE;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::objects::set;
use crate::statement::support::settings;
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::SettingUp,
    syntax: "ALTER SITE SET <settings:site>",
    summary: "Changes settings of the site.",
    example: "ALTER SITE SET time_zone = 'Europe/Berlin'",
    right: Right::Supervise,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(alter_site),
};

fn alter_site(request: &Request<'_>) -> Result<Decision, Error> {
    let given = settings::read(request.arguments, "settings", settings::SITE)?;
    Ok(Decision {
        changes: set(request, Entity::Site, SITE, &given)?,
        answer: super::Answer::Rows(&SITE_ROW, None),
        notes: vec![],
    })
}
