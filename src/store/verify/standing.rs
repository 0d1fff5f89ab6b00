//! How things stand, held against the log that they follow from.
//!
//! Invariant: a value of the current state that the log does not give is found, whoever wrote it. Settings are asked
//! one by one, from the closed list of changes; conversations from their moves.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::domain::refusal::Broken;
use crate::store::failure::broken;

/// The tables of things that are made, with the column of their name.
const MADE: [(&str, &str); 7] = [
    ("queue", "queue"),
    ("agent", "agent"),
    ("supervisor", "supervisor"),
    ("service", "service"),
    ("report", "report"),
    ("workstream", "workstream"),
    ("lifecycle", "name"),
];

/// The first thing that is not as the log makes it: the entry that made it, and a sentence.
pub(super) fn fault(connection: &Connection) -> Result<Option<(i64, String)>, Broken> {
    for (question, words) in QUESTIONS {
        if let Some((journal, id)) = ask(connection, question)? {
            return Ok(Some((journal, words.replace("{}", &id.to_string()))));
        }
    }
    for (kind, name) in MADE {
        for (what, question) in settings(connection, kind, name)? {
            if let Some((journal, id)) = ask(connection, &question)? {
                let words = format!("{what} of {kind} {id} is not as the last change made it");
                return Ok(Some((journal, words)));
            }
        }
    }
    Ok(None)
}

/// What follows from no entry at all counts as of entry 0.
fn ask(connection: &Connection, question: &str) -> Result<Option<(i64, i64)>, Broken> {
    let found = |row: &Row<'_>| Ok((row.get::<_, Option<i64>>(0)?.unwrap_or_default(), row.get(1)?));
    connection.query_row(question, [], found).optional().map_err(broken)
}

/// A question for every setting of a kind: where the column is neither the last change's value nor, never having been
/// changed, its default.
fn settings(connection: &Connection, kind: &str, name: &str) -> Result<Vec<(String, String)>, Broken> {
    let mut columns = connection
        .prepare("SELECT name, coalesce(dflt_value, 'NULL') FROM pragma_table_info(?1)")
        .map_err(broken)?;
    let columns = columns.query_map([kind], |row| Ok((row.get(0)?, row.get(1)?))).map_err(broken)?;
    let columns: Vec<(String, String)> = columns.collect::<rusqlite::Result<_>>().map_err(broken)?;
    // Those that are built in come from no change.
    let made_by_people = if kind == "lifecycle" { "AND made.journal IS NOT NULL" } else { "" };
    let question = |column: &str, expected: String| {
        format!(
            "SELECT coalesce((SELECT max(journal) FROM change WHERE kind = '{kind}' AND subject = made.id), 0), made.id
                FROM {kind} AS made WHERE made.{column} COLLATE BINARY IS NOT {expected} {made_by_people} LIMIT 1"
        )
    };
    let last = |value: &str, of: &str, default: &str| {
        format!(
            "coalesce((SELECT json_array({value}) FROM change WHERE kind = '{kind}' AND subject = made.id {of}
                ORDER BY seq DESC LIMIT 1), json_array({default})) ->> 0"
        )
    };
    let asked = columns.iter().filter(|(column, _)| column != "id").map(|(column, default)| {
        let setting = column.strip_suffix("_ms").unwrap_or(column);
        let expected = match column.as_str() {
            "change" => last("seq", "", "0"),
            "dropped" => last("name = 'dropped'", "", "0"),
            "journal" => last("journal", "AND name = 'created'", "NULL"),
            column if column == name => last("value", "AND name = 'created'", "NULL"),
            _ => last("value", &format!("AND name = '{setting}'"), default),
        };
        (setting.to_owned(), question(column, format!("({expected})")))
    });
    Ok(asked.collect())
}

const QUESTIONS: [(&str, &str); 12] = [
    (
        "SELECT journal, conversation FROM (SELECT journal, conversation, seq, from_state,
                lag(to_state) OVER (PARTITION BY conversation ORDER BY seq) AS before FROM transition)
            WHERE from_state IS NOT before LIMIT 1",
        "a move of conversation {} does not start where the one before it ended",
    ),
    (
        "SELECT transition.journal, transition.conversation FROM transition
            JOIN opening ON opening.id = transition.conversation JOIN workstream ON workstream.id = opening.workstream
            WHERE NOT EXISTS (SELECT 1 FROM edge WHERE edge.lifecycle = workstream.lifecycle
                AND edge.channel = workstream.channel AND edge.from_state = coalesce(transition.from_state, '')
                AND edge.event = transition.event AND edge.to_state = transition.to_state) LIMIT 1",
        "conversation {} made a move that its lifecycle does not have",
    ),
    (
        "SELECT transition.journal, conversation.id FROM conversation JOIN transition ON transition.seq =
                (SELECT max(seq) FROM transition WHERE transition.conversation = conversation.id)
            WHERE conversation.transition <> transition.seq OR conversation.state <> to_state
                OR conversation.agent IS NOT to_agent OR conversation.queue <> to_queue LIMIT 1",
        "conversation {} is not where its last move led",
    ),
    (
        "SELECT journal, id FROM opening WHERE NOT EXISTS (SELECT 1 FROM conversation WHERE conversation.id = opening.id)",
        "conversation {} was opened and is not there",
    ),
    (
        "SELECT transition.journal, conversation.id FROM conversation JOIN transition ON transition.seq = conversation.transition
            WHERE conversation.phase <> to_phase OR conversation.units <> iif(EXISTS (SELECT 1 FROM change
                WHERE kind = 'conversation' AND subject = conversation.id AND name = 'units' AND change.moved >= transition.seq),
                    0, transition.units) LIMIT 1",
        "conversation {} is not in the phase, or does not cost, what its last move says",
    ),
    (
        "SELECT visit.journal, conversation.id FROM conversation JOIN transition AS visit ON visit.seq = conversation.visit
            WHERE visit.conversation <> conversation.id OR visit.to_state <> conversation.state OR visit.from_state IS visit.to_state
                OR conversation.state_since <> visit.at LIMIT 1",
        "conversation {} is not in its state since the move that entered it",
    ),
    (
        "SELECT opening.journal, conversation.id FROM conversation JOIN opening USING (id)
            WHERE first_assigned_at IS NOT (SELECT min(at) FROM transition WHERE conversation = id AND to_phase = 'active')
                OR entered_at IS NOT (SELECT min(at) FROM transition WHERE conversation = id AND (to_phase = 'queued' OR to_phase = 'dispatching'))
                OR closed_at IS NOT (SELECT min(at) FROM transition WHERE conversation = id AND to_phase = 'closed')
                OR conversation.message <> (SELECT coalesce(max(message.id), 0) FROM message WHERE message.conversation = opening.id AND message.kind <> 'system')
                OR last_agent IS NOT (SELECT coalesce(to_agent, from_agent) FROM transition
                    WHERE conversation = opening.id AND coalesce(to_agent, from_agent) IS NOT NULL ORDER BY seq DESC LIMIT 1) LIMIT 1",
        "the times, the last agent or the last message of conversation {} are not those of its log",
    ),
    (
        "SELECT opening.journal, id FROM conversation JOIN opening USING (id) WHERE (conversation.workstream, conversation.customer, opened_at) <> (opening.workstream, opening.customer, opening.at) OR
            (conversation.priority, conversation.skills, conversation.subject, conversation.sentiment) IS NOT (
                coalesce((SELECT value FROM change WHERE kind = 'conversation' AND subject = id AND name = 'priority' ORDER BY seq DESC LIMIT 1), opening.priority),
                coalesce((SELECT json_array(value) FROM change WHERE kind = 'conversation' AND change.subject = id AND name = 'skills'
                    ORDER BY seq DESC LIMIT 1), json_array(opening.skills)) ->> 0,
                coalesce((SELECT json_array(value) FROM change WHERE kind = 'conversation' AND change.subject = id AND name = 'subject'
                    ORDER BY seq DESC LIMIT 1), json_array(opening.subject)) ->> 0,
                (SELECT value FROM change WHERE kind = 'conversation' AND change.subject = id AND name = 'sentiment' ORDER BY seq DESC LIMIT 1)) LIMIT 1",
        "conversation {} is not as the last change made it",
    ),
    (
        "SELECT change.journal, queue_member.agent FROM queue_member LEFT JOIN change ON change.seq =
                (SELECT max(seq) FROM change WHERE kind = 'member' AND subject = queue AND part = agent)
            WHERE member IS NOT (change.name = 'joined') OR queue_member.change IS NOT change.seq LIMIT 1",
        "agent {} is or is not a member of a queue, against the log",
    ),
    (
        "SELECT change.journal, conversation FROM channel_session LEFT JOIN change ON change.seq =
                (SELECT max(seq) FROM change WHERE kind = 'session' AND subject = conversation AND part = channel)
            WHERE status IS NOT change.name OR since IS NOT change.at OR channel_session.change IS NOT change.seq LIMIT 1",
        "a channel session of conversation {} is not as the last change made it",
    ),
    (
        "SELECT coalesce(change.journal, 0), asked.id FROM (SELECT conversation AS id FROM offer
                UNION SELECT subject FROM change WHERE kind = 'offer') AS asked
            LEFT JOIN offer ON offer.conversation = asked.id
            LEFT JOIN change ON change.seq = (SELECT max(seq) FROM change WHERE kind = 'offer' AND subject = asked.id)
            WHERE (offer.agent, offer.units, offer.since, offer.change)
                IS NOT (iif(name = 'made', part, NULL), iif(name = 'made', value, NULL), iif(name = 'made', at, NULL), iif(name = 'made', seq, NULL)) LIMIT 1",
        "the offer of conversation {} is not as the last change made it",
    ),
    (
        "SELECT change.journal, conversation FROM timer LEFT JOIN change ON change.seq =
                (SELECT max(seq) FROM change WHERE kind = 'timer' AND subject = conversation AND part = timer)
            WHERE due_at IS NOT iif(change.name = 'started', change.value, NULL) OR timer.change IS NOT change.seq
                OR remaining_ms IS NOT iif(change.name = 'paused', change.value, NULL)
                OR visit IS NOT (SELECT visit FROM conversation WHERE conversation.id = timer.conversation) LIMIT 1",
        "a timer of conversation {} is not as the last change made it",
    ),
];
