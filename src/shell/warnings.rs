//! Warnings about what a person at the prompt probably did not mean.
//!
//! Invariant: a warning never prevents anything.

use super::options::Access;
use super::render::escape::harmless;
use super::session::{Origin, Session};
use crate::domain::moment::{Duration, Moment};
use crate::domain::value::Value;
use crate::engine::clock;
use crate::language::suggest::nearest;

impl Session {
    /// Warns a person who sets a time that has not come yet: the file could not go back.
    pub(super) fn warn_of_future(&mut self, moment: Moment) {
        let ahead = moment.since(clock::now());
        if self.origin == Origin::Typed && ahead.0 > 60_000 && self.database.access() == Access::Full {
            let ahead = Duration(ahead.0 / 60_000 * 60_000);
            self.replies.note(&format!(
                "warning: this is {ahead} ahead of the clock; what is written now keeps the file at this time \
                 until then; to only look, use --readonly --replay"
            ));
        }
    }

    /// Warns if the actor is not in the file but a similar name is.
    pub(super) fn warn_of_unknown_actor(&mut self) {
        const PEOPLE: &str = "SELECT agent FROM agents UNION ALL SELECT supervisor FROM supervisors \
            UNION ALL SELECT service FROM services";
        let Ok(reply) = self.run_text(PEOPLE) else { return };
        let names = reply.rows.iter().filter_map(|row| match row.first() {
            Some(Value::Text(name)) => Some(name.as_str()),
            _ => None,
        });
        let known = names.clone().any(|name| name.eq_ignore_ascii_case(&self.actor));
        if let Some(near) = nearest(&self.actor, names).filter(|_| !known) {
            let actor = harmless(&self.actor);
            self.replies.note(&format!(
                "warning: {actor} is not an agent, supervisor or service; did you mean {near}?"
            ));
        }
    }
}
