//! The looks: SHOW in all its forms but lifecycles and the journal.

use std::cmp::Reverse;

use super::{Act, Asked, Chapter, Page};
use crate::domain::moment::{Duration, Moment};
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::domain::rights::Right;
use crate::domain::value::Value;
use crate::store::Report;

/// What SHOW ONGOING shows without LAST.
const ONGOING_FOR: Duration = Duration(86_400_000);

const fn look(
    syntax: &'static str,
    summary: &'static str,
    example: &'static str,
    act: fn(&Asked<'_>) -> Result<Reply, Error>,
) -> Page {
    Page { chapter: Chapter::Looking, syntax, summary, example, right: Right::Anybody, act: Act::Look(act) }
}

pub(super) const PAGES: &[Page] = &[
    look(
        "SHOW ONGOING [QUEUE <queue>] [AGENT <agent>] [LAST <duration>] [AS OF <moment>]",
        "The conversations going on: opened, moved or with a message within 24 hours (or LAST); who waits longest first. Not those with a bot, and no records: SELECT shows all.",
        "SHOW ONGOING QUEUE billing LAST 2h",
        ongoing,
    ),
    look(
        "SHOW CONVERSATION <conversation> [AS OF <moment>]",
        "One conversation, whole.",
        "SHOW CONVERSATION 1",
        conversation,
    ),
    look(
        "SHOW HISTORY <conversation>",
        "The moves of a conversation: who, why, when.",
        "SHOW HISTORY 2",
        history,
    ),
    look(
        "SHOW TRANSCRIPT <conversation>",
        "What was said in a conversation, notes and the system's words included.",
        "SHOW TRANSCRIPT 2",
        transcript,
    ),
    look(
        "SHOW AGENTS [AS OF <moment>]",
        "The agents: presence, load and capacity, skills, queues.",
        "SHOW AGENTS",
        |asked| asked.report(Report::Agents, &[]),
    ),
    look(
        "SHOW QUEUES [AS OF <moment>]",
        "The queues: settings, how many wait, how many members.",
        "SHOW QUEUES",
        |asked| asked.report(Report::Queues, &[]),
    ),
    look(
        "SHOW WORKSTREAMS [AS OF <moment>]",
        "The workstreams; SELECT * FROM workstreams shows every setting.",
        "SHOW WORKSTREAMS",
        |asked| asked.report(Report::Workstreams, &[]),
    ),
    look("SHOW SUPERVISORS [AS OF <moment>]", "The supervisors.", "SHOW SUPERVISORS", |asked| {
        asked.report(Report::Supervisors, &[])
    }),
    look("SHOW SERVICES [AS OF <moment>]", "The services.", "SHOW SERVICES", |asked| {
        asked.report(Report::Services, &[])
    }),
    look(
        "SHOW TIMERS [AS OF <moment>]",
        "What happens by itself next, to which conversation, when; without a moment: it stands still while a hold lasts. A row without a conversation is an agent's own.",
        "SHOW TIMERS",
        timers,
    ),
    look("SHOW SITE [AS OF <moment>]", "The settings of the site.", "SHOW SITE", |asked| {
        asked.report(Report::Site, &[])
    }),
];

fn ongoing(asked: &Asked<'_>) -> Result<Reply, Error> {
    let queue = asked.queue()?.map(|queue| queue.name.to_string());
    let agent = asked
        .arguments
        .name("agent")
        .map(|_| asked.agent())
        .transpose()?
        .map(|agent| agent.named.name.to_string());
    let window = asked.arguments.duration("duration").unwrap_or(ONGOING_FOR);
    let since = Moment(asked.now.0.saturating_sub(window.0));
    let mut reply = asked.report(Report::Ongoing, &[since.0.into(), queue.into(), agent.into()])?;
    sort_as_watched(&mut reply);
    let offered = asked.report(Report::Offered, &[])?;
    let shown = |row: &&Vec<Value>| reply.rows.iter().any(|shown| shown[0] == row[0]);
    let words = |row: &Vec<Value>| match row.as_slice() {
        [Value::Integer(id), Value::Text(agent)] => format!("{id} to {agent}"),
        _ => String::new(),
    };
    let offers: Vec<String> = offered.rows.iter().filter(shown).map(words).collect();
    if !offers.is_empty() {
        reply.notes.push(format!("offered: {}", offers.join(", ")));
    }
    Ok(reply)
}

/// Who has nobody comes first, who has waited longest before the others.
fn sort_as_watched(reply: &mut Reply) {
    let place = |name: &str| reply.columns.iter().position(|column| column.name == name).unwrap_or_default();
    let (id, agent, wait) = (place("conversation"), place("agent"), place("wait_ms"));
    let key = |row: &Vec<Value>| {
        let number = |index: usize| row[index].as_integer().unwrap_or_default();
        (row[agent] != Value::Null, Reverse(number(wait)), number(id))
    };
    reply.rows.sort_by_cached_key(key);
}

fn conversation(asked: &Asked<'_>) -> Result<Reply, Error> {
    asked.report(Report::Conversation, &[asked.conversation()?.id.into()])
}

fn history(asked: &Asked<'_>) -> Result<Reply, Error> {
    asked.report(Report::History, &[asked.conversation()?.id.into()])
}

fn transcript(asked: &Asked<'_>) -> Result<Reply, Error> {
    asked.report(Report::Transcript, &[asked.conversation()?.id.into()])
}

fn timers(asked: &Asked<'_>) -> Result<Reply, Error> {
    asked.report(Report::Timers, &[Value::Integer(asked.now.0)])
}
