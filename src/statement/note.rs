//! NOTE: writes a note that the customer does not see.
//!
//! Invariant: a note does not count as an answer to the customer.

use crate::domain::change::Body;
use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::statement::support::messages::{body, message, must_be_open};
use crate::statement::{Answer, Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "NOTE <conversation> <body:text> [KEY <key:key>]",
    summary: "Writes a note that the customer does not see.",
    example: "NOTE 2 'Has called before.'",
    right: Right::Work,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(note),
};

fn note(request: &Request<'_>) -> Result<Decision, Error> {
    let text = body(request)?;
    let conversation = request.conversation()?;
    if request.snapshot.role_in(conversation.id, &request.actor.name)?.is_none() {
        request.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
    }
    must_be_open(&conversation)?;
    let note = message(request, &conversation, request.by(), Body::Note(text));
    Ok(Decision { changes: vec![note], answer: Answer::Message, notes: Vec::new() })
}
