//! VERIFY JOURNAL: checks the hash of every entry, and the state against the log.
//!
//! Invariant: a broken journal is a refusal that names the first bad entry; nothing is repaired.

use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::Reply;
use crate::language::arguments::Arguments;
use crate::statement::definition::Services;
use crate::statement::{Call, Chapter, Columns, Handler, StatementDef, Traits};
use crate::store::{HeadLine, Verdict};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "VERIFY JOURNAL [AGAINST <head:plain> | SINCE <since:plain>]",
    summary: "Recomputes the hash of every entry, and the state from the log, and compares both with the file. AGAINST: also checks that the given head was one of this file. SINCE: checks only that, and the hash of every entry after it, which is fast; entries and transitions are then the number of these.",
    example: "VERIFY JOURNAL",
    right: Right::Anybody,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Direct { run: verify, explain: None, writes: false },
};

fn verify(services: &mut dyn Services, call: &Call<'_>) -> Result<Reply, Error> {
    if let Some(since) = head_line(call.arguments, "since")? {
        return Ok(verified(&services.verify_since(&since)?)?);
    }
    let head = head_line(call.arguments, "head")?;
    Ok(verified(&services.verify(call, head.as_ref())?)?)
}

/// Parses a head: `12:hash`, or the hash alone.
///
/// # Errors
/// `invalid_value`, if it is neither.
fn head_line(arguments: &Arguments, slot: &'static str) -> Result<Option<HeadLine>, Refusal> {
    let Some(text) = arguments.text(slot) else { return Ok(None) };
    let (seq, hash) = match text.split_once(':') {
        Some((seq, hash)) => (seq.trim().parse::<i64>().ok(), hash.trim()),
        None => (None, text.trim()),
    };
    let whole = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !whole || (seq.is_none() && text.contains(':')) {
        return Err(Refusal::new(Code::InvalidValue, "this is not a head")
            .hint("expected the output of SHOW HEAD: '12:' and 64 hexadecimal digits")
            .at(slot));
    }
    Ok(Some(HeadLine { seq, hash: hash.to_ascii_lowercase() }))
}

/// Returns the reply for an intact journal.
///
/// # Errors
/// `broken_chain`, with the entry that is broken.
fn verified(verdict: &Verdict) -> Result<Reply, Refusal> {
    if let Some((entry, words)) = &verdict.fault {
        return Err(Refusal::new(
            Code::BrokenChain,
            format!("the journal is broken at entry {entry}: {words}"),
        )
        .hint("keep this file as it is, restore a backup, and check who can write to it"));
    }
    let mut reply = Reply::with_columns(&["entries", "transitions", "erased", "head", "verdict"]);
    let head = (verdict.last > 0).then(|| format!("{}:{}", verdict.last, verdict.head));
    reply.rows.push(vec![
        verdict.entries.into(),
        verdict.transitions.into(),
        verdict.erased.into(),
        head.into(),
        "whole".into(),
    ]);
    Ok(reply)
}
