//! Queries about objects and their settings: which object has a name, and how it is configured.
//!
//! Invariant: an object's settings are read once and cached until this program changes one or
//! another program has written. The caller decides what a value means.

use std::sync::Arc;

use super::{MOST_NAMES, Namesakes, Snapshot};
use crate::domain::closed_lists::Entity;
use crate::domain::config::Named;
use crate::domain::refusal::Fault;
use crate::domain::settings::Settings;
use crate::domain::value::Value;
use crate::store::convert::value;

/// What prevents an object from being dropped.
#[derive(Debug)]
pub struct Need {
    /// A sentence that says so.
    pub words: String,
    /// The conversation that needs it, if it is one.
    pub conversation: Option<i64>,
}

fn need(row: &rusqlite::Row<'_>) -> rusqlite::Result<Need> {
    Ok(Need { words: row.get(0)?, conversation: row.get(1)? })
}

impl Snapshot<'_> {
    /// Returns the settings of an object.
    pub fn settings(&self, entity: Entity, id: i64) -> Result<Arc<Settings>, Fault> {
        if let Some(kept) = self.cache.settings.borrow().get(&(entity, id)) {
            return Ok(kept.clone());
        }
        let settings = self.many(
            "SELECT name, value FROM setting WHERE kind = ?1 AND object = ?2",
            (entity.name(), id),
            |row| Ok((row.get(0)?, value(row, 1)?)),
        )?;
        let settings = Arc::new(Settings(settings));
        self.cache.settings.borrow_mut().insert((entity, id), settings.clone());
        Ok(settings)
    }

    /// Returns the objects with this name. A person may be an agent and a supervisor at the same
    /// time.
    pub fn named_so(&self, name: &str) -> Result<Namesakes, Fault> {
        if let Some(kept) = self.cache.names.borrow().get(name) {
            return Ok(kept.clone());
        }
        let found: Vec<(String, i64, String)> = self.many(
            "SELECT kind, id, name FROM object WHERE name = ?1 AND dropped = 0 ORDER BY kind",
            [name],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let found: Namesakes = found
            .into_iter()
            .filter_map(|(kind, id, name)| Some((Entity::from_name(&kind)?, Named { id, name: name.into() })))
            .collect();
        let mut names = self.cache.names.borrow_mut();
        if names.len() >= MOST_NAMES {
            names.clear();
        }
        names.insert(name.to_owned(), found.clone());
        Ok(found)
    }

    /// Returns the object with this kind and name.
    pub fn object(&self, entity: Entity, name: &str) -> Result<Option<Named>, Fault> {
        let found = self.named_so(name)?;
        Ok(found.iter().find(|(kind, _)| *kind == entity).map(|(_, named)| named.clone()))
    }

    /// Returns the object with this kind and id, dropped or not.
    pub fn object_of(&self, entity: Entity, id: Option<i64>) -> Result<Option<Named>, Fault> {
        let Some(id) = id else { return Ok(None) };
        if let Some(named) = self.cache.objects.borrow().get(&(entity, id)) {
            return Ok(Some(named.clone()));
        }
        let name: Option<String> =
            self.one("SELECT name FROM object WHERE kind = ?1 AND id = ?2", (entity.name(), id), |row| {
                row.get(0)
            })?;
        Ok(name.map(|name| {
            let named = Named { id, name: name.into() };
            self.cache.objects.borrow_mut().insert((entity, id), named.clone());
            named
        }))
    }

    /// Returns the ids of all objects of a kind, in order.
    pub fn objects(&self, entity: Entity) -> Result<Vec<i64>, Fault> {
        self.many(
            "SELECT id FROM object WHERE kind = ?1 AND dropped = 0 ORDER BY id",
            [entity.name()],
            |row| row.get(0),
        )
    }

    /// Returns the names of all objects of a kind, for suggestions; `person` means agents and
    /// supervisors.
    pub fn names(&self, kind: &str) -> Result<Vec<String>, Fault> {
        let (kind, other) = match kind {
            "person" => (Entity::Agent, Some(Entity::Supervisor)),
            kind => match Entity::from_name(kind) {
                Some(entity) => (entity, None),
                None => return Ok(Vec::new()),
            },
        };
        self.many(
            "SELECT DISTINCT name FROM object WHERE (kind = ?1 OR kind = ?2) AND dropped = 0 ORDER BY name",
            (kind.name(), other.map(Entity::name)),
            |row| row.get(0),
        )
    }

    /// Returns the next id for a kind of object.
    pub fn next_id(&self, entity: Entity) -> Result<i64, Fault> {
        self.number(
            "SELECT max(0, coalesce((SELECT max(id) FROM object WHERE kind = ?1), 0)) + 1",
            [entity.name()],
        )
    }

    /// Returns whether a setting of an object has this value.
    pub fn is_set_to(&self, entity: Entity, id: i64, name: &str, expected: &Value) -> Result<bool, Fault> {
        Ok(self.settings(entity, id)?.value(name) == expected)
    }

    /// Returns what prevents an object from being dropped, or `None`.
    pub fn needed_by(&self, entity: Entity, id: i64) -> Result<Option<Need>, Fault> {
        const ON_WORKSTREAM: &str = "SELECT 'workstream ' || object.name || ' uses it', NULL FROM object
            JOIN setting ON setting.kind = object.kind AND setting.object = object.id AND setting.name = ?2
            WHERE object.kind = 'workstream' AND object.dropped = 0 AND value = ?1 ORDER BY object.id LIMIT 1";
        const IN_QUEUE: &str = "SELECT 'conversation ' || id || ' is in it', id FROM conversation
            WHERE queue = ?1 AND phase <> 'closed' LIMIT 1";
        const WITH_AGENT: &str = "SELECT 'conversation ' || id || ' is with this agent', id FROM conversation
            WHERE agent = ?1 AND phase <> 'closed' LIMIT 1";
        const OPEN_ON: &str = "SELECT 'conversation ' || id || ' is open on it', id FROM conversation
            WHERE workstream = ?1 AND phase <> 'closed' LIMIT 1";
        match entity {
            Entity::Queue => match self.one(ON_WORKSTREAM, (id, "queue"), need)? {
                None => self.one(IN_QUEUE, [id], need),
                used => Ok(used),
            },
            Entity::Agent => self.one(WITH_AGENT, [id], need),
            Entity::Workstream => self.one(OPEN_ON, [id], need),
            Entity::Lifecycle => self.one(ON_WORKSTREAM, (id, "lifecycle"), need),
            Entity::Site | Entity::Supervisor | Entity::Service | Entity::Report => Ok(None),
        }
    }
}
