//! PURGE CLOSED: removes what was said in old closed conversations.
//!
//! Invariant: conversations, moves, figures and the hash chain stay. This module deliberately does
//! not know in how many transactions that is done.

use crate::domain::moment::Moment;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::Reply;
use crate::statement::definition::Services;
use crate::statement::support::purging::STILL_ELSEWHERE;
use crate::statement::{Call, Chapter, Columns, Handler, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Care,
    syntax: "PURGE CLOSED BEFORE <moment>",
    summary: "Removes the messages, notes, sessions and guests of conversations that closed before a moment, and the statements about them, from every byte of the file. Conversations with their customers and subjects, moves, figures, keys and the hash chain stay. It cannot be undone. It is done in short transactions, so that others can write; interrupted, it is continued by the same statement. ALTER SITE SET retention lets SWEEP purge.",
    example: "FORCE CLOSE 6; PURGE CLOSED BEFORE '2026-03-02T09:00:00Z'",
    right: Right::Supervise,
    traits: Traits::CONFIRM,
    columns: Columns::ALL,
    handler: Handler::Direct { run: purge, explain: Some(explain), writes: true },
};

fn purge(services: &mut dyn Services, call: &Call<'_>) -> Result<Reply, Error> {
    let before = moment(call)?;
    let (count, notes) = services.purge(call, before)?;
    let mut reply = Reply::with_columns(&["conversations", "texts", "statements"]);
    reply.rows.push([count.conversations, count.texts, count.statements].map(Into::into).to_vec());
    reply.changed = count.conversations > 0;
    reply.tells_change = true;
    reply.notes = notes;
    if count.conversations > 0 {
        reply.notes.push(STILL_ELSEWHERE.to_owned());
    }
    Ok(reply)
}

fn explain(services: &mut dyn Services, call: &Call<'_>) -> Result<Reply, Error> {
    let before = moment(call)?;
    let mut lines = String::new();
    services.read(call, &mut |request| {
        request.actor.needs(DEF.right)?;
        lines = match request.snapshot.unpurged_count(before)? {
            0 => format!("no conversation that closed before {before} is left to purge"),
            1 => "1 conversation would be purged".to_owned(),
            count => format!("{count} conversations would be purged"),
        };
        Ok(())
    })?;
    Ok(Reply::prose("explanation", &format!("{lines}\nnothing was written")))
}

/// Returns the moment, which the syntax line requires.
fn moment(call: &Call<'_>) -> Result<Moment, Refusal> {
    let missing = || Refusal::new(Code::InvalidValue, "PURGE needs a moment").at("moment");
    call.arguments.moment("moment").ok_or_else(missing)
}
