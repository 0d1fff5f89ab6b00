//! The ways in which a statement writes: a change, or its rehearsal.
//!
//! Invariant: a decision is complete before its entry is opened; an entry that is opened is sealed in the same
//! transaction.

use super::replies::{answer, answered_before};
use super::{routing, sweeping};
use crate::domain::change::Change;
use crate::domain::context::{Clock, Context};
use crate::domain::moment::{Duration, Moment};
use crate::domain::permissions::Actor;
use crate::domain::refusal::{Code, Error, Fault, Refusal};
use crate::domain::reply::Reply;
use crate::language::arguments::{Argument, Arguments, Part};
use crate::statement::request::{CitedKind, CitedText};
use crate::statement::{self, Answer, Decision, Request, Scope, StatementDef};
use crate::store::{NewEntry, Snapshot, Writer};

/// A live clock that is this much behind the file is told.
const CLOCK_BEHIND: Duration = Duration(5_000);
/// A live clock that is this much ahead of the file is refused for writing: one wrong clock must not ruin a file.
const CLOCK_AHEAD: Duration = Duration(400 * 86_400_000);

/// The longest key, in characters.
const LONGEST_KEY: usize = 255;

type WriteHandler = fn(&Request<'_>) -> Result<Decision, Error>;

/// The moment of a writing statement, and a warning about the clock.
pub(super) fn time_of_change(
    last: Option<Moment>,
    context: &Context,
) -> Result<(Moment, Option<String>), Refusal> {
    match (context.clock, last) {
        (Clock::Given(moment), Some(last)) if moment < last => {
            Err(Refusal::new(Code::Clock, format!("{moment} is earlier than the last entry, {last}"))
                .hint("timestamps in a replay must not decrease"))
        }
        (Clock::Given(moment), _) => Ok((moment, None)),
        (Clock::Live(clock), None) => Ok((clock(), None)),
        (Clock::Live(clock), Some(last)) => {
            let clock = clock();
            if clock.since(last) > CLOCK_AHEAD && !context.accept_clock {
                return Err(Refusal::new(
                    Code::Clock,
                    format!("the system clock, {clock}, is more than 400 days after the last entry, {last}"),
                )
                .hint("if the clock is right, use --accept-clock"));
            }
            let behind = last.since(clock);
            let warning = (behind > CLOCK_BEHIND).then(|| {
                format!("the system clock is {behind} behind the last entry; using the last entry's time")
            });
            Ok((clock.max(last), warning))
        }
    }
}

/// Who acts, held against the operating-system user where a login is asked for.
pub(super) fn actor(
    snapshot: &Snapshot<'_>,
    definition: &StatementDef,
    context: &Context,
) -> Result<Actor, Error> {
    // The journal's script has the actor's name on a line of its own; a name with a line break would end it.
    if context.actor.chars().any(char::is_control) {
        return Err(Refusal::new(Code::InvalidValue, "the actor's name contains a control character")
            .hint("use --as NAME to act as somebody else")
            .into());
    }
    let (actor, logins) = snapshot.actor(&context.actor)?;
    if let Some(user) = stranger(snapshot, &logins, context)? {
        return Err(Refusal::new(
            Code::NotAllowed,
            format!("{} has the login {}, but you are {user}", actor.name, logins.join(", ")),
        )
        .hint("use --as NAME to act as somebody else")
        .into());
    }
    actor.needs(definition.right)?;
    Ok(actor)
}

/// The operating-system user, where those logins are asked for and he has none of them.
fn stranger<'a>(
    snapshot: &Snapshot<'_>,
    logins: &[String],
    context: &'a Context,
) -> Result<Option<&'a String>, Fault> {
    let Some(user) = &context.login else { return Ok(None) };
    let is_it = logins.is_empty() || logins.contains(user) || snapshot.is_supervisors_login(user)?;
    Ok((!is_it).then_some(user))
}

/// Who looks: anybody may, but who is not who he says he is holds no right to be shown what it would allow.
pub(super) fn reader(snapshot: &Snapshot<'_>, context: &Context) -> Result<Actor, Fault> {
    let (actor, logins) = snapshot.actor(&context.actor)?;
    Ok(match stranger(snapshot, &logins, context)? {
        Some(_) => Actor { agent: None, supervisor: false, service: false, free: false, ..actor },
        None => actor,
    })
}

/// The statement's key, of a length that the file takes.
fn key(arguments: &Arguments) -> Result<Option<&str>, Refusal> {
    let Some(key) = arguments.text("key") else { return Ok(None) };
    match key.chars().count() {
        1..=LONGEST_KEY => Ok(Some(key)),
        count => Err(Refusal::new(
            Code::InvalidValue,
            format!("a key must have 1 to {LONGEST_KEY} characters; this one has {count}"),
        )
        .at("key")),
    }
}

/// The personal words of a statement, with the ids that they have or would get.
fn words(writer: &Writer<'_>, arguments: &Arguments) -> Result<Vec<CitedText>, Error> {
    let mut words = Vec::new();
    let (mut text_id, mut customer_id) = (writer.head().text, writer.head().customer);
    for part in arguments.parts() {
        let Part::Argument { slot, value, .. } = part else { continue };
        let (text, id, kind) = match value {
            Argument::Text(text) => {
                text_id += 1;
                (text, text_id, CitedKind::Text)
            }
            Argument::Rest(select) => {
                text_id += 1;
                (select, text_id, CitedKind::Select)
            }
            Argument::Customer(handle) => match writer.snapshot().customer(handle)? {
                Some(id) => (handle, id, CitedKind::KnownCustomer),
                None => {
                    customer_id += 1;
                    (handle, customer_id, CitedKind::NewCustomer)
                }
            },
            _ => continue,
        };
        words.push(CitedText { slot: slot.clone(), text: text.clone(), id, kind });
    }
    Ok(words)
}

/// A statement that changes something, decided.
struct Decided<'a> {
    now: Moment,
    warning: Option<String>,
    actor: Actor,
    words: Vec<CitedText>,
    key: Option<&'a str>,
    outcome: KeyOutcome,
}

enum KeyOutcome {
    /// The key was used: what its entry answered.
    Earlier(Reply),
    /// What is to be written.
    New(Decision),
}

/// What was carried out.
struct Done {
    now: Moment,
    warning: Option<String>,
    /// What was decided, and what the router made of it.
    decision: Decision,
    /// Why the router did what it did.
    reasons: Vec<String>,
}

/// Lets happen what is due, then decides. What was due stays done if the statement is refused: it would have happened
/// without it.
fn decided<'a>(
    writer: &mut Writer<'_>,
    definition: &StatementDef,
    decide: WriteHandler,
    arguments: &'a Arguments,
    context: &Context,
) -> Result<Decided<'a>, Error> {
    let (now, warning) = time_of_change(writer.head().at, context)?;
    sweeping::due(writer, now, &[], context)?;
    let actor = actor(&writer.snapshot(), definition, context)?;
    let key = key(arguments)?;
    if let Some(key) = key
        && let Some(reply) = answered_before(&writer.snapshot(), key)?
    {
        return Ok(Decided {
            now,
            warning,
            actor,
            words: Vec::new(),
            key: None,
            outcome: KeyOutcome::Earlier(reply),
        });
    }
    let words = words(writer, arguments)?;
    let request =
        Request { snapshot: writer.snapshot(), arguments, actor: &actor, now, context, words: &words };
    let outcome = KeyOutcome::New(decide(&request)?);
    Ok(Decided { now, warning, actor, words, key, outcome })
}

/// Runs a change: decides, then writes the entry.
pub fn change(
    writer: &mut Writer<'_>,
    definition: &StatementDef,
    decide: WriteHandler,
    arguments: &Arguments,
    context: &Context,
) -> Result<Reply, Error> {
    let decided = decided(writer, definition, decide, arguments, context)?;
    let Done { now, warning, decision, .. } = match carry_out(writer, decided, arguments, context)? {
        Ok(done) => done,
        Err(earlier) => return Ok(earlier),
    };
    let mut reply = answer(writer, &decision)?;
    if decision.changes.iter().any(|change| change.is_due(now)) {
        sweeping::due(writer, now, &decision.changes, context)?;
    }
    reply.changed = true;
    reply.notes = decision.notes.into_iter().chain(warning).collect();
    Ok(reply)
}

/// Decides, does it, and tells what was done: the caller takes it back.
pub fn dry_run(
    writer: &mut Writer<'_>,
    definition: &StatementDef,
    decide: WriteHandler,
    arguments: &Arguments,
    context: &Context,
) -> Result<Reply, Error> {
    let decided = decided(writer, definition, decide, arguments, context)?;
    Ok(match carry_out(writer, decided, arguments, context)? {
        Err(earlier) => statement::would(&[], &earlier.notes),
        Ok(Done { decision, mut reasons, .. }) => {
            if matches!(decision.answer, Answer::Routed(_)) && reasons.is_empty() {
                reasons.extend(statement::left_waiting(&writer.snapshot())?);
            }
            reasons.extend(decision.notes.iter().cloned());
            statement::would(&decision.changes, &reasons)
        }
    })
}

/// Writes the entry: the decision's changes, and what the router makes of them. Gives what was done; or what an earlier
/// entry of the same key answered.
fn carry_out(
    writer: &mut Writer<'_>,
    decided: Decided<'_>,
    arguments: &Arguments,
    context: &Context,
) -> Result<Result<Done, Reply>, Error> {
    let Decided { now, warning, actor, words, key, outcome } = decided;
    let mut decision = match outcome {
        KeyOutcome::Earlier(reply) => return Ok(Err(reply)),
        KeyOutcome::New(decision) => decision,
    };
    let scope = match &decision.answer {
        Answer::Routed(scope) => scope.clone(),
        _ if decision.changes.is_empty() => {
            return Ok(Ok(Done { now, warning, decision, reasons: Vec::new() }));
        }
        _ => Scope::default(),
    };
    let statement = canonical(arguments, &words);
    let actor_kind = actor.kind().name();
    let entry = NewEntry { at: now, actor_kind, actor: Some(&actor.name), statement: &statement, key };
    let begun = !decision.changes.is_empty();
    if begun {
        write(writer, &words, &decision.changes, context)?;
    }
    let routed = routing::route(writer, &scope, now, &[&decision.changes], context, |writer| {
        if !begun {
            writer.open()?;
        }
        Ok(())
    })?;
    if begun || !routed.reasons.is_empty() {
        writer.seal(&entry)?;
    }
    decision.changes.extend(routed.changes);
    Ok(Ok(Done { now, warning, decision, reasons: routed.reasons }))
}

/// The statement as the journal keeps it: handles and texts cited by their ids.
fn canonical(arguments: &Arguments, words: &[CitedText]) -> String {
    arguments.canonical(&mut |slot, text| {
        let word = words.iter().find(|word| word.slot == slot && word.text == text)?;
        Some(format!(":{}_{}", word.kind.cited(), word.id))
    })
}

fn write(
    writer: &mut Writer<'_>,
    words: &[CitedText],
    changes: &[Change],
    context: &Context,
) -> Result<(), Fault> {
    let seq = writer.open()?;
    for word in words.iter().filter(|word| word.kind.is_text()) {
        writer.text(&word.text, context.random("text", word.id))?;
    }
    for change in changes {
        writer.record(change, || context.random("customer", seq))?;
    }
    Ok(())
}
