//! EXPORT CUSTOMER: writes all that is kept about a person into one document.
//!
//! Invariant: the document is one snapshot of the file. This module deliberately does not know its
//! format, nor how a file is written.

use std::path::Path;

use crate::domain::document::{Document, DocumentPart};
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::statement::definition::Services;
use crate::statement::show_transcript::TRANSCRIPT;
use crate::statement::support::customers::{known, shown};
use crate::statement::{Call, Chapter, Columns, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Care,
    syntax: "EXPORT CUSTOMER <customer> TO <file:plain>",
    summary: "Writes all that is kept about a customer into a new file, for those who ask what is kept about them: handles, name, keys of statements, conversations with their subjects, transcripts, moves, changes, guests and sessions. As one JSON document; with -f html as a page to read.",
    example: "EXPORT CUSTOMER 'ann@example.com' TO 'ann.json'",
    right: Right::Anybody,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Direct { run: export, explain: None, writes: false },
};

/// The customer ?1's handles.
const HANDLES: &str = "SELECT written.handle, strftime('%Y-%m-%dT%H:%M:%fZ', entry.at / 1000.0, 'unixepoch') AS since, \
        iif(own.compared IS NULL, 'removed', 'current') AS status \
    FROM handle AS own JOIN customer AS written ON written.id = own.id JOIN entry ON entry.seq = written.entry \
    WHERE (own.id = ?1 OR own.customer = ?1 AND own.customer <> own.id) AND written.handle IS NOT NULL ORDER BY own.id";

/// The conversation ?1.
const CONVERSATION: &str = "SELECT id, topic, workstream, channel, customer AS handle, state, subject, queue, agent, last_agent, \
    priority, skills, sentiment, opened_at, first_assigned_at, ended_at, closed_at, predecessor FROM conversations WHERE id = ?1";

const SUBJECTS: &str = "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', given.at / 1000.0, 'unixepoch') AS at, text.body AS subject FROM ( \
        SELECT at, subject, 0 AS seq FROM opening WHERE id = ?1 AND subject IS NOT NULL \
        UNION ALL SELECT at, value, seq FROM change WHERE object = ?1 AND kind = 'conversation' AND name = 'subject') AS given \
    LEFT JOIN text ON text.id = given.subject ORDER BY given.seq";

/// The names that the customer ?1 had.
const NAMES: &str = "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', change.at / 1000.0, 'unixepoch') AS at, text.body AS name FROM change \
    JOIN handle ON handle.id = change.object LEFT JOIN text ON text.id = change.value \
    WHERE (handle.id = ?1 OR handle.customer = ?1 AND handle.customer <> handle.id) AND change.kind = 'customer' AND change.name = 'name' \
    ORDER BY change.seq";

/// Priorities, skills and sentiments that the conversation ?1 was given later.
const CHANGES: &str = "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at, name AS property, value FROM change \
    WHERE object = ?1 AND kind = 'conversation' AND name IN ('priority', 'skills', 'sentiment') ORDER BY seq";

/// Who else took part in the conversation ?1.
const GUESTS: &str = "SELECT name, role, strftime('%Y-%m-%dT%H:%M:%fZ', since / 1000.0, 'unixepoch') AS since, \
    strftime('%Y-%m-%dT%H:%M:%fZ', until / 1000.0, 'unixepoch') AS until FROM participant WHERE conversation = ?1 ORDER BY since, name";

const MOVES: &str = "SELECT at, event, from_state, to_state, from_agent, to_agent, from_queue, to_queue, actor_kind, actor, reason \
    FROM transitions WHERE conversation = ?1 ORDER BY seq";

const SESSIONS: &str =
    "SELECT channel, status, since FROM channel_sessions WHERE conversation = ?1 ORDER BY channel";

fn export(services: &mut dyn Services, call: &Call<'_>) -> Result<Reply, Error> {
    let file = call.arguments.text("file").unwrap_or_default();
    let mut document = Document::default();
    services.read(call, &mut |request| {
        document = about(request)?;
        Ok(())
    })?;
    let bytes = services.write_document(call, Path::new(file), &document)?;
    let conversations = document.parts.iter().find_map(|(_, part)| match part {
        DocumentPart::Documents(documents) => Some(documents.len()),
        _ => None,
    });
    let mut reply = Reply::with_columns(&["file", "conversations", "bytes"]);
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    reply.rows.push(vec![
        file.into(),
        count(conversations.unwrap_or_default() as u64).into(),
        count(bytes).into(),
    ]);
    Ok(reply)
}

/// Returns all that is kept about the customer whom the statement names.
fn about(request: &Request<'_>) -> Result<Document, Error> {
    let customer = known(request, "customer")?;
    let key = [Value::from(customer)];
    let mut document = Document::default();
    document.value("customer", shown(request, customer)?.as_str());
    document.values(&request.query("SELECT name FROM customers WHERE id = ?1", &key)?);
    document.value("exported_at", request.now.to_string().as_str());
    document.rows("handles", request.query(HANDLES, &key)?);
    document.rows("names", request.query(NAMES, &key)?);
    document.rows("keys", request.snapshot.keys_about(customer)?);
    let mut conversations = Vec::new();
    for id in request.snapshot.conversations_of(customer)? {
        conversations.push(conversation(request, &id.into())?);
    }
    document.parts.push(("conversations".to_owned(), DocumentPart::Documents(conversations)));
    Ok(document)
}

fn conversation(request: &Request<'_>, id: &Value) -> Result<Document, Error> {
    let key = std::slice::from_ref(id);
    let mut document = Document::default();
    document.values(&request.query(CONVERSATION, key)?);
    document.rows("subjects", request.query(SUBJECTS, key)?);
    document.rows("transcript", request.matching(&TRANSCRIPT, id.clone())?);
    document.rows("moves", request.query(MOVES, key)?);
    document.rows("changes", request.query(CHANGES, key)?);
    document.rows("guests", request.query(GUESTS, key)?);
    document.rows("sessions", request.query(SESSIONS, key)?);
    Ok(document)
}
