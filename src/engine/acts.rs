//! The ways in which a statement writes: a change, or its rehearsal.
//!
//! Invariant: a decision is complete before its entry is opened; an entry that is opened is sealed in the same
//! transaction.

use super::answers::{answer, answered_before};
use super::{routing, sweeping};
use crate::domain::change::Change;
use crate::domain::context::{Clock, Context};
use crate::domain::moment::{Duration, Moment};
use crate::domain::refusal::{Broken, Code, Error, Refusal};
use crate::domain::reply::Reply;
use crate::domain::rights::Actor;
use crate::language::arguments::{Argument, Arguments, Part};
use crate::statement::asked::{Word, WordKind};
use crate::statement::{self, Answer, Asked, Decision, Page, Scope};
use crate::store::{Look, NewEntry, Writer};

/// A live clock that is this much behind the file is told.
const CLOCK_BEHIND: Duration = Duration(5_000);
/// A live clock that is this much ahead of the file is refused for writing: one wrong clock must not ruin a file.
const CLOCK_AHEAD: Duration = Duration(400 * 86_400_000);

/// The longest key, in characters.
const LONGEST_KEY: usize = 255;

type Deciding = fn(&Asked<'_>) -> Result<Decision, Error>;

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
    if let Some(user) = stranger(look, &logins, context)? {
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

/// The operating-system user, where those logins are asked for and he has none of them.
fn stranger<'a>(
    look: &Look<'_>,
    logins: &[String],
    context: &'a Context,
) -> Result<Option<&'a String>, Broken> {
    let Some(user) = &context.login else { return Ok(None) };
    let is_it = logins.is_empty() || logins.contains(user) || look.is_supervisors_login(user)?;
    Ok((!is_it).then_some(user))
}

/// Who looks: anybody may, but who is not who he says he is holds no right to be shown what it would allow.
pub(super) fn onlooker(look: &Look<'_>, context: &Context) -> Result<Actor, Broken> {
    let (actor, logins) = look.actor(&context.actor)?;
    Ok(match stranger(look, &logins, context)? {
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
            Argument::Rest(select) => {
                text_id += 1;
                (select, text_id, WordKind::Select)
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

/// A statement that changes something, decided.
struct Decided<'a> {
    now: Moment,
    warning: Option<String>,
    actor: Actor,
    words: Vec<Word>,
    key: Option<&'a str>,
    outcome: Outcome,
}

enum Outcome {
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
    page: &Page,
    decide: Deciding,
    arguments: &'a Arguments,
    context: &Context,
) -> Result<Decided<'a>, Error> {
    let (now, warning) = moment_of_change(writer.head().at, context)?;
    sweeping::due(writer, now, &[], context)?;
    let actor = actor(&writer.look(), page, context)?;
    let key = key(arguments)?;
    if let Some(key) = key
        && let Some(reply) = answered_before(&writer.look(), key)?
    {
        return Ok(Decided {
            now,
            warning,
            actor,
            words: Vec::new(),
            key: None,
            outcome: Outcome::Earlier(reply),
        });
    }
    let words = words(writer, arguments)?;
    let asked = Asked { look: writer.look(), arguments, actor: &actor, now, context, words: &words };
    let outcome = Outcome::New(decide(&asked)?);
    Ok(Decided { now, warning, actor, words, key, outcome })
}

/// Runs a change: decides, then writes the entry.
pub fn change(
    writer: &mut Writer<'_>,
    page: &Page,
    decide: Deciding,
    arguments: &Arguments,
    context: &Context,
) -> Result<Reply, Error> {
    let decided = decided(writer, page, decide, arguments, context)?;
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
pub fn rehearse(
    writer: &mut Writer<'_>,
    page: &Page,
    decide: Deciding,
    arguments: &Arguments,
    context: &Context,
) -> Result<Reply, Error> {
    let decided = decided(writer, page, decide, arguments, context)?;
    Ok(match carry_out(writer, decided, arguments, context)? {
        Err(earlier) => statement::would(&[], &earlier.notes),
        Ok(Done { decision, mut reasons, .. }) => {
            if matches!(decision.answer, Answer::Routed(_)) && reasons.is_empty() {
                reasons.extend(statement::left_waiting(&writer.look())?);
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
        Outcome::Earlier(reply) => return Ok(Err(reply)),
        Outcome::New(decision) => decision,
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
fn canonical(arguments: &Arguments, words: &[Word]) -> String {
    arguments.canonical(&mut |slot, text| {
        let word = words.iter().find(|word| word.slot == slot && word.text == text)?;
        Some(format!(":{}_{}", word.kind.cited(), word.id))
    })
}

fn write(
    writer: &mut Writer<'_>,
    words: &[Word],
    changes: &[Change],
    context: &Context,
) -> Result<(), Broken> {
    let seq = writer.open()?;
    for word in words.iter().filter(|word| word.kind.is_text()) {
        writer.text(&word.text, context.random("text", word.id))?;
    }
    for change in changes {
        writer.record(change, || context.random("customer", seq))?;
    }
    Ok(())
}
