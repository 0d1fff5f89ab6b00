//! The ways in which a statement runs: a look, a change, a rehearsal, a sweep.
//!
//! Invariant: a decision is complete before its entry is opened; an entry that is opened is sealed in the same
//! transaction.

use super::sweeping;
use crate::domain::change::{Change, Transition};
use crate::domain::context::{Clock, Context};
use crate::domain::moment::{Duration, Moment};
use crate::domain::refusal::{Broken, Code, Error, Refusal};
use crate::domain::reply::{Column, Reply, Shape};
use crate::domain::rights::Actor;
use crate::domain::value::Value;
use crate::language::arguments::{Argument, Arguments, Part};
use crate::statement::asked::{Word, WordKind};
use crate::statement::{self, Answer, Asked, Decision, Page};
use crate::store::{Look, NewEntry, Report, Writer};

/// A live clock that is this much behind the file is told.
const CLOCK_BEHIND: Duration = Duration(5_000);
/// A live clock that is this much ahead of the file is refused for writing: one wrong clock must not ruin a file.
const CLOCK_AHEAD: Duration = Duration(400 * 86_400_000);

/// The longest key, in characters.
const LONGEST_KEY: usize = 255;

type Looking = fn(&Asked<'_>) -> Result<Reply, Error>;
type Deciding = fn(&Asked<'_>) -> Result<Decision, Error>;

/// The moment of a look: never refused for the clock.
pub fn moment_of_look(look: &Look<'_>, context: &Context) -> Result<Moment, Broken> {
    let clock = match context.clock {
        Clock::Given(moment) => moment,
        Clock::Live(clock) => clock(),
    };
    Ok(look.last_moment()?.map_or(clock, |last| last.max(clock)))
}

/// Runs a look.
pub fn look(
    view: &Look<'_>,
    page: &Page,
    act: Looking,
    arguments: &Arguments,
    context: &Context,
) -> Result<Reply, Error> {
    let now = moment_of_look(view, context)?;
    let actor = Actor {
        name: context.actor.as_str().into(),
        agent: None,
        supervisor: false,
        service: false,
        free: false,
    };
    view.set_now(now);
    let mut reply = act(&Asked { look: view.again(), arguments, actor: &actor, now, context, words: &[] })?;
    if page.syntax.starts_with("SHOW") {
        reply.notes.extend(match view.overdue(now)? {
            0 => None,
            1 => Some("1 timer is overdue: SWEEP TIMEOUTS lets it happen".to_owned()),
            count => Some(format!("{count} timers are overdue: SWEEP TIMEOUTS lets them happen")),
        });
    }
    Ok(reply)
}

/// The moment of a writing statement, and a warning about the clock.
pub(super) fn moment_of_change(
    last: Option<Moment>,
    context: &Context,
) -> Result<(Moment, Option<String>), Refusal> {
    match (context.clock, last) {
        (Clock::Given(moment), Some(last)) if moment < last => {
            Err(Refusal::new(Code::Clock, format!("{moment} is earlier than the file's last moment, {last}"))
                .hint("a replay goes forward in time"))
        }
        (Clock::Given(moment), _) => Ok((moment, None)),
        (Clock::Live(clock), None) => Ok((clock(), None)),
        (Clock::Live(clock), Some(last)) => {
            let clock = clock();
            if clock.since(last) > CLOCK_AHEAD && !context.accept_clock {
                return Err(Refusal::new(
                    Code::Clock,
                    format!(
                        "the clock says {clock}, more than 400 days after the file's last moment, {last}"
                    ),
                )
                .hint("if the clock is right, --accept-clock takes it"));
            }
            let behind = last.since(clock);
            let warning = (behind > CLOCK_BEHIND)
                .then(|| format!("the clock is {behind} behind the file: the file's last moment is taken"));
            Ok((clock.max(last), warning))
        }
    }
}

/// Who acts, held against the operating-system user where a login is asked for.
pub(super) fn actor(look: &Look<'_>, page: &Page, context: &Context) -> Result<Actor, Error> {
    // The journal's script has the actor's name on a line of its own; a name with a line break would end it.
    if context.actor.chars().any(char::is_control) {
        return Err(Refusal::new(Code::InvalidValue, "the name of who acts has a control character in it")
            .hint("--as NAME says who acts")
            .into());
    }
    let (actor, logins) = look.actor(&context.actor)?;
    if let Some(user) = &context.login
        && !logins.is_empty()
        && !logins.iter().any(|login| login == user)
        && !look.is_supervisors_login(user)?
    {
        return Err(Refusal::new(
            Code::NotAllowed,
            format!("{} has the login {}, and you are {user}", actor.name, logins.join(", ")),
        )
        .hint("--as NAME says who acts")
        .into());
    }
    actor.needs(page.right)?;
    Ok(actor)
}

/// The statement's key, of a length that the file takes.
fn key(arguments: &Arguments) -> Result<Option<&str>, Refusal> {
    let Some(key) = arguments.text("key") else { return Ok(None) };
    match key.chars().count() {
        1..=LONGEST_KEY => Ok(Some(key)),
        count => Err(Refusal::new(
            Code::InvalidValue,
            format!("a key has 1 to {LONGEST_KEY} characters; this one has {count}"),
        )
        .at("key")),
    }
}

/// The personal words of a statement, with the ids that they have or would get.
fn words(writer: &Writer<'_>, arguments: &Arguments) -> Result<Vec<Word>, Error> {
    let mut words = Vec::new();
    let (mut text_id, mut customer_id) = (writer.head().text, writer.head().customer);
    for part in arguments.parts() {
        let Part::Argument { slot, value, .. } = part else { continue };
        let (text, id, kind) = match value {
            Argument::Text(text) => {
                text_id += 1;
                (text, text_id, WordKind::Text)
            }
            Argument::Customer(handle) => match writer.look().customer(handle)? {
                Some(id) => (handle, id, WordKind::KnownCustomer),
                None => {
                    customer_id += 1;
                    (handle, customer_id, WordKind::NewCustomer)
                }
            },
            _ => continue,
        };
        words.push(Word { slot: slot.clone(), text: text.clone(), id, kind });
    }
    Ok(words)
}

/// Runs a change: lets happen what is due, decides, then writes the entry. What was due stays done if the statement is
/// refused: it would have happened without it.
pub fn change(
    writer: &mut Writer<'_>,
    page: &Page,
    decide: Deciding,
    arguments: &Arguments,
    context: &Context,
) -> Result<Reply, Error> {
    let (now, warning) = moment_of_change(writer.head().at, context)?;
    sweeping::before(writer, now, context)?;
    let actor = actor(&writer.look(), page, context)?;
    let key = key(arguments)?;
    if let Some(key) = key
        && let Some(reply) = answered_before(&writer.look(), key)?
    {
        return Ok(reply);
    }
    let words = words(writer, arguments)?;
    let decision =
        decide(&Asked { look: writer.look(), arguments, actor: &actor, now, context, words: &words })?;
    if !decision.changes.is_empty() {
        let statement = canonical(arguments, &words);
        let entry = NewEntry {
            at: now,
            actor_kind: actor.kind().name(),
            actor: Some(&actor.name),
            statement: &statement,
            key,
        };
        write(writer, &entry, &words, &decision.changes, context)?;
    }
    let mut reply = answer(writer, &decision)?;
    reply.changed = true;
    reply.notes = decision.notes.into_iter().chain(warning).collect();
    Ok(reply)
}

/// Decides, and tells what would be written.
pub fn rehearse(
    writer: &mut Writer<'_>,
    page: &Page,
    decide: Deciding,
    arguments: &Arguments,
    context: &Context,
) -> Result<Reply, Error> {
    let (now, _) = moment_of_change(writer.head().at, context)?;
    sweeping::before(writer, now, context)?;
    let actor = actor(&writer.look(), page, context)?;
    if let Some(key) = key(arguments)?
        && let Some(reply) = answered_before(&writer.look(), key)?
    {
        return Ok(statement::would(&[], &reply.notes));
    }
    let words = words(writer, arguments)?;
    let decision =
        decide(&Asked { look: writer.look(), arguments, actor: &actor, now, context, words: &words })?;
    Ok(statement::would(&decision.changes, &decision.notes))
}

/// The statement as the journal keeps it: handles and texts cited by their ids.
fn canonical(arguments: &Arguments, words: &[Word]) -> String {
    arguments.canonical(&mut |slot, text| {
        let word = words.iter().find(|word| word.slot == slot && word.text == text)?;
        let kind = if word.kind == WordKind::Text { "text" } else { "customer" };
        Some(format!(":{kind}_{}", word.id))
    })
}

fn write(
    writer: &mut Writer<'_>,
    entry: &NewEntry<'_>,
    words: &[Word],
    changes: &[Change],
    context: &Context,
) -> Result<(), Broken> {
    let seq = writer.open(entry)?;
    for word in words.iter().filter(|word| word.kind == WordKind::Text) {
        writer.text(&word.text, context.random("text", word.id))?;
    }
    for change in changes {
        writer.record(change, || context.random("customer", seq))?;
    }
    writer.seal(entry)
}

/// The columns that moves are answered in.
const MOVES: [&str; 7] = ["conversation", "event", "from_state", "to_state", "queue", "agent", "at"];
/// The columns that a message is answered in.
const MESSAGE: [&str; 7] = ["id", "conversation", "at", "author_kind", "author", "kind", "body"];

fn moves_reply(rows: Vec<Vec<Value>>) -> Reply {
    let mut reply = Reply::rows(&MOVES);
    reply.shape = Shape::Moves;
    reply.rows = rows;
    reply
}

fn moved(moved: &Transition) -> Vec<Value> {
    vec![
        moved.conversation.into(),
        moved.event.name().into(),
        moved.from_state.as_deref().into(),
        (&*moved.to_state).into(),
        (&*moved.to_queue.name).into(),
        moved.to_agent.as_ref().map(|agent| &*agent.name).into(),
        moved.at.to_string().into(),
    ]
}

pub(super) fn transitions(changes: &[Change]) -> impl Iterator<Item = &Transition> {
    changes.iter().filter_map(|change| match change {
        Change::Transition(moved) => Some(moved),
        _ => None,
    })
}

fn answer(writer: &Writer<'_>, decision: &Decision) -> Result<Reply, Error> {
    let look = writer.look();
    Ok(match &decision.answer {
        Answer::Moves => moves_reply(transitions(&decision.changes).map(moved).collect()),
        Answer::Row(report, key) => look.report(*report, key)?,
        Answer::Message => look.report(Report::Message, &[writer.head().message.into()])?,
        Answer::Gone(was) => was.clone(),
        Answer::Sessions(conversation) => look.report(Report::Sessions, &[(*conversation).into()])?,
    })
}

/// What the entry of that key answered; none: the key is new.
fn answered_before(look: &Look<'_>, key: &str) -> Result<Option<Reply>, Error> {
    let Some(entry) = look.entry_of_key(key)? else { return Ok(None) };
    let moves = look.moves_of_entry(entry)?;
    let mut reply = if moves.is_empty() {
        let mut reply = Reply::rows(&[]);
        reply.columns = MESSAGE.map(Column::new).to_vec();
        reply.rows = look.messages_of_entry(entry)?;
        reply
    } else {
        moves_reply(moves)
    };
    reply.changed = true;
    reply
        .notes
        .push(format!("that key was used: this is the answer of entry {}, and nothing was done", entry));
    Ok(Some(reply))
}

/// The live things of a kind with their state in a few words.
pub fn live(look: &Look<'_>, kind: &str) -> Result<Vec<(String, String)>, Error> {
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        _ => String::new(),
    };
    let rows = |report, key: &[Value]| look.report(report, key).map(|reply| reply.rows);
    Ok(match kind {
        "agent" => rows(Report::Agents, &[])?
            .iter()
            .map(|row| (text(&row[0]), format!("{}/{} {}", text(&row[3]), text(&row[4]), text(&row[2]))))
            .collect(),
        "queue" => rows(Report::Queues, &[])?
            .iter()
            .map(|row| (text(&row[0]), format!("{} waiting", text(&row[5]))))
            .collect(),
        "workstream" => rows(Report::Workstreams, &[])?
            .iter()
            .map(|row| (text(&row[0]), format!("{}, {}", text(&row[1]), text(&row[2]))))
            .collect(),
        "customer" => {
            rows(Report::LiveCustomers, &[])?.iter().map(|row| (text(&row[0]), text(&row[1]))).collect()
        }
        "conversation" => rows(Report::Live, &[])?.iter().map(|row| (text(&row[0]), text(&row[1]))).collect(),
        other => look.names(other)?.into_iter().map(|name| (name, String::new())).collect(),
    })
}
