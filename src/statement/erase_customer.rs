//! ERASE CUSTOMER: erases everything that a customer is named by and that was written with them.
//!
//! Invariant: the log stays and verifies: each erased text leaves its digest and a change that
//! explains it. This module deliberately does not know how words are removed from the bytes of the
//! file.

use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::Personal;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::statement::support::customers::known;
use crate::statement::support::purging::STILL_ELSEWHERE;
use crate::statement::{Answer, Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Care,
    syntax: "ERASE CUSTOMER <customer>",
    summary: "Erases a customer's handles and name, the subjects, messages, notes and reasons of their conversations, and the keys of statements about them, from every byte of the file. Conversations, moves and figures stay. It cannot be undone, and is refused while one of their conversations is open.",
    example: "FORCE CLOSE 6; ERASE CUSTOMER 'eve@example.com'",
    right: Right::Supervise,
    traits: Traits::CONFIRM,
    columns: Columns::ALL,
    handler: Handler::Write(erase_customer),
};

/// How many conversations a note lists.
const LISTED: usize = 10;

fn erase_customer(request: &Request<'_>) -> Result<Decision, Error> {
    let customer = known(request, "customer")?;
    let snapshot = &request.snapshot;
    if let Some(open) = snapshot.open_conversations(customer)?.first() {
        return Err(Refusal::new(Code::InUse, format!("conversation {open} of the customer is open"))
            .hint(format!("end it first; SHOW ACTIONS {open} lists what is possible"))
            .at("customer")
            .into());
    }
    let (handles, names): (Vec<_>, Vec<String>) = snapshot.handles_to_erase(customer)?.into_iter().unzip();
    let mut texts = snapshot.texts_to_erase(customer)?;
    let reports = snapshot.reports_naming(&names)?;
    texts.extend(reports.iter().map(|report| report.select));
    let (keys, stay) = snapshot.keys_to_erase(customer)?;
    let archived = snapshot.archived_conversations(customer)?;
    let mut changes = Vec::new();
    for (personal, words) in
        [(Personal::Text, &texts), (Personal::Key, &keys), (Personal::Customer, &handles)]
    {
        changes.extend(words.iter().map(|(id, digest)| {
            request.setting(ChangeKind::Erased(personal), *id, Value::Blob(digest.to_vec()))
        }));
        if personal == Personal::Text {
            changes.extend(archived.iter().copied().map(Change::ArchiveErased));
        }
    }
    let mut reply = Reply::with_columns(&["handles", "texts", "keys"]);
    reply
        .rows
        .push([handles.len(), texts.len(), keys.len()].map(|count| Value::Integer(count as i64)).to_vec());
    let mut notes: Vec<String> = reports
        .iter()
        .map(|report| format!("the SELECT of report {} names the customer and is erased, too", report.report))
        .collect();
    notes.extend(elsewhere(request, customer, &names)?);
    if stay > 0 {
        notes.push(format!("{stay} keys of entries of format 1 are part of the hash chain and stay"));
    }
    notes.push(STILL_ELSEWHERE.to_owned());
    Ok(Decision { changes, answer: Answer::Gone(reply), notes })
}

/// Returns a note about texts of other customers' conversations that mention a handle.
fn elsewhere(request: &Request<'_>, customer: i64, names: &[String]) -> Result<Option<String>, Error> {
    let mentions = request.snapshot.mentions_elsewhere(customer, names)?;
    let texts: i64 = mentions.iter().map(|(_, count)| count).sum();
    if texts == 0 {
        return Ok(None);
    }
    let mut listed: Vec<String> = mentions.iter().take(LISTED).map(|(id, _)| id.to_string()).collect();
    if mentions.len() > LISTED {
        listed.push("…".to_owned());
    }
    let mention = if texts == 1 { "1 text mentions" } else { &format!("{texts} texts mention") };
    Ok(Some(format!("{mention} the customer in conversations of others, and stay: {}", listed.join(", "))))
}
