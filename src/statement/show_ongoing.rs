//! SHOW ONGOING: lists the open conversations that had activity recently.
//!
//! Invariant: conversations that wait come first, in the order in which they will be served; what is
//! left out because it is older is counted in a note.

use crate::domain::conversation::MOST_OFFERS;
use crate::domain::moment::{Duration, Moment};
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::language::suggest::write_name;
use crate::statement::{Chapter, ColumnDef, Columns, Handler, Request, StatementDef, Traits};
use std::cmp::Reverse;
use std::collections::HashMap;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW ONGOING [ALL] [QUEUE <queue>] [AGENT <agent>] [LAST <duration>] [AS OF <moment>]",
    summary: "Lists the open conversations that were opened, moved or written in within 24 hours (or LAST), those that wait first, in the order of serving. Older open ones are counted in a note. Conversations with a bot and records are left out. ALL: everything open, however old.",
    example: "SHOW ONGOING QUEUE billing LAST 2h",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns {
        explained: || EXPLAINED.to_vec(),
        narrow: &[
            "conversation",
            "state",
            "channel",
            "customer",
            "subject",
            "queue",
            "agent",
            "wait_ms",
            "handle_ms",
            "unanswered_ms",
            "sentiment",
        ],
    },
    handler: Handler::Read(ongoing),
};

const EXPLAINED: [ColumnDef; 5] = [
    ("agent", "the assigned agent; for a conversation that is set aside, the last one"),
    (
        "wait_ms",
        "for a waiting conversation, the time in this state; otherwise the wait as in SHOW SUMMARY, from entering a queue to the first active; empty if it never waited",
    ),
    ("handle_ms", "the time in active, held and wrapup so far, including the current visit"),
    (
        "unanswered_ms",
        "how long the customer has been waiting for an answer: since the opening, their message, their return or the request for an agent; empty if they were answered. Notes and automatic messages do not count",
    ),
    (
        "sentiment",
        "very negative, negative, neutral, positive or very positive: set by hand, or the average of the customer's last six messages",
    ),
];

/// The window without LAST.
const ONGOING_FOR: Duration = Duration(86_400_000);

/// The columns of the reply.
const COLUMNS: &str = "conversation, subject, state, agent, queue, channel, customer, wait_ms, handle_ms, unanswered_ms, \
        sentiment, opened_at_ms AS opened_at";

/// The selected queue and agent.
const SELECTED: &str =
    "(?2 IS NULL OR queue = ?2 COLLATE NOCASE) AND (?3 IS NULL OR agent = ?3 COLLATE NOCASE)";

/// The conversations that wait, in the order of serving: by the queue's priority, then by their own,
/// then by arrival.
const SERVING: &str = "SELECT conversation.id FROM conversation \
    JOIN setting ON setting.kind = 'queue' AND setting.object = queue AND setting.name = 'priority' \
    WHERE phase = 'queued' OR phase = 'dispatching' \
    ORDER BY setting.value, queue, conversation.priority DESC, arrival, conversation.id";

/// The open offers, each with the agent to whom it was made.
const OFFERED: &str = "SELECT conversation, name AS agent FROM offer \
    JOIN object ON object.kind = 'agent' AND object.id = offer.agent ORDER BY conversation";

/// The waiting conversations that are offered to nobody any more, because every member of their queue has
/// declined or missed them too often. Parameter: how often that is.
const DECLINED: &str = "SELECT conversation.id FROM conversation INDEXED BY conversation_waiting \
    CROSS JOIN setting ON setting.kind = 'workstream' AND setting.object = conversation.workstream AND setting.name = 'offers' AND setting.value = 'on' \
    WHERE (phase = 'queued' OR phase = 'dispatching') \
        AND EXISTS (SELECT 1 FROM change WHERE object = conversation.id AND kind = 'offer' AND (name = 'declined' OR name = 'missed')) \
        AND EXISTS (SELECT 1 FROM queue_member JOIN object ON object.kind = 'agent' AND object.id = queue_member.agent AND dropped = 0 \
            WHERE queue_member.queue = conversation.queue AND member = 1) \
        AND NOT EXISTS (SELECT 1 FROM offer WHERE offer.conversation = conversation.id) \
        AND NOT EXISTS (SELECT 1 FROM queue_member JOIN object ON object.kind = 'agent' AND object.id = queue_member.agent AND dropped = 0 \
            WHERE queue_member.queue = conversation.queue AND member = 1 AND (SELECT count(*) FROM change \
                WHERE object = conversation.id AND kind = 'offer' AND item = queue_member.agent \
                    AND (name = 'declined' OR name = 'missed')) < ?1) \
    ORDER BY conversation.id";

fn ongoing(request: &Request<'_>) -> Result<Reply, Error> {
    let everything = request.has("ALL");
    let window = match request.arguments.duration("duration") {
        None if everything => None,
        typed => Some(typed.unwrap_or(ONGOING_FOR)),
    };
    let since = window.map_or(Moment(i64::MIN), |window| Moment(request.now.0.saturating_sub(window.0)));
    let queue: Value = request.queue()?.map(|queue| queue.name.to_string()).into();
    let named = request.arguments.name("agent").map(|_| request.agent()).transpose()?;
    let agent: Value = named.map(|agent| agent.named.name.to_string()).into();
    let selection = [since.0.into(), queue, agent];
    let view = if everything { "open_conversation" } else { "ongoing" };
    let sql = format!("SELECT {COLUMNS} FROM {view} WHERE touched_at_ms >= ?1 AND {SELECTED}");
    let mut reply = request.query(&sql, &selection)?;
    sort_as_watched(request, &mut reply)?;
    reply.notes.extend(older(request, view, &selection, reply.rows.len())?);
    let offered = request.query(OFFERED, &[])?;
    let shown = |row: &&Vec<Value>| reply.rows.iter().any(|shown| shown[0] == row[0]);
    let words = |row: &Vec<Value>| match row.as_slice() {
        [Value::Integer(id), Value::Text(agent)] => format!("{id} to {agent}"),
        _ => String::new(),
    };
    let offers: Vec<String> = offered.rows.iter().filter(shown).map(words).collect();
    if !offers.is_empty() {
        reply.notes.push(format!("offered: {}", offers.join(", ")));
    }
    let declined = request.query(DECLINED, &[MOST_OFFERS.into()])?;
    let ids: Vec<i64> =
        declined.rows.iter().filter(shown).filter_map(|row| row.first()?.as_integer()).collect();
    if let Some(first) = ids.first() {
        let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
        reply.notes.push(format!(
            "declined by everybody, so offered to nobody: {}; ASSIGN {first} TO AGENT … gives it to somebody",
            ids.join(", ")
        ));
    }
    Ok(reply)
}

/// Returns a note about open conversations of the same selection that the window leaves out.
fn older(
    request: &Request<'_>,
    view: &str,
    selection: &[Value],
    shown: usize,
) -> Result<Option<String>, Error> {
    let sql = format!("SELECT count(*) FROM {view} WHERE touched_at_ms < ?1 AND {SELECTED}");
    let counted = request.query(&sql, selection)?;
    let older = counted.rows.first().and_then(|row| row.first()?.as_integer()).unwrap_or_default();
    let mut statement = "SHOW ONGOING ALL".to_owned();
    for (word, name) in [("QUEUE", "queue"), ("AGENT", "agent")] {
        if let Some(typed) = request.arguments.name(name) {
            statement.push_str(&format!(" {word} {}", write_name(typed)));
        }
    }
    if let Some(moment) = request.arguments.moment("moment") {
        statement.push_str(&format!(" AS OF '{moment}'"));
    }
    let also = if shown > 0 { " more" } else { "" };
    Ok((older > 0).then(|| format!("{older}{also} open for longer; {statement} shows everything")))
}

/// Sorts conversations that wait first, in the order of serving, then the others without an agent,
/// then by wait, longest first.
fn sort_as_watched(request: &Request<'_>, reply: &mut Reply) -> Result<(), Error> {
    let place = |name: &str| reply.columns.iter().position(|column| column.name == name).unwrap_or_default();
    let (id, agent, wait) = (place("conversation"), place("agent"), place("wait_ms"));
    let serving = request.query(SERVING, &[])?;
    let in_line: HashMap<i64, usize> = serving
        .rows
        .iter()
        .enumerate()
        .filter_map(|(place, row)| Some((row.first()?.as_integer()?, place)))
        .collect();
    let key = |row: &Vec<Value>| {
        let number = |index: usize| row[index].as_integer().unwrap_or_default();
        let turn = in_line.get(&number(id)).copied().unwrap_or(usize::MAX);
        (turn, row[agent] != Value::Null, Reverse(number(wait)), number(id))
    };
    reply.rows.sort_by_cached_key(key);
    Ok(())
}
