//! Queries of the router: which conversation is next, and which agent is to be assigned to it.
//!
//! Invariant: only the head of a line is read; the conversations behind it cost nothing.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, Row};

use super::Snapshot;
use crate::domain::closed_lists::{Entity, Method, Phase};
use crate::domain::config::Named;
use crate::domain::moment::Moment;
use crate::domain::reach::Reach;
use crate::domain::refusal::Fault;
use crate::domain::skills;
use crate::store::sqlite_error::sqlite_fault;

/// A queue as the router sees it.
#[derive(Debug, Clone)]
pub struct RoutedQueue {
    /// The id and name.
    pub named: Named,
    /// The priority; a lower number is routed first.
    pub priority: i64,
    /// How it chooses among eligible agents.
    pub method: Method,
    /// The members: the agent's id, and the place in the order of joining.
    pub members: Vec<(i64, i64)>,
}

/// A line of waiting conversations with the same queue, workstream, phase and required skills.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WaitingLine {
    /// The queue's id.
    pub queue: i64,
    /// The workstream's id.
    pub workstream: i64,
    /// Queued, or dispatching (in the pool).
    pub phase: Phase,
    /// The skills required of an agent.
    pub skills: Option<String>,
}

/// A position in the order of waiting; the smaller one comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WaitingPosition {
    /// The conversation's priority, negated.
    pub priority: i64,
    /// When the conversation entered the queue, or returned to it.
    pub arrival: Moment,
    /// The conversation's id.
    pub conversation: i64,
}

/// The first conversation of a line, after a position, that is not offered to anybody.
const HEAD: &str = "SELECT priority, arrival, id FROM conversation INDEXED BY conversation_waiting
    WHERE queue = ?1 AND workstream = ?2 AND phase = ?3 AND (phase = 'queued' OR phase = 'dispatching') AND skills IS ?4
        AND (?5 IS NULL OR (-priority, arrival, id) > (?5, ?6, ?7))
        AND NOT EXISTS (SELECT 1 FROM offer WHERE offer.conversation = conversation.id)
    ORDER BY priority DESC, arrival, id LIMIT 1";

/// The next workstream with conversations waiting in a queue.
const NEXT_WORKSTREAM: &str = "SELECT min(workstream) FROM conversation INDEXED BY conversation_waiting
    WHERE queue = ?1 AND workstream > ?2 AND (phase = 'queued' OR phase = 'dispatching')";

/// Whether conversations of a workstream wait in a queue in a phase.
const WAITS_IN: &str = "SELECT EXISTS (SELECT 1 FROM conversation INDEXED BY conversation_waiting
    WHERE queue = ?1 AND workstream = ?2 AND phase = ?3 AND (phase = 'queued' OR phase = 'dispatching'))";

/// The head of the first line whose skills are at or after ?4.
const NEXT_LINE: &str = "SELECT skills, priority, arrival, id FROM conversation INDEXED BY conversation_waiting
    WHERE queue = ?1 AND workstream = ?2 AND phase = ?3 AND (phase = 'queued' OR phase = 'dispatching') AND skills >= ?4
        AND NOT EXISTS (SELECT 1 FROM offer WHERE offer.conversation = conversation.id)
    ORDER BY skills, priority DESC, arrival, id LIMIT 1";

fn place(row: &Row<'_>, first: usize) -> rusqlite::Result<WaitingPosition> {
    Ok(WaitingPosition {
        priority: -row.get::<_, i64>(first)?,
        arrival: Moment(row.get(first + 1)?),
        conversation: row.get(first + 2)?,
    })
}

impl Snapshot<'_> {
    /// Returns the queues with their members, by priority.
    pub fn routed_queues(&self) -> Result<Vec<RoutedQueue>, Fault> {
        let mut queues = Vec::new();
        for id in self.objects(Entity::Queue)? {
            queues.extend(self.routed_queue(id)?);
        }
        for queue in &mut queues {
            queue.members = self.many(
                "SELECT agent, change FROM queue_member WHERE queue = ?1 AND member = 1 ORDER BY change",
                [queue.named.id],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
        }
        queues.sort_by_key(|queue| (queue.priority, queue.named.id));
        Ok(queues)
    }

    /// Returns the queues of an agent, by priority, without their members.
    pub fn queues_of(&self, agent: i64) -> Result<Vec<RoutedQueue>, Fault> {
        let ids: Vec<i64> = self.many(
            "SELECT queue FROM queue_member JOIN object ON object.kind = 'queue' AND object.id = queue AND dropped = 0
                WHERE agent = ?1 AND member = 1",
            [agent],
            |row| row.get(0),
        )?;
        let mut queues = Vec::new();
        for id in ids {
            queues.extend(self.routed_queue(id)?);
        }
        queues.sort_by_key(|queue| (queue.priority, queue.named.id));
        Ok(queues)
    }

    fn routed_queue(&self, id: i64) -> Result<Option<RoutedQueue>, Fault> {
        let settings = self.settings(Entity::Queue, id)?;
        Ok(self.named_queue(Some(id))?.map(|named| RoutedQueue {
            named,
            priority: settings.integer("priority").unwrap_or_default(),
            method: settings.text("method").and_then(Method::from_name).unwrap_or(Method::HighestCapacity),
            members: Vec::new(),
        }))
    }

    /// Returns the lines of a queue, each with its first conversation that is not offered to
    /// anybody.
    pub fn lines(&self, queue: i64) -> Result<Vec<(WaitingLine, WaitingPosition)>, Fault> {
        let mut lines = Vec::new();
        for (workstream, phase) in self.waited_on(queue)? {
            lines.extend(self.lines_on(queue, workstream, phase, None)?);
        }
        Ok(lines)
    }

    /// Returns the workstreams with conversations waiting in a queue, and their phases.
    pub fn waited_on(&self, queue: i64) -> Result<Vec<(i64, Phase)>, Fault> {
        let mut found = Vec::new();
        let mut workstream = 0;
        while let Some(next) = self.one(NEXT_WORKSTREAM, (queue, workstream), |row| row.get(0))?.flatten() {
            workstream = next;
            for phase in [Phase::Queued, Phase::Dispatching] {
                if self.number(WAITS_IN, (queue, workstream, phase.name()))? == 1 {
                    found.push((workstream, phase));
                }
            }
        }
        Ok(found)
    }

    /// Returns the lines of a queue on a workstream in a phase, each with its first conversation
    /// that is not offered to anybody. It takes one index lookup per line. With a reach, lines
    /// outside it are skipped as far as the index allows.
    pub fn lines_on(
        &self,
        queue: i64,
        workstream: i64,
        phase: Phase,
        reach: Option<&Reach<'_>>,
    ) -> Result<Vec<(WaitingLine, WaitingPosition)>, Fault> {
        let line = |skills| WaitingLine { queue, workstream, phase, skills };
        let mut lines = Vec::new();
        if let Some(place) = self.head(&line(None), None)? {
            lines.push((line(None), place));
        }
        let mut statement = self.connection.prepare_cached(NEXT_LINE).map_err(sqlite_fault)?;
        let mut from = reach.map_or(Some(String::new()), |reach| reach.at_or_behind(""));
        while let Some(skills) = from {
            let found: Option<(String, WaitingPosition)> = statement
                .query_row((queue, workstream, phase.name(), &skills), |row| {
                    Ok((row.get(0)?, place(row, 1)?))
                })
                .optional()
                .map_err(sqlite_fault)?;
            let Some((skills, place)) = found else { break };
            from = match reach {
                Some(reach) => reach.behind(&skills),
                None => Some(format!("{skills}\0")),
            };
            lines.push((line(Some(skills)), place));
        }
        Ok(lines)
    }

    /// Returns the first conversation of a line that is not offered to anybody: of all, or of those
    /// behind a position.
    pub fn head(
        &self,
        line: &WaitingLine,
        behind: Option<WaitingPosition>,
    ) -> Result<Option<WaitingPosition>, Fault> {
        self.one(
            HEAD,
            (
                line.queue,
                line.workstream,
                line.phase.name(),
                &line.skills,
                behind.map(|place| place.priority),
                behind.map(|place| place.arrival.0),
                behind.map(|place| place.conversation),
            ),
            |row| place(row, 0),
        )
    }

    /// Returns how many conversations of a queue and workstream are in the pool, and the last of
    /// them that is not offered to anybody.
    pub fn pool(&self, queue: i64, workstream: i64) -> Result<(i64, Option<i64>), Fault> {
        let found = self.one(
            "SELECT count(*), (SELECT id FROM conversation INDEXED BY conversation_waiting WHERE queue = ?1 AND workstream = ?2 AND phase = 'dispatching'
                    AND NOT EXISTS (SELECT 1 FROM offer WHERE offer.conversation = conversation.id)
                    ORDER BY priority, arrival DESC, id DESC LIMIT 1)
                FROM conversation INDEXED BY conversation_waiting WHERE queue = ?1 AND workstream = ?2 AND phase = 'dispatching'",
            [queue, workstream],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(found.unwrap_or_default())
    }

    /// Returns the number of the transition that last assigned an agent a conversation of a queue;
    /// 0: none.
    pub fn last_taken(&self, queue: i64, agent: i64) -> Result<i64, Fault> {
        self.number(
            "SELECT coalesce(max(seq), 0) FROM transition
                WHERE to_queue = ?1 AND to_agent = ?2 AND to_agent IS NOT NULL AND from_agent IS NOT to_agent",
            [queue, agent],
        )
    }

    /// Returns when an agent's last conversation ended, in ms since 1970 UTC, or `None` if none
    /// did.
    pub fn last_ended(&self, agent: i64) -> Result<Option<i64>, Fault> {
        let sql = "SELECT max(ended_at) FROM conversation INDEXED BY conversation_ended
            WHERE last_agent = ?1 AND last_agent IS NOT NULL AND ended_at IS NOT NULL";
        self.one(sql, [agent], |row| row.get(0)).map(Option::flatten)
    }

    /// Returns how often each agent has declined or missed offers of a conversation.
    pub fn declined(&self, conversation: i64) -> Result<Vec<(i64, i64)>, Fault> {
        self.many(
            "SELECT item, count(*) FROM change WHERE kind = 'offer' AND object = ?1 AND (name = 'declined' OR name = 'missed')
                GROUP BY item",
            [conversation],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// Returns the agents who gave up a conversation since it was last assigned: its last agent,
    /// unless it was parked, and those who have declined or missed it since.
    pub fn gave_up(&self, conversation: i64) -> Result<Vec<i64>, Fault> {
        self.many(
            "WITH lost AS (SELECT from_agent, to_phase, entry FROM transition
                    WHERE conversation = ?1 AND from_agent IS NOT NULL AND to_agent IS NULL ORDER BY seq DESC LIMIT 1)
                SELECT from_agent FROM lost WHERE to_phase = 'queued' OR to_phase = 'dispatching'
                UNION ALL SELECT item FROM change WHERE kind = 'offer' AND object = ?1 AND (name = 'declined' OR name = 'missed')
                    AND entry >= coalesce((SELECT entry FROM lost), 0)",
            [conversation],
            |row| row.get(0),
        )
    }

    /// Returns the skills of all agents who are online.
    pub fn skills_online(&self) -> Result<HashSet<String>, Fault> {
        let mut had = HashSet::new();
        for id in self.objects(Entity::Agent)? {
            let settings = self.settings(Entity::Agent, id)?;
            let online = settings.is("connected", "on") && !settings.is("presence", "offline");
            let skills = settings.text("skills").filter(|_| online).map(skills::parse);
            had.extend(skills.and_then(Result::ok).into_iter().flatten().map(|skill| skill.name));
        }
        Ok(had)
    }

    /// Returns the conversations that are offered to an agent.
    pub fn offered_to(&self, agent: i64) -> Result<Vec<i64>, Fault> {
        self.many("SELECT conversation FROM offer WHERE agent = ?1 ORDER BY conversation", [agent], |row| {
            row.get(0)
        })
    }
}
