//! The looks: SHOW in all its forms but lifecycles and the journal.

use std::cmp::Reverse;

use super::{Chapter, Handler, Request, StatementDef};
use crate::domain::moment::{Duration, Moment};
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::store::Listing;

/// What SHOW ONGOING shows without LAST.
const ONGOING_FOR: Duration = Duration(86_400_000);

const fn show(
    syntax: &'static str,
    summary: &'static str,
    example: &'static str,
    handler: fn(&Request<'_>) -> Result<Reply, Error>,
) -> StatementDef {
    StatementDef {
        chapter: Chapter::Looking,
        syntax,
        summary,
        example,
        right: Right::Anybody,
        handler: Handler::Read(handler),
    }
}

pub(super) const STATEMENTS: &[StatementDef] = &[
    show(
        "SHOW ONGOING [QUEUE <queue>] [AGENT <agent>] [LAST <duration>] [AS OF <moment>]",
        "Lists the open conversations that were opened, moved or written in within 24 hours (or LAST), the longest waiting first. Conversations with a bot and records are left out; SELECT shows them.",
        "SHOW ONGOING QUEUE billing LAST 2h",
        ongoing,
    ),
    show(
        "SHOW CONVERSATION <conversation> [AS OF <moment>]",
        "Shows one conversation with all its columns.",
        "SHOW CONVERSATION 1",
        conversation,
    ),
    show(
        "SHOW HISTORY <conversation>",
        "Shows the transitions of a conversation: who, why and when.",
        "SHOW HISTORY 2",
        history,
    ),
    show(
        "SHOW TRANSCRIPT <conversation>",
        "Shows the messages of a conversation, including notes and system messages.",
        "SHOW TRANSCRIPT 2",
        transcript,
    ),
    show(
        "SHOW AGENTS [AS OF <moment>]",
        "Lists the agents: presence, load and capacity, skills, queues.",
        "SHOW AGENTS",
        |request| request.listing(Listing::Agents, &[]),
    ),
    show(
        "SHOW QUEUES [AS OF <moment>]",
        "Lists the queues: settings, number of waiting conversations and of members.",
        "SHOW QUEUES",
        |request| request.listing(Listing::Queues, &[]),
    ),
    show(
        "SHOW WORKSTREAMS [AS OF <moment>]",
        "Lists the workstreams. SELECT * FROM workstreams shows every setting.",
        "SHOW WORKSTREAMS",
        |request| request.listing(Listing::Workstreams, &[]),
    ),
    show("SHOW SUPERVISORS [AS OF <moment>]", "Lists the supervisors.", "SHOW SUPERVISORS", |request| {
        request.listing(Listing::Supervisors, &[])
    }),
    show("SHOW SERVICES [AS OF <moment>]", "Lists the services.", "SHOW SERVICES", |request| {
        request.listing(Listing::Services, &[])
    }),
    show(
        "SHOW TIMERS [AS OF <moment>]",
        "Lists the timers: which conversation, which timeout, when it is due; a paused timer has no due time. A row without a conversation belongs to an agent.",
        "SHOW TIMERS",
        timers,
    ),
    show("SHOW SITE [AS OF <moment>]", "Shows the settings of the site.", "SHOW SITE", |request| {
        request.listing(Listing::Site, &[])
    }),
];

fn ongoing(request: &Request<'_>) -> Result<Reply, Error> {
    let queue = request.queue()?.map(|queue| queue.name.to_string());
    let agent = request
        .arguments
        .name("agent")
        .map(|_| request.agent())
        .transpose()?
        .map(|agent| agent.named.name.to_string());
    let window = request.arguments.duration("duration").unwrap_or(ONGOING_FOR);
    let since = Moment(request.now.0.saturating_sub(window.0));
    let mut reply = request.listing(Listing::Ongoing, &[since.0.into(), queue.into(), agent.into()])?;
    sort_as_watched(&mut reply);
    let offered = request.listing(Listing::Offered, &[])?;
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

fn conversation(request: &Request<'_>) -> Result<Reply, Error> {
    request.listing(Listing::Conversation, &[request.conversation()?.id.into()])
}

fn history(request: &Request<'_>) -> Result<Reply, Error> {
    request.listing(Listing::History, &[request.conversation()?.id.into()])
}

fn transcript(request: &Request<'_>) -> Result<Reply, Error> {
    request.listing(Listing::Transcript, &[request.conversation()?.id.into()])
}

fn timers(request: &Request<'_>) -> Result<Reply, Error> {
    request.listing(Listing::Timers, &[Value::Integer(request.now.0)])
}
