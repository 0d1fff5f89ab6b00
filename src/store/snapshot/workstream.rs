//! Queries about workstreams and lifecycles.

use std::sync::Arc;

use super::Snapshot;
use crate::domain::closed_lists::{Channel, Entity, Event, Phase};
use crate::domain::config::Named;
use crate::domain::lifecycle::{Condition, Edge, Lifecycle, LifecycleOptions, State};
use crate::domain::moment::Duration;
use crate::domain::refusal::{Code, Fault};
use crate::domain::settings::Settings;
use crate::domain::workstream::Workstream;

fn damaged(what: String) -> Fault {
    Fault::new(Code::Damaged, what)
}

impl Snapshot<'_> {
    /// Returns the workstream with this name.
    pub fn workstream(&self, name: &str) -> Result<Option<Arc<Workstream>>, Fault> {
        match self.object(Entity::Workstream, name)? {
            Some(named) => self.workstream_of(named.id),
            None => Ok(None),
        }
    }

    /// Returns the workstream with this id.
    pub fn workstream_of(&self, id: i64) -> Result<Option<Arc<Workstream>>, Fault> {
        if let Some(kept) = self.cache.workstreams.borrow().get(&id) {
            return Ok(Some(kept.clone()));
        }
        let Some(named) = self.object_of(Entity::Workstream, Some(id))? else { return Ok(None) };
        let settings = self.settings(Entity::Workstream, id)?;
        let workstream = Arc::new(self.built(&named, &settings)?);
        self.cache.workstreams.borrow_mut().insert(id, workstream.clone());
        Ok(Some(workstream))
    }

    /// Returns a workstream with the lifecycle that a conversation began in; the workstream may
    /// have got a newer version since.
    pub(super) fn workstream_in(&self, id: i64, lifecycle: i64) -> Result<Option<Arc<Workstream>>, Fault> {
        let Some(workstream) = self.workstream_of(id)? else { return Ok(None) };
        if workstream.lifecycle.id == lifecycle {
            return Ok(Some(workstream));
        }
        let Some(lifecycle) = self.lifecycle(lifecycle)? else { return Ok(None) };
        Ok(Some(Arc::new(Workstream { lifecycle, ..(*workstream).clone() })))
    }

    fn built(&self, named: &Named, settings: &Settings) -> Result<Workstream, Fault> {
        let missing = || damaged(format!("workstream {} refers to a row that does not exist", named.name));
        let lifecycle = settings.integer("lifecycle").ok_or_else(missing)?;
        let lifecycle = self.lifecycle(lifecycle)?.ok_or_else(missing)?;
        let channel = settings.text("channel").and_then(Channel::from_name).ok_or_else(missing)?;
        let queue = self.named_queue(settings.integer("queue"))?.ok_or_else(missing)?;
        Ok(Workstream::new(named.clone(), channel, lifecycle, queue, settings))
    }

    /// Returns the workstreams from which the router pushes; with `every`, all of them.
    pub fn routed_workstreams(&self, every: bool) -> Result<Vec<Arc<Workstream>>, Fault> {
        let ids = if every {
            self.objects(Entity::Workstream)?
        } else {
            self.many(
                "SELECT setting.object FROM setting INDEXED BY setting_push
                    CROSS JOIN object ON object.kind = 'workstream' AND object.id = setting.object AND dropped = 0
                    WHERE setting.kind = 'workstream' AND setting.name = 'mode' AND value = 'push' ORDER BY 1",
                [],
                |row| row.get(0),
            )?
        };
        let mut workstreams = Vec::new();
        for id in ids {
            workstreams.extend(self.workstream_of(id)?);
        }
        Ok(workstreams)
    }

    /// Returns the lifecycle with this name.
    pub fn lifecycle_named(&self, name: &str) -> Result<Option<Arc<Lifecycle>>, Fault> {
        match self.object(Entity::Lifecycle, name)? {
            Some(named) => self.lifecycle(named.id),
            None => Ok(None),
        }
    }

    /// Returns the built-in lifecycles, in their order.
    pub fn built_in_lifecycles(&self) -> Result<Vec<Arc<Lifecycle>>, Fault> {
        let ids: Vec<i64> = self.many(
            "SELECT id FROM object WHERE kind = 'lifecycle' AND id < 0 AND dropped = 0 ORDER BY id DESC",
            [],
            |row| row.get(0),
        )?;
        let mut lifecycles = Vec::new();
        for id in ids {
            lifecycles.extend(self.lifecycle(id)?);
        }
        Ok(lifecycles)
    }

    /// Returns whether any conversation was opened on a workstream.
    pub fn is_used(&self, workstream: i64) -> Result<bool, Fault> {
        Ok(self.number("SELECT EXISTS (SELECT 1 FROM opening WHERE workstream = ?1)", [workstream])? == 1)
    }

    /// Returns the lifecycle with this id, built from its rows.
    pub fn lifecycle(&self, id: i64) -> Result<Option<Arc<Lifecycle>>, Fault> {
        if let Some(kept) = self.cache.lifecycles.borrow().get(&id) {
            return Ok(Some(kept.clone()));
        }
        let Some(named) = self.object_of(Entity::Lifecycle, Some(id))? else { return Ok(None) };
        let settings = self.settings(Entity::Lifecycle, id)?;
        let options = LifecycleOptions {
            one_per_customer: settings.is("one_per_customer", "on"),
            ends_by_sessions: settings.is("ends_by_sessions", "on"),
            customer_timeout: settings.integer("customer_timeout").map(Duration),
            transfer_to_any_presence: settings.is("transfer_presences", "any"),
        };
        let states = self.states(id)?;
        let edges = self.edges(id, &states)?;
        let lifecycle = Arc::new(Lifecycle::new(id, &named.name, options, states, edges));
        self.cache.lifecycles.borrow_mut().insert(id, lifecycle.clone());
        Ok(Some(lifecycle))
    }

    fn states(&self, lifecycle: i64) -> Result<Vec<State>, Fault> {
        let rows: Vec<(String, String, String)> = self.many(
            "SELECT state, phase, channel FROM state WHERE lifecycle = ?1 ORDER BY position, channel",
            [lifecycle],
            |row| Ok((row.get("state")?, row.get("phase")?, row.get("channel")?)),
        )?;
        let mut states: Vec<State> = Vec::new();
        for (name, phase, channel) in rows {
            let (Some(phase), Some(channel)) = (Phase::from_name(&phase), Channel::from_name(&channel))
            else {
                return Err(damaged(format!("state {name} has an unknown phase or channel")));
            };
            match states.last_mut() {
                Some(last) if *last.name == *name => last.channels.push(channel),
                _ => states.push(State { name: name.into(), phase, channels: vec![channel] }),
            }
        }
        Ok(states)
    }

    fn edges(&self, lifecycle: i64, states: &[State]) -> Result<Vec<Edge>, Fault> {
        let index = |name: &str| states.iter().position(|state| &*state.name == name);
        let rows: Vec<Option<Edge>> = self.many(
            "SELECT channel, from_state, event, condition, to_state, after_ms FROM edge WHERE lifecycle = ?1
                ORDER BY lifecycle, channel, from_state, event, condition",
            [lifecycle],
            |row| {
                // Columns are read by position: this is the longest list, and reading it by name
                // takes a quarter longer.
                let word = |place: usize| row.get_ref(place).and_then(|word| Ok(word.as_str()?));
                let known = (Channel::from_name(word(0)?), Event::from_name(word(2)?));
                let (from, to) = (word(1)?, word(4)?);
                let condition = Condition::from_name(word(3)?);
                let after = row.get::<_, Option<i64>>(5)?.map(Duration);
                let from = if from.is_empty() { Some(None) } else { index(from).map(Some) };
                Ok(match (known, condition, from, index(to)) {
                    ((Some(channel), Some(event)), Some(condition), Some(from), Some(to)) => {
                        Some(Edge { channel, from, event, condition, to, after })
                    }
                    _ => None,
                })
            },
        )?;
        let unknown = || damaged("an edge of a lifecycle has an unknown value".to_owned());
        rows.into_iter().map(|edge| edge.ok_or_else(unknown)).collect()
    }
}
