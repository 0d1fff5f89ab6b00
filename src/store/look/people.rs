//! Questions about people and queues: who is there, who may act, who is a member.

use rusqlite::Row;

use super::Look;
use crate::domain::moment::Moment;
use crate::domain::refusal::Broken;
use crate::domain::rights::Actor;
use crate::domain::site::{Agent, Named};
use crate::domain::value::Value;
use crate::domain::words::{Presence, Role};

pub(super) const AGENT: &str = "SELECT id, agent, presence, capacity,
        (SELECT coalesce(sum(units), 0) FROM conversation WHERE conversation.agent = agent.id AND phase <> 'closed')
            + (SELECT coalesce(sum(units), 0) FROM offer WHERE offer.agent = agent.id), skills, connected, offline_at
    FROM agent";

pub(super) fn agent(row: &Row<'_>) -> rusqlite::Result<Agent> {
    let presence: String = row.get(2)?;
    let connected: String = row.get(6)?;
    Ok(Agent {
        named: Named { id: row.get(0)?, name: row.get::<_, String>(1)?.into() },
        presence: Presence::from_name(&presence).unwrap_or(Presence::Offline),
        capacity: row.get(3)?,
        load: row.get(4)?,
        skills: row.get(5)?,
        connected: connected == "on",
        offline_at: row.get::<_, Option<i64>>(7)?.map(Moment),
    })
}

impl Look<'_> {
    /// The name of that agent, dropped or not.
    pub fn agent_name(&self, id: i64) -> Result<String, Broken> {
        Ok(self.named_agent(Some(id))?.map_or_else(String::new, |named| named.name.to_string()))
    }

    /// The name of that queue, dropped or not.
    pub fn queue_name(&self, id: i64) -> Result<String, Broken> {
        Ok(self.named_queue(Some(id))?.map_or_else(String::new, |named| named.name.to_string()))
    }

    /// The agent of that name.
    pub fn agent(&self, name: &str) -> Result<Option<Agent>, Broken> {
        self.one(&format!("{AGENT} WHERE agent = ?1 AND dropped = 0"), [name], agent)
    }

    /// The agent of that id, unless dropped.
    pub fn agent_of(&self, id: i64) -> Result<Option<Agent>, Broken> {
        self.one(&format!("{AGENT} WHERE id = ?1 AND dropped = 0"), [id], agent)
    }

    /// The presence that an agent had before the timers made him offline; none: it was not they who did it last.
    pub fn presence_before(&self, agent: i64) -> Result<Option<Presence>, Broken> {
        let last: Vec<(String, bool)> = self.many(
            "SELECT value, actor_kind = 'timer' FROM change JOIN entry ON entry.seq = change.journal
                WHERE kind = 'agent' AND subject = ?1 AND name = 'presence' ORDER BY change.seq DESC LIMIT 2",
            [agent],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let presence = |name: &String| Presence::from_name(name);
        Ok(match last.as_slice() {
            [(now, true), (before, _)] if presence(now) == Some(Presence::Offline) => presence(before),
            _ => None,
        })
    }

    /// The queue of that name.
    pub fn queue(&self, name: &str) -> Result<Option<Named>, Broken> {
        self.one("SELECT id, queue FROM queue WHERE queue = ?1 AND dropped = 0", [name], |row| {
            Ok(Named { id: row.get(0)?, name: row.get::<_, String>(1)?.into() })
        })
    }

    /// The id and name of the supervisor, service or lifecycle of that name.
    pub fn supervisor(&self, name: &str) -> Result<Option<Named>, Broken> {
        self.one(
            "SELECT id, supervisor FROM supervisor WHERE supervisor = ?1 AND dropped = 0",
            [name],
            |row| Ok(Named { id: row.get(0)?, name: row.get::<_, String>(1)?.into() }),
        )
    }

    /// The report of that name: its id, its name, and its SELECT, unless that was erased.
    pub fn report_named(&self, name: &str) -> Result<Option<(i64, String, Option<String>)>, Broken> {
        let question = "SELECT report.id, report.report, text.body FROM report LEFT JOIN text ON text.id = report.question
            WHERE report.report = ?1 AND dropped = 0";
        self.one(question, [name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }

    /// The service of that name.
    pub fn service(&self, name: &str) -> Result<Option<Named>, Broken> {
        self.one("SELECT id, service FROM service WHERE service = ?1 AND dropped = 0", [name], |row| {
            Ok(Named { id: row.get(0)?, name: row.get::<_, String>(1)?.into() })
        })
    }

    /// As what that person is a guest of that conversation.
    pub fn role_in(&self, conversation: i64, name: &str) -> Result<Option<Role>, Broken> {
        let question = "SELECT role FROM participant WHERE conversation = ?1 AND name = ?2 AND until IS NULL";
        let role: Option<String> = self.one(question, (conversation, name), |row| row.get(0))?;
        Ok(role.and_then(|role| Role::from_name(&role)))
    }

    /// The open conversations in which that person is a guest, and as what.
    pub fn guest_in(&self, name: &str) -> Result<Vec<(i64, Role)>, Broken> {
        let rows = self.many(
            "SELECT participant.conversation, role FROM conversation INDEXED BY conversation_open
                CROSS JOIN participant ON participant.conversation = conversation.id AND name = ?1
                WHERE phase <> 'closed' AND until IS NULL ORDER BY 1",
            [name],
            |row| Ok((row.get(0)?, row.get::<_, String>(1)?)),
        )?;
        Ok(rows.into_iter().filter_map(|(id, role)| Some((id, Role::from_name(&role)?))).collect())
    }

    /// Whether that agent is a member of that queue.
    pub fn is_member(&self, queue: i64, agent: i64) -> Result<bool, Broken> {
        let member = "SELECT member FROM queue_member WHERE queue = ?1 AND agent = ?2";
        Ok(self.number(member, [queue, agent])? == 1)
    }

    /// Who that name is, and the logins that go with it.
    pub fn actor(&self, name: &str) -> Result<(Actor, Vec<String>), Broken> {
        let roles = self.one(
            "SELECT EXISTS (SELECT 1 FROM supervisor),
                (SELECT coalesce(login, '') FROM agent WHERE agent = ?1 AND dropped = 0),
                (SELECT coalesce(login, '') FROM supervisor WHERE supervisor = ?1 AND dropped = 0),
                (SELECT coalesce(login, '') FROM service WHERE service = ?1 AND dropped = 0),
                (SELECT id FROM agent WHERE agent = ?1 AND dropped = 0)",
            [name],
            |row| {
                Ok((
                    row.get::<_, bool>(0)?,
                    [1, 2, 3].map(|index| row.get::<_, Option<String>>(index).ok().flatten()),
                    row.get::<_, Option<i64>>(4)?,
                ))
            },
        )?;
        let (supervised, [agent, supervisor, service], id) = roles.unwrap_or_default();
        let actor = Actor {
            name: name.into(),
            agent: id,
            supervisor: supervisor.is_some(),
            service: service.is_some(),
            free: !supervised,
        };
        let logins =
            [agent, supervisor, service].into_iter().flatten().filter(|login| !login.is_empty()).collect();
        Ok((actor, logins))
    }

    /// Whether that operating-system user is some supervisor's login.
    pub fn is_supervisors_login(&self, login: &str) -> Result<bool, Broken> {
        let question = "SELECT count(*) FROM supervisor WHERE login = ?1 AND dropped = 0";
        Ok(self.number(question, [login])? > 0)
    }

    /// How many supervisors there are, and how many have been created.
    pub fn supervisors(&self) -> Result<(i64, i64), Broken> {
        let counts = self.one("SELECT total(dropped = 0), count(*) FROM supervisor", [], |row| {
            Ok((row.get::<_, f64>(0)? as i64, row.get(1)?))
        })?;
        Ok(counts.unwrap_or_default())
    }

    /// The names of everything of that kind, for a did-you-mean.
    pub fn names(&self, kind: &str) -> Result<Vec<String>, Broken> {
        let question = match kind {
            "agent" => "SELECT agent FROM agent WHERE dropped = 0 ORDER BY 1",
            "queue" => "SELECT queue FROM queue WHERE dropped = 0 ORDER BY 1",
            "workstream" => "SELECT workstream FROM workstream WHERE dropped = 0 ORDER BY 1",
            "supervisor" => "SELECT supervisor FROM supervisor WHERE dropped = 0 ORDER BY 1",
            "person" => {
                "SELECT agent FROM agent WHERE dropped = 0 UNION SELECT supervisor FROM supervisor WHERE dropped = 0 ORDER BY 1"
            }
            "report" => "SELECT report FROM report WHERE dropped = 0 ORDER BY 1",
            "service" => "SELECT service FROM service WHERE dropped = 0 ORDER BY 1",
            "lifecycle" => "SELECT name FROM lifecycle WHERE dropped = 0 ORDER BY 1",
            _ => return Ok(Vec::new()),
        };
        self.many(question, [], |row| row.get(0))
    }

    /// The next id of that kind of thing.
    pub fn next_id(&self, kind: &str) -> Result<i64, Broken> {
        let question = match kind {
            "agent" => "SELECT coalesce(max(id), 0) + 1 FROM agent",
            "queue" => "SELECT coalesce(max(id), 0) + 1 FROM queue",
            "workstream" => "SELECT coalesce(max(id), 0) + 1 FROM workstream",
            "supervisor" => "SELECT coalesce(max(id), 0) + 1 FROM supervisor",
            "report" => "SELECT coalesce(max(id), 0) + 1 FROM report",
            "lifecycle" => "SELECT coalesce(max(id), 0) + 1 FROM lifecycle",
            _ => "SELECT coalesce(max(id), 0) + 1 FROM service",
        };
        self.number(question, [])
    }

    /// The customer of that handle.
    pub fn customer(&self, handle: &str) -> Result<Option<i64>, Broken> {
        self.one("SELECT id FROM customer WHERE handle = ?1", [handle], |row| row.get(0))
    }

    /// The handle of that customer; none once erased.
    pub fn handle(&self, customer: i64) -> Result<Option<String>, Broken> {
        self.one("SELECT handle FROM customer WHERE id = ?1", [customer], |row| row.get(0))
            .map(Option::flatten)
    }

    /// Whether that setting of that thing was last set to that value.
    pub fn is_set_to(&self, kind: &str, subject: i64, name: &str, value: &Value) -> Result<bool, Broken> {
        let last = self.one(
            "SELECT value FROM change WHERE kind = ?1 AND subject = ?2 AND name = ?3 ORDER BY seq DESC LIMIT 1",
            (kind, subject, name),
            |row| crate::store::rows::value(row, 0),
        )?;
        Ok(last.as_ref() == Some(value))
    }

    /// What stops a queue, an agent, a workstream or a lifecycle from being dropped: a sentence, if anything does.
    pub fn needed_by(&self, kind: &str, id: i64) -> Result<Option<String>, Broken> {
        let question = match kind {
            "queue" => {
                "SELECT 'workstream ' || workstream || ' uses it' FROM workstream WHERE queue = ?1 AND dropped = 0
                    UNION ALL SELECT 'conversation ' || id || ' is in it' FROM conversation
                        WHERE queue = ?1 AND phase <> 'closed' LIMIT 1"
            }
            "agent" => "SELECT 'conversation ' || id || ' is with this agent' FROM conversation WHERE agent = ?1 AND phase <> 'closed' LIMIT 1",
            "workstream" => {
                "SELECT 'conversation ' || conversation.id || ' is open on it' FROM conversation JOIN opening USING (id)
                    WHERE opening.workstream = ?1 AND conversation.phase <> 'closed' LIMIT 1"
            }
            "lifecycle" => "SELECT 'workstream ' || workstream || ' uses it' FROM workstream WHERE lifecycle = ?1 AND dropped = 0 LIMIT 1",
            _ => return Ok(None),
        };
        self.one(question, [id], |row| row.get(0))
    }
}
