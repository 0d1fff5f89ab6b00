//! Listings: named queries that return the rows of a view.
//!
//! Invariant: the columns and the order of every SHOW that lists objects are defined only here.

use super::convert::{bound, value};
use super::snapshot::Snapshot;
use super::sqlite_error::sqlite_fault;
use crate::domain::moment::Moment;
use crate::domain::refusal::Fault;
use crate::domain::reply::{Column, ColumnKind, Reply};
use crate::domain::value::Value;

macro_rules! reports {
    ($($(#[doc = $doc:literal])* $name:ident = $sql:literal;)*) => {
        /// A query that lists objects.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Listing { $($(#[doc = $doc])* $name,)* }

        impl Listing {
            /// All listings.
            pub const ALL: &'static [Listing] = &[$(Listing::$name,)*];

            /// Returns the columns that people see if there is no room for all.
            fn brief(self) -> &'static [&'static str] {
                match self {
                    Listing::Agents => &["agent", "presence", "load", "capacity", "skills", "queues"],
                    Listing::Queues => &["queue", "priority", "method", "waiting", "members"],
                    Listing::Workstreams => &["workstream", "channel", "lifecycle", "queue", "mode", "units"],
                    Listing::Ongoing => &[
                        "conversation", "state", "channel", "customer", "subject", "queue", "agent", "wait_ms", "handle_ms",
                        "sentiment",
                    ],
                    Listing::History => &["at", "event", "to_state", "to_agent", "to_queue", "actor", "reason"],
                    Listing::Timers => &["conversation", "timer", "due_at", "remaining_ms", "state", "agent"],
                    Listing::Journal => &["seq", "at", "actor", "statement"],
                    _ => &[],
                }
            }

            fn sql(self) -> &'static str {
                match self { $(Listing::$name => $sql,)* }
            }
        }
    };
}

reports! {
    /// All agents.
    Agents = "SELECT agent, name, presence, load, capacity, skills, queues, connected FROM agents ORDER BY agent";
    /// An agent, by name.
    Agent = "SELECT agent, name, presence, load, capacity, skills, queues, connected FROM agents WHERE agent = ?1";
    /// All queues.
    Queues = "SELECT * FROM queues ORDER BY priority, queue";
    /// A queue, by name.
    Queue = "SELECT * FROM queues WHERE queue = ?1";
    /// All workstreams, with the columns that people need most.
    Workstreams = "SELECT workstream, channel, lifecycle, queue, mode, units, bot, wrapup, presences FROM workstreams ORDER BY workstream";
    /// A workstream, by name.
    Workstream = "SELECT workstream, channel, lifecycle, queue, mode, units, bot, wrapup, presences FROM workstreams WHERE workstream = ?1";
    /// All supervisors.
    Supervisors = "SELECT supervisor, name, login FROM supervisors ORDER BY supervisor";
    /// A supervisor, by name.
    Supervisor = "SELECT supervisor, name, login FROM supervisors WHERE supervisor = ?1";
    /// All services.
    Services = "SELECT service, login FROM services ORDER BY service";
    /// A service, by name.
    Service = "SELECT service, login FROM services WHERE service = ?1";
    /// All lifecycles.
    Lifecycles = "SELECT * FROM lifecycles ORDER BY built_in DESC, lifecycle";
    /// A lifecycle, by name.
    Lifecycle = "SELECT * FROM lifecycles WHERE lifecycle = ?1";
    /// The site's settings.
    Site = "SELECT * FROM site";
    /// The site's own reports.
    Reports = "SELECT report, sql FROM reports ORDER BY report";
    /// One of the site's own reports, by name.
    OwnReport = "SELECT report, sql FROM reports WHERE report = ?1";
    /// The members of a queue.
    Members = "SELECT queue, agent, joined_at FROM queue_members WHERE queue = ?1 ORDER BY joined_at_ms, agent";
    /// A conversation, by id.
    Conversation = "SELECT id, topic, workstream, channel, lifecycle, state, phase, customer, subject, queue, agent, last_agent,
        priority, skills, sentiment, opened_at, state_since, first_assigned_at, ended_at, closed_at, predecessor
        FROM conversations WHERE id = ?1";
    /// The transitions of a conversation.
    History = "SELECT seq, journal, conversation, event, from_state, to_state, from_agent, to_agent, from_queue, to_queue,
        actor_kind, actor, reason, override, at, applied_at FROM transitions WHERE conversation = ?1 ORDER BY seq";
    /// The messages of a conversation.
    Transcript = "SELECT at, author_kind, author, kind, body FROM messages WHERE conversation = ?1 ORDER BY id";
    /// A message, by id.
    Message = "SELECT id, conversation, at, author_kind, author, kind, body FROM messages WHERE id = ?1";
    /// The transitions in a range of numbers, in the form in which a change returns them.
    Moves = "SELECT conversation, event, from_state, to_state, to_queue AS queue, to_agent AS agent, at FROM transitions
        WHERE seq >= ?1 AND seq < ?2 ORDER BY seq";
    /// The messages in a range of numbers.
    Messages = "SELECT id, conversation, at, author_kind, author, kind, body FROM messages WHERE id >= ?1 AND id < ?2 ORDER BY id";
    /// The channel sessions of a conversation.
    Sessions = "SELECT conversation, channel, status, since FROM channel_sessions WHERE conversation = ?1 ORDER BY channel";
    /// The participants of a conversation, the assigned agent first.
    Participants = "SELECT conversation, name, role, since FROM participants WHERE conversation = ?1
        ORDER BY role <> 'primary', since_ms, name";
    /// The open conversations with a short description of their state, the newest first.
    Live = "SELECT id, state || coalesce(' with ' || agent, '') || ', ' || queue FROM conversations
        WHERE phase <> 'closed' ORDER BY id DESC LIMIT 50";
    /// The customers of open conversations with a short description of the state, the newest first.
    LiveCustomers = "SELECT customer, id || ' ' || state FROM conversations
        WHERE phase <> 'closed' AND customer IS NOT NULL ORDER BY id DESC LIMIT 50";
    /// The timers: what is due next, when, and for whom.
    Timers = "SELECT timers.conversation, timer, due_at, coalesce(due_at_ms - ?1, remaining_ms) AS remaining_ms, state, timers.agent, handle AS customer
        FROM timers JOIN timer_kind USING (timer) LEFT JOIN conversation ON conversation.id = timers.conversation
        LEFT JOIN opening ON opening.id = timers.conversation LEFT JOIN customer ON customer.id = opening.customer
        ORDER BY due_at_ms IS NULL, due_at_ms, timers.conversation IS NULL, timers.conversation, position, timers.agent";
    /// The report of ongoing conversations, unordered. Parameters: touched since (ms since 1970
    /// UTC), queue, agent.
    Ongoing = "SELECT conversation, subject, state, agent, queue, channel, customer, wait_ms, handle_ms, sentiment, opened_at_ms AS opened_at
        FROM ongoing WHERE touched_at_ms >= ?1 AND (?2 IS NULL OR queue = ?2 COLLATE NOCASE) AND (?3 IS NULL OR agent = ?3 COLLATE NOCASE)";
    /// The open offers, each with the agent who is asked.
    Offered = "SELECT conversation, name AS agent FROM offer JOIN object ON object.kind = 'agent' AND object.id = offer.agent ORDER BY conversation";
    /// The journal, the newest entry last.
    Journal = "SELECT seq, at, actor_kind, actor, statement, hash FROM
        (SELECT * FROM journal ORDER BY seq DESC LIMIT coalesce(?1, -1)) ORDER BY seq";
    /// The last entry of the journal and its hash.
    Head = "SELECT seq, at, seq || ':' || hash AS head FROM journal ORDER BY seq DESC LIMIT 1";
    /// The number of timers that are due.
    Overdue = "SELECT count(*) FROM timers WHERE due_at_ms <= ?1";
    /// The edges of a lifecycle, one row for all channels of an edge.
    Edges = "SELECT event, from_state, to_state, group_concat(channel, ', ') AS channels, condition, after_ms
        FROM (SELECT edges.*, event.position AS place, coalesce(state.position, 0) AS state_place, channel_place.rowid AS channel_place
            FROM edges JOIN event USING (event)
            LEFT JOIN (SELECT DISTINCT lifecycle, state, position FROM states) AS state
                ON state.lifecycle = edges.lifecycle AND state.state = edges.from_state
            JOIN (SELECT 1 AS rowid, 'chat' AS channel UNION ALL VALUES (2, 'sms'), (3, 'social'), (4, 'email'), (5, 'voice'), (6, 'record'))
                AS channel_place USING (channel)
            WHERE edges.lifecycle = ?1 AND (?2 IS NULL OR edges.channel = ?2) ORDER BY channel_place)
        GROUP BY event, from_state, to_state, condition, after_ms
        ORDER BY state_place, place, condition, min(channel_place)";
}

impl Snapshot<'_> {
    /// Returns the rows of a listing.
    pub fn listing(&self, listing: Listing, parameters: &[Value]) -> Result<Reply, Fault> {
        let mut statement = self.connection().prepare_cached(listing.sql()).map_err(sqlite_fault)?;
        let mut reply = Reply::rows(&[]);
        reply.brief = listing.brief();
        reply.prose = (listing == Listing::Transcript).then_some("body");
        reply.columns = statement.column_names().map(Column::new).collect();
        let count = reply.columns.len();
        let mut rows = statement
            .query(rusqlite::params_from_iter(parameters.iter().map(bound)))
            .map_err(sqlite_fault)?;
        while let Some(row) = rows.next().map_err(sqlite_fault)? {
            let mut values: Vec<Value> = (0..count)
                .map(|index| value(row, index))
                .collect::<rusqlite::Result<_>>()
                .map_err(sqlite_fault)?;
            for (column, value) in reply.columns.iter().zip(&mut values) {
                // Formatting the timestamp here takes next to no time; in SQLite it was the slowest
                // part of the query.
                if let (ColumnKind::Moment, Value::Integer(ms)) = (column.kind, &*value) {
                    *value = Value::Text(Moment(*ms).to_string());
                }
            }
            reply.rows.push(values);
        }
        Ok(reply)
    }
}
