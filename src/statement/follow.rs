//! FOLLOW: shows what any program commits, from an entry on or from now on.
//!
//! Invariant: this handler answers one pass over the committed entries; its reply says where the
//! next pass continues, so no entry is skipped or shown twice. This module deliberately does not
//! know how passes are repeated or stopped.

use crate::domain::follow::{Follow, Subject};
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::Reply;
use crate::statement::{Chapter, Columns, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "FOLLOW (ALL | <conversation> | QUEUE <queue>) [SINCE <since:integer>]",
    summary: "Shows what any program commits, until Ctrl-C: each entry of the journal once, complete and in order, with its transitions, messages and changes (except timers). SINCE: entries after that one; otherwise from now on. QUEUE: what concerns the queue and the conversations that are in it, enter or leave it.",
    example: "FOLLOW ALL SINCE 0",
    right: Right::Anybody,
    traits: Traits::FOLLOW,
    columns: Columns::ALL,
    handler: Handler::Read(follow),
};

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
    Ok(request.snapshot.poll(&Follow::from(subject, after))?)
}

fn no_entry(since: i64, last: i64) -> Refusal {
    let refusal = match (since, last) {
        (..0, _) => Refusal::new(Code::InvalidValue, "SINCE takes the number of an entry, or 0"),
        (_, 0) => {
            Refusal::new(Code::InvalidValue, format!("entry {since} does not exist: the journal is empty"))
        }
        _ => {
            Refusal::new(Code::InvalidValue, format!("entry {since} does not exist: the last one is {last}"))
        }
    };
    refusal.hint("SINCE 0 starts at the first entry; without SINCE, FOLLOW starts now").at("since")
}
