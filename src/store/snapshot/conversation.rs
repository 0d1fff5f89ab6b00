//! Queries about conversations: by id, by agent, and what is due.

use rusqlite::Row;

use super::Snapshot;
use crate::domain::closed_lists::{Channel, Entity, Presence, Sentiment, SessionStatus, TimerKind};
use crate::domain::conversation::{Attendance, ChannelSession, Sessions};
use crate::domain::conversation::{Conversation, Offer};
use crate::domain::moment::{Duration, Moment};
use crate::domain::refusal::{Code, Fault};
use crate::domain::timer::{Timer, TimerRun};
use crate::store::convert::row;

/// What is due next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The timer's owner.
    pub whose: Whose,
    /// When it is due.
    pub at: Moment,
}

/// The owner of a due timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// A conversation, and the kind of timer.
    Conversation(i64, TimerKind),
    /// An agent who has lost their connection.
    Agent(i64),
}

row! {
    Stored "FROM conversation LEFT JOIN offer ON offer.conversation = conversation.id WHERE conversation.id = ?1" {
        state: String = "state",
        queue: i64 = "queue",
        agent: Option<i64> = "conversation.agent",
        last_agent: Option<i64> = "last_agent",
        units: i64 = "conversation.units",
        since: i64 = "state_since",
        disconnected: Option<i64> = "disconnected_at",
        customer: i64 = "customer",
        workstream: i64 = "workstream",
        lifecycle: i64 = "lifecycle",
        skills: Option<String> = "skills",
        sentiment: Option<String> = "sentiment",
        asked: Option<i64> = "offer.agent",
        kept: Option<i64> = "offer.units",
    }
}

fn timer(row: &Row<'_>) -> rusqlite::Result<Option<Timer>> {
    let name: String = row.get(0)?;
    let due: Option<i64> = row.get(1)?;
    let left: Option<i64> = row.get(2)?;
    let run = match (due, left) {
        (Some(due), _) => TimerRun::Until(Moment(due)),
        (None, left) => TimerRun::Paused(Duration(left.unwrap_or(0))),
    };
    Ok(TimerKind::from_name(&name).map(|kind| Timer { kind, run }))
}

impl Snapshot<'_> {
    /// Returns what the customer wrote last in a conversation, the newest last: at most `messages`
    /// messages, each cut to `characters` characters.
    pub fn last_words(
        &self,
        conversation: i64,
        messages: usize,
        characters: usize,
    ) -> Result<Vec<String>, Fault> {
        let mut found: Vec<String> = self.many(
            "SELECT substr(body, 1, ?3) FROM message JOIN text ON text.id = message.text
                WHERE message.conversation = ?1 AND author_kind = 'customer' AND kind = 'text' AND body IS NOT NULL
                ORDER BY message.id DESC LIMIT ?2",
            (conversation, messages as i64, characters as i64),
            |row| row.get(0),
        )?;
        found.reverse();
        Ok(found)
    }

    /// Returns the conversation with this id.
    pub fn conversation(&self, id: i64) -> Result<Option<Conversation>, Fault> {
        let Some(stored) = self.one(Stored::SQL, [id], Stored::read)? else { return Ok(None) };
        let missing =
            || Fault::new(Code::Damaged, format!("conversation {id} refers to a row that does not exist"));
        let workstream = self.workstream_in(stored.workstream, stored.lifecycle)?.ok_or_else(missing)?;
        let attendance = match stored.agent {
            Some(agent) => {
                let settings = self.settings(Entity::Agent, agent)?;
                let offline = settings.is("presence", Presence::Offline.name());
                let presence = if offline { Presence::Offline } else { Presence::Available };
                Attendance::of(!settings.is("connected", "off"), presence)
            }
            None => Attendance::There,
        };
        let state = workstream.lifecycle.state(&stored.state).ok_or_else(missing)?;
        let timers =
            self.many("SELECT timer, due_at, remaining_ms FROM timer WHERE conversation = ?1", [id], timer)?;
        let mut conversation = Conversation {
            id,
            workstream,
            customer: stored.customer,
            state: Some(state),
            queue: self.named_queue(Some(stored.queue))?,
            agent: self.named_agent(stored.agent)?,
            attendance,
            last_agent: self.named_agent(stored.last_agent)?,
            offer: match stored.asked.zip(stored.kept) {
                Some((agent, units)) => self.named_agent(Some(agent))?.map(|agent| Offer { agent, units }),
                None => None,
            },
            skills: stored.skills,
            sentiment: stored.sentiment.as_deref().and_then(Sentiment::from_name),
            units: stored.units,
            since: Moment(stored.since),
            disconnected: stored.disconnected.map(Moment),
            unanswered: None,
            timers: timers.into_iter().flatten().collect(),
        };
        if conversation.awaits_answers() {
            conversation.unanswered = self.unanswered(id)?;
        }
        Ok(Some(conversation))
    }

    /// Returns since when the customer of a conversation waits for an answer (see
    /// `domain::conversation::answers`).
    fn unanswered(&self, conversation: i64) -> Result<Option<Moment>, Fault> {
        let sql = "SELECT since FROM unanswered WHERE conversation = ?1";
        let since: Option<Option<i64>> = self.one(sql, [conversation], |row| row.get(0))?;
        Ok(since.flatten().map(Moment))
    }

    /// Returns the id of the conversation with this topic id.
    pub fn conversation_of_topic(&self, topic: &[u8; 16]) -> Result<Option<i64>, Fault> {
        self.one("SELECT id FROM opening WHERE topic = ?1", [topic.as_slice()], |row| row.get(0))
    }

    /// Returns the id of the newest conversation, or 0 if there is none.
    pub fn newest_conversation(&self) -> Result<i64, Fault> {
        self.number("SELECT coalesce(max(id), 0) FROM opening", [])
    }

    /// Returns the conversations assigned to an agent, by id.
    pub fn held_by(&self, agent: i64) -> Result<Vec<i64>, Fault> {
        self.many(
            "SELECT id FROM conversation WHERE agent = ?1 AND phase <> 'closed' ORDER BY id",
            [agent],
            |row| row.get(0),
        )
    }

    /// Returns the channel sessions of a conversation.
    pub fn sessions(&self, conversation: i64) -> Result<Sessions, Fault> {
        let rows: Vec<(String, String, i64)> = self.many(
            "SELECT channel, status, since FROM channel_session WHERE conversation = ?1 ORDER BY channel",
            [conversation],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let session = |(channel, status, since): (String, String, i64)| {
            let (channel, status) = (Channel::from_name(&channel)?, SessionStatus::from_name(&status)?);
            Some(ChannelSession { channel, status, since: Moment(since) })
        };
        Ok(Sessions::new(rows.into_iter().filter_map(session).collect()))
    }

    /// Returns what is due next at `now`: ordered by due time, conversation and event list, then by
    /// agent.
    /// A timer that is due at the last moment of all never fires: what would be due later is due then,
    /// again and again.
    pub fn next_due(&self, now: Moment) -> Result<Option<Due>, Fault> {
        let now = now.min(Moment(Moment::LATEST.0 - 1));
        let (timer, agent) = self.first_due()?;
        let timer = match timer.filter(|at| *at <= now) {
            Some(at) => self.next_timer(at)?,
            None => None,
        };
        let agent = match agent.filter(|at| *at <= now) {
            Some(_) => self.next_absence(now)?,
            None => None,
        };
        Ok(match (timer, agent) {
            (Some(timer), Some(agent)) if agent.at < timer.at => Some(agent),
            (timer, agent) => timer.or(agent),
        })
    }

    /// Returns when the first timer of a conversation and that of an agent are due. The query is
    /// cheap enough to run before every statement.
    fn first_due(&self) -> Result<(Option<Moment>, Option<Moment>), Fault> {
        let first = "SELECT (SELECT min(due_at) FROM timer WHERE due_at IS NOT NULL),
            (SELECT min(value) FROM setting INDEXED BY setting_offline
                WHERE kind = 'agent' AND name = 'offline_at' AND value IS NOT NULL)";
        let moment = |row: &Row<'_>, index| row.get::<_, Option<i64>>(index).map(|at| at.map(Moment));
        let found = self.one(first, [], |row| Ok((moment(row, 0)?, moment(row, 1)?)))?;
        Ok(found.unwrap_or_default())
    }

    /// Returns the first of the conversation timers due at `at`. Kinds are in the order of the
    /// event list.
    fn next_timer(&self, at: Moment) -> Result<Option<Due>, Fault> {
        let kinds: Vec<(i64, Option<TimerKind>)> = self.many(
            "SELECT conversation, timer FROM timer WHERE due_at = ?1 AND conversation = (SELECT min(conversation)
                FROM timer INDEXED BY timer_due WHERE due_at = ?1 AND due_at IS NOT NULL)",
            [at.0],
            |row| Ok((row.get(0)?, TimerKind::from_name(row.get_ref(1)?.as_str()?))),
        )?;
        let first = kinds.into_iter().filter_map(|(id, kind)| Some((kind?, id))).min();
        Ok(first.map(|(kind, id)| Due { whose: Whose::Conversation(id, kind), at }))
    }

    /// Returns the first agent to be set to offline by `now`.
    fn next_absence(&self, now: Moment) -> Result<Option<Due>, Fault> {
        self.one(
            "SELECT setting.object, value FROM setting INDEXED BY setting_offline
                CROSS JOIN object ON object.kind = 'agent' AND object.id = setting.object AND dropped = 0
                WHERE setting.kind = 'agent' AND setting.name = 'offline_at' AND value IS NOT NULL AND value <= ?1
                ORDER BY value, setting.object LIMIT 1",
            [now.0],
            |row| Ok(Due { whose: Whose::Agent(row.get(0)?), at: Moment(row.get(1)?) }),
        )
    }

    /// Returns when the last agent_timeout of a disconnected agent's conversations is due.
    pub fn last_taken_at(&self, agent: i64) -> Result<Option<Moment>, Fault> {
        self.one(
            "SELECT max(due_at) FROM conversation CROSS JOIN timer ON timer.conversation = conversation.id AND timer = 'agent_timeout'
                WHERE conversation.agent = ?1 AND phase <> 'closed'",
            [agent],
            |row| row.get::<_, Option<i64>>(0),
        )
        .map(|found| found.flatten().map(Moment))
    }

    /// Returns the number of timers that are due.
    pub fn overdue(&self, now: Moment) -> Result<i64, Fault> {
        self.number(
            "SELECT (SELECT count(*) FROM timer WHERE due_at <= ?1)
                + (SELECT count(*) FROM setting INDEXED BY setting_offline
                    CROSS JOIN object ON object.kind = 'agent' AND object.id = setting.object AND dropped = 0
                    WHERE setting.kind = 'agent' AND setting.name = 'offline_at' AND value IS NOT NULL AND value <= ?1)",
            [now.0],
        )
    }
}
