//! Queries about people and queues: who exists, who may act, who is a member.

use super::Snapshot;
use crate::domain::closed_lists::{Entity, Presence, Role};
use crate::domain::config::{Agent, Named};
use crate::domain::moment::Moment;
use crate::domain::permissions::Actor;
use crate::domain::refusal::Fault;

const LOAD: &str =
    "SELECT (SELECT coalesce(sum(units), 0) FROM conversation WHERE agent = ?1 AND phase <> 'closed')
    + (SELECT coalesce(sum(units), 0) FROM offer WHERE agent = ?1)";

impl Snapshot<'_> {
    /// Returns the name of an agent, dropped or not.
    pub fn agent_name(&self, id: i64) -> Result<String, Fault> {
        Ok(self.named_agent(Some(id))?.map_or_else(String::new, |named| named.name.to_string()))
    }

    /// Returns the name of an agent for a report, where somebody else may have it now: a dropped one is
    /// marked.
    pub fn agent_label(&self, id: i64) -> Result<String, Fault> {
        let sql =
            "SELECT name || iif(dropped = 1, ' (dropped)', '') FROM object WHERE kind = 'agent' AND id = ?1";
        Ok(self.one(sql, [id], |row| row.get(0))?.unwrap_or_default())
    }

    /// Returns the name of a queue, dropped or not.
    pub fn queue_name(&self, id: i64) -> Result<String, Fault> {
        Ok(self.named_queue(Some(id))?.map_or_else(String::new, |named| named.name.to_string()))
    }

    /// Returns the agent with this name.
    pub fn agent(&self, name: &str) -> Result<Option<Agent>, Fault> {
        self.object(Entity::Agent, name)?.map(|named| self.agent_as_set(named)).transpose()
    }

    /// Returns the agent with this id, unless they were dropped.
    pub fn agent_of(&self, id: i64) -> Result<Option<Agent>, Fault> {
        let name = "SELECT name FROM object WHERE kind = 'agent' AND id = ?1 AND dropped = 0";
        let name: Option<String> = self.one(name, [id], |row| row.get(0))?;
        name.map(|name| self.agent_as_set(Named { id, name: name.into() })).transpose()
    }

    fn agent_as_set(&self, named: Named) -> Result<Agent, Fault> {
        let settings = self.settings(Entity::Agent, named.id)?;
        Ok(Agent {
            presence: settings.text("presence").and_then(Presence::from_name).unwrap_or(Presence::Offline),
            capacity: settings.integer("capacity").unwrap_or_default(),
            load: self.number(LOAD, [named.id])?,
            skills: settings.text("skills").map(str::to_owned),
            connected: settings.is("connected", "on"),
            offline_at: settings.integer("offline_at").map(Moment),
            named,
        })
    }

    /// Returns all agents.
    pub fn agents(&self) -> Result<Vec<Agent>, Fault> {
        let mut agents = Vec::new();
        for id in self.objects(Entity::Agent)? {
            agents.extend(self.agent_of(id)?);
        }
        Ok(agents)
    }

    /// Returns the presence that an agent had before the timers set them to offline, or `None` if
    /// the last change was not made by the timers.
    pub fn presence_before(&self, agent: i64) -> Result<Option<Presence>, Fault> {
        let last: Vec<(String, bool)> = self.many(
            "SELECT value, actor_kind = 'timer' FROM change JOIN entry ON entry.seq = change.entry
                WHERE kind = 'agent' AND object = ?1 AND name = 'presence' ORDER BY change.seq DESC LIMIT 2",
            [agent],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let presence = |name: &String| Presence::from_name(name);
        Ok(match last.as_slice() {
            [(now, true), (before, _)] if presence(now) == Some(Presence::Offline) => presence(before),
            _ => None,
        })
    }

    /// Returns the queue with this name.
    pub fn queue(&self, name: &str) -> Result<Option<Named>, Fault> {
        self.object(Entity::Queue, name)
    }

    /// Returns the supervisor with this name.
    pub fn supervisor(&self, name: &str) -> Result<Option<Named>, Fault> {
        self.object(Entity::Supervisor, name)
    }

    /// Returns the service with this name.
    pub fn service(&self, name: &str) -> Result<Option<Named>, Fault> {
        self.object(Entity::Service, name)
    }

    /// Returns the id, the name and the SELECT of a report; the SELECT is `None` once it is erased.
    pub fn report_named(&self, name: &str) -> Result<Option<(i64, String, Option<String>)>, Fault> {
        let Some(named) = self.object(Entity::Report, name)? else { return Ok(None) };
        let text = self.settings(Entity::Report, named.id)?.integer("sql");
        let select = match text {
            Some(text) => self.text(text)?,
            None => None,
        };
        Ok(Some((named.id, named.name.to_string(), select)))
    }

    /// Returns the id of the agent with this name.
    pub fn id_of_agent(&self, name: &str) -> Result<Option<i64>, Fault> {
        Ok(self.object(Entity::Agent, name)?.map(|named| named.id))
    }

    /// Returns the role of a person who participates in a conversation besides its agent.
    pub fn role_in(&self, conversation: i64, name: &str) -> Result<Option<Role>, Fault> {
        let sql = "SELECT role FROM participant WHERE conversation = ?1 AND name = ?2 AND until IS NULL";
        let role: Option<String> = self.one(sql, (conversation, name), |row| row.get(0))?;
        Ok(role.and_then(|role| Role::from_name(&role)))
    }

    /// Returns the open conversations in which a person participates, with their role.
    pub fn guest_in(&self, name: &str) -> Result<Vec<(i64, Role)>, Fault> {
        let rows = self.many(
            "SELECT participant.conversation, role FROM conversation INDEXED BY conversation_open
                CROSS JOIN participant ON participant.conversation = conversation.id AND name = ?1
                WHERE phase <> 'closed' AND until IS NULL ORDER BY 1",
            [name],
            |row| Ok((row.get(0)?, row.get::<_, String>(1)?)),
        )?;
        Ok(rows.into_iter().filter_map(|(id, role)| Some((id, Role::from_name(&role)?))).collect())
    }

    /// Returns whether an agent is a member of a queue.
    pub fn is_member(&self, queue: i64, agent: i64) -> Result<bool, Fault> {
        let member = "SELECT member FROM queue_member WHERE queue = ?1 AND agent = ?2";
        Ok(self.number(member, [queue, agent])? == 1)
    }

    /// Returns whether a queue has members.
    pub fn is_served(&self, queue: i64) -> Result<bool, Fault> {
        let sql = "SELECT EXISTS (SELECT 1 FROM queue_member JOIN object ON object.kind = 'agent' AND object.id = queue_member.agent
            WHERE queue_member.queue = ?1 AND member = 1 AND dropped = 0)";
        Ok(self.number(sql, [queue])? == 1)
    }

    /// Returns the actor with this name, and their logins.
    pub fn actor(&self, name: &str) -> Result<(Actor, Vec<String>), Fault> {
        let mut actor = Actor {
            name: name.into(),
            agent: None,
            supervisor: false,
            service: false,
            free: self.supervisors()?.1 == 0,
        };
        let mut logins = Vec::new();
        for (entity, named) in self.named_so(name)?.iter() {
            match entity {
                Entity::Agent => actor.agent = Some(named.id),
                Entity::Supervisor => actor.supervisor = true,
                Entity::Service => actor.service = true,
                _ => continue,
            }
            logins.extend(self.settings(*entity, named.id)?.text("login").map(str::to_owned));
        }
        Ok((actor, logins))
    }

    /// Returns whether an operating-system user is the login of a supervisor.
    pub fn is_supervisors_login(&self, login: &str) -> Result<bool, Fault> {
        for id in self.objects(Entity::Supervisor)? {
            if self.settings(Entity::Supervisor, id)?.is("login", login) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns how many supervisors there are, and how many were ever created.
    pub fn supervisors(&self) -> Result<(i64, i64), Fault> {
        if let Some(kept) = self.cache.supervisors.get() {
            return Ok(kept);
        }
        let counts = self.one(
            "SELECT count(*) FILTER (WHERE dropped = 0), count(*) FROM object WHERE kind = 'supervisor'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        self.cache.supervisors.set(counts);
        Ok(counts.unwrap_or_default())
    }
}
