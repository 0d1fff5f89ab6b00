//! FOLLOW: what is committed, by whichever program, from an entry on.
//!
//! Invariant: a pass is finite and says where the next one goes on; who waits between two of them, and how long, is
//! not known here. SINCE names an entry that there is, or the beginning.

use super::{Chapter, Handler, Request, StatementDef};
use crate::domain::follow::{Follow, Subject};
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::Reply;

pub(super) const STATEMENTS: &[StatementDef] = &[StatementDef {
    chapter: Chapter::Looking,
    syntax: "FOLLOW (ALL | <conversation> | QUEUE <queue>) [SINCE <since:integer>]",
    summary: "What happens, as it is committed, by any program, until Ctrl-C: each entry of the journal once, whole and in order, with its moves, messages and changes (but for timers). SINCE: those after that entry; else from now on. Of a queue: what concerns it, and the conversations that stand in it, come or leave.",
    example: "FOLLOW ALL SINCE 0",
    right: Right::Anybody,
    handler: Handler::Follow(follow),
}];

fn follow(request: &Request<'_>) -> Result<Reply, Error> {
    let subject = match request.queue()? {
        Some(queue) => Subject::Queue(queue.id),
        None if request.has("ALL") => Subject::All,
        None => Subject::Conversation(request.conversation()?.id),
    };
    let last = request.snapshot.last_entry()?;
    let after = match request.arguments.integer("since") {
        None => last,
        Some(since) if (0..=last).contains(&since) => since,
        Some(since) => return Err(no_entry(since, last).into()),
    };
    Ok(request.snapshot.pass(&Follow::from(subject, after))?)
}

fn no_entry(since: i64, last: i64) -> Refusal {
    let refusal = match (since, last) {
        (..0, _) => Refusal::new(Code::InvalidValue, "SINCE takes the number of an entry, or 0"),
        (_, 0) => {
            Refusal::new(Code::InvalidValue, format!("there is no entry {since}: the journal is empty"))
        }
        _ => Refusal::new(Code::InvalidValue, format!("there is no entry {since}: the last one is {last}")),
    };
    refusal.hint("SINCE 0 begins with the first; without SINCE it begins now").at("since")
}
