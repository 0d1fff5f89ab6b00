//! SHOW JOURNAL: shows the entries of the journal, as a table or as a script.
//!
//! Invariant: the script, run with --replay into a new file, gives the same conversations,
//! transitions and times, unless statements were purged, which it says. It leaves out the entries of timers that a replay fires by itself. This
//! module deliberately does not know how a replay runs.

use crate::domain::moment::Moment;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::Reply;
use crate::language::suggest::write_name;
use crate::statement::support::stored::with_words;
use crate::statement::{Chapter, Columns, Handler, Request, StatementDef, Traits};
use crate::store::PastStatement;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW JOURNAL [LAST <count:integer>] [AS SCRIPT]",
    summary: "Shows the entries of the journal. AS SCRIPT: a script that, run with --replay into a new file, gives the same conversations, transitions and times.",
    example: "SHOW JOURNAL LAST 3",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns::narrow(&["seq", "at", "actor", "statement"]),
    handler: Handler::Read(journal),
};

/// The entries, the newest last. Parameter: how many at most, or NULL.
const ENTRIES: &str = "SELECT seq, at, actor_kind, actor, statement, hash FROM \
    (SELECT * FROM journal ORDER BY seq DESC LIMIT coalesce(?1, -1)) ORDER BY seq";

fn journal(request: &Request<'_>) -> Result<Reply, Error> {
    let count = request.arguments.integer("count");
    if count.is_some_and(|count| count < 1) {
        return Err(Refusal::new(Code::InvalidValue, "LAST must be at least 1").at("count").into());
    }
    if !request.has("SCRIPT") {
        return request.query(ENTRIES, &[count.into()]);
    }
    let mut lines = Vec::new();
    let (mut said, mut worked_at, mut purged) = (None, None, 0);
    let mut entries = request.snapshot.statements(count)?.into_iter();
    while let Some(past) = entries.next() {
        // An upgrade is only a comment in the script, so no timers fire before it in the replay.
        let next = entries.as_slice().iter().find(|next| !next.upgrades);
        if happens_again(&past, worked_at, next) {
            continue;
        }
        worked_at = (!past.by_timer && !past.upgrades).then_some(past.at).or(worked_at);
        let PastStatement { seq, at, actor, statement, upgrades, .. } = past;
        let here = (at, actor.clone());
        if said.as_ref() != Some(&here) {
            let actor = actor.map_or_else(String::new, |actor| format!(" {}", write_name(&actor)));
            lines.push(format!("@ {at}{actor}"));
            said = Some(here);
        }
        match statement {
            Some(statement) if upgrades => lines.push(format!("-- {statement}")),
            Some(statement) => lines.push(format!("{};", with_words(&request.snapshot, &statement)?.text)),
            None => {
                purged += 1;
                lines.push(format!("-- the statement of entry {seq} was purged"));
            }
        }
    }
    let mut reply = Reply::lines("script", &lines.join("\n"));
    if purged > 0 {
        reply.notes.push(format!(
            "{purged} statements were purged: in a replay, later statements would be about other conversations"
        ));
    }
    Ok(reply)
}

/// Whether a replay repeats this entry by itself, so that the script leaves it out.
///
/// These are the entries of timers that fired before a statement or right after it, and of those
/// that a sweep fired before it archived. What a sweep archives is repeated only by a SWEEP of its
/// own.
fn happens_again(past: &PastStatement, worked_at: Option<Moment>, next: Option<&PastStatement>) -> bool {
    let by_any = past.statement.as_deref() == Some(super::SWEEP);
    let with_next = next.is_some_and(|next| {
        let same_sweep = next.archives && next.statement == past.statement;
        past.at == next.at && (by_any || same_sweep)
    });
    past.by_timer && !past.archives && (with_next || by_any && worked_at == Some(past.at))
}
